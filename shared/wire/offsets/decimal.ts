// Decimal
//
// The one spelling that a whole number has wherever text names a partition, an
// offset or a count: no sign, no leading zero, no blank. "007" would otherwise be a
// second name of 7, and of two names of one partition one would silently win.

import { MAX_OFFSET } from "../../core/range/offset-range.ts";
import { MAX_PARTITION } from "../../core/range/topic-partition.ts";

/** For messages. */
export const DECIMAL_RULE = "without leading zeros";

export const DECIMAL_PATTERN = /^(?:0|[1-9]\d{0,18})$/;

interface Bounds {
  readonly min?: bigint;
  readonly max?: bigint;
}

/** Undefined for another spelling, or what is out of bounds; those of an offset by default. */
export function readDecimal(text: string, { min = 0n, max = MAX_OFFSET }: Bounds = {}): bigint | undefined {
  const value = DECIMAL_PATTERN.test(text) ? BigInt(text) : undefined;
  return value === undefined || value < min || value > max ? undefined : value;
}

/** Undefined for what names no partition. */
export function readPartition(text: string): number | undefined {
  const partition = readDecimal(text, { max: BigInt(MAX_PARTITION) });
  return partition === undefined ? undefined : Number(partition);
}
