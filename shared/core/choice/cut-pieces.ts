// Cut pieces
//
// Cuts ranges into several of one partition, for readers to whom order does not
// matter, by the rule of Spark's KafkaOffsetRangeCalculator.
//
//   CP1  The pieces of a range are adjacent and cover it; none is empty.
//   CP2  Ranges too small for a second piece stay whole and take no part in the
//        proportions of the others.

import { ConfigurationError } from "../errors.ts";
import { MAX_SPLIT_RANGES } from "../limits.ts";
import { type OffsetRange, recordCount, smallerOf } from "../range/offset-range.ts";

export interface SplitRules {
  /** Longest piece, in offsets; at least 1. */
  readonly maxRecordsPerRange?: bigint;
  /** At least so many pieces, as far as there are offsets for them; at least 1. */
  readonly minPartitions?: number;
}

/** Pieces in the order of the ranges. Throws ConfigurationError when there would be too many. */
export function splitRanges<Range extends OffsetRange>(ranges: readonly Range[], rules: SplitRules): readonly Range[] {
  const { maxRecordsPerRange, minPartitions = 0 } = rules;
  const filled = ranges.filter((range) => recordCount(range) > 0n);
  const divided =
    maxRecordsPerRange === undefined
      ? filled
      : divide(filled, (range) => (recordCount(range) + maxRecordsPerRange - 1n) / maxRecordsPerRange);
  return minPartitions > divided.length ? splitInProportion(divided, minPartitions) : divided;
}

function splitInProportion<Range extends OffsetRange>(
  ranges: readonly Range[],
  minPartitions: number,
): readonly Range[] {
  const isWhole = (range: OffsetRange) => partCount(range, sizeOf(ranges), minPartitions) === 1n;
  const whole = ranges.filter(isWhole);
  const splitSize = sizeOf(ranges) - sizeOf(whole);
  const splitPartitions = Math.max(minPartitions - whole.length, 1);
  return divide(ranges, (range) => (isWhole(range) ? 1n : partCount(range, splitSize, splitPartitions)));
}

/** Spark computes the share in double precision and rounds it half up. */
function partCount(range: OffsetRange, totalSize: bigint, minPartitions: number): bigint {
  const share = (Number(recordCount(range)) / Number(totalSize)) * minPartitions;
  return BigInt(Math.max(Math.round(share), 1));
}

function divide<Range extends OffsetRange>(
  ranges: readonly Range[],
  partsOf: (range: OffsetRange) => bigint,
): readonly Range[] {
  const parts = ranges.map((range) => smallerOf(partsOf(range), recordCount(range)));
  const total = parts.reduce((sum, count) => sum + count, 0n);
  if (total > MAX_SPLIT_RANGES) {
    throw new ConfigurationError(
      `the ranges would be split into ${total} pieces, more than ${MAX_SPLIT_RANGES}; choose larger pieces or fewer of them`,
    );
  }
  return ranges.flatMap((range, index) => cut(range, parts[index] ?? 1n));
}

/** Each piece takes its part of what remains, so that the remainders go to the last ones. */
function cut<Range extends OffsetRange>(range: Range, parts: bigint): readonly Range[] {
  const pieces: Range[] = [];
  let { fromOffset } = range;
  for (let left = parts; left > 0n; left -= 1n) {
    const untilOffset = fromOffset + (range.untilOffset - fromOffset) / left;
    pieces.push({ ...range, fromOffset, untilOffset });
    fromOffset = untilOffset;
  }
  return pieces;
}

function sizeOf(ranges: readonly OffsetRange[]): bigint {
  return ranges.reduce((sum, range) => sum + recordCount(range), 0n);
}
