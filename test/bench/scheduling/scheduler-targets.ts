import type { CaseReport, StateReport } from "./run-scheduler-case.ts";
import { LEDGER_STATES } from "./scheduling.ts";

const MAX_SECONDS = 5;
const MAX_RSS_BYTES = 512 * 1_048_576;

export interface Target {
  readonly promise: string;
  readonly measured: string;
  readonly isMet: boolean;
}

/** Held against the largest case, in its worst state. */
export function judgeSchedulerTargets(reports: readonly CaseReport[]): readonly Target[] {
  const { partitions, states } = reports.toSorted((a, b) => a.partitions - b.partitions).at(-1) ?? {
    partitions: 0,
    states: [],
  };
  const worst = (measure: (report: StateReport) => number) => Math.max(...states.map(measure));
  const seconds = worst(({ result }) => result.wallMs) / 1_000;
  const rss = worst(({ result }) => result.peakRssBytes);
  const listings = worst(({ listOffsetsPerBroker }) => listOffsetsPerBroker);
  const idle = states.find(({ state }) => state === "idle")?.result;
  const spent = (idle?.writes ?? 0) + (idle?.dispatches ?? 0);
  return [
    {
      promise: `${partitions} partitions in one run of at most ${MAX_SECONDS} s, in each of ${Object.keys(LEDGER_STATES).length} states`,
      measured: `${seconds.toFixed(2)} s`,
      isMet: seconds <= MAX_SECONDS,
    },
    { promise: "below 512 MB", measured: `${(rss / 1_048_576).toFixed(0)} MB`, isMet: rss < MAX_RSS_BYTES },
    { promise: "at most one ListOffsets request per broker and run", measured: String(listings), isMet: listings <= 1 },
    { promise: "no write and no invocation while idle", measured: String(spent), isMet: spent === 0 },
  ];
}
