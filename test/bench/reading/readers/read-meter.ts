import type { ReadResult, ReadTotals } from "../reading.ts";

const BYTES_PER_KILOBYTE = 1_024;

/** Starts to measure the process; the returned function ends it. */
export function startMeter(): (totals: ReadTotals) => ReadResult {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  return ({ records, offsetSum, keyBytes, valueBytes }) => {
    const wallMs = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpu);
    const peakRssBytes = process.resourceUsage().maxRSS * BYTES_PER_KILOBYTE;
    return { records, offsetSum, keyBytes, valueBytes, wallMs, cpuMs: (user + system) / 1_000, peakRssBytes };
  };
}
