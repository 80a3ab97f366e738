import { expect, test } from "vitest";
import { jsonLines } from "../../../../../shared/archive/lines/line-formats.ts";
import { parquet } from "../../../../../shared/archive/parquet/parquet-format.ts";
import {
  type ProtobufColumnsOptions,
  protobufColumns,
} from "../../../../../shared/archive/protobuf/protobuf-columns.ts";
import { protobufLine } from "../../../../../shared/archive/protobuf/protobuf-line.ts";
import { InvalidOutputError } from "../../../../../shared/core/errors.ts";
import { aPlace, objectOf } from "../../../../support/archive/object-of.ts";
import { parquetOf } from "../../../../support/archive/parquet-rows.ts";
import { aProtobufWriter } from "../../../../support/archive/schema-records.ts";

const format = parquet({ columns: protobufColumns() });

/** A file of one column and one value. */
async function columnOf(field: string, value: unknown, options: ProtobufColumnsOptions = {}) {
  const imports = ["timestamp", "duration", "wrappers", "struct"].map(
    (name) => `import "google/protobuf/${name}.proto";`,
  );
  const others = 'import "google/type/date.proto"; import "confluent/type/decimal.proto";';
  const writer = aProtobufWriter(
    `${imports.join("")}${others} message A { ${field} } enum E { NONE = 0; PAID = 1; } message Line { string sku = 1; int64 n = 2; }`,
  );
  const record = await writer.record(1n, value === undefined ? {} : { c: value });
  const { rows, schema } = await parquetOf(parquet({ columns: protobufColumns(options) }), [record]);
  return { value: rows[0]?.["c"], element: schema[0] };
}

const STRING = { type: "BYTE_ARRAY", logical_type: { type: "STRING" } };
const JSON_TEXT = { type: "BYTE_ARRAY", converted_type: "JSON", logical_type: { type: "JSON" } };
const DECIMAL = { type: "FIXED_LEN_BYTE_ARRAY", logical_type: { type: "DECIMAL", precision: 20, scale: 0 } };
const MICROS = { logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" } };
const moment = { seconds: 1_800_000_000, nanos: 123_456_789 };

test.each<readonly [field: string, written: unknown, read: unknown, element: object]>([
  ["bool c = 1;", true, true, { type: "BOOLEAN" }],
  ["int32 c = 1;", -7, -7, { type: "INT32" }],
  ["uint32 c = 1;", 4_294_967_295, 4_294_967_295n, { type: "INT64" }],
  ["int64 c = 1;", "-9223372036854775808", -9_223_372_036_854_775_808n, { type: "INT64" }],
  ["sint64 c = 1;", "9007199254740993", 9_007_199_254_740_993n, { type: "INT64" }],
  ["fixed64 c = 1;", "7", 7, DECIMAL],
  ["float c = 1;", 0.5, 0.5, { type: "FLOAT" }],
  ["double c = 1;", 0.1, 0.1, { type: "DOUBLE" }],
  ["string c = 1;", "ü", "ü", STRING],
  ["bytes c = 1;", Buffer.from("ab"), "ab", { type: "BYTE_ARRAY" }],
  ["E c = 1;", 1, "PAID", STRING],
  ["E c = 1;", 9, "9", STRING],
  ["repeated int64 c = 1;", ["9007199254740993", 2], "[9007199254740993,2]", JSON_TEXT],
  ["map<int64, Line> c = 1;", { "\x07\0\0\0\0\0\0\0": { sku: "a" } }, '{"7":{"sku":"a","n":0}}', JSON_TEXT],
  ["map<string, bytes> c = 1;", { k: Buffer.from("x") }, '{"k":{"base64":"eA=="}}', JSON_TEXT],
])("%s has a column that every row has a value in", async (field, written, read, element) => {
  const column = await columnOf(field, written);

  expect(column.value).toEqual(read);
  expect(column.element).toMatchObject({ name: "c", repetition_type: "REQUIRED", ...element });
});

test.each<readonly [field: string, written: unknown, read: unknown, element: object]>([
  ["optional int32 c = 1;", 0, 0, { type: "INT32" }],
  ["oneof k { string c = 1; int32 d = 2; }", "", "", STRING],
  ["Line c = 1;", { sku: "a", n: 7 }, '{"sku":"a","n":7}', JSON_TEXT],
  ["google.protobuf.Timestamp c = 1;", moment, new Date(1_800_000_000_123), MICROS],
  ["google.protobuf.Duration c = 1;", { seconds: -1, nanos: -500_000_000 }, "-1.500s", STRING],
  ["google.protobuf.Int64Value c = 1;", { value: "9007199254740993" }, 9_007_199_254_740_993n, { type: "INT64" }],
  ["google.protobuf.UInt64Value c = 1;", {}, 0, DECIMAL],
  ["google.protobuf.StringValue c = 1;", { value: "s" }, "s", STRING],
  [
    "google.protobuf.Struct c = 1;",
    { fields: { a: { numberValue: 1 }, b: { nullValue: 0 } } },
    '{"a":1,"b":null}',
    JSON_TEXT,
  ],
  ["google.type.Date c = 1;", { year: 2_026, month: 11, day: 29 }, new Date("2026-11-29"), { type: "INT32" }],
  ["confluent.type.Decimal c = 1;", { value: Buffer.from("fb2e", "hex"), scale: 2 }, "-12.34", STRING],
])("%s has a column that is null where it is not set", async (field, written, read, element) => {
  const column = await columnOf(field, written);
  const absent = await columnOf(field, undefined);

  expect(column.value).toEqual(read);
  expect(column.element).toMatchObject({ name: "c", repetition_type: "OPTIONAL", ...element });
  expect(absent.value).toBeNull();
});

test("uint64 keeps every digit, as a decimal that any engine reads", async () => {
  const writer = aProtobufWriter("message A { uint64 c = 1; }");
  const most = 2n ** 64n - 1n;

  const { bytes } = await parquetOf(format, [await writer.record(1n, { c: String(most) })]);

  expect(bytes.toString("hex")).toContain(`00${most.toString(16)}`);
});

test("timestamps keep their nanoseconds where they are told to, and are refused where 64 bits do not reach", async () => {
  const field = "google.protobuf.Timestamp c = 1;";

  const nanos = await columnOf(field, moment, { timestamps: "nanos" });

  expect(nanos.element).toMatchObject({ logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "NANOS" } });
  await expect(columnOf(field, { seconds: 253_402_300_799 }, { timestamps: "nanos" })).rejects.toThrow(
    'the record at offset 1 has in c (google.protobuf.Timestamp): 9999-12-31T23:59:59Z, which 64 bits of nanoseconds do not reach; give protobufColumns timestamps: "micros"',
  );
  await expect(columnOf(field, { nanos: -1 })).rejects.toThrow("none of the years 1 to 9999");
  await expect(columnOf("google.type.Date c = 1;", { year: 2_026, month: 2, day: 30 })).rejects.toThrow(
    "no whole date",
  );
});

