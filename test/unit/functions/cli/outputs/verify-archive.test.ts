import { expect, onTestFinished, test } from "vitest";
import { openArchiveStore } from "../../../../../functions/cli/outputs/archive-store.ts";
import { expectArchives, rememberedSince } from "../../../../../functions/cli/outputs/expect-archives.ts";
import type { PipelineRanges } from "../../../../../functions/cli/outputs/read-ranges.ts";
import { verifyArchive } from "../../../../../functions/cli/outputs/verify-archive.ts";
import { batchManifests } from "../../../../../functions/manifests/batch-manifests.ts";
import { decodeReceipt, encodeReceipt } from "../../../../../shared/archive/archive-memo.ts";
import { avroFile } from "../../../../../shared/archive/avro/avro-file.ts";
import type { ArchiveFormat } from "../../../../../shared/archive/format/archive-format.ts";
import { PART_BYTES } from "../../../../../shared/archive/format/limits.ts";
import { jsonLines, rawBytes } from "../../../../../shared/archive/lines/line-formats.ts";
import { parquet } from "../../../../../shared/archive/parquet/parquet-format.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import type { KafkaRecord } from "../../../../../shared/core/source/range-reader.ts";
import { checksumOf } from "../../../../../shared/s3/multipart-uploads.ts";
import { anOutputRange, archiveAll, kafkaRecords, openBench } from "../../../../support/archive/archive-bench.ts";
import { avroOf } from "../../../../support/archive/avro-records.ts";
import { aRangeRecord } from "../../../../support/builders/builders.ts";
import { startStoreServer } from "../../../../support/s3/store-server.ts";

const DAY_MS = 86_400_000;
/** As the store tells of all its objects. */
const MODIFIED = Date.UTC(2026, 0, 1);

const FORMATS: Readonly<Record<string, ArchiveFormat>> = {
  gzip: jsonLines(),
  zstd: jsonLines({ compression: "zstd" }),
  raw: rawBytes(),
  parquet: parquet(),
  avro: avroOf(avroFile()),
};

/** A range of 50 records that is archived and completed, and how it is verified. */
async function anArchive(
  format: ArchiveFormat = jsonLines({ compression: "none" }),
  of: (offset: bigint) => Partial<KafkaRecord> = () => ({}),
) {
  const server = await startStoreServer();
  onTestFinished(() => server.close());
  const range = anOutputRange({ untilOffset: 150n });
  const output = openBench(server.access, { prefix: "archive", format });
  const receipts = (await archiveAll(output, range, { records: kafkaRecords(range, of) })).map(encodeReceipt);
  const record = aRangeRecord({
    ...{ topic: "orders", partition: 3, fromOffset: 100n, untilOffset: 150n, committedOffset: 150n },
    chain: { pipeline: "archive", topicId: range.topicId, partition: 3 },
    ...{ status: "COMPLETED", plannedAt: MODIFIED, completedAt: MODIFIED, expiresAt: MODIFIED + 30 * DAY_MS, receipts },
  });
  const [key = ""] = server.store.objects.keys();
  const verify = async (
    records: readonly RangeRecord[] = [record],
    { isDeep = false, later = records, now = MODIFIED + DAY_MS } = {},
  ) => {
    const read = [pipelineOf(records)];
    const all = expectArchives(read);
    const [archive] = all;
    const store = openArchiveStore(server.access, "archive-bench", undefined);
    onTestFinished(() => store.close());
    return verifyArchive(
      store,
      { archive: archive ?? expect.unreachable("there is a receipt"), expected: { archives: all, manifests: [] } },
      {
        isDeep,
        note: () => undefined,
        signal: new AbortController().signal,
        readAgain: async () => {
          const rules = { now, rememberedSince: rememberedSince(read, now) };
          const present = [pipelineOf(later)];
          return { archives: expectArchives(present), manifests: batchManifests(present, rules) };
        },
        rememberedSince: rememberedSince(read, now),
      },
    );
  };
  return { server, record, key, verify };
}

function pipelineOf(ranges: readonly RangeRecord[]): PipelineRanges {
  return { record: { pipeline: "archive", revision: 1, startedAt: 0, topics: [] }, ranges };
}

async function kindsOf(proof: Promise<{ readonly problems: readonly { readonly kind: string }[] }>) {
  return (await proof).problems.map(({ kind }) => kind);
}

