import { describe, expect, test } from "vitest";
import { MAX_COMMIT_REJECTED_BYTES, MAX_REJECTED_BYTES } from "../../../../../shared/core/limits.ts";
import { listOffsets } from "../../../../../shared/core/offsets/offset-list.ts";
import {
  addRejected,
  assertRejected,
  isListWhole,
  isRejectedLong,
  type RejectingRange,
  wasRejected,
} from "../../../../../shared/core/offsets/rejected-offsets.ts";

/** Committed to 20, with two rejected. */
function aRange(overrides: Partial<RejectingRange> = {}): RejectingRange {
  return {
    ...{ fromOffset: 5n, committedOffset: 20n, counts: { rejected: 2n } },
    rejectedOffsets: listOffsets([7n, 19n]),
    ...overrides,
  };
}

/** One byte each. */
const everySecond = (count: number, from: bigint) =>
  listOffsets(Array.from({ length: count }, (_, index) => from + 2n * BigInt(index)));

describe("RJ1", () => {
  test("a commit adds what it rejected to what was rejected before", () => {
    const commit = { untilOffset: 30n, rejectedOffsets: listOffsets([20n, 29n]) };

    expect(addRejected(aRange(), commit)).toEqual({ rejectedOffsets: listOffsets([7n, 19n, 20n, 29n]) });
  });

  test("a commit that rejects nothing leaves the list as it is", () => {
    expect(addRejected(aRange(), { untilOffset: 30n })).toEqual({});
    expect(addRejected(aRange(), { untilOffset: 30n, rejectedOffsets: [] })).toEqual({});
  });

  test.each([[19n], [30n]])("a commit rejects nothing that it does not pass: %d", (offset) => {
    const commit = { untilOffset: 30n, rejectedOffsets: listOffsets([offset]) };

    expect(() => addRejected(aRange(), commit)).toThrow("outside [20, 30)");
  });

  test("what is listed was rejected, and what is not was not", () => {
    expect([7n, 8n, 19n].map((offset) => wasRejected(aRange(), offset))).toEqual([true, false, true]);
  });

  test.each([
    ["beyond what is committed", { rejectedOffsets: listOffsets([7n, 20n]) }, "outside [5, 20)"],
    ["before the range", { rejectedOffsets: listOffsets([4n, 7n]) }, "outside [5, 20)"],
    ["more than was counted", { counts: { rejected: 1n } }, "2 rejected offsets are listed, and 1 counted"],
    ["what was not counted", { counts: {} }, "2 rejected offsets are listed, and 0 counted"],
  ])("no record lists %s", (_, overrides, message) => {
    expect(() => assertRejected(aRange(overrides))).toThrow(message);
  });
});

describe("RJ2", () => {
  test("where the counts say more than the list, only what is listed is known", () => {
    const range = aRange({ counts: { rejected: 3n } });

    expect(isListWhole(range)).toBe(false);
    expect([7n, 8n].map((offset) => wasRejected(range, offset))).toEqual([true, "unlisted"]);
  });

  test("a range of earlier code, which has no list, is whole where it rejected nothing", () => {
    const { rejectedOffsets: _none, ...range } = aRange({ counts: {} });

    expect(wasRejected(range, 7n)).toBe(false);
    expect(wasRejected({ ...range, counts: { rejected: 1n } }, 7n)).toBe("unlisted");
  });

  test("a list that would be longer than there is room for stays as it was, and is not whole any more", () => {
    const before = everySecond(MAX_REJECTED_BYTES, 6n);
    const end = before.at(-1)?.untilOffset ?? expect.unreachable();
    const range = aRange({ rejectedOffsets: before, committedOffset: end });

    expect(addRejected(range, { untilOffset: end + 9n, rejectedOffsets: listOffsets([end + 3n]) })).toEqual({});
  });
});

test("G7: a range is cut before what a commit may reject has no room", () => {
  const bytes = MAX_REJECTED_BYTES - MAX_COMMIT_REJECTED_BYTES;

  expect(isRejectedLong(aRange({ rejectedOffsets: everySecond(bytes, 6n) }))).toBe(false);
  expect(isRejectedLong(aRange({ rejectedOffsets: everySecond(bytes + 1, 6n) }))).toBe(true);
});
