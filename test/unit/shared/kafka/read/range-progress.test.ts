import { describe, expect, test } from "vitest";
import { CorruptRecordError, DataLossError } from "../../../../../shared/core/errors.ts";
import { type ProgressRules, RangeProgress } from "../../../../../shared/kafka/read/range-progress.ts";
import { type AbortedTransaction, AbortFilter } from "../../../../../shared/kafka/records/abort-filter.ts";
import { readBatchHeaders } from "../../../../../shared/kafka/records/batch-header.ts";
import { encodeBatch, encodeMarker } from "../../../../support/records/record-batch-encoder.ts";

const rules: ProgressRules = { maxDecompressedBatchBytes: 1_000_000, requireConsecutiveOffsets: false };

/** What one fetch brings: batches, and the transactions that the broker lists for it. */
interface Fetch {
  readonly log: readonly Buffer[];
  readonly aborted?: readonly AbortedTransaction[];
}

function records(baseOffset: bigint, count: number, producerId?: bigint): Buffer {
  return encodeBatch({
    baseOffset,
    records: Array.from({ length: count }, (_, offsetDelta) => ({ offsetDelta, value: Buffer.from("v") })),
    ...(producerId === undefined ? {} : { producerId, isTransactional: true }),
  });
}

function readCommitted(fetches: readonly Fetch[], fromOffset: bigint, untilOffset: bigint, using = rules) {
  const progress = new RangeProgress({ topic: "orders", partition: 3, fromOffset, untilOffset }, using);
  const offsets: number[] = [];
  for (const { log, aborted = [] } of fetches) {
    const filter = new AbortFilter(aborted);
    for (const header of readBatchHeaders(Buffer.concat(log))) {
      offsets.push(...[...(progress.pass(header, filter) ?? [])].map(({ offset }) => Number(offset)));
    }
  }
  return { offsets, progress };
}

describe("read_committed", () => {
  test("G1: hides two aborted transactions of one producer in one fetch", () => {
    const { offsets } = readCommitted(
      [
        {
          log: [
            records(0n, 3, 7n),
            encodeMarker(3n, 7n, "abort"),
            records(4n, 3, 7n),
            encodeMarker(7n, 7n, "abort"),
            records(8n, 2, 7n),
            encodeMarker(10n, 7n, "commit"),
          ],
          aborted: [
            { producerId: 7n, firstOffset: 0n },
            { producerId: 7n, firstOffset: 4n },
          ],
        },
      ],
      0n,
      11n,
    );

    expect(offsets).toEqual([8, 9]);
  });

  test("G1: hides an aborted transaction whose marker comes with the next fetch", () => {
    const aborted = [{ producerId: 7n, firstOffset: 0n }];

    const { offsets } = readCommitted(
      [
        { log: [records(0n, 3, 7n), records(3n, 3, 7n)], aborted },
        { log: [encodeMarker(6n, 7n, "abort"), records(7n, 1)], aborted },
      ],
      0n,
      8n,
    );

    expect(offsets).toEqual([7]);
  });

  test("G1: hides nested aborted transactions of two producers, listed in the order in which they ended", () => {
    const { offsets } = readCommitted(
      [
        {
          log: [
            records(0n, 3, 1n),
            records(3n, 2, 2n),
            encodeMarker(5n, 2n, "abort"),
            records(6n, 2, 1n),
            encodeMarker(8n, 1n, "abort"),
            records(9n, 1, 2n),
            encodeMarker(10n, 2n, "commit"),
          ],
          aborted: [
            { producerId: 2n, firstOffset: 3n },
            { producerId: 1n, firstOffset: 0n },
          ],
        },
      ],
      0n,
      11n,
    );

    expect(offsets).toEqual([9]);
  });

  test("AF2: an abort marker of a transaction that is not listed hides nothing", () => {
    const { offsets } = readCommitted(
      [
        {
          log: [
            encodeMarker(0n, 1n, "abort"),
            records(1n, 1, 1n),
            encodeMarker(2n, 1n, "commit"),
            records(3n, 2, 2n),
            encodeMarker(5n, 2n, "abort"),
          ],
          aborted: [{ producerId: 2n, firstOffset: 3n }],
        },
      ],
      0n,
      6n,
    );

    expect(offsets).toEqual([1]);
  });

  test("G1, AF1: a fetch that begins inside an aborted transaction hides the rest of it", () => {
    const { offsets } = readCommitted(
      [
        {
          log: [records(4n, 3, 7n), encodeMarker(7n, 7n, "abort"), records(8n, 1, 7n), encodeMarker(9n, 7n, "commit")],
          aborted: [{ producerId: 7n, firstOffset: 0n }],
        },
      ],
      5n,
      10n,
    );

    expect(offsets).toEqual([8]);
  });

  test("AF3: records without a transaction stay visible whoever wrote them", () => {
    const { offsets } = readCommitted(
      [
        {
          log: [records(0n, 1, 7n), records(1n, 2), encodeMarker(3n, 7n, "abort")],
          aborted: [{ producerId: 7n, firstOffset: 0n }],
        },
      ],
      0n,
      4n,
    );

    expect(offsets).toEqual([1, 2]);
  });

  test("a commit marker does not end another producer's aborted transaction", () => {
    const { offsets } = readCommitted(
      [
        {
          log: [
            records(0n, 1, 1n),
            records(1n, 1, 2n),
            encodeMarker(2n, 2n, "commit"),
            records(3n, 1, 1n),
            encodeMarker(4n, 1n, "abort"),
          ],
          aborted: [{ producerId: 1n, firstOffset: 0n }],
        },
      ],
      0n,
      5n,
    );

    expect(offsets).toEqual([1]);
  });

  test("a marker batch that compaction emptied counts nothing and hides nothing", () => {
    const emptied = encodeBatch({
      baseOffset: 0n,
      records: [],
      lastOffsetDelta: 0,
      isControl: true,
      isTransactional: true,
      producerId: 7n,
    });

    const { offsets, progress } = readCommitted([{ log: [emptied, records(1n, 1)] }], 0n, 2n);

    expect(offsets).toEqual([1]);
    expect(progress.counts.control).toBe(0n);
  });
});

