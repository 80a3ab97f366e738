// Limit ranges
//
// Shortens ranges to what one batch may take. The share of a partition follows
// its lag, as in Spark's maxOffsetsPerTrigger; the bounds per partition are those
// of its direct stream's maxRatePerPartition and minRatePerPartition.
//
//   M1  A range is only ever shortened, from its end.
//   M2  A partition with anything new gets at least one offset.

import { ConfigurationError } from "./errors.ts";
import { largerOf, type OffsetRange, recordCount, smallerOf } from "./offset-range.ts";

export interface BatchLimits {
  /** Offsets of a whole batch, divided by lag; rounding may exceed it by less than one per partition. */
  readonly maxRecordsPerBatch?: bigint;
  /** Most offsets of one partition. */
  readonly maxRecordsPerPartition?: bigint;
  /** Least offsets of one partition that has as many, whatever its share is. */
  readonly minRecordsPerPartition?: bigint;
}

/** Throws ConfigurationError when the least exceeds the most. */
export function limitRanges(ranges: readonly OffsetRange[], limits: BatchLimits): readonly OffsetRange[] {
  const { maxRecordsPerBatch, maxRecordsPerPartition, minRecordsPerPartition = 1n } = limits;
  if (maxRecordsPerPartition !== undefined && minRecordsPerPartition > maxRecordsPerPartition) {
    throw new ConfigurationError(
      `minRecordsPerPartition ${minRecordsPerPartition} exceeds maxRecordsPerPartition ${maxRecordsPerPartition}`,
    );
  }
  const totalSize = ranges.reduce((sum, range) => sum + recordCount(range), 0n);
  return ranges.map((range) => {
    const size = recordCount(range);
    const share = maxRecordsPerBatch === undefined ? size : shareOf(size, totalSize, maxRecordsPerBatch);
    const most = maxRecordsPerPartition === undefined ? share : smallerOf(share, maxRecordsPerPartition);
    const taken = smallerOf(largerOf(most, minRecordsPerPartition), size);
    return { ...range, untilOffset: range.fromOffset + taken };
  });
}

/** In double precision, rounded down, but a share below one is rounded up: no small partition starves. */
function shareOf(size: bigint, totalSize: bigint, limit: bigint): bigint {
  if (size === 0n) {
    return 0n;
  }
  const share = Number(limit) * (Number(size) / Number(totalSize));
  return BigInt(share < 1 ? Math.ceil(share) : Math.floor(share));
}
