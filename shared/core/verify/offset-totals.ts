import { addCounts, isClosed, NO_COUNTS, type RangeCounts, type RangeRecord } from "../range/range-record.ts";

/**
 * Where the offsets of ranges went: delivered + aborted + control + absent + unprocessed + open
 * is their whole length.
 */
export interface OffsetTotals extends RangeCounts {
  /** Committed offsets that no record stands at: compacted away, or rolled into their batch. */
  readonly absent: bigint;
  /** Given up on purpose: skipped, lost or quarantined. */
  readonly unprocessed: bigint;
  /** Not committed yet. */
  readonly open: bigint;
}

export const NO_OFFSETS: OffsetTotals = { ...NO_COUNTS, absent: 0n, unprocessed: 0n, open: 0n };

export function totalOffsets(records: readonly RangeRecord[]): OffsetTotals {
  return records.map(totalsOf).reduce(addTotals, NO_OFFSETS);
}

export function addTotals(a: OffsetTotals, b: OffsetTotals): OffsetTotals {
  return {
    ...addCounts(a, b),
    absent: a.absent + b.absent,
    unprocessed: a.unprocessed + b.unprocessed,
    open: a.open + b.open,
  };
}

function totalsOf(record: RangeRecord): OffsetTotals {
  const { counts, fromOffset, committedOffset, untilOffset } = record;
  const rest = untilOffset - committedOffset;
  return {
    ...counts,
    // Negative where a range accounts for more than it has: verify-chain.ts tells.
    absent: committedOffset - fromOffset - counts.delivered - counts.aborted - counts.control,
    unprocessed: isClosed(record) ? rest : 0n,
    open: isClosed(record) ? 0n : rest,
  };
}
