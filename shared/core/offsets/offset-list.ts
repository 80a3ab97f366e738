// Offset list
//
// Single offsets of a range, however many: in ascending order, those that follow one another as
// one interval, and as bytes in as few as there is to say.
//
//   OL1  A list is what it is made of, each offset once, and reads back from its bytes as it was.
//
// The bytes: for each interval how far it begins behind the one before (the first: behind the range's
// begin), times two, and one more where it has several offsets; then, for those, how many. Each number
// is a varint: seven bits a byte, the lowest first, the eighth says that more follow.

import assert from "node:assert/strict";

/** [fromOffset, untilOffset), which is not empty. */
export interface OffsetInterval {
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
}

/** Ascending; between two of them there is an offset at least. */
export type OffsetList = readonly OffsetInterval[];

/** In any order, each as often as one likes. */
export function listOffsets(offsets: Iterable<bigint>): OffsetList {
  const list: OffsetInterval[] = [];
  for (const offset of [...new Set(offsets)].sort((a, b) => (a < b ? -1 : 1))) {
    push(list, { fromOffset: offset, untilOffset: offset + 1n });
  }
  return list;
}

/** `later` begins behind the end of `list`. */
export function joinLists(list: OffsetList = [], later: OffsetList = []): OffsetList {
  const joined = [...list];
  for (const interval of later) {
    push(joined, interval);
  }
  return joined;
}

function push(list: OffsetInterval[], interval: OffsetInterval): void {
  const { fromOffset, untilOffset } = interval;
  const last = list.at(-1);
  const end = last?.untilOffset ?? fromOffset;
  assert.ok(end <= fromOffset && fromOffset < untilOffset, `[${fromOffset}, ${untilOffset}) does not follow ${end}`);
  if (last !== undefined && end === fromOffset) {
    list[list.length - 1] = { ...last, untilOffset };
  } else {
    list.push(interval);
  }
}

export function countOffsets(list: OffsetList = []): bigint {
  return list.reduce((sum, { fromOffset, untilOffset }) => sum + (untilOffset - fromOffset), 0n);
}

export function hasOffset(list: OffsetList = [], offset: bigint): boolean {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const interval = list[middle];
    assert.ok(interval !== undefined, "the middle lies between the ends");
    if (offset < interval.fromOffset) {
      high = middle;
    } else if (offset < interval.untilOffset) {
      return true;
    } else {
      low = middle + 1;
    }
  }
  return false;
}

/** Of a range that begins at `fromOffset`. */
export function encodeOffsets(list: OffsetList, fromOffset: bigint): Uint8Array {
  const bytes: number[] = [];
  let end = fromOffset;
  for (const interval of list) {
    const length = interval.untilOffset - interval.fromOffset;
    assert.ok(interval.fromOffset >= end, `offset ${interval.fromOffset} of a list lies before ${end}`);
    pushNumber(bytes, (interval.fromOffset - end) * 2n + (length > 1n ? 1n : 0n));
    if (length > 1n) {
      pushNumber(bytes, length);
    }
    end = interval.untilOffset;
  }
  return Uint8Array.from(bytes);
}

/** Undefined for bytes that `encodeOffsets` did not make. */
export function decodeOffsets(bytes: Uint8Array, fromOffset: bigint): OffsetList | undefined {
  const list: OffsetInterval[] = [];
  let [end, at] = [fromOffset, 0];
  const next = () => {
    let [value, shift] = [0n, 0n];
    for (; at < bytes.length; shift += 7n) {
      const byte = BigInt(bytes[at] ?? 0);
      at += 1;
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) {
        return value;
      }
    }
    return undefined;
  };
  while (at < bytes.length) {
    const begin = next();
    const length = begin === undefined || begin % 2n === 0n ? 1n : next();
    // Neighbours are one interval, and one offset says no length.
    const isFirst = list.length === 0;
    if (begin === undefined || length === undefined || (!isFirst && begin < 2n) || (begin % 2n === 1n && length < 2n)) {
      return undefined;
    }
    const from = end + begin / 2n;
    end = from + length;
    list.push({ fromOffset: from, untilOffset: end });
  }
  return list;
}

function pushNumber(bytes: number[], value: bigint): void {
  let left = value;
  for (; left >= 0x80n; left >>= 7n) {
    bytes.push(Number(left & 0x7fn) | 0x80);
  }
  bytes.push(Number(left));
}
