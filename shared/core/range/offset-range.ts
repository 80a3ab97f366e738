// Offset range
//
// The half-open interval [fromOffset, untilOffset) of one partition, as Spark's
// OffsetRange.scala defines it. Unlike Spark's it is checked when it is made.
//
//   OR1  0 <= fromOffset <= untilOffset <= 2^63 - 1.

import assert from "node:assert/strict";
import { compareTopicPartitions, type TopicPartition, topicPartitionFault } from "./topic-partition.ts";

/** The largest offset that Kafka's wire format holds (a signed 64-bit integer). */
export const MAX_OFFSET = 9_223_372_036_854_775_807n;

/** `[fromOffset, untilOffset)` of one partition: from inclusive, until exclusive. */
export interface OffsetRange extends TopicPartition {
  /** Inclusive, from 0. */
  readonly fromOffset: bigint;
  /** Exclusive; at least `fromOffset`. */
  readonly untilOffset: bigint;
}

/** Returns the range, or throws an AssertionError that names what breaks OR1. */
export function assertOffsetRange<Range extends OffsetRange>(range: Range): Range {
  const fault = offsetRangeFault(range);
  assert.ok(fault === undefined, fault);
  return range;
}

/** What breaks OR1, with the field and its value; undefined for a range that is one. */
export function offsetRangeFault(range: OffsetRange): string | undefined {
  const { topic, partition, fromOffset, untilOffset } = range;
  const fault = topicPartitionFault(range);
  if (fault !== undefined) {
    return fault;
  }
  if (fromOffset < 0n) {
    return `fromOffset ${fromOffset} of ${formatOffsetRange(range)} is negative`;
  }
  if (fromOffset > untilOffset) {
    return `untilOffset ${untilOffset} is below fromOffset ${fromOffset} for ${topic}-${partition}`;
  }
  return untilOffset > MAX_OFFSET ? `untilOffset ${untilOffset} exceeds ${MAX_OFFSET}` : undefined;
}

/** Upper bound of the records in the range; compaction and transaction markers make it less. */
export function recordCount({ fromOffset, untilOffset }: Pick<OffsetRange, "fromOffset" | "untilOffset">): bigint {
  return untilOffset - fromOffset;
}

/** `orders-3 [5, 9)`. */
export function formatOffsetRange({ topic, partition, fromOffset, untilOffset }: OffsetRange): string {
  return `${topic}-${partition} [${fromOffset}, ${untilOffset})`;
}

/** Orders by topic, partition, fromOffset, untilOffset. */
export function compareOffsetRanges(a: OffsetRange, b: OffsetRange): number {
  return (
    compareTopicPartitions(a, b) ||
    compareBigints(a.fromOffset, b.fromOffset) ||
    compareBigints(a.untilOffset, b.untilOffset)
  );
}

/** The smaller of two offsets or counts; Math.min refuses bigints. */
export function smallerOf(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The larger of two offsets or counts. */
export function largerOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function compareBigints(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
