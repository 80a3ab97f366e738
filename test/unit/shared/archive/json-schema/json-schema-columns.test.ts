import { expect, test } from "vitest";
import type { ArchiveRecord } from "../../../../../shared/archive/format/archive-record.ts";
import {
  type JsonSchemaColumnsOptions,
  jsonSchemaColumns,
} from "../../../../../shared/archive/json-schema/json-schema-columns.ts";
import { jsonSchemaLine } from "../../../../../shared/archive/json-schema/json-schema-line.ts";
import { jsonLines } from "../../../../../shared/archive/lines/line-formats.ts";
import { parquet } from "../../../../../shared/archive/parquet/parquet-format.ts";
import { ConfigurationError, InvalidOutputError } from "../../../../../shared/core/errors.ts";
import { aPlace, objectOf } from "../../../../support/archive/object-of.ts";
import { parquetOf } from "../../../../support/archive/parquet-rows.ts";
import { aJsonSchemaWriter } from "../../../../support/archive/schema-records.ts";

const formatWith = (options: JsonSchemaColumnsOptions = {}) => parquet({ columns: jsonSchemaColumns(options) });

/** A file of one column and one value, given as the JSON that it is. */
async function columnOf(property: unknown, json: string, options: JsonSchemaColumnsOptions = {}) {
  const writer = aJsonSchemaWriter({
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    definitions: { money: { type: "object", properties: { units: { type: "integer" } } }, id: { type: "integer" } },
    properties: { c: property },
  });
  const { rows, schema } = await parquetOf(formatWith(options), [await writer.record(1n, `{"c":${json}}`)]);
  return { value: rows[0]?.["c"], element: schema[0] };
}

