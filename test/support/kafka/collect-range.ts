import { expect } from "vitest";
import type { IsolationLevel } from "../../../shared/core/source/offset-source.ts";
import type { RangeRead, RangeReader, ReadRequest, RecordBatch } from "../../../shared/core/source/range-reader.ts";

export interface CollectedRecord {
  readonly offset: bigint;
  readonly key: string | null;
  readonly value: string | null;
}

export interface CollectedRange {
  readonly records: readonly CollectedRecord[];
  readonly offsets: readonly bigint[];
  readonly batches: readonly RecordBatch[];
  readonly read: RangeRead;
}

/** Reads a range to its end and keeps what came. */
export async function collectRange(reader: RangeReader, request: ReadRequest): Promise<CollectedRange> {
  const read = reader.readRange(request);
  const records: CollectedRecord[] = [];
  const batches: RecordBatch[] = [];
  for await (const batch of read.batches()) {
    batches.push(batch);
    for (const { offset, key, value } of batch) {
      records.push({ offset, key: key?.toString() ?? null, value: value?.toString() ?? null });
    }
  }
  return { records, offsets: records.map(({ offset }) => offset), batches, read };
}

/** Reads until it fails and returns the error with the offsets that came before it. */
export async function failRange(
  reader: RangeReader,
  request: ReadRequest,
): Promise<{ readonly error: unknown; readonly offsets: readonly bigint[] }> {
  const offsets: bigint[] = [];
  try {
    for await (const { offset } of reader.readRange(request).records()) {
      offsets.push(offset);
    }
  } catch (error) {
    return { error, offsets };
  }
  throw new Error(`the range was read to its end, ${offsets.length} records of it`);
}

export interface KnownLog {
  /** The offsets that the isolation level shows, ascending. */
  readonly visible: readonly bigint[];
  readonly end: bigint;
  /** @default "read_committed" */
  readonly isolationLevel?: IsolationLevel;
}

/** Reads every sub-range of [0, end) of partition 0, by the readers in turn, and holds it against the known log. */
export async function expectEverySubRange(
  readers: readonly RangeReader[],
  topic: string,
  { visible, end, isolationLevel = "read_committed" }: KnownLog,
): Promise<void> {
  for (let fromOffset = 0n; fromOffset <= end; fromOffset++) {
    for (let untilOffset = fromOffset; untilOffset <= end; untilOffset++) {
      const reader = readers[Number(fromOffset + untilOffset) % readers.length] as RangeReader; // In bounds.
      const range = { topic, partition: 0, fromOffset, untilOffset };
      const { offsets, read, batches } = await collectRange(reader, { range, isolationLevel });

      const expected = visible.filter((offset) => offset >= fromOffset && offset < untilOffset);
      expect(offsets, `[${fromOffset}, ${untilOffset})`).toEqual(expected);
      expect(read.position).toBe(untilOffset);
      expect(read.counts.delivered).toBe(BigInt(expected.length));
      expect(batches.map(({ count }) => count)).toEqual(batches.map((batch) => [...batch].length));
      expect(batches.every(({ count }) => count > 0)).toBe(true);
    }
  }
}
