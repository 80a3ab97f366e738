import { expect, test } from "vitest";
import {
  assertOffsetRange,
  compareOffsetRanges,
  formatOffsetRange,
  MAX_OFFSET,
  type OffsetRange,
  recordCount,
} from "../../../../../shared/core/range/offset-range.ts";
import { aRange } from "../../../../support/builders/builders.ts";

test.each([
  ["an ordinary range", {}],
  ["an empty range", { fromOffset: 9n }],
  ["the largest offsets", { fromOffset: MAX_OFFSET - 1n, untilOffset: MAX_OFFSET }],
  ["the first partition from its first offset", { partition: 0, fromOffset: 0n }],
  ["the last partition that the wire format holds", { partition: 2_147_483_647 }],
])("OR1: accepts %s", (_, overrides) => {
  const range = aRange(overrides);

  expect(assertOffsetRange(range)).toBe(range);
});

test.each<[string, Partial<OffsetRange>, string]>([
  ["a negative start", { fromOffset: -1n }, "fromOffset -1 of orders-3 [-1, 9) is negative"],
  ["a reversed range", { fromOffset: 10n }, "untilOffset 9 is below fromOffset 10 for orders-3"],
  ["an offset beyond 2^63 - 1", { untilOffset: MAX_OFFSET + 1n }, "untilOffset 9223372036854775808 exceeds"],
  ["a negative partition", { partition: -1 }, "partition -1 of orders is not an integer"],
  ["a fraction of a partition", { partition: 0.5 }, "partition 0.5 of orders is not an integer"],
  ["a partition beyond 2^31 - 1", { partition: 2_147_483_648 }, "partition 2147483648 of orders"],
  ["an empty topic", { topic: "" }, 'topic "" is not a legal Kafka topic name'],
])("OR1: refuses %s", (_, overrides, message) => {
  expect(() => assertOffsetRange(aRange(overrides))).toThrow(message);
});

test("counts until minus from, exactly at any magnitude", () => {
  expect(recordCount(aRange())).toBe(4n);
  expect(recordCount({ fromOffset: 0n, untilOffset: MAX_OFFSET })).toBe(MAX_OFFSET);
});

test("formats a range half-open, as the logs show it", () => {
  expect(formatOffsetRange(aRange())).toBe("orders-3 [5, 9)");
});

test("orders by topic, partition, start and end", () => {
  const ordered = [
    aRange({ topic: "a", partition: 9 }),
    aRange({ partition: 2, fromOffset: 8n }),
    aRange({ partition: 10, fromOffset: 1n }),
    aRange({ partition: 10, fromOffset: 5n, untilOffset: 6n }),
    aRange({ partition: 10, fromOffset: 5n, untilOffset: 30n }),
    aRange({ partition: 10, fromOffset: 10n, untilOffset: 11n }),
  ];

  expect(ordered.toReversed().sort(compareOffsetRanges)).toEqual(ordered);
  expect(compareOffsetRanges(aRange(), aRange())).toBe(0);
});
