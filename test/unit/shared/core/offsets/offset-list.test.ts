import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_COMMIT_REJECTED_BYTES, MAX_UNCOMMITTED_REJECTS } from "../../../../../shared/core/limits.ts";
import {
  countOffsets,
  decodeOffsets,
  encodeOffsets,
  hasOffset,
  joinLists,
  listOffsets,
} from "../../../../../shared/core/offsets/offset-list.ts";
import { MAX_OFFSET, smallerOf } from "../../../../../shared/core/range/offset-range.ts";

const hexOf = (offsets: readonly bigint[], fromOffset: bigint) =>
  Buffer.from(encodeOffsets(listOffsets(offsets), fromOffset)).toString("hex");
const decode = (hex: string) => decodeOffsets(Buffer.from(hex, "hex"), 5n);

const anOffset = fc.oneof(fc.bigInt({ min: 0n, max: 40n }), fc.bigInt({ min: 0n, max: MAX_OFFSET - 1n }));
const someOffsets = fc.array(anOffset, { maxLength: 30 });

describe("OL1: a list of offsets", () => {
  test("OL1: a list has the offsets that it is made of, each once, and no other", () => {
    fc.assert(
      fc.property(someOffsets, anOffset, (offsets, other) => {
        const list = listOffsets(offsets);

        expect(countOffsets(list)).toBe(BigInt(new Set(offsets).size));
        expect(offsets.every((offset) => hasOffset(list, offset))).toBe(true);
        expect(hasOffset(list, other)).toBe(offsets.includes(other));
      }),
    );
  });

  test("a list reads back from its bytes as it was", () => {
    fc.assert(
      fc.property(someOffsets, anOffset, (offsets, least) => {
        const list = listOffsets(offsets);
        const from = smallerOf(least, list[0]?.fromOffset ?? least);

        expect(decodeOffsets(encodeOffsets(list, from), from)).toEqual(list);
      }),
    );
  });

  test("two lists that follow one another are joined to that of both, also where they touch", () => {
    fc.assert(
      fc.property(someOffsets, anOffset, (offsets, at) => {
        const below = offsets.filter((offset) => offset < at);
        const above = offsets.filter((offset) => offset >= at);

        expect(joinLists(listOffsets(below), listOffsets(above))).toEqual(listOffsets(offsets));
      }),
    );
  });
});

test.each([
  ["nothing", [], 5n, ""],
  ["the range's first offset", [5n], 5n, "00"],
  ["one further on", [7n], 5n, "04"],
  ["one and a run of three", [7n, 9n, 10n, 11n], 5n, "040303"],
  ["two numbers of more than seven bits", [105n, 305n], 5n, "c8018e03"],
  ["the last offset that there is", [MAX_OFFSET - 1n], MAX_OFFSET - 1n, "00"],
])("the bytes of %s stay what they are", (_, offsets, from, hex) => {
  expect(hexOf(offsets, from)).toBe(hex);
});

test.each([
  ["that end within a number", "80"],
  ["that end before a length", "03"],
  ["with a run of one", "0301"],
  ["with a run of none", "0300"],
  ["whose intervals touch", "0000"],
])("bytes %s are no list", (_, hex) => {
  expect(decode(hex)).toBeUndefined();
});

test("what is not behind a list is not joined to it, and nothing is told from behind its begin", () => {
  expect(() => joinLists(listOffsets([5n, 9n]), listOffsets([9n]))).toThrow("[9, 10) does not follow 10");
  expect(() => encodeOffsets(listOffsets([4n]), 5n)).toThrow("offset 4 of a list lies before 5");
});

test("G7: as many as may be rejected between two commits have room beside one another in an item", () => {
  const apart = Array.from({ length: MAX_UNCOMMITTED_REJECTS }, (_, index) => BigInt(index) * 1_000_000n);

  expect(encodeOffsets(listOffsets(apart), 0n).length).toBeLessThanOrEqual(MAX_COMMIT_REJECTED_BYTES);
});
