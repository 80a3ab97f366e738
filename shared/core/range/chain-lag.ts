import { isClosed, type RangeRecord } from "./range-record.ts";

/** The offset below which everything has taken effect; `newest` is the first open range, or, without one, the newest. */
export function checkpointOf(newest: RangeRecord): bigint {
  return isClosed(newest) ? newest.untilOffset : newest.committedOffset;
}

/** Kafka's lag: endOffset minus checkpoint, in records at most; 0 when the end lies below. */
export function lagOf(newest: RangeRecord, endOffset: bigint): bigint {
  const lag = endOffset - checkpointOf(newest);
  return lag > 0n ? lag : 0n;
}
