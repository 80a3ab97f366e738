import { expect, test } from "vitest";
import {
  parseOffsetArgument,
  parseRangeArgument,
  parseRangeStartArgument,
  parseTopicPartitionArgument,
} from "../../../../../shared/wire/offsets/range-argument.ts";

test("a range is TOPIC:PARTITION:FROM:UNTIL", () => {
  expect(parseRangeArgument("my.orders-v1_x:3:5:9223372036854775807")).toEqual({
    topic: "my.orders-v1_x",
    partition: 3,
    fromOffset: 5n,
    untilOffset: 9_223_372_036_854_775_807n,
  });
});

test.each([
  ["orders:0:1", "is not TOPIC:PARTITION:FROM:UNTIL"],
  ["orders:0:1:2:3", "is not TOPIC:PARTITION:FROM:UNTIL"],
  [":0:1:2", 'TOPIC "" in --range'],
  ["a b:0:1:2", 'TOPIC "a b" in --range'],
  ["orders:-1:1:2", 'PARTITION "-1" in --range'],
  ["orders:2147483648:1:2", 'PARTITION "2147483648" in --range'],
  ["orders:0:x:2", 'FROM "x" in --range'],
  ["orders:0:-1:2", 'FROM "-1" in --range'],
  ["orders:0:1:9223372036854775808", 'UNTIL "9223372036854775808" in --range'],
  ["orders:0:1:latest", 'UNTIL "latest" in --range'],
  ["orders:0:5:4", "UNTIL 4 is below FROM 5"],
  ["orders:007:1:2", 'PARTITION "007" in --range'],
  ["orders:+5:1:2", 'PARTITION "+5" in --range'],
  ["orders: 5:1:2", 'PARTITION " 5" in --range'],
  ["orders:0x5:1:2", 'PARTITION "0x5" in --range'],
  ["orders:-0:1:2", 'PARTITION "-0" in --range'],
  ["orders:0:01:2", 'FROM "01" in --range'],
  ["orders:0:1e3:2000", 'FROM "1e3" in --range'],
  ["orders:0:1:2 ", 'UNTIL "2 " in --range'],
  ["orders:0:1:02", "from 0 to 9223372036854775807 without leading zeros"],
])("refuses the range %s, naming the wrong part", (text, message) => {
  expect(() => parseRangeArgument(text)).toThrow(message);
});

test("a partition is TOPIC:PARTITION", () => {
  expect(parseTopicPartitionArgument("--assign", "orders:12")).toEqual({ topic: "orders", partition: 12 });
  expect(() => parseTopicPartitionArgument("--assign", "orders")).toThrow('--assign "orders" is not TOPIC:PARTITION');
  expect(() => parseTopicPartitionArgument("--assign", "orders:1:2")).toThrow("is not TOPIC:PARTITION");
});

test("a range's start is TOPIC:PARTITION, with or without FROM", () => {
  expect(parseRangeStartArgument("orders:12")).toEqual({ topic: "orders", partition: 12 });
  expect(parseRangeStartArgument("orders:12:7")).toEqual({ topic: "orders", partition: 12, fromOffset: 7n });
  expect(() => parseRangeStartArgument("orders")).toThrow("is not TOPIC:PARTITION or TOPIC:PARTITION:FROM");
  expect(() => parseRangeStartArgument("orders:1:2:3")).toThrow("is not TOPIC:PARTITION or TOPIC:PARTITION:FROM");
  expect(() => parseRangeStartArgument("orders:1:")).toThrow('FROM "" in --range');
});

test.each(["007", "+5", " 5", "5 ", "0x5", "1e3", "-0", "", "00"])("%j is no spelling of an offset", (text) => {
  expect(() => parseOffsetArgument("--until", text)).toThrow(`--until ${JSON.stringify(text)} is not an offset`);
  expect(() => parseRangeStartArgument(`orders:1:${text}`)).toThrow(`FROM ${JSON.stringify(text)}`);
});