test("the first record's message is the file's, and others are read by their fields' numbers", async () => {
  const older = aProtobufWriter(
    "message Order { int32 id = 1; string gone = 2; Line line = 3; } message Line { int32 n = 1; }",
  );
  const newer = aProtobufWriter(
    "message Order { int64 id = 1; optional string note = 4; Line line = 3; } message Line { int64 n = 1; }",
  );
  const first = await newer.record(1n, { id: 1, note: "n", line: { n: 5 } });
  const second = await older.record(2n, { id: -2, gone: "x", line: { n: 6 } });

  const { rows } = await parquetOf(format, [first, second]);

  expect(rows).toEqual([
    { id: 1n, note: "n", line: '{"n":5}' },
    { id: -2n, note: null, line: '{"n":6}' },
  ]);
});

test.each([
  ["a narrower number", "message Order { int32 id = 1; }", "Order.id (1) is int32, and its own int64"],
  [
    "several instead of one",
    "message Order { repeated int64 id = 1; }",
    "Order.id (1) is repeated int64, and its own int64",
  ],
  ["another message", "message Other { int64 id = 1; }", "it is a Order, and its object's a Other"],
])("a record that %s of its object cannot read is refused before anything of it is taken", async (_, message, why) => {
  const encoder = format.open(() => undefined, aPlace);
  await encoder.add(await aProtobufWriter(message).record(1n, {}));
  const other = await aProtobufWriter("message Order { int64 id = 1; }").record(2n, { id: 2 });

  expect(() => encoder.add(other)).toThrow(InvalidOutputError);
  expect(() => encoder.check(other)).toThrow(why);
  expect(() => encoder.check(other)).toThrow("the record at offset 2 has a schema that does not resolve");
  expect((await encoder.finish()).records).toBe(1);
});

test.each([
  [
    "a message without fields",
    async () => aProtobufWriter("message A {}").record(1n, {}),
    "has the message A, without a field",
  ],
  ["a tombstone", async () => ({ value: null, protobuf: null }), "is a tombstone"],
  [
    "bytes that were not decoded",
    async () => ({ value: "x" }),
    "has no field protobuf; write { ...recordFields(source), protobuf: value }",
  ],
  [
    "what another deserializer made",
    async () => ({
      value: null,
      protobuf: {
        payload: Buffer.alloc(0),
        schema: { format: "PROTOBUF", text: "", references: [] } as const,
        decoded: {},
      },
    }),
    "what protobufPayload has not made",
  ],
])("%s is refused", async (_, make, message) => {
  const record = await make();

  expect(() => format.open(() => undefined, aPlace).add(record)).toThrow(InvalidOutputError);
  expect(() => format.open(() => undefined, aPlace).add(record)).toThrow(message);
});

test("a line is the message as JSON: exact numbers, texts of times, nothing for what is not set, null for a tombstone", async () => {
  const writer = aProtobufWriter(`import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto";
    message Node { int64 id = 1; optional string note = 2; google.protobuf.Timestamp made_at = 3; Node next = 4;
      repeated google.protobuf.StringValue names = 5; oneof k { bool yes = 6; bytes raw = 7; } }`);
  const record = await writer.record(1n, {
    ...{ id: "9007199254740993", made_at: { seconds: 1_800_000_000, nanos: 5_000 }, raw: Buffer.from("x") },
    ...{ next: { id: 2, note: "" }, names: [{ value: "a" }, {}] },
  });

  const { bytes } = await objectOf(jsonLines({ line: protobufLine, compression: "none" }), [
    record,
    { value: null, protobuf: null },
  ]);

  expect(String(bytes)).toBe(
    '{"id":9007199254740993,"made_at":"2027-01-15T08:00:00.000005Z","next":{"id":2,"note":"","names":[]},"names":["a",""],"raw":{"base64":"eA=="}}\nnull\n',
  );
});