test.each(Object.keys(FORMATS))(
  "G5: an archive that is as it was written is whole, also read again, in %s",
  async (name) => {
    const { verify } = await anArchive(FORMATS[name]);

    expect(await verify(undefined, { isDeep: true })).toMatchObject({
      ...{ pipelines: ["archive"], place: "s3://archive-bench/archive", ranges: 1, objects: 1, records: 50 },
      ...{ forgotten: 0, problems: [] },
    });
  },
);

test("an object that is gone, or is another one, is a problem that names it", async () => {
  const { server, key, verify } = await anArchive();
  const object = server.store.objects.get(key) ?? expect.unreachable("it was archived");

  server.store.objects.set(key, { ...object, size: object.size + 1 });
  expect((await verify()).problems).toEqual([
    { kind: "objectDiffers", message: expect.stringContaining(`${key} of orders-3 [100, 150) has ${object.size + 1}`) },
  ]);
  server.store.objects.set(key, { ...object, checksum: "AAAAAA==-1" });
  expect(await kindsOf(verify())).toEqual(["objectDiffers"]);
  server.store.objects.delete(key);
  expect(await kindsOf(verify())).toEqual(["objectMissing"]);
});

test.each(Object.keys(FORMATS))(
  "content that rots behind its checksum is found only by reading it again, in %s",
  async (name) => {
    const { server, key, verify } = await anArchive(FORMATS[name]);
    const object = server.store.objects.get(key) ?? expect.unreachable("it was archived");
    const rotten = Buffer.from(object.bytes);
    rotten[rotten.length >> 1] = (rotten[rotten.length >> 1] ?? 0) ^ 1;
    server.store.objects.set(key, { ...object, bytes: rotten });

    expect(await kindsOf(verify())).toEqual([]);
    expect(await kindsOf(verify(undefined, { isDeep: true }))).toEqual(["objectDiffers"]);
  },
);

test("an object of several parts is read again part by part, and a bit that rots in any of them is found", async () => {
  const value = (offset: bigint) => ({ value: Buffer.alloc(350_000, `${offset} `) });
  const { server, record, key, verify } = await anArchive(rawBytes(), value);
  const object = server.store.objects.get(key) ?? expect.unreachable("it was archived");
  const [written] = decodeReceipt(record.receipts?.[0] ?? "").objects;

  expect(object.partSizes).toEqual([PART_BYTES, PART_BYTES, 50 * 350_000 - 2 * PART_BYTES]);
  expect(written).toMatchObject({ bytes: 50 * 350_000, crc32: object.checksum });
  // That of the parts' checksums, not of the whole.
  expect(object.checksum).toMatch(/^.{8}-3$/);
  expect(object.checksum?.startsWith(checksumOf([object.bytes]))).toBe(false);
  expect(await verify(undefined, { isDeep: true })).toMatchObject({ objects: 1, problems: [] });
  for (const at of [0, PART_BYTES, object.size - 1]) {
    const rotten = Buffer.from(object.bytes);
    rotten[at] = (rotten[at] ?? 0) ^ 1;
    server.store.objects.set(key, { ...object, bytes: rotten });
    expect(await kindsOf(verify())).toEqual([]);
    expect(await kindsOf(verify(undefined, { isDeep: true }))).toEqual(["objectDiffers"]);
  }
});

test("a part of an object that is gone is found by reading it again", async () => {
  const { server, key, verify } = await anArchive(rawBytes(), () => ({ value: Buffer.alloc(200_000, "x") }));
  const object = server.store.objects.get(key) ?? expect.unreachable("it was archived");

  server.store.objects.set(key, { ...object, partSizes: [PART_BYTES] });

  expect(await kindsOf(verify(undefined, { isDeep: true }))).toEqual(["objectDiffers"]);
});

test("DO1: an object of one part that was copied back is as it was written, by its checksum alone", async () => {
  const { server, key, verify } = await anArchive();
  const object = server.store.objects.get(key) ?? expect.unreachable("it was archived");
  const copy = ({ bytes }: { readonly bytes: Buffer }) => ({
    ...{ bytes, size: bytes.length, etag: '"copy"', checksum: checksumOf([bytes]), headers: {}, modifiedAt: MODIFIED },
  });
  const other = Buffer.from(object.bytes);
  other[0] = (other[0] ?? 0) ^ 1;

  server.store.objects.set(key, copy(object));
  expect([await kindsOf(verify()), await kindsOf(verify(undefined, { isDeep: true }))]).toEqual([[], []]);
  server.store.objects.set(key, copy({ bytes: other }));
  expect([await kindsOf(verify()), await kindsOf(verify(undefined, { isDeep: true }))]).toEqual([
    ["objectDiffers"],
    ["objectDiffers"],
  ]);
});

