import { expect, test } from "vitest";
import {
  parseRangeArgument,
  parseRangeStartArgument,
  parseTopicPartitionArgument,
} from "../../../../shared/wire/range-argument.ts";

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
  [":0:1:2", 'TOPIC "" in range'],
  ["a b:0:1:2", 'TOPIC "a b" in range'],
  ["orders:-1:1:2", 'PARTITION "-1" in range'],
  ["orders:2147483648:1:2", 'PARTITION "2147483648" in range'],
  ["orders:0:x:2", 'FROM "x" in range'],
  ["orders:0:-1:2", 'FROM "-1" in range'],
  ["orders:0:1:9223372036854775808", 'UNTIL "9223372036854775808" in range'],
  ["orders:0:1:latest", 'UNTIL "latest" in range'],
  ["orders:0:5:4", "UNTIL 4 is below FROM 5"],
])("refuses the range %s, naming the wrong part", (text, message) => {
  expect(() => parseRangeArgument(text)).toThrow(message);
});

test("a partition is TOPIC:PARTITION", () => {
  expect(parseTopicPartitionArgument("orders:12")).toEqual({ topic: "orders", partition: 12 });
  expect(() => parseTopicPartitionArgument("orders")).toThrow('partition "orders" is not TOPIC:PARTITION');
  expect(() => parseTopicPartitionArgument("orders:1:2")).toThrow("is not TOPIC:PARTITION");
});

test("a range's start is TOPIC:PARTITION, with or without FROM", () => {
  expect(parseRangeStartArgument("orders:12")).toEqual({ topic: "orders", partition: 12 });
  expect(parseRangeStartArgument("orders:12:7")).toEqual({ topic: "orders", partition: 12, fromOffset: 7n });
  expect(() => parseRangeStartArgument("orders")).toThrow("is not TOPIC:PARTITION or TOPIC:PARTITION:FROM");
  expect(() => parseRangeStartArgument("orders:1:2:3")).toThrow("is not TOPIC:PARTITION or TOPIC:PARTITION:FROM");
  expect(() => parseRangeStartArgument("orders:1:")).toThrow('FROM "" in range');
});
