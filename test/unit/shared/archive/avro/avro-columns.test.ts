import { expect, test } from "vitest";
import { avroColumns } from "../../../../../shared/archive/avro/avro-columns.ts";
import { avroLine } from "../../../../../shared/archive/avro/avro-line.ts";
import type { ArchiveRecord } from "../../../../../shared/archive/format/archive-record.ts";
import { parquet } from "../../../../../shared/archive/parquet/parquet-format.ts";
import { InvalidOutputError } from "../../../../../shared/core/errors.ts";
import { MAX_DECIMAL_BYTES } from "../../../../../shared/schemas/limits.ts";
import { aSchema, avroRecord } from "../../../../support/archive/avro-records.ts";
import { aPlace } from "../../../../support/archive/object-of.ts";
import { parquetOf } from "../../../../support/archive/parquet-rows.ts";

const format = parquet({ columns: avroColumns() });

const fileOf = (records: readonly ArchiveRecord[]) => parquetOf(format, records);

/** A file of one column and one value. */
async function columnOf(type: unknown, value: unknown) {
  const { rows, schema } = await fileOf([avroRecord(1n, aSchema([{ name: "c", type }]), { c: value })]);
  return { value: rows[0]?.["c"], element: schema[0] };
}

const micros = 1_800_000_000_123_456;
const moment = new Date(1_800_000_000_123);
const decimal = (underlying: object, precision: number, scale: number) => ({
  ...{ logicalType: "decimal", precision, scale },
  ...underlying,
});

test.each<readonly [type: unknown, written: unknown, read: unknown, element: object]>([
  ["boolean", true, true, { type: "BOOLEAN" }],
  ["int", -7, -7, { type: "INT32" }],
  ["long", 7, 7n, { type: "INT64" }],
  ["float", 0.5, 0.5, { type: "FLOAT" }],
  ["double", 0.1, 0.1, { type: "DOUBLE" }],
  ["string", "ü", "ü", { type: "BYTE_ARRAY", logical_type: { type: "STRING" } }],
  [{ type: "enum", name: "E", symbols: ["A", "B"] }, "B", "B", { logical_type: { type: "STRING" } }],
  [{ type: "int", logicalType: "date" }, 20_000, new Date("2024-10-04"), { logical_type: { type: "DATE" } }],
  [{ type: "int", logicalType: "time-millis" }, 5, 5, { type: "INT32", logical_type: { type: "TIME" } }],
  [{ type: "long", logicalType: "time-micros" }, 5, 5n, { type: "INT64", logical_type: { type: "TIME" } }],
  [{ type: "long", logicalType: "timestamp-millis" }, Number(moment), moment, { converted_type: "TIMESTAMP_MILLIS" }],
  [{ type: "long", logicalType: "timestamp-micros" }, micros, moment, { converted_type: "TIMESTAMP_MICROS" }],
  [
    { type: "long", logicalType: "local-timestamp-micros" },
    micros,
    moment,
    { logical_type: { type: "TIMESTAMP", isAdjustedToUTC: false, unit: "MICROS" } },
  ],
  [
    { type: "string", logicalType: "uuid" },
    "0b0d6d40-6f25-4a3b-8c55-000000000001",
    "0b0d6d40-6f25-4a3b-8c55-000000000001",
    { type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, logical_type: { type: "UUID" } },
  ],
  [
    decimal({ type: "bytes" }, 9, 2),
    Buffer.from("fb2e", "hex"),
    -12.34,
    { type: "FIXED_LEN_BYTE_ARRAY", logical_type: { type: "DECIMAL", precision: 9, scale: 2 } },
  ],
  [decimal({ type: "fixed", name: "F", size: 4 }, 9, 3), Buffer.alloc(4), 0, { converted_type: "DECIMAL" }],
  [
    { type: "string", logicalType: "date" },
    "not an int",
    "not an int",
    { type: "BYTE_ARRAY", logical_type: { type: "STRING" } },
  ],
])("%j has its own type in Parquet, and its value", async (type, written, read, element) => {
  const column = await columnOf(type, written);

  expect(column.value).toEqual(read);
  expect(column.element).toMatchObject({ name: "c", repetition_type: "REQUIRED", ...element });
});

test("a long beyond 2^53 keeps every digit, in a column of its own and in JSON", async () => {
  const fields = [
    { name: "c", type: "long" },
    { name: "all", type: { type: "array", items: "long" } },
  ];
  const long = "82808080808080808001"; // 2^62 + 1
  const payload = Buffer.from(`${long}02${long}00`, "hex");

  const { rows, bytes } = await fileOf([{ value: null, avro: { payload, schema: aSchema(fields) } }]);

  expect(rows[0]?.["c"]).toBe(4_611_686_018_427_387_905n);
  expect(bytes.includes("[4611686018427387905]")).toBe(true);
});