test("DO1: one of several parts that was copied back at once is told, and its content proves it", async () => {
  const value = (offset: bigint) => ({ value: Buffer.alloc(350_000, `${offset} `) });
  const { server, key, verify } = await anArchive(rawBytes(), value);
  const { partSizes, ...object } = server.store.objects.get(key) ?? expect.unreachable("it was archived");
  expect(partSizes).toHaveLength(3);
  const rotten = Buffer.from(object.bytes);
  rotten[PART_BYTES] = (rotten[PART_BYTES] ?? 0) ^ 1;

  for (const checksum of [checksumOf([object.bytes]), "AAAAAA==-2"]) {
    server.store.objects.set(key, { ...object, checksum });
    expect((await verify()).problems).toEqual([
      { kind: "objectAnew", message: expect.stringContaining("--deep compares its content") },
    ]);
    expect(await kindsOf(verify(undefined, { isDeep: true }))).toEqual([]);
    server.store.objects.set(key, { ...object, checksum, bytes: rotten });
    expect(await kindsOf(verify(undefined, { isDeep: true }))).toEqual(["objectDiffers"]);
  }
  server.store.objects.set(key, { ...object, checksum: undefined });
  expect([await kindsOf(verify()), await kindsOf(verify(undefined, { isDeep: true }))]).toEqual([[], []]);
});

test.each([
  ["gzip", []],
  ["zstd", []],
  ["avro", []],
  ["raw", []],
  ["parquet", ["objectDiffers"]],
])(
  "DO1: written in parts of other sizes and copied back, the content alone tells, in %s: %o",
  async (name, expected) => {
    const { server, record, key, verify } = await anArchive(FORMATS[name]);
    const object = server.store.objects.get(key) ?? expect.unreachable("it was archived");
    const receipt = decodeReceipt(record.receipts?.[0] ?? "");
    const objects = receipt.objects.map((one) => ({ ...one, crc32: "AAAAAA==-2" }));
    server.store.objects.set(key, { ...object, checksum: checksumOf([object.bytes]) });

    const records = [{ ...record, receipts: [encodeReceipt({ ...receipt, objects })] }];

    expect(await kindsOf(verify(records))).toEqual(["objectAnew"]);
    expect(await kindsOf(verify(records, { isDeep: true }))).toEqual(expected);
  },
);

test("an object that is gone is put back by a reprocess of its receipt's offsets, whose object is the same", async () => {
  const { server, record, key, verify } = await anArchive(FORMATS["gzip"]);
  const { fromOffset, untilOffset } = decodeReceipt(record.receipts?.[0] ?? "");
  server.store.objects.delete(key);
  const again = anOutputRange({ fromOffset, untilOffset, rangeFrom: fromOffset, requestId: "mend", attempt: 2 });

  const output = openBench(server.access, { prefix: "archive", format: jsonLines() });
  const [made] = await archiveAll(output, again, { records: kafkaRecords(again), recordsPerBatch: 7 });
  const remade = made?.objects[0]?.key ?? expect.unreachable("it was archived");
  expect(remade).toBe(key.replace("archive/", "archive-reprocessed/request=mend/"));
  server.store.objects.set(key, server.store.objects.get(remade) ?? expect.unreachable("it was archived"));

  expect(await verify(undefined, { isDeep: true })).toMatchObject({ objects: 1, problems: [] });
});

test("VA1: what nobody's receipt names is a problem, unless it was prepared or written meanwhile", async () => {
  const { server, record, key, verify } = await anArchive();
  const stray = "archive/topic=orders/stray.jsonl";
  const other = server.store.objects.get(key) ?? expect.unreachable("it was archived");
  server.store.objects.set(stray, other);
  server.store.objects.set("archived-elsewhere/stray.jsonl", other);

  expect((await verify()).problems).toEqual([{ kind: "objectStray", message: `${stray} is of no range` }]);

  const receipt = decodeReceipt(record.receipts?.[0] ?? "");
  const objects = receipt.objects.map((object) => ({ ...object, key: stray }));
  const next = aRangeRecord({
    ...{ topic: "orders", partition: 3, fromOffset: 150n, untilOffset: 200n, committedOffset: 200n },
    receipts: [encodeReceipt({ ...receipt, fromOffset: 150n, untilOffset: 200n, objects })],
  });
  expect(await kindsOf(verify([record], { later: [record, next] }))).toEqual([]);
});

