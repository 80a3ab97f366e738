import { expect, test } from "vitest";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import { itemBytes } from "../../../../shared/dynamodb/item-size.ts";
import {
  decodeIntervals,
  decodePipeline,
  encodeIntervals,
  encodePipeline,
} from "../../../../shared/dynamodb/pipeline-codec.ts";

test.each<[string, readonly number[]]>([
  ["", []],
  ["0", [0]],
  ["0-2,5,7-8", [0, 1, 2, 5, 7, 8]],
])("%j stands for the partitions %j", (text, partitions) => {
  expect(encodeIntervals(partitions)).toBe(text);
  expect(decodeIntervals(text)).toEqual(partitions);
});

const started = (topics: number, partitions: readonly number[]) => ({
  pipeline: "word-count",
  revision: 2,
  startedAt: 1_800_000_000_000,
  topics: Array.from({ length: topics }, (_, index) => ({
    topicId: `0b1f6e0c-7a0a-4d54-9e1f-${index.toString().padStart(12, "0")}`,
    topic: `orders-${index}`,
    partitions,
  })),
});

test("ten thousand partitions of a topic cost no more than one", () => {
  const record = started(
    1,
    Array.from({ length: 10_000 }, (_, index) => index),
  );

  const item = encodePipeline({ record, writeId: "write-1" });

  expect(itemBytes(item)).toBeLessThan(250);
  expect(decodePipeline(item)).toEqual({ record, writeId: "write-1" });
});

test("more topics than an item holds are refused with what to do", () => {
  expect(() => encodePipeline({ record: started(10_000, [0]), writeId: "write-1" })).toThrow(ConfigurationError);
});