const STRING = { type: "BYTE_ARRAY", logical_type: { type: "STRING" } };
const JSON_TEXT = { type: "BYTE_ARRAY", converted_type: "JSON", logical_type: { type: "JSON" } };
const MICROS = { logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" } };
const DATE = { logical_type: { type: "DATE" } };
const dateTime = { type: "string", format: "date-time" };

test.each<readonly [property: unknown, json: string, read: unknown, element: object]>([
  [{ type: "boolean" }, "false", false, { type: "BOOLEAN" }],
  [{ type: "integer" }, "-9223372036854775808", -9_223_372_036_854_775_808n, { type: "INT64" }],
  [{ type: "integer" }, "9007199254740993", 9_007_199_254_740_993n, { type: "INT64" }],
  [{ type: "integer" }, "7.0", 7n, { type: "INT64" }],
  [{ type: "number" }, "0.1", 0.1, { type: "DOUBLE" }],
  [{ type: ["integer", "number"] }, "12345678901234567890", 12_345_678_901_234_567_000, { type: "DOUBLE" }],
  [{ type: "string" }, '"ü"', "ü", STRING],
  [{ type: ["null", "string"] }, '"s"', "s", STRING],
  [{ oneOf: [{ type: "null", title: "Not included" }, { type: "integer" }] }, "5", 5n, { type: "INT64" }],
  [{ enum: ["A", "B", null] }, '"B"', "B", STRING],
  [{ const: 5 }, "5", 5n, { type: "INT64" }],
  [{ $ref: "#/definitions/id" }, "5", 5n, { type: "INT64" }],
  [{ allOf: [{ minimum: 1 }, { $ref: "#/definitions/id" }] }, "5", 5n, { type: "INT64" }],
  [dateTime, '"2027-01-15T09:00:00.1234567+01:00"', new Date(1_800_000_000_123), MICROS],
  [{ type: "string", format: "date" }, '"2026-11-29"', new Date("2026-11-29"), DATE],
  [{ anyOf: [dateTime, { type: "string" }] }, '"soon"', "soon", STRING],
  [{ $ref: "#/definitions/money" }, '{"units":9007199254740993}', '{"units":9007199254740993}', JSON_TEXT],
  [{ type: "array", items: { type: "integer" } }, "[1, 2]", "[1,2]", JSON_TEXT],
  [{ type: ["integer", "string"] }, '"7"', '"7"', JSON_TEXT],
  [{ not: { type: "null" } }, "7", "7", JSON_TEXT],
  [true, "7", "7", JSON_TEXT],
])("%j has its own type in Parquet, and its value", async (property, json, read, element) => {
  const column = await columnOf(property, json);

  expect(column.value).toEqual(read);
  expect(column.element).toMatchObject({ name: "c", repetition_type: "OPTIONAL", ...element });
});

test("a property of a schema that is referred to by its name has that one's type", async () => {
  const line = {
    $schema: "http://json-schema.org/draft-07/schema#",
    definitions: { sku: { type: "string" } },
    type: "object",
  };
  const schema = {
    ...{ $schema: "http://json-schema.org/draft-07/schema#", $id: "http://example.com/order.json", type: "object" },
    properties: { sku: { $ref: "line.json#/definitions/sku" }, line: { $ref: "line.json" } },
  };
  const writer = aJsonSchemaWriter(schema, [{ name: "line.json", text: JSON.stringify(line) }]);

  const { rows, schema: columns } = await parquetOf(formatWith(), [await writer.record(1n, { sku: "a", line: {} })]);

  expect(rows).toEqual([{ sku: "a", line: "{}" }]);
  expect(columns.map(({ logical_type }) => logical_type?.type)).toEqual(["STRING", "JSON"]);
});

const older = aJsonSchemaWriter({ type: "object", properties: { id: { type: "integer" }, note: { type: "string" } } });
const newer = aJsonSchemaWriter({
  allOf: [{ properties: { id: { type: "number" } } }, { properties: { more: { type: "array" } } }],
});

test("the first record's schema makes the columns; null and what is absent are null, and others fit in where they can", async () => {
  const records = [await older.record(1n, { id: 1, note: "n" }), await newer.record(2n, { id: 2, more: [1] })];

  const { rows } = await parquetOf(formatWith(), records);
  const withRest = await parquetOf(formatWith({ rest: "_rest" }), records);

  expect(rows).toEqual([
    { id: 1n, note: "n" },
    { id: 2n, note: null },
  ]);
  expect(withRest.rows.map((row) => row["_rest"])).toEqual([null, '{"more":[1]}']);
});

test("a value that has no place in the first record's column is refused before anything of it is taken", async () => {
  const encoder = formatWith().open(() => undefined, aPlace);
  await encoder.add(await older.record(1n, { id: 1 }));
  const other = await newer.record(2n, { id: 0.5 });

  expect(() => encoder.add(other)).toThrow(InvalidOutputError);
  expect(() => encoder.check(other)).toThrow(
    "the record at offset 2 has in id (integer) 0.5, which is no whole number of 64 bits; write records of such",
  );
  expect((await encoder.finish()).records).toBe(1);
});

test.each([
  [
    dateTime,
    '"soon"',
    "has in c (string, date-time) 'soon', which is no such text; give jsonSchemaColumns formats: \"text\"",
  ],
  [dateTime, '"2026-02-30T00:00:00Z"', "which is no such text"],
  [{ type: "string", format: "date" }, '"2026-02-30"', "has in c (string, date)"],
  [{ type: "integer" }, "9223372036854775808", "no whole number of 64 bits"],
])("%j refuses %s, and names the property, its type and the remedy", async (property, json, message) => {
  await expect(columnOf(property, json)).rejects.toThrow(InvalidOutputError);
  await expect(columnOf(property, json)).rejects.toThrow(message);
});

test("formats may be left alone", async () => {
  const { value, element } = await columnOf(dateTime, '"soon"', { formats: "text" });

  expect(value).toBe("soon");
  expect(element).toMatchObject(STRING);
});

test.each([
  [
    "a schema of no object",
    async () => aJsonSchemaWriter({ type: "string" }).record(1n, '"x"'),
    "a schema without properties",
  ],
  [
    "a value that is no object",
    async () => aJsonSchemaWriter({ properties: { a: {} } }).record(1n, "[]"),
    "is no JSON object",
  ],
  ["a tombstone", async () => ({ value: null, jsonSchema: null }), "is a tombstone"],
  ["bytes that were not decoded", async () => ({ value: "x" }), "has no field jsonSchema"],
])("%s is refused", async (_, make, message) => {
  const record = await make();

  expect(() =>
    formatWith()
      .open(() => undefined, aPlace)
      .add(record),
  ).toThrow(InvalidOutputError);
  expect(() =>
    formatWith()
      .open(() => undefined, aPlace)
      .add(record),
  ).toThrow(message);
});

test("options that are none are refused: an unknown formats at once, a rest that is a property by name with the schema", async () => {
  const record = await older.record(1n, { id: 1 });

  expect(() => jsonSchemaColumns({ formats: "all" as never })).toThrow(ConfigurationError);
  expect(() =>
    formatWith({ rest: "note" })
      .open(() => undefined, aPlace)
      .add(record),
  ).toThrow(ConfigurationError);
  expect(() =>
    formatWith({ rest: "note" })
      .open(() => undefined, aPlace)
      .add(record),
  ).toThrow('rest: "note"');
});

test("a line is the JSON as it was written, on one line, null for a tombstone", async () => {
  const record = await older.record(1n, '{"id": 90071992547409931,\r\n "note":"a"}');

  const { bytes } = await objectOf(jsonLines({ line: jsonSchemaLine, compression: "none" }), [
    record,
    { value: null, jsonSchema: null },
  ]);

  expect(String(bytes)).toBe('{"id": 90071992547409931,   "note":"a"}\nnull\n');
});

test("a property that objects have another use for is a column as any other", async () => {
  const writer = aJsonSchemaWriter({
    properties: JSON.parse('{"__proto__":{"type":"string"},"id":{"type":"integer"}}'),
  });
  const records = [await writer.record(1n, '{"__proto__":"kept","id":7}'), await writer.record(2n, '{"id":8}')];

  const { columns, row } = jsonSchemaColumns().rowsFor(records[0] as ArchiveRecord);

  expect(columns.map(({ name }) => name)).toEqual(["__proto__", "id"]);
  expect(records.map((record) => Object.entries(row(record)))).toEqual([
    [
      ["__proto__", "kept"],
      ["id", 7n],
    ],
    [
      ["__proto__", null],
      ["id", 8n],
    ],
  ]);
  const { bytes } = await objectOf(formatWith(), records);
  expect(bytes.includes("kept")).toBe(true);
});
