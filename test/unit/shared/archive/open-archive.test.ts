import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import type { ArchiveRecord } from "../../../../shared/archive/format/archive-record.ts";
import { MAX_OPEN_OBJECTS, PART_BYTES } from "../../../../shared/archive/format/limits.ts";
import type { SchemaColumns } from "../../../../shared/archive/format/schema-columns.ts";
import { jsonLines, rawBytes } from "../../../../shared/archive/lines/line-formats.ts";
import { parquet } from "../../../../shared/archive/parquet/parquet-format.ts";
import type { ArchiveOptions } from "../../../../shared/archive/s3-archive.ts";
import { InvalidOutputError, OutputUnavailableError } from "../../../../shared/core/errors.ts";
import {
  aKafkaRecord,
  anOutputRange,
  archiveAll,
  batchesOf,
  kafkaRecords,
  NOON,
  openBench,
  openPrepared,
} from "../../../support/archive/archive-bench.ts";
import { refusal } from "../../../support/s3/object-store.ts";
import { startStoreServer } from "../../../support/s3/store-server.ts";

const HOUR_MS = 3_600_000n;
const noonOf = (hours: bigint) => ({ timestamp: BigInt(NOON) + hours * HOUR_MS });

async function startArchive(options: Partial<ArchiveOptions> = {}) {
  const server = await startStoreServer();
  onTestFinished(() => server.close());
  const output = openBench(server.access, { format: jsonLines({ compression: "none" }), ...options });
  const contents = () =>
    Object.fromEntries([...server.store.objects].map(([key, { bytes }]) => [key, bytes.toString()]));
  return { ...server, server, output, contents };
}

const lines = (...offsets: bigint[]) => offsets.map((offset) => `{"order":${offset}}\n`).join("");
const range = anOutputRange({ fromOffset: 100n, untilOffset: 104n, rangeFrom: 100n });

test("OA2: a range becomes one object per hour of its records, named by its offsets", async () => {
  const { output, contents } = await startArchive({ prefix: "raw" });
  const records = kafkaRecords(range, (offset) => noonOf(offset === 102n ? -1n : 0n));

  const [receipt] = await archiveAll(output, range, { records });

  const name = "part=00003/00000000000000000100-00000000000000000103.jsonl";
  expect(contents()).toEqual({
    [`raw/topic=orders/dt=2026-11-28/hour=12/${name}`]: lines(100n, 101n, 103n),
    [`raw/topic=orders/dt=2026-11-28/hour=11/${name}`]: lines(102n),
  });
  expect(receipt?.objects.map(({ records: count, bytes }) => [count, bytes])).toEqual([
    [3, 42],
    [1, 14],
  ]);
});

test("the times of a layout are those of the time zone", async () => {
  const options = { layout: "{topic}/{partition}/{date}T{hour}:{minute}/{from}", timeZone: "Asia/Kathmandu" };
  const { output, contents } = await startArchive(options);

  await archiveAll(output, range, { records: [aKafkaRecord(100n, noonOf(8n))] });

  expect(Object.keys(contents())).toEqual(["orders/00003/2026-11-29T01:45/00000000000000000100.jsonl"]);
});

test.each<[string, Partial<ArchiveOptions>, bigint]>([
  ["by the time of planning, where the archive goes by it", { by: "plannedTime" }, BigInt(NOON) - 5n * HOUR_MS],
  ["by the time of planning, where a record has no time", {}, -1n],
  ["by the time of planning, where a record's time is in no calendar", {}, 2n ** 62n],
])("a record is put %s", async (_, options, timestamp) => {
  const { output, contents } = await startArchive(options);

  await archiveAll(output, range, { records: [aKafkaRecord(100n, { timestamp })] });

  expect(Object.keys(contents()).join()).toContain("/dt=2026-11-28/hour=12/");
});

test("objects of a reprocess request have a prefix of their own", async () => {
  const { output, contents } = await startArchive({ prefix: "raw", layout: "{topic}/{partition}/{from}" });

  await archiveAll(output, { ...range, requestId: "again" }, { records: kafkaRecords(range) });

  expect(Object.keys(contents())).toEqual(["raw-reprocessed/request=again/orders/00003/00000000000000000100.jsonl"]);
});

test("a range without records becomes no object, and asks nothing of S3", async () => {
  const { output, requests } = await startArchive();

  expect(await archiveAll(output, range, { records: [] })).toEqual([]);

  expect(requests).toEqual([]);
});

