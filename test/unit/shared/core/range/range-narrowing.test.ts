import { expect, test } from "vitest";
import {
  blameAlone,
  halve,
  type Narrowing,
  narrowAfter,
  pieceEnd,
  suspect,
} from "../../../../../shared/core/range/range-narrowing.ts";

const range = { committedOffset: 10n, untilOffset: 20n };

test("RN1: an attempt goes to the range's end, or as far as it was narrowed", () => {
  expect(pieceEnd(range)).toBe(20n);
  expect(pieceEnd({ ...range, narrowed: { length: 4n } })).toBe(14n);
  expect(pieceEnd({ ...range, narrowed: { length: 400n } })).toBe(20n);
});

test("RN2: a piece that failed is halved, and remembered as suspect only when it is bad", () => {
  expect(halve(range, "bad")).toEqual({ length: 5n, suspectUntil: 20n });
  expect(halve(range, "tooLong")).toEqual({ length: 5n });
  expect(halve({ committedOffset: 7n, untilOffset: 10n }, "bad")).toEqual({ length: 1n, suspectUntil: 10n });
});

test("RN2: what was in hand is suspect, and what lies before it comes first, once", () => {
  const inHand = (fromOffset: bigint, untilOffset: bigint) => suspect(range, { fromOffset, untilOffset });

  expect(inHand(10n, 11n)).toEqual({ length: 1n, suspectUntil: 11n });
  expect(inHand(16n, 17n)).toEqual({ length: 6n, suspectUntil: 17n });
  expect(narrowAfter(inHand(16n, 17n), 16n)).toEqual({ length: 1n, suspectUntil: 17n });
  expect(inHand(10n, 15n)).toEqual({ length: 2n, suspectUntil: 15n });
  expect(inHand(12n, 99n)).toEqual({ length: 2n, suspectUntil: 20n });
  expect(suspect(range, undefined)).toEqual(halve(range, "bad"));
});

test("RN3: what is done moves the suspicion to half of the rest, until nothing is left of it", () => {
  const narrowed = { length: 5n, suspectUntil: 20n };

  expect(narrowAfter(narrowed, 15n)).toEqual({ length: 2n, suspectUntil: 20n });
  expect(narrowAfter(narrowed, 19n)).toEqual({ length: 1n, suspectUntil: 20n });
  expect(narrowAfter(narrowed, 20n)).toBeUndefined();
});

test("RN4: a length that fits stays", () => {
  expect(narrowAfter({ length: 5n }, 19n)).toEqual({ length: 5n });
});

test("RN5: a record alone is counted until it is done, and what was narrowed stays so", () => {
  const suspect = blameAlone({ ...range, narrowed: { length: 1n, suspectUntil: 13n } });

  expect(blameAlone({ ...range, untilOffset: 11n })).toEqual({ length: 1n, suspectUntil: 11n, blamed: 1 });
  expect(suspect).toEqual({ length: 1n, suspectUntil: 13n, blamed: 1 });
  expect(blameAlone({ ...range, narrowed: suspect }).blamed).toBe(2);
  expect(narrowAfter(suspect, 11n)).toEqual({ length: 1n, suspectUntil: 13n });
  expect(narrowAfter({ length: 1n, blamed: 2 }, 11n)).toEqual({ length: 1n });
});

test("RN2, RN3: whichever record is bad, it is alone after log2 failures, and everything before it is done", () => {
  const length = 1_000n;
  for (let bad = 0n; bad < length; bad += 37n) {
    let committedOffset = 0n;
    let narrowed: Narrowing = halve({ committedOffset, untilOffset: length }, "bad");
    let failures = 1;
    for (let attempts = 0; attempts < 30; attempts += 1) {
      const end = pieceEnd({ committedOffset, untilOffset: length, narrowed });
      if (bad >= end) {
        committedOffset = end;
        narrowed = narrowAfter(narrowed, end) ?? narrowed;
      } else if (end - committedOffset > 1n) {
        narrowed = halve({ committedOffset, untilOffset: end }, "bad");
        failures += 1;
      }
    }

    expect([committedOffset, pieceEnd({ committedOffset, untilOffset: length, narrowed })]).toEqual([bad, bad + 1n]);
    expect(failures).toBeLessThanOrEqual(10);
  }
});