test("a union with null is an optional column; arrays, maps, records and other unions are JSON", async () => {
  const line = { type: "record", name: "Line", fields: [{ name: "sku", type: "string" }] };
  const schema = aSchema([
    { name: "note", type: ["null", "string"] },
    { name: "lines", type: { type: "array", items: line } },
    { name: "tags", type: { type: "map", values: "bytes" } },
    { name: "either", type: ["null", "int", "string"] },
  ]);
  const records = [
    avroRecord(1n, schema, { note: null, lines: [{ sku: "a" }], tags: { t: Buffer.from("x") }, either: null }),
    avroRecord(2n, schema, { note: "n", lines: [], tags: {}, either: 5 }),
  ];

  const { rows, schema: columns } = await fileOf(records);

  expect(rows.map((row) => Object.values(row))).toEqual([
    [null, '[{"sku":"a"}]', '{"t":{"base64":"eA=="}}', null],
    ["n", "[]", "{}", "5"],
  ]);
  expect(columns.map(({ repetition_type, logical_type }) => [repetition_type, logical_type?.type])).toEqual([
    ["OPTIONAL", "STRING"],
    ["REQUIRED", "JSON"],
    ["REQUIRED", "JSON"],
    ["OPTIONAL", "JSON"],
  ]);
});

const older = aSchema([{ name: "id", type: "int" }]);
const newer = aSchema([
  { name: "note", type: "string", default: "none" },
  { name: "id", type: "long" },
]);

test("the first record's schema is the file's, and the others are resolved to it", async () => {
  const first = avroRecord(1n, newer, { id: 1, note: "n" });
  const second = avroRecord(2n, older, { id: 2 });

  const { rows } = await fileOf([first, second]);

  expect(rows).toEqual([
    { note: "n", id: 1n },
    { note: "none", id: 2n },
  ]);
});

test("a schema whose default only Java's library takes has its columns all the same", async () => {
  const fields = (more: object) => [{ name: "id", type: "int", ...more }];
  const { avro } = avroRecord(1n, aSchema(fields({})), { id: 1 });
  const lenient = aSchema(fields({ default: "none" }));

  const { rows } = await fileOf([{ value: null, avro: avro == null ? null : { ...avro, schema: lenient } }]);

  expect(rows).toEqual([{ id: 1 }]);
});

test("a record whose schema does not resolve to the file's is refused before anything of it is taken", async () => {
  const encoder = format.open(() => undefined, aPlace);
  await encoder.add(avroRecord(1n, older, { id: 1 }));
  const other = avroRecord(2n, newer, { id: 2, note: "n" });

  expect(() => encoder.add(other)).toThrow(InvalidOutputError);
  expect(() => encoder.check(other)).toThrow("the record at offset 2 has a schema that does not resolve");
  expect((await encoder.finish()).records).toBe(1);
});

test("a record that was only looked at does not decide the file's schema", async () => {
  const encoder = format.open(() => undefined, aPlace);
  encoder.check(avroRecord(1n, older, { id: 1 }));

  await encoder.add(avroRecord(2n, newer, { id: 2, note: "n" }));

  expect((await encoder.finish()).records).toBe(1);
});

test.each([
  ["a schema of no record", { ...avroRecord(1n, aSchema([], { text: '"long"' }), 5) }, "no record with fields"],
  ["a tombstone", { value: null, avro: null }, "is a tombstone"],
  ["bytes that were not decoded", { value: "x" }, "has no field avro"],
])("%s is refused", (_, record, message) => {
  const encoder = format.open(() => undefined, aPlace);

  expect(() => encoder.add(record)).toThrow(InvalidOutputError);
  expect(() => encoder.add(record)).toThrow(message);
});

test("a decimal of more bytes than are made text of is refused, in columns and in lines", () => {
  const type = decimal({ type: "bytes" }, 9, 0);
  const record = avroRecord(1n, aSchema([{ name: "c", type }]), { c: Buffer.alloc(MAX_DECIMAL_BYTES + 1) });

  expect(() => format.open(() => undefined, aPlace).add(record)).toThrow(InvalidOutputError);
  expect(() => avroLine(record)).toThrow(InvalidOutputError);
});

test("a decimal of more digits than its schema allows is refused", () => {
  const type = decimal({ type: "bytes" }, 2, 0);
  const record = avroRecord(1n, aSchema([{ name: "c", type }]), { c: Buffer.from([100]) });

  expect(() => format.open(() => undefined, aPlace).add(record)).toThrow("a decimal of at most 2 digits");
});
