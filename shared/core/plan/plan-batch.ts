// Plan batch
//
// Decides a whole scheduler run: what plan-partition.ts decides for each
// partition, held back or shortened by what one batch may take of them all.
//
//   PB1  A limit shortens a planned range or puts it off; it changes no other decision.
//   PB2  Whatever is planned takes at least one offset: no partition starves.
//        The first range of a chain is bounded whatever the limits are: a backlog is
//        not taken at once before anything is known of its pace.
//   PB3  A batch below minRecordsPerBatch waits at most maxBatchDelayMs after the
//        one before; the first one does not wait.

import type { SplitRules } from "../choice/cut-pieces.ts";
import { cutRanges, type TakenRange } from "../choice/cut-ranges.ts";
import { limit, limitSize, type SizeLimit, shareByLag } from "../choice/limit-ranges.ts";
import { MAX_RANGES_PER_GROUP } from "../limits.ts";
import { omitUndefined } from "../omit-undefined.ts";
import { recordCount, smallerOf } from "../range/offset-range.ts";
import { adaptSize, type SizeRules } from "./adapt-size.ts";
import type { LimitName, PlanDecision, PlannedPartition } from "./batch-decision.ts";
import { type PidRules, shareByRate } from "./estimate-rate.ts";
import { limitConcurrency } from "./limit-concurrency.ts";
import { type PartitionState, type PlanRules, planPartition } from "./plan-partition.ts";
import { type Routing, routeOf } from "./route-ranges.ts";

export interface BatchRules extends PlanRules, SizeRules {
  /** Whether a range is sized from how the one before it went. */
  readonly isSizeAdaptive: boolean;
  /** Longest range that is planned, in offsets. */
  readonly maxRecordsPerPartition: bigint;
  /** Least offsets of a partition that has as many, whatever its share is; at most `maxRecordsPerPartition`. */
  readonly minRecordsPerPartition?: bigint;
  /** Offsets of a whole batch, divided by lag; rounding may exceed it by less than one per partition. */
  readonly maxRecordsPerBatch?: bigint;
  readonly batchMinimum?: BatchMinimum;
  /** How a partition's share of a batch is cut into ranges that are processed side by side; absent: order is kept. */
  readonly parallel?: SplitRules;
  /** Absent: the pace of the pipeline as a whole sets no limit. */
  readonly backpressure?: PidRules;
  /** Most ranges in flight at a time, but for those of a variant with a limit of its own; absent: no limit. */
  readonly maxConcurrency?: number;
  /** Which processor function gets a range; absent: the default one. */
  readonly routing?: Routing;
}

/** Below so many new offsets in all partitions together a batch is put off. */
export interface BatchMinimum {
  readonly minRecordsPerBatch: bigint;
  /** Longest time between a batch and one of fewer offsets. */
  readonly maxBatchDelayMs: number;
}

/** What a batch is planned with, beside what is known of each partition. */
export interface BatchMoment {
  readonly now: number;
  /** Records a second that backpressure allows all partitions together. */
  readonly rate: number | undefined;
  /** Ranges of reprocess requests that are open. @default 0 */
  readonly reprocessed?: number;
}

/** One decision per partition, in the order given. */
export function planBatch(
  states: readonly PartitionState[],
  rules: BatchRules,
  { now, rate, reprocessed = 0 }: BatchMoment,
): readonly PlannedPartition[] {
  const decisions = states.map((state) => planPartition(state, rules, now));
  const sizes = decisions.map((decision) => (decision.kind === "plan" ? recordCount(decision) : 0n));
  const delay = delayOf(states, sizes, rules, now);
  const boundsOf = sharedBounds(sizes, rules, rate);
  const planned = states.map((state, index): PlannedPartition => {
    const decision = decisions[index] ?? { kind: "idle" };
    if (decision.kind !== "plan") {
      return { state, decision };
    }
    if (delay !== undefined) {
      return { state, decision: { kind: "delayed", reason: delay } };
    }
    const { bounds, ...adaptive } = adaptiveBounds(state, rules, rate);
    return { state, decision: { ...shorten(decision, [...bounds, ...boundsOf(index)], rules), ...adaptive } };
  });
  const cut = rules.parallel === undefined ? planned : cutPlans(planned, rules.parallel);
  return limitByFunction(cut, rules, { now, reprocessed });
}

/** Each variant with a limit of its own by itself, and all others together. */
function limitByFunction(
  planned: readonly PlannedPartition[],
  { routing, maxConcurrency, dispatchTimeoutMs }: BatchRules,
  moment: { readonly now: number; readonly reprocessed: number },
): readonly PlannedPartition[] {
  const limitOf = ({ state }: PlannedPartition) => {
    const { variant } = routeOf(routing, state.partition);
    return variant?.maxConcurrency === undefined ? undefined : variant;
  };
  const limited = [...planned];
  for (const [variant, indexes] of Map.groupBy(planned.keys(), (index) =>
    limitOf(planned[index] as PlannedPartition),
  )) {
    const most = variant === undefined ? maxConcurrency : variant.maxConcurrency;
    if (most !== undefined) {
      const own = indexes.map((index) => planned[index] as PlannedPartition);
      const name = variant === undefined ? "maxConcurrency" : `maxConcurrency of variant ${variant.name}`;
      const held = limitConcurrency(own, { ...moment, maxConcurrency: most, dispatchTimeoutMs, name });
      for (const [position, index] of indexes.entries()) {
        limited[index] = held[position] as PlannedPartition;
      }
    }
  }
  return limited;
}

