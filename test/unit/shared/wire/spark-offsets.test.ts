import { expect, test } from "vitest";
import { formatSparkOffsets, parseSparkOffsets } from "../../../../shared/wire/spark-offsets.ts";

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
])("refuses %s, quoting it", (text, message) => {
  expect(() => parse(text)).toThrow(`--starting-offsets ${JSON.stringify(text)} ${message}`);
});

test.each(["earliest", "latest", "{}", '{"a-1":{"0":23,"12":-1},"b":{"0":9223372036854775807}}'])(
  "%s is what its choice is written as",
  (text) => {
    expect(formatSparkOffsets(parse(text))).toBe(text);
  },
);
