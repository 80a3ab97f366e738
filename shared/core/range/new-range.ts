import type { AttemptError } from "../attempt-error.ts";
import { assertRangeRecord, type ChainKey, NO_COUNTS, type RangeRecord } from "./range-record.ts";

export interface NewRange {
  readonly chain: ChainKey;
  readonly topic: string;
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
  readonly batchId: string;
  readonly writeId: string;
  readonly now: number;
  /** Leader epoch of the last batch of the range before, where there is one (KIP-320). */
  readonly leaderEpoch?: number;
  readonly adaptiveSize?: bigint;
  readonly groupFrom?: bigint;
}

/** The first revision of a range that is about to be dispatched; of zero length, the ANCHOR of a chain. */
export function newRange({ chain, now, ...range }: NewRange): RangeRecord {
  const isAnchor = range.fromOffset === range.untilOffset;
  return assertRangeRecord({
    ...range,
    chain,
    partition: chain.partition,
    status: isAnchor ? "ANCHOR" : "PLANNED",
    revision: 1,
    committedOffset: range.fromOffset,
    counts: NO_COUNTS,
    attempt: 0,
    failedAttempts: 0,
    leaseCounter: 0,
    plannedAt: now,
    ...(isAnchor ? {} : { dispatchedAt: now }),
  });
}

/** The record of offsets that were gone before anything was planned for them (G6). */
export function lostRange(
  range: NewRange,
  { error, retentionMs }: { error: AttemptError; retentionMs: number },
): RangeRecord {
  const { dispatchedAt: _never, ...record } = newRange(range);
  return { ...record, status: "LOST", error, completedAt: range.now, expiresAt: range.now + retentionMs };
}
