import avsc from "avsc";
import { describe, expect, test } from "vitest";
import { UndecodableError } from "../../../../../shared/core/decode/decode-errors.ts";
import { checkOf } from "../../../../../shared/schemas/avro/avro-bounds.ts";
import { MAX_AVRO_DEPTH, MAX_EMPTY_ITEMS } from "../../../../../shared/schemas/limits.ts";

const check = (schema: unknown, hex: string) => checkOf(avsc.Type.forSchema(schema as never))(Buffer.from(hex, "hex"));

/** Of a positive number, as Avro writes it. */
function longOf(value: number): string {
  return avsc.Type.forSchema("long").toBuffer(value).toString("hex");
}

const list = {
  type: "record",
  name: "List",
  fields: [{ name: "next", type: ["null", "List"] }],
};

const PROTO = Buffer.from("__proto__").toString("hex");

describe.each([
  ["an array that says it has 2^50 items", { type: "array", items: "long" }, `${longOf(2 ** 50)}02`],
  ["a map that says it has 2^50 values", { type: "map", values: "null" }, `${longOf(2 ** 50)}`],
  ["2^50 items without bytes", { type: "array", items: "null" }, `${longOf(2 ** 50)}00`],
  ["one item without bytes too many", { type: "array", items: "null" }, `${longOf(MAX_EMPTY_ITEMS + 1)}00`],
  ["a text that is longer than the payload", "string", `${longOf(1_000)}61`],
  ["a text of a negative length", "string", "0161"],
  ["a fixed that is cut off", { type: "fixed", name: "F", size: 4 }, "010203"],
  ["a symbol that there is not", { type: "enum", name: "E", symbols: ["A"] }, "02"],
  ["a branch that there is not", ["null", "string"], "04"],
  ["a negative branch", ["null", "string"], "01"],
  ["a number that does not end", "long", "ffffffffffffffffffffff01"],
  ["bytes behind the value", "int", "0200"],
  ["nothing at all", "int", ""],
  ["a block that says it is longer than it is", { type: "array", items: "int" }, "010c0200"],
  ["a map's key that an object does not keep", { type: "map", values: "null" }, `0212${PROTO}00`],
  ["values that are nested too deep", list, `${"02".repeat(MAX_AVRO_DEPTH)}00`],
])("AB1, AB2, AB3, AB4: %s", (_, schema, hex) => {
  test("is refused at once", () => {
    expect(() => check(schema, hex)).toThrow(UndecodableError);
  });
});

test.each([
  ["blocks with their length", { type: "array", items: "int" }, "0304020400"],
  ["as many items without bytes as may be", { type: "array", items: "null" }, `${longOf(MAX_EMPTY_ITEMS)}00`],
  ["values that are nested", list, "02020200"],
  ["keys of maps that are as long", { type: "map", values: "null" }, `0212${PROTO.replaceAll("5f", "61")}00`],
])("%s are taken", (_, schema, hex) => {
  expect(() => check(schema, hex)).not.toThrow();
});
