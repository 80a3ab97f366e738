// Ranges whose receipts, or rejected offsets, fill their record: cut where they are committed (PW2).

import { expect, test } from "vitest";
import type { ProcessFunction } from "../../../../functions/processor/session/processing-range.ts";
import type { DeadLetter } from "../../../../shared/core/failure/dead-letter.ts";
import { MAX_MEMO_BYTES, MAX_RECEIPTS_BYTES, MAX_REJECTED_BYTES } from "../../../../shared/core/limits.ts";
import { joinLists, listOffsets, type OffsetList } from "../../../../shared/core/offsets/offset-list.ts";
import { isListWhole } from "../../../../shared/core/offsets/rejected-offsets.ts";
import { createProcessorBench, ORDERS_0, type ProcessorBench } from "../../../support/pipeline/processor-bench.ts";
import { createPreparingStore } from "../../../support/pipeline/stores.ts";

const COUNT = 20;
const values = Array.from({ length: COUNT }, (_, index) => `v${index}`);
const writeEach: ProcessFunction<string> = (range) => range.writeEach(({ value }) => String(value));

function aBench(overrides: Parameters<ProcessorBench["plan"]>[2] = {}): ProcessorBench {
  const bench = createProcessorBench();
  bench.log.append(ORDERS_0, values);
  bench.plan(0n, BigInt(COUNT), overrides);
  return bench;
}

/** One record per commit, each with a receipt as long as one may be. */
const aStore = () => createPreparingStore(() => {}, 1, MAX_MEMO_BYTES);

const rangesOf = (bench: ProcessorBench) =>
  bench.ledger
    .all()
    .map(({ status, fromOffset, untilOffset, receipts = [] }) => [
      status,
      `${fromOffset}-${untilOffset}`,
      receipts.length,
    ]);

test("PW2, G2, G5: a range of more receipts than its record has room for is completed in several, in one invocation", async () => {
  const bench = aBench();
  const output = aStore();

  const outcome = await bench.attempt(writeEach, { deps: { output } });

  expect(outcome).toMatchObject({ kind: "completed", record: { fromOffset: 16n, untilOffset: 20n } });
  expect(output.visible).toEqual(values);
  expect(rangesOf(bench)).toEqual([
    ["COMPLETED", "0-8", 8],
    ["COMPLETED", "8-16", 8],
    ["COMPLETED", "16-20", 4],
  ]);
});

test("PW2, RJ2: a range that rejects more than its record has room for is completed in several, each with a whole list", async () => {
  const bench = createProcessorBench();
  const count = 3 * MAX_REJECTED_BYTES;
  // Every second one, so that each is an interval of its own.
  bench.log.append(
    ORDERS_0,
    Array.from({ length: count }, (_, index) => (index % 2 === 0 ? "bad" : "good")),
  );
  bench.plan(0n, BigInt(count));
  const rejected: bigint[] = [];
  const deadLetters = { send: async ({ offset }: DeadLetter) => void rejected.push(offset) };
  const code: ProcessFunction<string> = (range) =>
    range.writeEach(async (record) => {
      if (String(record.value) === "good") {
        return [];
      }
      await range.reject(record, "bad");
      return [];
    });

  const outcome = await bench.attempt(code, { deps: { deadLetters } });

  expect(outcome.kind).toBe("completed");
  const ranges = bench.ledger.all();
  expect(ranges.length).toBeGreaterThan(2);
  expect(ranges.map(({ status, ...range }) => [status, isListWhole(range)])).toEqual(
    ranges.map(() => ["COMPLETED", true]),
  );
  const listed = ranges.reduce<OffsetList>((all, { rejectedOffsets }) => joinLists(all, rejectedOffsets), []);
  expect(listed).toEqual(listOffsets(rejected));
});

test("PW2: what was prepared before there was such a bound takes effect, and the rest goes on", async () => {
  const receipts = Array.from({ length: 8 }, () => "r".repeat(MAX_RECEIPTS_BYTES / 8 - 1));
  const output = aStore();
  const opened = await output.open({} as never); // The store looks at nothing of it.
  await opened.write(["v16"]);
  const made = opened.kind === "prepared" ? await opened.prepare({ untilOffset: 17n, progress: "" }) : "nothing";
  const { memo } = made === "nothing" ? expect.unreachable() : made;
  const counts = { delivered: 1n, aborted: 0n, control: 0n, bytes: 3n };
  const prepared = { untilOffset: 17n, counts, output: "memory", memo };
  const bench = aBench({ committedOffset: 16n, receipts, prepared, outages: 40 });

  await bench.attempt(writeEach, { deps: { output } });

  expect(output.visible).toEqual(values.slice(16));
  expect(rangesOf(bench)).toEqual([
    ["COMPLETED", "0-17", 9],
    ["COMPLETED", "17-20", 3],
  ]);
});

test("PW2: code that looks away from the refused commit loses nothing by it", async () => {
  const bench = aBench();
  const output = aStore();

  await bench.attempt(
    async (range) => {
      for await (const { offset, value } of range.records()) {
        await range.commit(offset + 1n, [String(value)]).catch(() => undefined);
      }
    },
    { deps: { output } },
  );

  expect(output.visible).toEqual(values);
  expect(rangesOf(bench).map(([status]) => status)).toEqual(["COMPLETED", "COMPLETED", "COMPLETED"]);
});

test("PW2: a bad record behind the cut is found in the rest", async () => {
  const bench = aBench();
  const output = aStore();
  const code: ProcessFunction<string> = (range) =>
    range.writeEach(({ offset, value }) => {
      if (offset === 8n) {
        throw new Error("order 8 has no customer");
      }
      return String(value);
    });

  const outcome = await bench.attempt(code, { deps: { output } });

  expect(outcome).toMatchObject({ kind: "failed", record: { fromOffset: 8n, failedAttempts: 1 } });
  expect(output.visible).toEqual(values.slice(0, 8));
  expect(rangesOf(bench)).toEqual([
    ["COMPLETED", "0-8", 8],
    ["FAILED", "8-20", 0],
  ]);
});
