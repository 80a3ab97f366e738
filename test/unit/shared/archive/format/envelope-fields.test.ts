// Fields of records themselves beside those of their values: in files of Parquet, and in lines of JSON.

import { describe, expect, test } from "vitest";
import { avroColumns } from "../../../../../shared/archive/avro/avro-columns.ts";
import { avroLine } from "../../../../../shared/archive/avro/avro-line.ts";
import type { ArchiveRecord } from "../../../../../shared/archive/format/archive-record.ts";
import { jsonSchemaColumns } from "../../../../../shared/archive/json-schema/json-schema-columns.ts";
import { jsonSchemaLine } from "../../../../../shared/archive/json-schema/json-schema-line.ts";
import { type JsonLinesOptions, jsonLines } from "../../../../../shared/archive/lines/line-formats.ts";
import { type ParquetOptions, parquet } from "../../../../../shared/archive/parquet/parquet-format.ts";
import { protobufColumns } from "../../../../../shared/archive/protobuf/protobuf-columns.ts";
import { protobufLine } from "../../../../../shared/archive/protobuf/protobuf-line.ts";
import { ConfigurationError, InvalidOutputError } from "../../../../../shared/core/errors.ts";
import { aSchema, avroRecord } from "../../../../support/archive/avro-records.ts";
import { aPlace, objectOf } from "../../../../support/archive/object-of.ts";
import { parquetOf } from "../../../../support/archive/parquet-rows.ts";
import { aJsonSchemaWriter, aProtobufWriter } from "../../../../support/archive/schema-records.ts";

const OFFSET = 9_007_199_254_740_993n;
const NOON = 1_800_000_000_000n;
const headers = [
  { key: "trace", value: Buffer.from("x") },
  { key: "trace", value: null },
];
const ofKafka = { timestamp: NOON, timestampType: "LogAppendTime", key: Buffer.from("k"), headers } as const;
const whole = { topic: "orders", partition: 3, offset: OFFSET, timestamp: new Date(Number(NOON)) };

const protobuf = aProtobufWriter("message Order { int64 id = 1; }");
const json = aJsonSchemaWriter({ type: "object", properties: { id: { type: "integer" } } });
const avro = async (offset: bigint, value: unknown) =>
  avroRecord(offset, aSchema([{ name: "id", type: "long" }]), value);

const formats = [
  ["Avro", avro, avroColumns(), avroLine],
  ["Protobuf", protobuf.record, protobufColumns(), protobufLine],
  ["JSON Schema", json.record, jsonSchemaColumns({ rest: "_rest" }), jsonSchemaLine],
] as const;

describe.each(formats)("an archive of %s", (_, recordOf, columns, line) => {
  const aRecord = async (more: object = {}) => ({ ...(await recordOf(OFFSET, { id: 7 })), ...ofKafka, ...more });

  test("has columns of all that a record is in front of its schema's", async () => {
    const made = { ...(await recordOf(1n, { id: 8 })), offset: undefined, timestamp: undefined };

    const { rows, schema } = await parquetOf(parquet({ columns, envelope: true }), [await aRecord(), made as never]);

    expect(rows).toMatchObject([
      { ...whole, timestampType: "LogAppendTime", key: "k", headers: [{ key: "trace" }, { key: "trace" }], id: 7n },
      {
        topic: "orders",
        partition: 3,
        offset: null,
        timestamp: null,
        timestampType: null,
        key: null,
        headers: null,
        id: 8n,
      },
    ]);
    expect(
      (rows[0] as { headers: typeof headers }).headers.map(({ value }) => value && String(Buffer.from(value))),
    ).toEqual(["x", null]);
    expect(schema.filter(({ name }) => name !== "_rest").map(({ name }) => name)).toEqual([
      ...["topic", "partition", "offset", "timestamp", "timestampType", "key"],
      ...["headers", "list", "element", "key", "value", "id"],
    ]);
  });

  test("has some of them, in their order, under names with a prefix", async () => {
    const envelope = { fields: ["key", "offset"], prefix: "_kafka_", key: "text" } as const;

    const { rows, schema } = await parquetOf(parquet({ columns, envelope }), [await aRecord({ key: "ü" })]);

    expect(Object.entries(rows[0] ?? {}).slice(0, 3)).toEqual([
      ["_kafka_key", "ü"],
      ["_kafka_offset", OFFSET],
      ["id", 7n],
    ]);
    expect(schema[0]).toMatchObject({ name: "_kafka_key", logical_type: { type: "STRING" } });
  });

  test("has lines with the fields in front of the value's, and every digit of both", async () => {
    const text = await linesOf({ line, envelope: true }, [await aRecord()]);

    expect(text).toBe(
      `{"topic":"orders","partition":3,"offset":${OFFSET},"timestamp":${NOON},"timestampType":"LogAppendTime","key":"k",` +
        '"headers":[{"key":"trace","value":"x"},{"key":"trace","value":null}],"id":7}\n',
    );
  });

  test("EVF1: refuses a name that its schema has, in whatever case, before anything of the object is written", async () => {
    const envelope = { fields: ["offset"], prefix: "_" } as const;
    const named: Readonly<Record<string, () => Promise<ArchiveRecord>>> = {
      Avro: async () => avroRecord(OFFSET, aSchema([{ name: "_Offset", type: "long" }]), { _Offset: 7 }),
      Protobuf: () => aProtobufWriter("message Order { int64 _Offset = 1; }").record(OFFSET, { _Offset: 7 }),
      "JSON Schema": () =>
        aJsonSchemaWriter({ properties: { _Offset: { type: "integer" } } }).record(OFFSET, { _Offset: 7 }),
    };
    const record = (await named[_]?.()) as ArchiveRecord;

    for (const format of [parquet({ columns, envelope }), jsonLines({ line, envelope })]) {
      const error = await objectOf(format, [record]).catch((thrown: unknown) => thrown);

      expect(error).toBeInstanceOf(ConfigurationError);
      expect(String(error)).toContain('its offset would have the name "_offset", beside the field "_Offset" of ');
      expect(String(error)).toContain('envelope: { prefix: "_kafka_" }');
    }
  });
});

