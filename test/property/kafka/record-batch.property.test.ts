import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BatchProcessorError, CorruptRecordError } from "../../../shared/core/errors.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import { RangeProgress } from "../../../shared/kafka/read/range-progress.ts";
import { AbortFilter } from "../../../shared/kafka/records/abort-filter.ts";
import { readBatchHeaders } from "../../../shared/kafka/records/batch-header.ts";
import { decodeNaively, type NaiveRecord } from "../../support/records/naive-batch-decoder.ts";
import {
  type EncodedBatch,
  type EncodedRecord,
  encodeBatch,
  type TestCodec,
  withChecksum,
} from "../../support/records/record-batch-encoder.ts";

const bytes = fc.option(
  fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array)),
  { nil: null },
);
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const header = fc.record({ key: fc.string({ maxLength: 6, unit: "grapheme" }), value: bytes });

/** Records with holes between them, as compaction leaves them. */
const records: fc.Arbitrary<EncodedRecord[]> = fc
  .array(
    fc.record({
      gap: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 20_000 })),
      timestampDelta: fc.oneof(fc.bigInt({ min: -70n, max: 9_000n }), int64),
      key: bytes,
      value: bytes,
      headers: fc.array(header, { maxLength: 3 }),
    }),
    { maxLength: 12 },
  )
  .map((drafts) => {
    let offsetDelta = -1;
    return drafts.map(({ gap, ...draft }) => {
      offsetDelta += gap;
      return { ...draft, offsetDelta };
    });
  });

type BatchDraft = Omit<EncodedBatch, "baseOffset" | "lastOffsetDelta"> & {
  readonly tail: number;
  readonly gap: bigint;
};

function batchDraft(codecs: readonly TestCodec[]): fc.Arbitrary<BatchDraft> {
  return fc.record({
    records,
    codec: fc.constantFrom(...codecs),
    isLogAppendTime: fc.boolean(),
    baseTimestamp: int64,
    maxTimestamp: int64,
    leaderEpoch: fc.nat(5),
    /** Offsets at the batch's end whose records are gone, and offsets between it and the one before. */
    tail: fc.oneof(fc.constant(0), fc.nat(3)),
    gap: fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 5n })),
  });
}

/** A log of batches one after the other. */
function logOf(codecs: readonly TestCodec[]): fc.Arbitrary<readonly EncodedBatch[]> {
  const start = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2n ** 62n }));
  return fc.tuple(start, fc.array(batchDraft(codecs), { minLength: 1, maxLength: 5 })).map(([first, drafts]) => {
    let next = first;
    return drafts.map(({ tail, gap, ...draft }) => {
      const baseOffset = next + gap;
      const lastOffsetDelta = Math.max((draft.records.at(-1)?.offsetDelta ?? 0) + tail, 0);
      next = baseOffset + BigInt(lastOffsetDelta) + 1n;
      return { ...draft, baseOffset, lastOffsetDelta };
    });
  });
}

function startOf(log: readonly EncodedBatch[]): bigint {
  return log[0]?.baseOffset ?? 0n;
}

function endOf(log: readonly EncodedBatch[]): bigint {
  const last = log.at(-1);
  return last === undefined ? 0n : last.baseOffset + BigInt(last.lastOffsetDelta ?? 0) + 1n;
}

function describeRecord({ offset, timestamp, key, value, headers }: KafkaRecord): NaiveRecord {
  return {
    offset,
    timestamp,
    key: key?.toString("hex") ?? null,
    value: value?.toString("hex") ?? null,
    headers: headers.map((one) => [Buffer.from(one.key).toString("hex"), one.value?.toString("hex") ?? null]),
  };
}

/** What our decoder makes of the stored bytes. */
function decode(stored: Buffer, fromOffset: bigint, untilOffset: bigint) {
  const progress = new RangeProgress(
    { topic: "orders", partition: 0, fromOffset, untilOffset },
    { maxDecompressedBatchBytes: 1_000_000, requireConsecutiveOffsets: false },
  );
  const filter = new AbortFilter([]);
  const decoded: NaiveRecord[] = [];
  for (const batchHeader of readBatchHeaders(stored)) {
    if (batchHeader.baseOffset >= untilOffset) {
      break;
    }
    const batch = progress.pass(batchHeader, filter);
    decoded.push(...[...(batch ?? [])].map(describeRecord));
  }
  return { decoded, progress };
}

