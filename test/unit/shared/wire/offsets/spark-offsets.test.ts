import { expect, test } from "vitest";
import {
  formatSparkOffsets,
  parseSparkOffsets,
  parseSparkTimestamps,
  readOffsets,
  readTimestamps,
} from "../../../../../shared/wire/offsets/spark-offsets.ts";

const parse = (text: string) => parseSparkOffsets("--starting-offsets", text);

test("the words are taken in any case", () => {
  expect(parse(" Earliest ")).toBe("earliest");
  expect(parse("LATEST")).toBe("latest");
});

test("Spark's JSON names offsets by topic and partition", () => {
  expect(parse('{"topicA":{"0":23,"1":-1},"topicB":{"0":-2}}')).toEqual(
    new Map([
      ["topicA-0", 23n],
      ["topicA-1", -1n],
      ["topicB-0", -2n],
    ]),
  );
});

test("SO2: a topic may have a word for all its partitions, in any case", () => {
  expect(parse('{"topicA":"earliest","topicB":{"0":23,"1":-1},"topic-C":"LATEST"}')).toEqual(
    new Map([
      ["topicA-*", -2n],
      ["topicB-0", 23n],
      ["topicB-1", -1n],
      ["topic-C-*", -1n],
    ]),
  );
  expect(readOffsets("startingOffsets", { a: "latest", b: { 0: 5 } })).toEqual(parse('{"a":"latest","b":{"0":5}}'));
});

test("SO1: a whole number with a fraction of nothing is that number, as in Spark", () => {
  expect(parse('{"a":{"0":3.0,"1":9223372036854775807.00,"2":-1.0}}')).toEqual(
    new Map([
      ["a-0", 3n],
      ["a-1", 9_223_372_036_854_775_807n],
      ["a-2", -1n],
    ]),
  );
});

test("offsets above 2^53 are not rounded", () => {
  expect(parse('{"a":{"0":9223372036854775807}}')).toEqual(new Map([["a-0", 9_223_372_036_854_775_807n]]));
});

test.each([
  ["{", "is not a JSON object"],
  ["[1]", "is not a JSON object"],
  ["newest", "is not a JSON object"],
  ['{"a b":{"0":1}}', 'names "a b", which is not a legal topic'],
  ['{"a":5}', "has no object of partitions under a"],
  ['{"a":{"x":1}}', 'names partition "x" of a'],
  ['{"a":{"0":-3}}', 'has "-3" for a-0'],
  ['{"a":{"0":1.5}}', 'has "1.5" for a-0'],
  ['{"a":{"0":"1"}}', 'has "1" for a-0'],
  ['{"a":{"0":9223372036854775808}}', 'has "9223372036854775808" for a-0'],
  ['{"a":[0,1,2]}', "has no object of partitions under a"],
  ['[{"0":1}]', "is not a JSON object"],
  ['{"a":{"0":[5]}}', 'has ["5"] for a-0'],
  ['{"a":{"0":1},"a":{"1":1}}', 'names "a" twice in one object'],
  ['{"a":"earliest","a":{"0":23}}', 'names "a" twice in one object'],
  ['{"a":{"0":1,"0":2}}', 'names "0" twice in one object'],
  ['{"a":{"1":3,"01":0}}', 'names partition "01" of a'],
  ['{"a":{"00":1}}', 'names partition "00" of a'],
  ['{"a":{"+1":1}}', 'names partition "+1" of a'],
  ['{"a":{" 1":1}}', 'names partition " 1" of a'],
  ['{"a":{"1e0":1}}', 'names partition "1e0" of a'],
  ['{"a":{"2147483648":1}}', 'names partition "2147483648" of a'],
  ['{"a":{"0":-0}}', 'has "-0" for a-0'],
  ['{"a":{"0":1e3}}', 'has "1e3" for a-0'],
  ['{"a":{"0":3.50}}', 'has "3.50" for a-0'],
  ['{"a":{"0":007}}', "is not a JSON object"],
  ['{"a":{"0":"latest"}}', 'has "latest" for a-0'],
  ['{"a":"first"}', "has no object of partitions under a"],
  ['"earliest"', "is not a JSON object"],
  ['{"a":null}', "has no object of partitions under a"],
])("refuses %s, quoting it", (text, message) => {
  expect(() => parse(text)).toThrow(`--starting-offsets ${JSON.stringify(text)} ${message}`);
});

test("timestamps are milliseconds or ISO 8601 with a zone, in text and as an object", () => {
  const expected = new Map([
    ["a-0", 1_767_225_600_000n],
    ["a-1", 1_767_225_600_000n],
  ]);
  const [number, text] = [1_767_225_600_000, "2026-01-01T00:00:00Z"];

  expect(parseSparkTimestamps("t", `{"a":{"0":${number},"1":"${text}"}}`)).toEqual(expected);
  expect(readTimestamps("t", { a: { 0: text, 1: new Date(text) } })).toEqual(expected);
});

test.each([
  ['{"a":[1767225600000]}', "has no object of partitions under a"],
  ['{"a":"latest"}', "has no object of partitions under a"],
  ['{"a":{"0":1767225600}}', 'has "1767225600" for a-0, which is in seconds; in milliseconds it is 1767225600000'],
  ['{"a":{"0":"2026-01-01T00:00:00"}}', 'has "2026-01-01T00:00:00" for a-0, which is without a zone'],
  ['{"a":{"0":1,"0":1}}', 'names "0" twice in one object'],
  ['{"a":{"00":1}}', 'names partition "00" of a'],
  ['{"a":{"0":-2}}', 'has "-2" for a-0, which is not a timestamp'],
])("refuses the timestamps %s", (text, message) => {
  expect(() => parseSparkTimestamps("--t", text)).toThrow(`--t ${JSON.stringify(text)} ${message}`);
});

test.each([
  [[5], "is not a JSON object"],
  [{ a: [0, 1] }, "has no object of partitions under a"],
  [{ a: { "00": 1 } }, 'names partition "00" of a'],
  [{ a: { 0: -0 } }, 'has "-0" for a-0, which is not an offset'],
])("refuses the object %j", (object, message) => {
  expect(() => readOffsets("startingOffsets", object as never)).toThrow(message);
});

test.each([
  "earliest",
  "latest",
  "{}",
  '{"a-1":"earliest","b":{"0":5},"c":"latest"}',
  '{"a-1":{"0":23,"12":-1},"b":{"0":9223372036854775807}}',
])("%s is what its choice is written as", (text) => {
  expect(formatSparkOffsets(parse(text))).toBe(text);
});
