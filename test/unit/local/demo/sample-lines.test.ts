import { expect, test } from "vitest";
import { MAX_OUTPUTS_PER_COMMIT } from "../../../../shared/core/limits.ts";
import { addWords, SAMPLE_LINES, wordsOf } from "../../../local/demo/sample-lines.ts";

test("has more different words than one commit takes, so that a long range commits more than once", () => {
  expect(new Set(SAMPLE_LINES.flatMap(wordsOf)).size).toBeGreaterThan(MAX_OUTPUTS_PER_COMMIT);
});

test("adds each occurrence of a word to what was counted before", () => {
  const counts = new Map([["river", 2]]);

  addWords(counts, ["the river meets the sea", ""]);

  expect(Object.fromEntries(counts)).toEqual({ river: 3, the: 2, meets: 1, sea: 1 });
});