test("VA2: an object that is older than what the table remembers is told, and is no problem", async () => {
  const { server, record, key, verify } = await anArchive();
  server.store.objects.set("archive/old.jsonl", server.store.objects.get(key) ?? expect.unreachable("it was archived"));

  expect(await verify([record], { now: MODIFIED + 31 * DAY_MS })).toMatchObject({ forgotten: 1, problems: [] });
});

test("VA2: what one skip is kept for hides nobody's objects, though it is shorter than the pipeline's retention", async () => {
  const { server, record, key, verify } = await anArchive();
  server.store.objects.set("archive/stray", server.store.objects.get(key) ?? expect.unreachable("it was archived"));
  const { receipts: _none, ...rest } = { ...record, fromOffset: 150n, untilOffset: 160n, committedOffset: 150n };
  const now = MODIFIED + 8 * DAY_MS;
  const skipped: RangeRecord = { ...rest, status: "SKIPPED", completedAt: now, expiresAt: now + DAY_MS };

  expect(await kindsOf(verify([record, skipped], { now }))).toEqual(["objectStray"]);
});

test("receipts that overlap, or lie outside of what is committed, are a problem of the ledger's", async () => {
  const { record, verify } = await anArchive();
  const receipts = record.receipts ?? [];

  expect(await kindsOf(verify([{ ...record, receipts: [...receipts, ...receipts] }]))).toEqual([
    "receiptWrong",
    "receiptWrong",
  ]);
  expect(await kindsOf(verify([{ ...record, committedOffset: 149n }]))).toEqual(["receiptWrong"]);
});

test("BM1: a manifest says of a complete batch what the ledger has, and otherwise is a problem", async () => {
  const { server, record, verify } = await anArchive();
  const read = [pipelineOf([record])];
  const rules = { now: MODIFIED + DAY_MS, rememberedSince: MODIFIED - DAY_MS };
  const [manifest] = batchManifests(read, rules);
  const { key = "", text = "" } = manifest ?? {};
  const put = (content: string) =>
    server.store.objects.set(key, {
      ...{
        bytes: Buffer.from(content),
        size: content.length,
        etag: '"e"',
        checksum: undefined,
        headers: {},
        modifiedAt: 0,
      },
    });

  expect(manifest).toMatchObject({ state: "complete", key: "archive/_manifests/batch-1.json" });
  expect(JSON.parse(text)).toMatchObject({
    ...{ pipeline: "archive", ranges: 1, objects: 1, records: 50 },
    content: [{ status: "COMPLETED", fromOffset: "100", objects: [{ records: 50 }] }],
  });
  put(text);
  expect(await verify()).toMatchObject({ manifests: 1, problems: [] });
  put(text.replace("50", "49"));
  expect(await kindsOf(verify())).toEqual(["manifestWrong"]);
  put(text);
  // The same batch has another range, which is open.
  const open = aRangeRecord({ ...{ partition: 4, plannedAt: MODIFIED, batchId: "batch-1" } });
  expect(await kindsOf(verify([record, open]))).toEqual(["manifestWrong"]);
  expect(batchManifests(read, { ...rules, now: MODIFIED })).toMatchObject([{ state: "recent" }]);
});

test("BM2: of a batch that may be forgotten in part nothing is said", async () => {
  const { record } = await anArchive();

  const manifests = batchManifests([pipelineOf([record])], {
    now: MODIFIED + DAY_MS,
    rememberedSince: MODIFIED + 1,
  });

  expect(manifests).toMatchObject([{ state: "forgotten" }]);
});

test("BM2, VA2: a pipeline that has been idle for longer than its retention has lost nothing that is to be told", async () => {
  const { server, record, key, verify } = await anArchive();
  const now = MODIFIED + 60 * DAY_MS;
  // The newest of its chain, which a run has renewed; what else its batch had is forgotten, and its object is there.
  const renewed = [{ ...record, expiresAt: now + 20 * DAY_MS }];
  server.store.objects.set(`${key}-other`, server.store.objects.get(key) ?? expect.unreachable("it was archived"));

  const rules = { now, rememberedSince: rememberedSince([pipelineOf(renewed)], now) };
  const proof = await verify(renewed, { now });

  expect(batchManifests([pipelineOf(renewed)], rules).map(({ state }) => state)).toEqual(["forgotten"]);
  expect(proof).toMatchObject({ objects: 1, forgotten: 1, problems: [] });
});