test("nothing is to be seen before it is settled, and nothing is left of what is not prepared", async () => {
  const { output, store } = await startArchive();
  const open = await openPrepared(output, range);
  await open.write([aKafkaRecord(100n)]);
  await open.prepare({ untilOffset: 101n, progress: "" });
  await open.write([aKafkaRecord(101n, { value: Buffer.alloc(9_000_000, "x") })]);

  await open.close();

  expect([...store.objects.keys()]).toEqual([]);
  expect([...store.uploads.values()].map(({ key }) => key.slice(-45))).toEqual(
    ["00000000000000000100-00000000000000000103.jsonl"].map((key) => key.slice(-45)),
  );
});

test("ACF1: the bytes are the same however the records came in batches", async () => {
  const large = anOutputRange({ untilOffset: 2_100n });
  const value = (offset: bigint) => Buffer.from(`${offset}`.repeat(500));
  const records = kafkaRecords(large, (offset) => ({ value: value(offset), ...noonOf(offset % 2n) }));
  const formats = {
    gzip: jsonLines(),
    zstd: jsonLines({ compression: "zstd" }),
    bytes: rawBytes(),
    parquet: parquet(),
  };

  for (const [prefix, format] of Object.entries(formats)) {
    const first = await startArchive({ prefix, format });
    const second = await startArchive({ prefix, format });
    const receipts = await archiveAll(first.output, large, { records, recordsPerBatch: 7 });

    expect(await archiveAll(second.output, large, { records, recordsPerBatch: 2_000 })).toEqual(receipts);
    expect(second.contents()).toEqual(first.contents());
  }
});

test("OA1: more buckets of time than may be open ask for a commit, in the middle of a batch too", async () => {
  const many = anOutputRange({ untilOffset: 200n });
  const { output, contents } = await startArchive();
  const records = kafkaRecords(many, (offset) => noonOf(offset - 100n));

  const receipts = await archiveAll(output, many, { records, recordsPerBatch: 100 });

  expect(receipts.map(({ objects }) => objects.length)).toEqual([MAX_OPEN_OBJECTS, MAX_OPEN_OBJECTS, 4]);
  expect(receipts.map(({ untilOffset }) => untilOffset)).toEqual([148n, 196n, 200n]);
  expect(Object.values(contents()).join("").match(/\n/g)).toHaveLength(100);
});

test("OA1: late records keep their own small objects beside a large one", async () => {
  const { output } = await startArchive();
  const large = anOutputRange({ untilOffset: 130n });
  const value = Buffer.alloc(1_000_000, "x");
  const records = kafkaRecords(large, (offset) => (offset % 10n === 0n ? noonOf(-offset) : { value }));

  const [receipt, ...others] = await archiveAll(output, large, { records });

  expect(others).toEqual([]);
  expect(receipt?.objects.map(({ records: count }) => count)).toEqual([1, 27, 1, 1]);
});

test("a record that has no place in the format is named, and what came before it can be committed", async () => {
  const { output } = await startArchive();
  const open = await openPrepared(output, range);
  const bad = (offset: bigint) => (offset === 102n ? { value: Buffer.from("two\nlines") } : {});
  const [batch] = await Array.fromAsync(batchesOf(range, kafkaRecords(range, bad), 10));

  const at = await open.writeBatch(batch ?? expect.unreachable(), 100n);

  expect(at).toBe(102n);
  await open.prepare({ untilOffset: at, progress: "" });
  await expect(open.writeBatch(batch ?? expect.unreachable(), at)).rejects.toThrow(
    "the value at offset 102 has a line break",
  );
});

test("what has no value, as a spread of a Kafka record has none, is refused with its index, and none is taken", async () => {
  const { output, contents } = await startArchive();
  const open = await openPrepared(output, range);
  onTestFinished(() => open.close());
  const [batch] = await Array.fromAsync(batchesOf(range, [aKafkaRecord(100n)], 1));
  const spread = { ...[...(batch ?? [])][0] } as ArchiveRecord; // As code without types does.

  await expect(open.write([{ value: "a" }, spread])).rejects.toMatchObject({
    name: "InvalidOutputError",
    outputIndex: 1,
    message: expect.stringContaining("{ ...recordFields(record) }"),
  });
  expect(await open.prepare({ untilOffset: range.untilOffset, progress: "" })).toBe("nothing");
  expect(contents()).toEqual({});
});

