import { expect, test } from "vitest";
import { chooseOffsets } from "../../../../../shared/core/choice/choose-offsets.ts";
import { everyPartitionOf, namedValue, namingProblems } from "../../../../../shared/core/choice/named-partitions.ts";

const partitions = [0, 1].map((partition) => ({ topic: "a-b", partition }));

test("a topic's value is that of each partition that is not named itself", () => {
  const choice = new Map([
    [everyPartitionOf("a-b"), 1n],
    ["a-b-1", 0n],
  ]);

  expect(partitions.map((one) => namedValue(choice, one))).toEqual([1n, 0n]);
  expect(namedValue(choice, { topic: "a", partition: 0 })).toBeUndefined();
  expect(namingProblems("starts", choice, { partitions })).toEqual([]);
});

test("a topic that the source does not have is too much, as a partition is", () => {
  const choice = new Map([
    [everyPartitionOf("a-b"), 1n],
    [everyPartitionOf("other"), 1n],
    ["a-b-7", 1n],
  ]);

  expect(namingProblems("starts", choice, { partitions })).toEqual([
    "starts name other-*, a-b-7, which the source does not have",
  ]);
});

test("thousands of partitions that are not named are a short text", () => {
  const many = Array.from({ length: 5_000 }, (_, partition) => ({ topic: "orders", partition }));

  const [problem] = namingProblems("starts", new Map(), { partitions: many });

  expect(problem).toMatch(/^starts do not name orders-0, .*orders-19 and 4980 more$/);
});

test("earliest for one topic and an offset for another resolve to what each says", () => {
  const logs = [
    { topic: "a", partition: 0, beginningOffset: 3n, endOffset: 9n },
    { topic: "b", partition: 0, beginningOffset: 0n, endOffset: 9n },
  ];
  const starting = new Map([
    [everyPartitionOf("a"), -2n],
    ["b-0", 5n],
  ]);

  expect(chooseOffsets(logs, { starting, ending: "latest" })).toEqual([
    { topic: "a", partition: 0, fromOffset: 3n, untilOffset: 9n },
    { topic: "b", partition: 0, fromOffset: 5n, untilOffset: 9n },
  ]);
});
