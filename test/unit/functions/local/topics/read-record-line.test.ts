import { expect, test } from "vitest";
import { readRecordLine } from "../../../../../functions/local/topics/read-record-line.ts";

test.each(['{"orderId":"1"}', "plain text", '{"value":"1"}'])("as text the line %s is a value as it stands", (line) => {
  expect(readRecordLine(line, 1, "text")).toEqual({ value: line });
});

test.each([
  ['{"value":{"orderId":"1"}}', { value: '{"orderId":"1"}' }],
  [
    '{"value":"plain","key":"k","partition":2,"timestamp":1767225600000}',
    { value: "plain", key: "k", partition: 2, timestamp: "1767225600000" },
  ],
  ['{"value":null,"key":null}', { value: null, key: null }],
  ['{"value":[1,2],"headers":{"source":"web"}}', { value: "[1,2]", headers: { source: "web" } }],
  ['{"value":{"base64":"AP8="}}', { value: Buffer.from([0, 255]) }],
])("as records the line %s is one", (line, message) => {
  expect(readRecordLine(line, 1, "records")).toEqual(message);
});

test.each([
  '{"id":9007199254741013,"amount":-0.0,"rate":1.10,"huge":1e400,"nested":[{"exact":0.1234567890123456789}]}',
  "9007199254741013",
  "[1E5,-0]",
  '{"base64":1.0}',
  '{"__proto__":1.0,"rawJSON":"1"}',
])("as records the JSON value %s keeps the digits of its numbers", (value) => {
  expect(readRecordLine(`{"value": ${value}, "partition": 1.0}`, 1, "records")).toEqual({ value, partition: 1 });
});

test("as records, what `ranges read` prints is one, with each header of a name", () => {
  const line = JSON.stringify({
    topic: "orders",
    partition: 1,
    offset: "7",
    timestamp: "1767225600000",
    timestampType: "CreateTime",
    key: "k",
    value: "v",
    headers: [
      ["h", "1"],
      ["h", "2"],
    ],
  });

  expect(readRecordLine(line, 1, "records")).toEqual({
    partition: 1,
    timestamp: "1767225600000",
    key: "k",
    value: "v",
    headers: { h: ["1", "2"] },
  });
});

test.each([
  ["no JSON", "is not JSON"],
  ['{"value":{"a":1,"a":2}}', 'names "a" twice in one object'],
  ['{"orderId":"1"}', "value is missing: expected any JSON; orderId is unknown: remove it"],
  ['{"value":"1","key":5}', "key is 5: expected a text, null, or"],
  ['{"value":"1","key":{"base64":"%"}}', 'key.base64 is "%": expected a text, null, or {"base64"}'],
  ['{"value":"1","partition":-1}', "partition is -1: expected at least 0"],
  ['{"value":"1","kee":"1"}', "kee is unknown: remove it"],
  ['{"value":"1","timestamp":"yesterday"}', 'timestamp is "yesterday": expected milliseconds since the epoch'],
])("as records the line %s is refused with its number, its field and the remedy", (line, problem) => {
  const read = () => readRecordLine(line, 12, "records");

  expect(read).toThrow(/^line 12 of --produce, /);
  expect(read).toThrow(problem);
  expect(read).toThrow("--produce-as text");
});
