import { expect, test } from "vitest";
import {
  compareTopicPartitions,
  formatTopicPartition,
  isTopicName,
} from "../../../../../shared/core/range/topic-partition.ts";

test.each(["orders", "A.b_c-9", "...", "a", "x".repeat(249)])("takes %s as a topic name", (name) => {
  expect(isTopicName(name)).toBe(true);
});

test.each(["", ".", "..", "a b", "a/b", "a#b", "é", "a\n", "x".repeat(250)])("refuses %j as a topic name", (name) => {
  expect(isTopicName(name)).toBe(false);
});

test("orders topics by code units and partitions by number", () => {
  const ordered = [
    { topic: "Z", partition: 0 },
    { topic: "a", partition: 2 },
    { topic: "a", partition: 10 },
    { topic: "a-1", partition: 0 },
  ];

  expect(ordered.toReversed().sort(compareTopicPartitions)).toEqual(ordered);
});

test("formats as Kafka's logs do", () => {
  expect(formatTopicPartition({ topic: "my-orders", partition: 12 })).toBe("my-orders-12");
});