function cutPlans(planned: readonly PlannedPartition[], parallel: SplitRules): readonly PlannedPartition[] {
  const taken = planned.flatMap(({ state, decision }) =>
    decision.kind === "plan" ? [takenRange(state, decision, parallel)] : [],
  );
  const piecesOf = cutRanges(taken, parallel);
  return planned.map(({ state, decision }) => {
    const pieces = decision.kind === "plan" ? piecesOf(state.partition) : [];
    return pieces.length > 1 && decision.kind === "plan"
      ? { state, decision: { ...decision, pieces } }
      : { state, decision };
  });
}

function takenRange({ partition: of }: PartitionState, decision: PlanDecision, parallel: SplitRules): TakenRange {
  const { fromOffset, untilOffset, adaptiveSize } = decision;
  return {
    topic: of.topic,
    partition: of.partition,
    fromOffset,
    untilOffset,
    longest: longestPiece(parallel, adaptiveSize),
  };
}

/** An adaptive size is what one invocation has time for: that of a piece. */
function longestPiece({ maxRecordsPerRange }: SplitRules, adaptiveSize: bigint | undefined): bigint | undefined {
  return maxRecordsPerRange === undefined || adaptiveSize === undefined
    ? (maxRecordsPerRange ?? adaptiveSize)
    : smallerOf(maxRecordsPerRange, adaptiveSize);
}

function shorten(
  decision: PlanDecision,
  bounds: readonly SizeLimit<LimitName>[],
  { minRecordsPerPartition = 1n }: BatchRules,
): PlanDecision {
  const { records, ...limited } = limitSize(recordCount(decision), bounds, minRecordsPerPartition);
  return { ...decision, untilOffset: decision.fromOffset + records, ...limited };
}

function sharedBounds(
  sizes: readonly bigint[],
  { maxRecordsPerBatch, maxRecordsPerPartition, batchIntervalMs }: BatchRules,
  rate: number | undefined,
): (index: number) => readonly SizeLimit<LimitName>[] {
  const shares = maxRecordsPerBatch === undefined ? [] : shareByLag(sizes, maxRecordsPerBatch);
  const rated = rate === undefined ? [] : shareByRate(sizes, rate, batchIntervalMs);
  return (index) => [
    ...limit("maxRecordsPerBatch", shares[index]),
    ...limit("backpressure", rated[index]),
    ...limit("maxRecordsPerPartition", maxRecordsPerPartition),
  ];
}

/** Without adaptive sizes a range is bounded by itself only before anything is known of its pace. */
function adaptiveBounds(
  { newest, partition }: PartitionState,
  rules: BatchRules,
  rate: number | undefined,
): { readonly bounds: readonly SizeLimit<LimitName>[]; readonly adaptiveSize?: bigint } {
  const isFirst = newest === undefined || newest.status === "ANCHOR";
  const adaptiveSize = rules.isSizeAdaptive ? adaptSize(newest, sizeRulesOf(partition, rules)) : undefined;
  const isUnknown = isFirst || (!rules.isSizeAdaptive && rules.backpressure !== undefined && rate === undefined);
  const bounds = isUnknown
    ? limit("initialRecordsPerPartition", rules.initialRecordsPerPartition)
    : limit("adaptiveSize", adaptiveSize);
  return {
    bounds: rules.parallel === undefined || isUnknown ? bounds : boundGroup(rules.parallel, adaptiveSize),
    ...omitUndefined({ adaptiveSize }),
  };
}

/** By the time-out of the function that gets the range. */
function sizeRulesOf(partition: PartitionState["partition"], rules: BatchRules): SizeRules {
  const { variant } = routeOf(rules.routing, partition);
  return variant === undefined ? rules : { ...rules, processorTimeoutMs: variant.timeoutMs };
}

function boundGroup(parallel: SplitRules, adaptiveSize: bigint | undefined): readonly SizeLimit<LimitName>[] {
  const longest = longestPiece(parallel, adaptiveSize);
  const name = longest === adaptiveSize ? "adaptiveSize" : "maxRecordsPerRange";
  return longest === undefined ? [] : limit(name, longest * MAX_RANGES_PER_GROUP);
}

/** Why the batch is put off; undefined when it is not. When the last one was planned is in its ranges. */
function delayOf(
  states: readonly PartitionState[],
  sizes: readonly bigint[],
  { batchMinimum }: BatchRules,
  now: number,
): string | undefined {
  const total = sizes.reduce((sum, size) => sum + size, 0n);
  const lastPlannedAt = lastBatchOf(states);
  if (batchMinimum === undefined || lastPlannedAt === undefined || total >= batchMinimum.minRecordsPerBatch) {
    return undefined;
  }
  const endsAt = lastPlannedAt + batchMinimum.maxBatchDelayMs;
  return now >= endsAt
    ? undefined
    : `${total} new offsets, below minRecordsPerBatch ${batchMinimum.minRecordsPerBatch}; waits until ${new Date(endsAt).toISOString()} at most`;
}

/** An ANCHOR only says where a chain starts: it was no batch. */
function lastBatchOf(states: readonly PartitionState[]): number | undefined {
  const planned = states.flatMap(({ newest }) =>
    newest === undefined || newest.status === "ANCHOR" ? [] : [newest.plannedAt],
  );
  return planned.length === 0 ? undefined : planned.reduce((latest, at) => Math.max(latest, at));
}
