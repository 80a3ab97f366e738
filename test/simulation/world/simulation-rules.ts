// Simulation rules
//
// What one seed draws before its run begins: how the pipeline is configured and
// which faults there are. Each seed leaves some of them out, since a fault that is
// always there hides what only shows without it.

import type { BatchRules } from "../../../shared/core/plan/plan-batch.ts";
import type { IsolationLevel } from "../../../shared/core/source/offset-source.ts";
import type { OutputKind } from "../outputs/output-kind.ts";
import type { FaultRates } from "./network.ts";
import type { World } from "./world.ts";

export interface SimulationRules {
  readonly output: OutputKind;
  readonly isolationLevel: IsolationLevel;
  readonly startingOffsets: "earliest" | "latest";
  readonly partitions: number;
  readonly maxRecordsPerPartition: bigint;
  /** What else limits a batch. */
  readonly limits: BatchLimits;
  readonly maxAttempts: number;
  readonly onFailure: "halt" | "quarantine";
  readonly onDataLoss: "fail" | "skip";
  readonly onTopicRecreated: "fail" | "restart";
  /** Whether the pipeline's code rejects records, each attempt others. */
  readonly rejects: boolean;
  /** Chance of each record that the pipeline's code never takes it. */
  readonly poison: number;
  readonly dispatchTimeoutMs: number;
  readonly retentionMs: number;
  readonly tickMs: number;
  readonly schedulerTimeoutMs: number;
  readonly processorTimeoutMs: number;
  readonly maxProcessors: number;
  /** How far a host's clock is off at most, either way. */
  readonly maxSkewMs: number;
  readonly fetchMaxBytes: number;
  /** Chance of each dispatched event to get lost, to come twice, to come late. */
  readonly lostEvents: number;
  readonly doubledEvents: number;
  readonly lateEvents: number;
  /** Chance of the pipeline's code to throw, and to return before it read everything, per attempt. */
  readonly crashes: number;
  readonly returnsEarly: number;
  readonly rates: FaultRates;
  /** Mean time between two of each kind; 0 where this seed has none. */
  readonly every: Readonly<Record<WorldEvent, number>>;
}

export type BatchLimits = Pick<
  BatchRules,
  | "isSizeAdaptive"
  | "initialRecordsPerPartition"
  | "maxRecordsPerBatch"
  | "batchMinimum"
  | "backpressure"
  | "maxConcurrency"
>;

export const NO_LIMITS: BatchLimits = { isSizeAdaptive: false, initialRecordsPerPartition: 1_000n };

export const WORLD_EVENTS = [
  "produce",
  "transaction",
  "compact",
  "deleteRecords",
  "elect",
  "truncate",
  "addPartition",
  "recreate",
  "brokerDown",
  "brownout",
  "clockStep",
  "reprocess",
  "timeLapse",
  "operate",
] as const;

export type WorldEvent = (typeof WORLD_EVENTS)[number];

/** Which no range uses up. */
export const MANY_ATTEMPTS = 1_000;

const MINUTE_MS = 60_000;

export function drawRules(
  world: World,
  { output, rejects }: Pick<SimulationRules, "output" | "rejects">,
): SimulationRules {
  // Time that passes by the half hour is nothing to be out of step with by minutes.
  const lapses = world.chance(0.2);
  const rate = () => world.choose(0, 0, 0.004, 0.02, 0.08);
  const rare = (meanMs: number) => (world.chance(0.5) ? 0 : meanMs * (0.5 + world.random()));
  const quarantines = world.chance(0.25);
  const limits = drawLimits(world);
  return {
    ...{ output, rejects },
    isolationLevel: world.chance(0.2) ? "read_uncommitted" : "read_committed",
    startingOffsets: world.chance(0.3) ? "latest" : "earliest",
    partitions: 1 + world.integer(3),
    maxRecordsPerPartition: world.choose(1n, 3n, 8n, 50n),
    limits,
    maxAttempts: quarantines ? 3 : MANY_ATTEMPTS,
    onFailure: quarantines ? "quarantine" : "halt",
    onDataLoss: world.choose("fail", "skip"),
    onTopicRecreated: world.choose("fail", "restart"),
    poison: quarantines ? 0.03 : 0,
    dispatchTimeoutMs: 90_000,
    retentionMs: 20 * MINUTE_MS,
    tickMs: world.choose(20_000, MINUTE_MS),
    schedulerTimeoutMs: MINUTE_MS,
    processorTimeoutMs: world.choose(15_000, MINUTE_MS),
    // As a reserved concurrency does, which the scheduler's own count may be behind.
    maxProcessors: limits.maxConcurrency ?? 4,
    maxSkewMs: lapses ? 4_000 : world.choose(0, 4_000, 4_000, 600_000),
    fetchMaxBytes: world.choose(1, 300, 1_000),
    lostEvents: rate(),
    doubledEvents: rate(),
    lateEvents: rate(),
    crashes: rate(),
    returnsEarly: world.chance(0.9) ? 0 : 0.05,
    rates: {
      die: rate() / 2,
      freeze: rate(),
      lostRequest: rate(),
      lostAnswer: rate(),
      lateRequest: rate(),
      slow: rate(),
      throttle: rate(),
    },
    every: {
      produce: world.choose(6_000, 15_000),
      transaction: rare(8_000),
      compact: rare(25_000),
      deleteRecords: rare(150_000),
      elect: rare(35_000),
      truncate: world.chance(0.75) ? 0 : 150_000,
      addPartition: rare(240_000),
      recreate: world.chance(0.9) ? 0 : 200_000,
      brokerDown: rare(120_000),
      brownout: rare(180_000),
      clockStep: rare(60_000),
      reprocess: rare(60_000),
      timeLapse: lapses ? 100_000 : 0,
      operate: rare(20_000),
    },
  };
}

function drawLimits(world: World): BatchLimits {
  return {
    isSizeAdaptive: world.chance(0.3),
    initialRecordsPerPartition: world.choose(2n, 50n),
    ...(world.chance(0.3) ? { maxRecordsPerBatch: world.choose(3n, 20n) } : {}),
    ...(world.chance(0.2) ? { batchMinimum: { minRecordsPerBatch: 10n, maxBatchDelayMs: MINUTE_MS } } : {}),
    ...(world.chance(0.2) ? { maxConcurrency: world.choose(1, 2) } : {}),
    ...(world.chance(0.2) ? { backpressure: { proportional: 1, integral: 0.2, derived: 0, minRate: 1 } } : {}),
  };
}
