// Partition codec
//
// A topic's partitions and an offset for each of them, as short texts. Partitions are
// kept as intervals, since a topic of ten thousand partitions is one of them: `0-9999`.
// Their offsets are kept beside them, a run of equal ones once: `0*9998,17,pending`.

import type { StartingPartition } from "../../core/ledger/pipeline-record.ts";
import { MAX_PARTITIONS } from "../../core/limits.ts";
import type { ItemReader } from "./attributes/item-reader.ts";

type Start = StartingPartition["start"];

/** Throws LedgerIntegrityError unless the attribute has one offset for each of `count` partitions. */
export function decodeColumn(reader: ItemReader, name: string, count: number): readonly Start[] {
  const text = reader.text(name);
  const values = decodeStarts(text);
  if (values.length !== count) {
    throw reader.error(`${name} ${text} are not one for each of ${count} partitions`);
  }
  return values;
}

/** `[0n, 0n, 0n, "pending"]` as `0*3,pending`. */
export function encodeStarts(starts: readonly Start[]): string {
  const runs: { start: Start; count: number }[] = [];
  for (const start of starts) {
    const current = runs.at(-1);
    if (current?.start === start) {
      current.count += 1;
    } else {
      runs.push({ start, count: 1 });
    }
  }
  return runs.map(({ start, count }) => (count === 1 ? `${start}` : `${start}*${count}`)).join(",");
}

export function decodeStarts(text: string): readonly Start[] {
  return text.split(",").flatMap((run) => {
    const [, start, count = "1"] = /^(\d{1,19}|pending)(?:\*(\d{1,10}))?$/.exec(run) ?? [];
    if (start === undefined || Number(count) > MAX_PARTITIONS) {
      return [];
    }
    return Array.from({ length: Number(count) }, () => (start === "pending" ? start : BigInt(start)));
  });
}

/** `[0, 1, 2, 5]` as `0-2,5`; the numbers ascend. */
export function encodeIntervals(ascending: readonly number[]): string {
  const intervals: { first: number; last: number }[] = [];
  for (const value of ascending) {
    const current = intervals.at(-1);
    if (current !== undefined && current.last + 1 === value) {
      current.last = value;
    } else {
      intervals.push({ first: value, last: value });
    }
  }
  return intervals.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}

export function decodeIntervals(text: string): readonly number[] {
  if (text === "") {
    return [];
  }
  return text.split(",").flatMap((interval) => {
    const [first, last = first] = interval.split("-").map(Number);
    return first === undefined || last === undefined
      ? []
      : Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
