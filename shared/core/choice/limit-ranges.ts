// Limit ranges
//
// Shortens ranges to what one batch may take. The share of a partition follows
// its lag, as in Spark's maxOffsetsPerTrigger; the bounds per partition are those
// of its direct stream's maxRatePerPartition and minRatePerPartition.
//
//   LR1  A range is only ever shortened, from its end.
//   LR2  A partition with anything new gets at least one offset.

import { ConfigurationError } from "../errors.ts";
import { largerOf, type OffsetRange, recordCount, smallerOf } from "../range/offset-range.ts";

export interface BatchLimits {
  /** Offsets of a whole batch, divided by lag; rounding may exceed it by less than one per partition. */
  readonly maxRecordsPerBatch?: bigint;
  /** Most offsets of one partition. */
  readonly maxRecordsPerPartition?: bigint;
  /** Least offsets of one partition that has as many, whatever its share is. */
  readonly minRecordsPerPartition?: bigint;
}

/** One bound of a range's size; at least 0. */
export interface SizeLimit<Name extends string> {
  readonly name: Name;
  readonly records: bigint;
}

export interface LimitedSize<Name extends string> {
  readonly records: bigint;
  /** The bound that shortened it. */
  readonly limitedBy?: Name;
}

/** Throws ConfigurationError when the least exceeds the most. */
export function limitRanges(ranges: readonly OffsetRange[], limits: BatchLimits): readonly OffsetRange[] {
  const { maxRecordsPerBatch, maxRecordsPerPartition, minRecordsPerPartition = 1n } = limits;
  if (maxRecordsPerPartition !== undefined && minRecordsPerPartition > maxRecordsPerPartition) {
    throw new ConfigurationError(
      `minRecordsPerPartition ${minRecordsPerPartition} exceeds maxRecordsPerPartition ${maxRecordsPerPartition}`,
    );
  }
  const sizes = ranges.map(recordCount);
  const shares = maxRecordsPerBatch === undefined ? [] : shareByLag(sizes, maxRecordsPerBatch);
  return ranges.map((range, index) => {
    const bounds = [
      ...limit("maxRecordsPerBatch", shares[index]),
      ...limit("maxRecordsPerPartition", maxRecordsPerPartition),
    ];
    const { records } = limitSize(recordCount(range), bounds, minRecordsPerPartition);
    return { ...range, untilOffset: range.fromOffset + records };
  });
}

/** None where there is no such bound. */
export function limit<Name extends string>(name: Name, records: bigint | undefined): readonly SizeLimit<Name>[] {
  return records === undefined ? [] : [{ name, records }];
}

/** The least of the bounds holds, unless `least` is more; what there is is never exceeded. */
export function limitSize<Name extends string>(
  size: bigint,
  bounds: readonly SizeLimit<Name>[],
  least: bigint,
): LimitedSize<Name> {
  const tightest = bounds.toSorted((a, b) => (a.records < b.records ? -1 : a.records > b.records ? 1 : 0))[0];
  if (tightest === undefined) {
    return { records: size };
  }
  const records = smallerOf(largerOf(tightest.records, least), size);
  return records < size ? { records, limitedBy: tightest.name } : { records };
}

/** In double precision, rounded down, but a share below one is rounded up: no small partition starves. */
export function shareByLag(sizes: readonly bigint[], most: bigint): readonly bigint[] {
  const total = Number(sizes.reduce((sum, size) => sum + size, 0n));
  return sizes.map((size) => {
    if (size === 0n) {
      return 0n;
    }
    const share = Number(most) * (Number(size) / total);
    return BigInt(share < 1 ? Math.ceil(share) : Math.floor(share));
  });
}
