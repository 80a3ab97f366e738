import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { handler } from "../../../../functions/pipelines/word-count.ts";
import { recordsOf } from "../../../../functions/testing/records-of.ts";
import { runRange } from "../../../../functions/testing/run-range.ts";

const tables = { words: { key: ["word", "source"] } } as const;

beforeEach(() => {
  vi.stubEnv("WORD_COUNTS_TABLE", "words");
});

afterEach(() => {
  vi.unstubAllEnvs();
});

test("counts words by partition, and those of a request beside them", async () => {
  const records = recordsOf(["to be or", { value: null }, "not to be"]);

  const live = await runRange(handler, { records, tables, topic: "lines", partition: 2 });
  const again = await runRange(handler, { records, tables, topic: "lines", requestId: "r1", untilOffset: 1n });

  expect(live.tables["words"]).toEqual([
    { word: "be", source: "lines-2", count: 2 },
    { word: "not", source: "lines-2", count: 1 },
    { word: "or", source: "lines-2", count: 1 },
    { word: "to", source: "lines-2", count: 2 },
  ]);
  expect(again.tables["words"]).toContainEqual({ word: "or", source: "lines-0#r1", count: 1 });
});

const lines = recordsOf(
  Array.from({ length: 50 }, (_, line) => `the word${line % 7} of line${line} has w${line * 3} w${line * 5}`),
);

test.each([0, 1])("G5: counts exactly once when its processor dies after commit %d", async (afterCommit) => {
  const result = await runRange(handler, { records: lines, tables, crash: { afterCommit } });

  expect(result).toMatchObject({ status: "completed", exactlyOnce: true, differences: [] });
  expect(result.tables["words"]).toContainEqual({ word: "the", source: "orders-0", count: 50 });
});

test("names its table's variable where that is not set", async () => {
  vi.stubEnv("WORD_COUNTS_TABLE", undefined);

  const { error } = await runRange(handler, { records: lines, tables });

  expect(error).toMatchObject({
    name: "ConfigurationError",
    message: expect.stringContaining("WORD_COUNTS_TABLE is not set"),
  });
});
