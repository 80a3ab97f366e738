import { expect, test } from "vitest";
import {
  type ChosenOffsets,
  chooseOffsets,
  type LogBounds,
  type OffsetChoice,
} from "../../../../../shared/core/choice/choose-offsets.ts";

const MAX = 9_223_372_036_854_775_807n;

function log(partition: number, beginningOffset: bigint, endOffset: bigint): LogBounds {
  return { topic: "orders", partition, beginningOffset, endOffset };
}

function byPartition(...offsets: readonly bigint[]): OffsetChoice {
  return new Map(offsets.map((offset, partition) => [`orders-${partition}`, offset]));
}

function choose(logs: readonly LogBounds[], choice: Partial<ChosenOffsets> = {}): readonly string[] {
  const ranges = chooseOffsets(logs, { starting: "earliest", ending: "latest", ...choice });
  return ranges.map(({ partition, fromOffset, untilOffset }) => `${partition}: [${fromOffset}, ${untilOffset})`);
}

test("CH3: earliest and latest become the log's own bounds, empty ranges are left out", () => {
  expect(choose([log(1, 3n, 9n), log(0, 0n, 4n), log(2, 7n, 7n)])).toEqual(["0: [0, 4)", "1: [3, 9)"]);
});

test("partitions are in numeric order", () => {
  expect(choose([log(10, 0n, 1n), log(2, 0n, 1n)])).toEqual(["2: [0, 1)", "10: [0, 1)"]);
});

test("Spark's -2, -1, 0, 1, 2 over partitions of three records read all, none, all, the last two, the last one", () => {
  const logs = [0, 1, 2, 3, 4].map((partition) => log(partition, 0n, 3n));

  const ranges = choose(logs, { starting: byPartition(-2n, -1n, 0n, 1n, 2n) });

  expect(ranges).toEqual(["0: [0, 3)", "2: [0, 3)", "3: [1, 3)", "4: [2, 3)"]);
});

test("offsets are exact up to 2^63 - 1", () => {
  expect(choose([log(0, MAX - 2n, MAX)], { starting: byPartition(MAX - 1n) })).toEqual([`0: [${MAX - 1n}, ${MAX})`]);
});

test.each<[string, Partial<ChosenOffsets>, string]>([
  ["CH1: too few partitions", { starting: byPartition(0n) }, "starting offsets do not name orders-1"],
  ["CH1: too few ends", { ending: byPartition(5n) }, "ending offsets do not name orders-1; use -1 for latest"],
  [
    "CH1: too many partitions",
    { ending: byPartition(1n, 1n, 1n) },
    "ending offsets name orders-2, which the source does not have",
  ],
  ["an earliest end", { ending: "earliest" }, "ending offsets must not be earliest (-2)"],
  ["an earliest end of a partition", { ending: byPartition(-2n, -1n) }, "ending offsets must not be earliest (-2)"],
  [
    "a start above the end",
    { starting: byPartition(4n, 0n), ending: byPartition(3n, 1n) },
    "the starting offset 4 of orders-0 is greater than its ending offset 3",
  ],
  [
    "a resolved start above the end",
    { starting: "latest", ending: byPartition(3n, 5n) },
    "the resolved starting offset 5 of orders-0 is greater than its ending offset 3",
  ],
  [
    "a start beyond the log's end",
    { starting: byPartition(6n, 0n) },
    "starting offset 6 of orders-0 is beyond its log's end 5",
  ],
  [
    "a start below the log",
    { starting: byPartition(0n, 0n) },
    "0 of orders-0 is below its log's first offset 1: those records are gone",
  ],
  [
    "an end beyond the log's end",
    { ending: byPartition(6n, 5n) },
    "ending offset 6 of orders-0 is beyond its log's end 5",
  ],
])("CH2: refuses %s", (_, choice, message) => {
  expect(() => choose([log(0, 1n, 5n), log(1, 0n, 5n)], choice)).toThrow(message);
});

test("CH2: names every problem at once", () => {
  expect(() => choose([log(0, 0n, 5n), log(1, 0n, 5n)], { starting: byPartition(6n, 7n) })).toThrow(
    /6 of orders-0.*; .*7 of orders-1/,
  );
});