test("an output beside one that is refused decides nothing of its object", async () => {
  /** One column of the name that the first record has; others have to be of that name, too. */
  const columns: SchemaColumns = {
    rowsFor: ({ value: name }) => ({
      columns: [{ name: String(name), type: { kind: "string" }, isRequired: true }],
      row: ({ value }) => ({ [String(value)]: "" }),
    }),
  };
  const { output } = await startArchive({ format: parquet({ columns }) });
  const open = await openPrepared(output, range);
  onTestFinished(() => open.close());
  const withoutValue = {} as ArchiveRecord; // As code without types does.
  await expect(open.write([{ value: "refused" }, withoutValue])).rejects.toMatchObject({ outputIndex: 1 });

  await open.write([{ value: "taken" }, { value: "taken" }]);

  expect(await open.prepare({ untilOffset: 101n, progress: "" })).not.toBe("nothing");
});

test("of several outputs of a record none is taken where one is refused", async () => {
  const { output, contents } = await startArchive();
  const open = await openPrepared(output, range);
  await open.write([{ value: "before" }]);

  const refused = await open.write([{ value: "good" }, { value: "a\nb" }]).catch((error: unknown) => error);

  expect(refused).toBeInstanceOf(InvalidOutputError);
  expect(refused).toMatchObject({ outputIndex: 1 });
  const prepared = await open.prepare({ untilOffset: 101n, progress: "" });
  await output.settle?.(prepared === "nothing" ? "" : prepared.memo, range);
  expect(Object.values(contents())).toEqual(["before\n"]);
});

test("OPO2: a part that S3 does not take fails the attempt, which may be repeated", async () => {
  const { server, output } = await startArchive({ format: rawBytes() });
  server.interfere = ({ method }) => (method === "PUT" ? refusal(400, "BadDigest") : undefined);
  const open = await openPrepared(output, range);

  const failure = await open
    .write([{ value: Buffer.alloc(20_000_000) }])
    .then(() => open.prepare({ untilOffset: 104n, progress: "" }))
    .catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(OutputUnavailableError);
  await open.close();
  expect(server.store.uploads.size).toBe(0);
});

test.each([
  [404, "NoSuchBucket", "create the bucket"],
  [403, "AccessDenied", "grant the function's role the bucket"],
])("a %d %s says what to do", async (status, code, remedy) => {
  const { server, output } = await startArchive();
  server.interfere = () => refusal(status, code);

  const failure = await archiveAll(output, range, { records: kafkaRecords(range) }).catch((error: unknown) => error);

  expect(failure).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining(remedy) });
});

test("OPO1: parts have one size, whatever the pieces were, and the object is whole", async () => {
  const { output, requests, store } = await startArchive({ format: rawBytes({ compression: "gzip", level: 1 }) });
  const noise = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * index * 31 + (index >> 3)) % 251));
  const wide = anOutputRange({ untilOffset: 110n });

  const [receipt] = await archiveAll(output, wide, { records: kafkaRecords(wide, () => ({ value: noise })) });

  expect(requests.filter((request) => request.startsWith("PUT")).length).toBe(
    Math.ceil((receipt?.objects[0]?.bytes ?? 0) / PART_BYTES),
  );
  const [object] = store.objects.values();
  expect(gunzipSync(object?.bytes ?? "").equals(Buffer.concat(Array.from({ length: 10 }, () => noise)))).toBe(true);
});

test("BLM1: memory of parts that were sent is used again, and none of a part that is sent once more", async () => {
  const { server, output, store } = await startArchive({ format: rawBytes() });
  let puts = 0;
  server.interfere = ({ method }) => {
    puts += method === "PUT" ? 1 : 0;
    return method === "PUT" && puts % 3 === 0 ? refusal(500, "InternalError") : undefined;
  };
  const wide = anOutputRange({ untilOffset: 170n });
  const records = kafkaRecords(wide, (offset) => ({ value: Buffer.alloc(1_000_000, `${offset} `) }));

  await archiveAll(output, wide, { records, recordsPerBatch: 3 });

  const [object] = store.objects.values();
  expect(object?.partSizes?.length).toBe(12);
  expect(object?.bytes.equals(Buffer.concat(records.flatMap(({ value }) => value ?? [])))).toBe(true);
});

test("gzip makes one stream that any reader takes", async () => {
  const { output, store } = await startArchive({ format: jsonLines() });

  await archiveAll(output, range, { records: kafkaRecords(range) });

  const [object] = store.objects.values();
  expect(gunzipSync(object?.bytes ?? "").toString()).toBe(lines(100n, 101n, 102n, 103n));
});