describe("record batches", () => {
  test("G1: are decoded as a naive second decoder does, cut to any range", () => {
    fc.assert(
      fc.property(
        logOf(["none", "gzip", "zstd"]),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (log, a, b) => {
          const stored = Buffer.concat(log.map(encodeBatch));
          const [start, length] = [startOf(log), Number(endOf(log) - startOf(log))];
          const [fromOffset = 0n, untilOffset = 0n] = [a, b]
            .map((at) => start + BigInt(Math.round(at * length)))
            .sort((x, y) => Number(x - y));

          const { decoded, progress } = decode(stored, fromOffset, untilOffset);

          const expected = decodeNaively(stored).filter(({ offset }) => offset >= fromOffset && offset < untilOffset);
          expect(decoded).toEqual(expected);
          expect(progress.counts.delivered).toBe(BigInt(expected.length));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("mean the same in every codec", () => {
    fc.assert(
      fc.property(logOf(["none"]), fc.constantFrom<TestCodec>("snappy", "snappy-xerial", "lz4"), (log, codec) => {
        const plain = Buffer.concat(log.map(encodeBatch));
        const compressed = Buffer.concat(log.map((batch) => encodeBatch({ ...batch, codec })));

        expect(decode(compressed, 0n, endOf(log)).decoded).toEqual(decodeNaively(plain));
      }),
      { numRuns: 500 },
    );
  });

  test("are taken whole or not at all where the fetch ends", () => {
    fc.assert(
      fc.property(logOf(["none", "gzip"]), fc.double({ min: 0, max: 1, noNaN: true }), (log, at) => {
        const stored = Buffer.concat(log.map(encodeBatch));
        const cut = stored.subarray(0, Math.round(at * stored.length));

        expect(decode(cut, 0n, endOf(log)).decoded).toEqual(decodeNaively(cut));
      }),
      { numRuns: 500 },
    );
  });

  test("with any bit changed that the checksum covers are corrupt, and nothing of the batch is delivered", () => {
    fc.assert(
      fc.property(logOf(["none", "gzip", "lz4"]), fc.nat(), fc.nat(7), (log, position, bit) => {
        const [first = Buffer.alloc(0), ...rest] = log.map(encodeBatch);
        const changed = Buffer.from(first);
        const at = 17 + (position % (changed.length - 17));
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);

        expect(() => decode(Buffer.concat([changed, ...rest]), 0n, endOf(log))).toThrow(CorruptRecordError);
      }),
      { numRuns: 500 },
    );
  });

  test("with a wrong length or format are corrupt or left for the next fetch, never decoded wrongly", () => {
    fc.assert(
      fc.property(logOf(["none"]), fc.constantFrom(8, 9, 10, 11, 16), fc.nat(7), (log, at, bit) => {
        const [first = Buffer.alloc(0), ...rest] = log.map(encodeBatch);
        const changed = Buffer.from(first);
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
        const stored = Buffer.concat([changed, ...rest]);

        try {
          expect(decode(stored, 0n, endOf(log)).decoded).toEqual([]);
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptRecordError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("with any content under a right checksum end in records or in a typed error", () => {
    fc.assert(
      fc.property(
        logOf(["none", "snappy", "lz4"]),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (log, changes) => {
          const [batch] = log;
          if (batch === undefined) {
            return;
          }
          const stored = encodeBatch(batch);
          for (const [position, byte] of changes) {
            stored.writeUInt8(byte, 57 + (position % (stored.length - 57)));
          }
          stored.set(withChecksum(stored));

          try {
            decode(stored, 0n, 2n ** 63n - 1n);
          } catch (error) {
            expect(error).toBeInstanceOf(BatchProcessorError);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
