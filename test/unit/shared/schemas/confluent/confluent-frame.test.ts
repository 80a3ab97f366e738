import { expect, test } from "vitest";
import { UndecodableError } from "../../../../../shared/core/decode/decode-errors.ts";
import { readConfluentFrame } from "../../../../../shared/schemas/confluent/confluent-frame.ts";
import { MAX_SCHEMA_ID } from "../../../../../shared/schemas/limits.ts";
import { aPart } from "../../../../support/schemas/memory-registry.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

test("CF1: the header goes before what stands in front of the bytes", () => {
  const headers = [{ key: "__value_schema_id", value: hex("00 00000009") }];

  expect(readConfluentFrame(hex("00 00000007 61"), aPart({ headers }), "AVRO")).toEqual({
    id: "9",
    payload: hex("00 00000007 61"),
  });
});

test("CF1: the header of the key says nothing of the value, and one without a value nothing at all", () => {
  const headers = [
    { key: "__key_schema_id", value: hex("00 00000009") },
    { key: "__value_schema_id", value: null },
  ];

  expect(readConfluentFrame(hex("00 00000007 61"), aPart({ headers }), "AVRO").id).toBe("7");
  expect(readConfluentFrame(hex("61"), aPart({ headers, part: "key" }), "AVRO").id).toBe("9");
});

test("CF2: of several headers the last one counts", () => {
  const headers = ["00 00000001", "00 00000002"].map((value) => ({ key: "__value_schema_id", value: hex(value) }));

  expect(readConfluentFrame(hex("61"), aPart({ headers }), "AVRO").id).toBe("2");
});

test.each(["80000000", "ffffffff"])("CF3: the id %s is one that no registry gives, wherever it stands", (id) => {
  const headers = [{ key: "__value_schema_id", value: hex(`00 ${id}`) }];

  expect(readConfluentFrame(hex("00 7fffffff"), aPart(), "AVRO").id).toBe(String(MAX_SCHEMA_ID));
  expect(() => readConfluentFrame(hex(`00 ${id}`), aPart(), "AVRO")).toThrow(UndecodableError);
  expect(() => readConfluentFrame(hex("61"), aPart({ headers }), "AVRO")).toThrow("its header __value_schema_id");
});

test.each([
  ["nothing", "", "AVRO"],
  ["JSON without a frame", "7b226964223a377d", "JSON"],
  ["an id that is cut off", "00 000000", "AVRO"],
  ["a GUID that is cut off", "01 0011", "AVRO"],
  ["no message index", "00 00000007", "PROTOBUF"],
  ["a path of a negative length", "00 00000007 01 00", "PROTOBUF"],
  ["a path that is too long", "00 00000007 fe7f 00", "PROTOBUF"],
  ["a path that is cut off", "00 00000007 04 02", "PROTOBUF"],
  ["a negative message index", "00 00000007 02 01", "PROTOBUF"],
  ["a message index that does not end", "00 00000007 02 ffffffffffff", "PROTOBUF"],
] as const)("%s is no frame", (_, bytes, format) => {
  expect(() => readConfluentFrame(hex(bytes), aPart(), format)).toThrow(UndecodableError);
});
