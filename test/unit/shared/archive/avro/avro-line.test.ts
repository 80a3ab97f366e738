import { expect, test } from "vitest";
import { avroLine } from "../../../../../shared/archive/avro/avro-line.ts";
import { jsonLines } from "../../../../../shared/archive/lines/line-formats.ts";
import { InvalidOutputError } from "../../../../../shared/core/errors.ts";
import { aSchema, avroRecord } from "../../../../support/archive/avro-records.ts";
import { aPlace, objectOf } from "../../../../support/archive/object-of.ts";

const format = jsonLines({ line: avroLine, compression: "none" });

test("a line is the record's value by its own schema, with exact numbers, and null for a tombstone", async () => {
  const decimal = { type: "bytes", logicalType: "decimal", precision: 9, scale: 2 };
  const older = aSchema([{ name: "id", type: "long" }]);
  const newer = aSchema([
    { name: "total", type: decimal },
    { name: "note", type: "string" },
    { name: "raw", type: "bytes" },
  ]);
  const value = { total: Buffer.from("04d2", "hex"), note: "two\nlines", raw: Buffer.from("x") };
  const beyond = { value: null, avro: { payload: Buffer.from("82808080808080808001", "hex"), schema: older } };

  const { bytes } = await objectOf(format, [beyond, avroRecord(2n, newer, value), { value: null, avro: null }]);

  expect(bytes.toString().split("\n")).toEqual([
    '{"id":4611686018427387905}',
    '{"total":"12.34","note":"two\\nlines","raw":{"base64":"eA=="}}',
    "null",
    "",
  ]);
});

test("a record that was not decoded is refused", () => {
  expect(() => format.open(() => undefined, aPlace).add({ value: "{}" })).toThrow(InvalidOutputError);
});
