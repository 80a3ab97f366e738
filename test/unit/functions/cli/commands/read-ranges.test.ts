import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readRanges } from "../../../../../functions/cli/commands/read-ranges.ts";
import { createFakeKafkaLog } from "../../../../support/kafka/fake-kafka-log.ts";
import { createFakeOffsetSource } from "../../../../support/kafka/fake-offset-source.ts";
import { createFakeRangeReader } from "../../../../support/kafka/fake-range-reader.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const orders = { topic: "orders", partition: 0 };

/** Reads ten offsets, of which the first five hold nothing to print, in batches that take `batchMs` each. */
async function readSlowly(batchMs: number) {
  const log = createFakeKafkaLog(() => 0);
  log.createTopic("orders", 1);
  for (let batch = 0; batch < 4; batch++) {
    log.endTransaction(orders, log.appendInTransaction(orders, ["aborted"]), "aborted");
  }
  log.append(orders, ["a", "b"]);
  const notes: string[] = [];
  const printed: string[] = [];
  const reader = createFakeRangeReader(log);
  reader.beforeFetch = () => {
    vi.advanceTimersByTime(batchMs);
  };
  const terminal = {
    print: async (line: string) => void printed.push(line),
    note: (line: string) => void notes.push(line),
    signal: new AbortController().signal,
  };
  const ranges = [{ ...orders, fromOffset: 0n, untilOffset: 10n }];
  await readRanges(
    { source: createFakeOffsetSource(log), reader, terminal, now: () => Date.now() },
    { ranges, isolationLevel: "read_committed" },
  );
  return { notes, printed };
}

test("a long read says every five seconds how far it is, also while it finds nothing to print", async () => {
  const { notes, printed } = await readSlowly(2_500);

  expect(printed).toHaveLength(2);
  const progress = notes.slice(0, -1);
  expect(progress.length).toBeGreaterThanOrEqual(4);
  expect(progress[0]).toMatch(/^orders-0 \[0, 10\): at \d \(\d+ %\)$/);
  expect(new Set(progress).size).toBe(progress.length);
  expect(JSON.parse(notes.at(-1) ?? "")).toMatchObject({ delivered: 2, aborted: 4, control: 4 });
  expect(vi.getTimerCount()).toBe(0);
});

test("a short read says nothing but its summary", async () => {
  const { notes } = await readSlowly(10);

  expect(notes).toHaveLength(1);
});
