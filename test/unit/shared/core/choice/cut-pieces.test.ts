import { expect, test } from "vitest";
import { type SplitRules, splitRanges } from "../../../../../shared/core/choice/cut-pieces.ts";
import type { OffsetRange } from "../../../../../shared/core/range/offset-range.ts";

function ranges(...bounds: readonly (readonly [bigint, bigint])[]): readonly OffsetRange[] {
  return bounds.map(([fromOffset, untilOffset], partition) => ({
    topic: "orders",
    partition,
    fromOffset,
    untilOffset,
  }));
}

function split(rules: SplitRules, ...bounds: readonly (readonly [bigint, bigint])[]): readonly string[] {
  return splitRanges(ranges(...bounds), rules).map(
    ({ partition, fromOffset, untilOffset }) => `${partition}: ${fromOffset}-${untilOffset}`,
  );
}

test("without a rule ranges stay as they are, the empty ones are left out", () => {
  expect(split({}, [1n, 5n], [3n, 3n])).toEqual(["0: 1-5"]);
});

test("as many ranges as asked for stay as they are", () => {
  expect(split({ minPartitions: 2 }, [0n, 9n], [0n, 1n])).toEqual(["0: 0-9", "1: 0-1"]);
});

test.each<[string, SplitRules, readonly (readonly [bigint, bigint])[], readonly string[]]>([
  ["[1,5) into 4", { minPartitions: 4 }, [[1n, 5n]], ["0: 1-2", "0: 2-3", "0: 3-4", "0: 4-5"]],
  ["[1,11) into 3", { minPartitions: 3 }, [[1n, 11n]], ["0: 1-4", "0: 4-7", "0: 7-11"]],
  [
    "an empty one and [1,21) into 4",
    { minPartitions: 4 },
    [
      [1n, 1n],
      [1n, 21n],
    ],
    ["1: 1-6", "1: 6-11", "1: 11-16", "1: 16-21"],
  ],
  [
    "a long and a short one into 4",
    { minPartitions: 4 },
    [
      [0n, 100n],
      [0n, 3n],
    ],
    ["0: 0-33", "0: 33-66", "0: 66-100", "1: 0-3"],
  ],
  ["fewer offsets than pieces", { minPartitions: 7 }, [[4n, 6n]], ["0: 4-5", "0: 5-6"]],
])("CP1, CP2: Spark's vectors: %s", (_, rules, bounds, expected) => {
  expect(split(rules, ...bounds)).toEqual(expected);
});

test("CP1: the longest piece bounds all pieces of a range alike", () => {
  expect(split({ maxRecordsPerRange: 4n }, [0n, 10n], [5n, 8n])).toEqual(["0: 0-3", "0: 3-6", "0: 6-10", "1: 5-8"]);
});

test("both rules together: the pieces of the first are split on by the second", () => {
  const pieces = split({ maxRecordsPerRange: 50n, minPartitions: 4 }, [0n, 100n]);

  expect(pieces).toEqual(["0: 0-25", "0: 25-50", "0: 50-75", "0: 75-100"]);
});

test("CP1: offsets up to 2^63 - 1 are cut exactly", () => {
  const max = 9_223_372_036_854_775_807n;

  expect(split({ minPartitions: 2 }, [max - 5n, max])).toEqual([`0: ${max - 5n}-${max - 3n}`, `0: ${max - 3n}-${max}`]);
});

test("too many pieces are refused with their number", () => {
  expect(() => split({ maxRecordsPerRange: 1n }, [0n, 9_000_000_000_000n])).toThrow("split into 9000000000000 pieces");
});
