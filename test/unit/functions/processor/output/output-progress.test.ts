import { expect, test } from "vitest";
import { decodeProgress, encodeProgress } from "../../../../../functions/processor/output/output-progress.ts";
import { MAX_PROGRESS_LENGTH } from "../../../../../shared/core/limits.ts";
import { listOffsets } from "../../../../../shared/core/offsets/offset-list.ts";
import { MAX_OFFSET } from "../../../../../shared/core/range/offset-range.ts";

const COUNTS = { delivered: 9n, aborted: 1n, control: 2n, bytes: 300n };

function aProgress(offsets: readonly bigint[]) {
  return {
    ...{ rangeFrom: 5n, fromOffset: 20n, leaderEpoch: 7 },
    counts: { ...COUNTS, rejected: BigInt(offsets.length) },
    rejectedOffsets: listOffsets(offsets),
  };
}

test("without rejected records the text is what earlier releases read", () => {
  expect(encodeProgress({ rangeFrom: 5n, fromOffset: 20n, counts: COUNTS, leaderEpoch: 7 })).toBe(
    "1,5,20,9,0,1,2,300,7",
  );
  expect(decodeProgress("1,5,20,9,3,1,2,300,")).toEqual({
    ...{ rangeFrom: 5n, fromOffset: 20n, counts: { ...COUNTS, rejected: 3n } },
  });
});

test("RJ1: which records were rejected comes back", () => {
  const progress = aProgress([20n, 23n, 24n, 25n, 9_000n]);

  expect(decodeProgress(encodeProgress(progress))).toEqual(progress);
});

test("RJ2: of more than the text has room for the counts alone stay", () => {
  const many = aProgress(Array.from({ length: 1_000 }, (_, index) => 20n + 1_000n * BigInt(index)));
  const { rejectedOffsets: _too, ...counted } = many;

  const text = encodeProgress(many);

  expect(text.length).toBeLessThanOrEqual(MAX_PROGRESS_LENGTH);
  expect(decodeProgress(text)).toEqual(counted);
});

test("the longest numbers leave room for a hundred that are rejected apart", () => {
  const [from, count] = [MAX_OFFSET - 1_000_000n, MAX_OFFSET];
  const offsets = Array.from({ length: 100 }, (_, index) => from + 3_000n * BigInt(index));
  const counts = { delivered: count, aborted: count, control: count, bytes: count, rejected: 100n };
  const progress = { rangeFrom: from, fromOffset: from, counts, rejectedOffsets: listOffsets(offsets) };

  expect(decodeProgress(encodeProgress(progress))).toEqual(progress);
});

test.each([
  ["is no list", "1,5,20,9,1,1,2,300,7,gA"],
  ["has more than the counts say", "1,5,20,9,1,1,2,300,7,AAI"],
  ["has less", "1,5,20,9,2,1,2,300,7,AA"],
  ["is not Base64", "1,5,20,9,1,1,2,300,7,A="],
])("a text whose list %s is nobody's", (_, text) => {
  expect(decodeProgress(text)).toBeUndefined();
});
