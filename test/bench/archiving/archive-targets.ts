import type { Target } from "../targets.ts";
import { ARCHIVE_FORMATS, type ArchiveFormatName, type ArchiverName, COMPARED_FORMATS } from "./archiving.ts";
import type { FormatReport } from "./run-format.ts";

const MAX_PEAK_RSS_BYTES = 256e6;
const MIN_RATIO_TO_KAFKAJS = 2;
const MIN_RATIOS_TO_SPARK = {
  "lines-gzip": 1.3,
  "parquet-snappy": 1.1,
  "parquet-zstd": 1.4,
  "parquet-declared-snappy": 1.1,
} as const satisfies Record<(typeof COMPARED_FORMATS)[number], number>;

/** The promises about archives, and what this run measured. */
export function judgeArchives(reports: readonly FormatReport[]): readonly Target[] {
  return [
    ...COMPARED_FORMATS.map((format) => cpuTarget(reports, format, "spark", MIN_RATIOS_TO_SPARK[format])),
    ...COMPARED_FORMATS.map((format) => cpuTarget(reports, format, "kafkajs", MIN_RATIO_TO_KAFKAJS)),
    ...ARCHIVE_FORMATS.map((format) => memoryTarget(reports, format)),
  ];
}

function cpuTarget(
  reports: readonly FormatReport[],
  format: ArchiveFormatName,
  other: ArchiverName,
  least: number,
): Target {
  const { archivers = {} } = reports.find((report) => report.format === format) ?? {};
  const ours = archivers.ours?.cpuSecondsPerGigabyte;
  const theirs = archivers[other]?.cpuSecondsPerGigabyte;
  const ratio = ours === undefined || theirs === undefined ? undefined : theirs / ours;
  return {
    promise: `at least ${least}x the bytes per CPU second of ${other} as ${format}`,
    measured: ratio === undefined ? undefined : `${ratio.toFixed(2)}x`,
    isMet: ratio !== undefined && ratio >= least,
  };
}

function memoryTarget(reports: readonly FormatReport[], format: ArchiveFormatName): Target {
  const bytes = reports.find((report) => report.format === format)?.archivers.ours?.peakRssBytes;
  return {
    promise: `at most ${MAX_PEAK_RSS_BYTES / 1e6} MB of memory (peak RSS) as ${format}`,
    measured: bytes === undefined ? undefined : `${Math.round(bytes / 1e6)} MB`,
    isMet: bytes !== undefined && bytes > 0 && bytes <= MAX_PEAK_RSS_BYTES,
  };
}
