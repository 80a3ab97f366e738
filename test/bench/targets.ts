import type { ReaderName } from "./reading/bench-cases.ts";
import type { CaseReport, Measurement } from "./reading/run-case.ts";

/** A promise about the reader, and what this run measured. */
export interface Target {
  readonly promise: string;
  /** Undefined when the run left its case out. */
  readonly measured: string | undefined;
  readonly isMet: boolean;
}

const MIN_SPEED_TO_JAVA = 1.3;
const LEAST_SPEED_TO_JAVA = 0.8;
const MIN_CPU_RATIO = 6;
const MIN_SPEED_TO_SOCKET = 0.8;
const MAX_PEAK_RSS_BYTES = 160e6;
const MAX_ROUND_TRIPS = 3;

export function judgeTargets(reports: readonly CaseReport[], roundTrips: number | undefined): readonly Target[] {
  return [
    speedTarget(reports, "100b", "java", MIN_SPEED_TO_JAVA),
    speedTarget(reports, "1kb", "java", MIN_SPEED_TO_JAVA),
    worstSpeedToJava(reports),
    speedTarget(reports, "1kb", "bareSocket", MIN_SPEED_TO_SOCKET),
    cpuTarget(reports, "kafkajs"),
    cpuTarget(reports, "platformatic"),
    memoryTarget(reports),
    {
      promise: `at most ${MAX_ROUND_TRIPS} round trips from connecting to the first record`,
      measured: roundTrips?.toString(),
      isMet: roundTrips !== undefined && roundTrips <= MAX_ROUND_TRIPS,
    },
  ];
}

function speedTarget(reports: readonly CaseReport[], name: string, reader: ReaderName, least: number): Target {
  const ratio = measurement(reports, name, reader)?.speedRatio;
  return ratioTarget(`at least ${least}x the records/s of ${reader} in ${name}`, ratio, least);
}

function cpuTarget(reports: readonly CaseReport[], reader: ReaderName): Target {
  const ratio = measurement(reports, "100b", reader)?.cpuRatio;
  return ratioTarget(
    `at least ${MIN_CPU_RATIO}x the records per CPU second of ${reader} in 100b`,
    ratio,
    MIN_CPU_RATIO,
  );
}

function worstSpeedToJava(reports: readonly CaseReport[]): Target {
  const ratios = reports.flatMap(({ case: { name }, outcomes: { java } }) =>
    java?.kind === "measured" ? [{ name, ratio: java.speedRatio }] : [],
  );
  const [worst] = ratios.toSorted((a, b) => a.ratio - b.ratio);
  const target = ratioTarget(
    `never below ${LEAST_SPEED_TO_JAVA}x the records/s of java`,
    worst?.ratio,
    LEAST_SPEED_TO_JAVA,
  );
  return { ...target, measured: worst && `${target.measured} in ${worst.name}` };
}

function memoryTarget(reports: readonly CaseReport[]): Target {
  const bytes = measurement(reports, "2gb", "ours")?.peakRssBytes;
  return {
    promise: `at most ${MAX_PEAK_RSS_BYTES / 1e6} MB of memory (peak RSS) for a range of 2 GB`,
    measured: bytes === undefined ? undefined : `${Math.round(bytes / 1e6)} MB`,
    isMet: bytes !== undefined && bytes > 0 && bytes <= MAX_PEAK_RSS_BYTES,
  };
}

function ratioTarget(promise: string, ratio: number | undefined, least: number): Target {
  return {
    promise,
    measured: ratio === undefined ? undefined : `${ratio.toFixed(2)}x`,
    isMet: ratio !== undefined && ratio >= least,
  };
}

function measurement(reports: readonly CaseReport[], name: string, reader: ReaderName): Measurement | undefined {
  const outcome = reports.find((report) => report.case.name === name)?.outcomes[reader];
  return outcome?.kind === "measured" ? outcome : undefined;
}
