// Adapt size
//
// How many offsets the next range of a partition may take, from how its newest
// one went: so that a range fills the time it has and does not overrun it. It
// reads no other history; the size that was in force travels with the chain, as
// `adaptiveSize` of its records.
//
//   time it has = the lesser of the batch interval and PROCESSOR_TIME_SHARE of the
//                 processor's time-out
//   aim         = SIZE_HEADROOM of that
//   fit         = offsets * aim / elapsed, for a range done in one invocation
//               = offsets / invocations, otherwise
//
// A range has a fixed cost besides that of its records, so `fit` is below what
// would fit exactly, and reaches it from below as ranges grow.
//
//   AS1  A chain without history takes initialRecordsPerPartition.
//   AS2  A range within the aim never shrinks the next, however few records it had;
//        it grows it up to `fit`, MAX_SIZE_GROWTH times at most.
//   AS3  A range beyond the aim, or that needed several invocations, shrinks the next
//        down to `fit`, MAX_SIZE_SHRINK times at most.
//   AS4  The size is never 0.
//   AS5  A range that was closed without being processed says nothing of its pace.

import { MAX_SIZE_GROWTH, MAX_SIZE_SHRINK, PROCESSOR_TIME_SHARE, SIZE_HEADROOM } from "../limits.ts";
import { largerOf, MAX_OFFSET, recordCount, smallerOf } from "../range/offset-range.ts";
import type { RangeRecord } from "../range/range-record.ts";

export interface SizeRules {
  /** Offsets of the first range of a chain. */
  readonly initialRecordsPerPartition: bigint;
  readonly batchIntervalMs: number;
  /** The processor function's time-out. */
  readonly processorTimeoutMs: number;
}

/** What a range may take of the time that a batch has. */
export function timeOfRangeMs({ batchIntervalMs, processorTimeoutMs }: Omit<SizeRules, "initialRecordsPerPartition">) {
  return Math.min(batchIntervalMs, processorTimeoutMs * PROCESSOR_TIME_SHARE);
}

/** `newest` is the chain's newest record, closed; without one the chain begins. */
export function adaptSize(newest: RangeRecord | undefined, rules: SizeRules): bigint {
  if (newest === undefined || newest.status === "ANCHOR") {
    return rules.initialRecordsPerPartition;
  }
  const { initialRecordsPerPartition } = rules;
  const { status, startedAt, completedAt } = newest;
  const size = recordCount(newest);
  // A range that was planned without an adaptive size proves its own, once it is done, and no more.
  const proven = status === "COMPLETED" ? largerOf(size, initialRecordsPerPartition) : initialRecordsPerPartition;
  const present = newest.adaptiveSize ?? proven;
  if (status !== "COMPLETED" || startedAt === undefined || completedAt === undefined) {
    return present;
  }
  if (newest.attempt > 1) {
    return shrink(present, size / BigInt(newest.attempt));
  }
  // The clock may have stepped back; and it shows up to a millisecond less than went by.
  const elapsedMs = Math.max(completedAt - startedAt, 0) + 1;
  const aimMs = Math.floor(timeOfRangeMs(rules) * SIZE_HEADROOM);
  const fit = (size * BigInt(aimMs)) / BigInt(elapsedMs);
  return elapsedMs <= aimMs ? grow(present, fit) : shrink(present, fit);
}

function grow(present: bigint, fit: bigint): bigint {
  return smallerOf(largerOf(present, smallerOf(fit, present * MAX_SIZE_GROWTH)), MAX_OFFSET);
}

function shrink(present: bigint, fit: bigint): bigint {
  return largerOf(smallerOf(present, largerOf(fit, present / MAX_SIZE_SHRINK)), 1n);
}