async function linesOf(options: JsonLinesOptions, records: readonly ArchiveRecord[]): Promise<string> {
  const { bytes } = await objectOf(jsonLines({ compression: "none", ...options }), records);
  return bytes.toString();
}

test("plain JSON has them too, beside its own bytes, and so have declared columns", async () => {
  const record = { ...ofKafka, offset: 5n, value: ' { "id" : 1e0 }' };

  const lines = await linesOf({ envelope: { fields: ["offset", "key"], key: "base64" } }, [
    record,
    { value: "{}", key: null },
    { value: "{}" },
  ]);
  const { rows } = await parquetOf(parquet({ columns: { id: "double" }, envelope: ["partition", "offset"] }), [record]);

  expect(lines).toBe('{"offset":5,"key":"aw==", "id" : 1e0 }\n{"key":null}\n{}\n');
  expect(rows).toEqual([{ partition: aPlace.partition, offset: 5n, id: 1 }]);
});

test.each([
  ["a tombstone", null, "no JSON object"],
  ["a list", "[1]", "no JSON object"],
  ["what is no JSON", "{1}", "no JSON, beside"],
])("a line of %s has no fields to stand beside", async (_, value, why) => {
  const error = await linesOf({ envelope: true }, [{ ...ofKafka, offset: 5n, value }]).catch(
    (thrown: unknown) => thrown,
  );

  expect(error).toBeInstanceOf(InvalidOutputError);
  expect(String(error)).toContain(`the record at offset 5 has a line that is ${why}`);
});

test("a key that is no text is refused as text, and kept as bytes", async () => {
  const record = { ...(await avro(5n, { id: 7 })), key: Buffer.from([0xff]) };
  const columns = avroColumns();

  await expect(parquetOf(parquet({ columns, envelope: { key: "text" } }), [record])).rejects.toThrow(
    'the record at offset 5 has a key that is no UTF-8: give the envelope key: "bytes"',
  );
  await expect(parquetOf(parquet({ columns, envelope: true }), [record])).resolves.toBeDefined();
});

test.each<[string, () => unknown, string]>([
  [
    "no fields",
    () => parquet({ columns: { a: "int32" }, envelope: [] }),
    "expected a list of some of topic, partition",
  ],
  ["a field twice", () => jsonLines({ envelope: ["key", "key"] }), 'the field "key" is named twice'],
  [
    "a field that there is not",
    () => jsonLines({ envelope: ["value" as "key"] }),
    'the field "value" is named twice, or',
  ],
  [
    "an odd prefix",
    () => jsonLines({ envelope: { prefix: "kafka." } }),
    'prefix is "kafka."; expected letters, digits',
  ],
  [
    "an odd key",
    () => jsonLines({ envelope: { key: "bytes" as "text" } }),
    'key is "bytes"; expected "base64", "json", "text"',
  ],
  [
    "a name of declared columns",
    () => parquet({ columns: { topic: "string" }, envelope: true }),
    'the field "topic" of columns',
  ],
  [
    "it beside columns of the envelope",
    () => parquet({ envelope: true } as ParquetOptions),
    "envelope is no option; there are compression, rowGroupBytes, key, value",
  ],
  [
    "it beside an envelope of lines",
    () => jsonLines({ line: {}, envelope: true }),
    "have one around the value already",
  ],
])("an envelope with %s is refused before anything is read", (_, make, why) => {
  expect(make).toThrow(ConfigurationError);
  expect(make).toThrow(why);
});
