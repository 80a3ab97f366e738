import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import avsc from "avsc";
import { expect, onTestFinished, test } from "vitest";
import { type AvroCompression, avroFile } from "../../../../../shared/archive/avro/avro-file.ts";
import { AVRO_BLOCK_BYTES } from "../../../../../shared/archive/format/limits.ts";
import { ConfigurationError, InvalidOutputError } from "../../../../../shared/core/errors.ts";
import { aSchema, avroRecord } from "../../../../support/archive/avro-records.ts";
import { aPlace, objectOf } from "../../../../support/archive/object-of.ts";

/** By avsc's own reader, with the schema that the file names. */
async function readFile(bytes: Buffer) {
  const folder = await mkdtemp(join(tmpdir(), "avro-file-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "object.avro");
  await writeFile(path, bytes);
  const zstandard = (block: Buffer, done: (error: null, content: Buffer) => void) =>
    done(null, zstdDecompressSync(block));
  const decoder = avsc.createFileDecoder(path, { codecs: { ...avsc.streams.BlockDecoder.defaultCodecs(), zstandard } });
  const found: { schema?: unknown; codec?: string } = {};
  decoder.on("metadata", (type: avsc.Type, codec: string) => {
    Object.assign(found, { schema: JSON.parse(JSON.stringify(type)), codec });
  });
  const values: unknown[] = [];
  for await (const value of decoder) {
    values.push(JSON.parse(JSON.stringify(value)));
  }
  return { ...found, values };
}

const orders = aSchema([{ name: "id", type: "long" }]);
const order = (id: number) => avroRecord(BigInt(id), orders, { id });
const numbered = (count: number) => Array.from({ length: count }, (_, index) => index);

test.each([
  ["deflate", "deflate"],
  ["none", "null"],
  ["zstd", "zstandard"],
] as const)(
  "a file by %s is read by avsc, with its schema and every record of several blocks",
  async (compression, codec) => {
    const count = (2 * AVRO_BLOCK_BYTES) / 64;

    const { bytes, digest } = await objectOf(avroFile({ compression }), numbered(count).map(order));
    const read = await readFile(bytes);

    expect(read.codec).toBe(codec);
    expect(read.schema).toMatchObject({ type: "record", name: "Order" });
    expect(read.values).toEqual(numbered(count).map((id) => ({ id })));
    expect(digest.records).toBe(count);
  },
);

test("ACF1, AVF2: the same records make the same bytes, and others another marker", async () => {
  const { bytes: one } = await objectOf(avroFile(), [order(1), order(2)]);
  const { bytes: again } = await objectOf(avroFile(), [order(1), order(2)]);
  const { bytes: other } = await objectOf(avroFile(), [order(3), order(2)]);

  expect(again).toEqual(one);
  expect(other.subarray(-16)).not.toEqual(one.subarray(-16));
});

test("AVF1: what another schema wrote is resolved to that of the first record", async () => {
  const newer = aSchema([
    { name: "note", type: "string", default: "none" },
    { name: "id", type: "long" },
  ]);

  const { bytes } = await objectOf(avroFile(), [avroRecord(1n, newer, { id: 1, note: "n" }), order(2)]);

  expect((await readFile(bytes)).values).toEqual([
    { id: 1, note: "n" },
    { id: 2, note: "none" },
  ]);
});

test("AVF1: a schema that a registry has by two ids is one, and its payloads are copied", async () => {
  const { bytes } = await objectOf(avroFile({ compression: "none" }), [order(1), order(2)]);
  const { bytes: byTwoIds } = await objectOf(avroFile({ compression: "none" }), [
    order(1),
    avroRecord(2n, { ...orders }, { id: 2 }),
  ]);

  expect(byTwoIds).toEqual(bytes);
});

test("a schema that refers to others has them in the file, with its logical types", async () => {
  const fields = [{ name: "amount", type: { type: "bytes", logicalType: "decimal", precision: 9, scale: 2 } }];
  const money = { name: "Money", text: JSON.stringify({ type: "record", name: "Money", fields }) };
  const schema = aSchema(
    [
      { name: "total", type: "Money" },
      { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
    ],
    { references: [money] },
  );

  const value = { total: { amount: Buffer.from([5]) }, at: 7 };
  const { bytes } = await objectOf(avroFile(), [avroRecord(1n, schema, value)]);

  expect((await readFile(bytes)).values).toEqual([JSON.parse(JSON.stringify(value))]);
  const text = bytes.toString("latin1");
  expect(text).toContain('"logicalType":"decimal","precision":9,"scale":2');
  expect(text).toContain('"logicalType":"timestamp-millis"');
});

test("a record that does not resolve, a tombstone and undecoded bytes are refused", async () => {
  const encoder = avroFile().open(() => undefined, aPlace);
  expect(() => encoder.add({ value: null, avro: null })).toThrow(InvalidOutputError);
  await encoder.add(order(1));

  expect(() => encoder.check(avroRecord(2n, aSchema([{ name: "other", type: "int" }]), { other: 1 }))).toThrow(
    "the record at offset 2 has a schema that does not resolve",
  );
  expect(() => encoder.add({ value: "x" })).toThrow("has no field avro");
  expect((await encoder.finish()).records).toBe(1);
});

test("a compression that there is not is refused at once", () => {
  expect(() => avroFile({ compression: "snappy" as AvroCompression })).toThrow(ConfigurationError);
});
