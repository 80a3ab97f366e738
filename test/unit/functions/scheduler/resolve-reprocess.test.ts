import { beforeEach, expect, test } from "vitest";
import { resolveReprocess } from "../../../../functions/scheduler/resolve-reprocess.ts";
import { ConfigurationError, RangeReadError } from "../../../../shared/core/errors.ts";
import type { OffsetRange } from "../../../../shared/core/offset-range.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../support/scheduler-bench.ts";

let bench: SchedulerBench;

/** orders-0 holds [2, 10), orders-1 holds [0, 10), orders-2 nothing. */
beforeEach(() => {
  bench = createSchedulerBench();
  bench.produce(0, 10);
  bench.produce(1, 10);
  bench.log.deleteBelow({ topic: "orders", partition: 0 }, 2n);
});

function range(partition: number, fromOffset: bigint, untilOffset: bigint): OffsetRange {
  return { topic: "orders", partition, fromOffset, untilOffset };
}

function resolve(...ranges: readonly OffsetRange[]) {
  return resolveReprocess(bench.source, { isolationLevel: "read_committed" }, ranges);
}

test("adds the topic's id to each range, in the order given", async () => {
  const ranges = [range(1, 0n, 10n), range(0, 2n, 5n), range(0, 5n, 10n)];

  expect(await resolve(...ranges)).toEqual(ranges.map((one) => ({ topicId: bench.topicId, ...one })));
});

test("asks Kafka once per bound, for each partition once", async () => {
  await resolve(range(0, 2n, 5n), range(0, 5n, 10n));

  expect(bench.source.listings).toEqual([
    { spec: "earliest", partitions: ["orders-0"] },
    { spec: "latest", partitions: ["orders-0"] },
  ]);
});

test.each<[string, readonly OffsetRange[], string]>([
  ["an empty range", [range(0, 5n, 5n)], "orders-0 [5, 5) is empty: untilOffset is exclusive"],
  ["a reversed range", [range(0, 6n, 5n)], "orders-0 [6, 5) is empty"],
  ["two ranges that overlap", [range(0, 5n, 9n), range(0, 2n, 6n)], "orders-0 [2, 6) and orders-0 [5, 9) overlap"],
  ["the same range twice", [range(0, 2n, 6n), range(0, 2n, 6n)], "orders-0 [2, 6) and orders-0 [2, 6) overlap"],
  ["a partition that does not exist", [range(7, 0n, 1n)], "orders-7 does not exist"],
  ["a start below the log", [range(0, 1n, 5n)], "orders-0 [1, 5) begins below the log's first offset 2"],
  ["an end above the log", [range(0, 2n, 11n)], "orders-0 [2, 11) ends above the log's end 10"],
  ["anything of an empty log", [range(2, 0n, 1n)], "orders-2 [0, 1) ends above the log's end 0"],
])("refuses %s, and says which", async (_, ranges, message) => {
  await expect(resolve(...ranges)).rejects.toThrow(ConfigurationError);
  await expect(resolve(...ranges)).rejects.toThrow(message);
});

test("refuses what an open transaction still hides, under read_committed only", async () => {
  bench.log.appendInTransaction({ topic: "orders", partition: 1 }, ["open"]);

  await expect(resolve(range(1, 0n, 11n))).rejects.toThrow("ends above the log's end 10");
  await expect(
    resolveReprocess(bench.source, { isolationLevel: "read_uncommitted" }, [range(1, 0n, 11n)]),
  ).resolves.toHaveLength(1);
});

test("refuses a partition whose bounds are unknown, with the reason", async () => {
  bench.source.failListing({ topic: "orders", partition: 0 }, new RangeReadError("leader is away"));

  await expect(resolve(range(0, 2n, 5n))).rejects.toThrow("its log's bounds are unknown: leader is away");
});

test.each<[string, readonly OffsetRange[], RegExp]>([
  ["ranges and logs", [range(0, 1n, 5n), range(1, 0n, 11n)], /begins below.*; .*ends above/],
  ["missing partitions", [range(7, 0n, 1n), range(8, 0n, 1n)], /orders-7 does not exist; orders-8 does not exist/],
  [
    "overlaps with one long range",
    [range(1, 0n, 9n), range(1, 1n, 2n), range(1, 3n, 4n)],
    /\[0, 9\) and orders-1 \[1, 2\) overlap.*\[0, 9\) and orders-1 \[3, 4\) overlap/,
  ],
  ["an overlap across an empty range", [range(1, 0n, 9n), range(1, 5n, 5n), range(1, 7n, 8n)], /empty.*; .*overlap/],
])("names every problem at once: %s", async (_, ranges, message) => {
  await expect(resolve(...ranges)).rejects.toThrow(message);
});
