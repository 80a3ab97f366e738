import { expect, test } from "vitest";
import { type BatchLimits, limitRanges } from "../../../../../shared/core/choice/limit-ranges.ts";

function limit(limits: BatchLimits, ...sizes: readonly bigint[]): readonly bigint[] {
  const ranges = sizes.map((size, partition) => ({
    topic: "orders",
    partition,
    fromOffset: 100n,
    untilOffset: 100n + size,
  }));
  return limitRanges(ranges, limits).map(({ fromOffset, untilOffset }) => untilOffset - fromOffset);
}

test("without a limit everything is taken", () => {
  expect(limit({}, 5n, 0n, 7n)).toEqual([5n, 0n, 7n]);
});

test("LR1: a partition takes at most maxRecordsPerPartition", () => {
  expect(limit({ maxRecordsPerPartition: 6n }, 5n, 7n)).toEqual([5n, 6n]);
});

test("the batch is shared out by lag and rounded down (Spark's maxOffsetsPerTrigger)", () => {
  expect(limit({ maxRecordsPerBatch: 10n }, 100n, 200n)).toEqual([3n, 6n]);
});

test("LR2: a share below one is rounded up, so that the sum may exceed the limit", () => {
  expect(limit({ maxRecordsPerBatch: 2n }, 1_000n, 1n, 0n)).toEqual([1n, 1n, 0n]);
});

test("the rounding is that of double precision, as in Spark", () => {
  // 100 * (29 / 100) is 28.999999999999996.
  expect(limit({ maxRecordsPerBatch: 100n }, 29n, 71n)).toEqual([28n, 71n]);
});

test("a limit above what there is changes nothing", () => {
  expect(limit({ maxRecordsPerBatch: 9_223_372_036_854_775_807n }, 5n, 7n)).toEqual([5n, 7n]);
});

test("sizes up to 2^63 - 1 do not overflow", () => {
  const max = 9_223_372_036_854_775_807n;
  const range = { topic: "orders", partition: 0, fromOffset: 0n, untilOffset: max };

  const [limited] = limitRanges([range], { maxRecordsPerBatch: max });

  expect(limited?.untilOffset).toBe(max);
});

test("the least per partition wins over its share, never over what it has", () => {
  expect(limit({ maxRecordsPerBatch: 10n, minRecordsPerPartition: 4n }, 1_000n, 20n, 2n)).toEqual([9n, 4n, 2n]);
});

test("a least above the most is refused with both", () => {
  expect(() => limit({ minRecordsPerPartition: 5n, maxRecordsPerPartition: 4n }, 9n)).toThrow(
    "minRecordsPerPartition 5 exceeds maxRecordsPerPartition 4",
  );
});