describe("the position", () => {
  test("RR1: passes hidden and emptied batches, and ends where the range does", () => {
    const emptied = encodeBatch({ baseOffset: 2n, records: [], lastOffsetDelta: 7 });
    const { offsets, progress } = readCommitted(
      [{ log: [records(0n, 2), emptied, records(10n, 2, 5n)], aborted: [{ producerId: 5n, firstOffset: 10n }] }],
      1n,
      11n,
    );

    expect(offsets).toEqual([1]);
    expect(progress.position).toBe(11n);
    expect(progress.counts).toMatchObject({ delivered: 1n, aborted: 1n, control: 0n });
  });

  test("G1, RP1: a batch that comes twice is delivered once", () => {
    const { offsets, progress } = readCommitted(
      [{ log: [records(0n, 3)] }, { log: [records(0n, 3), records(3n, 1)] }],
      0n,
      4n,
    );

    expect(offsets).toEqual([0, 1, 2, 3]);
    expect(progress.counts.delivered).toBe(4n);
  });

  test("remembers the leader epoch of the last batch and counts bytes as stored", () => {
    const log = [encodeBatch({ baseOffset: 0n, leaderEpoch: 4, records: [{ offsetDelta: 0 }] })];

    const { progress } = readCommitted([{ log }], 0n, 1n);

    expect(progress.leaderEpoch).toBe(4);
    expect(progress.counts.bytes).toBe(BigInt(Buffer.concat(log).length));
  });
});

describe("what a batch says of itself", () => {
  test("a checksum that does not hold is corrupt before anything is decoded", () => {
    const batch = records(0n, 3);
    batch.writeUInt8(batch.readUInt8(70) ^ 1, 70);

    expect(() => readCommitted([{ log: [batch] }], 0n, 3n)).toThrow(CorruptRecordError);
  });

  test.each([0, 1])("message format v%d is refused by name", (magic) => {
    const batch = records(0n, 1);
    batch.writeInt8(magic, 16);

    expect(() => readBatchHeaders(batch)).toThrow(`message format v${magic}`);
  });

  test("VB1: a record count that is not what is stored is corrupt", () => {
    const tooMany = encodeBatch({
      baseOffset: 0n,
      records: [{ offsetDelta: 0 }, { offsetDelta: 9 }],
      lastOffsetDelta: 1,
    });

    expect(() => readCommitted([{ log: [tooMany] }], 0n, 2n)).toThrow(CorruptRecordError);
  });

  test("VB1: offsets that do not ascend are corrupt", () => {
    const backwards = encodeBatch({
      baseOffset: 0n,
      records: [{ offsetDelta: 1 }, { offsetDelta: 0 }],
      lastOffsetDelta: 1,
    });

    expect(() => readCommitted([{ log: [backwards] }], 0n, 2n)).toThrow(CorruptRecordError);
  });

  test("requireConsecutiveOffsets makes markers and holes errors", () => {
    const strict = { ...rules, requireConsecutiveOffsets: true };

    expect(readCommitted([{ log: [records(0n, 3)] }], 0n, 3n, strict).offsets).toEqual([0, 1, 2]);
    expect(() =>
      readCommitted([{ log: [records(0n, 1, 7n), encodeMarker(1n, 7n, "commit")] }], 0n, 2n, strict),
    ).toThrow(DataLossError);
    expect(() => readCommitted([{ log: [records(0n, 1), records(2n, 1)] }], 0n, 3n, strict)).toThrow(DataLossError);
  });

  test("RP2: a hole that is an error moves neither the position nor the counts", () => {
    const range = { topic: "orders", partition: 0, fromOffset: 0n, untilOffset: 3n };
    const progress = new RangeProgress(range, { maxDecompressedBatchBytes: 1_000, requireConsecutiveOffsets: true });

    expect(() => progress.finish()).toThrow(DataLossError);

    expect(progress.position).toBe(0n);
  });

  test("offsets and timestamps are exact up to 2^63 - 1", () => {
    const max = 2n ** 63n - 1n;
    const log = encodeBatch({
      baseOffset: max - 2n,
      baseTimestamp: max,
      records: [
        { offsetDelta: 0, timestampDelta: 0n },
        { offsetDelta: 1, timestampDelta: -max },
      ],
    });
    const [header] = readBatchHeaders(log);
    const progress = new RangeProgress(
      { topic: "orders", partition: 3, fromOffset: max - 2n, untilOffset: max },
      rules,
    );

    const batch = header === undefined ? undefined : progress.pass(header, undefined);

    expect([...(batch ?? [])].map(({ offset, timestamp }) => [offset, timestamp])).toEqual([
      [max - 2n, max],
      [max - 1n, 0n],
    ]);
  });
});

test("RR3: a range whose end was compacted away ends in the epoch of the batch behind it", () => {
  const { progress } = readCommitted([{ log: [records(0n, 2)] }], 0n, 5n);

  progress.passEnd({ leaderEpoch: 3 });
  progress.finish();

  expect(progress.leaderEpoch).toBe(3);
});

test("RR3: a range that a batch reaches the end of ends in that batch's epoch", () => {
  const { progress } = readCommitted([{ log: [records(0n, 5)] }], 0n, 5n);

  progress.passEnd({ leaderEpoch: 3 });
  progress.finish();

  expect(progress.leaderEpoch).toBe(0);
});
