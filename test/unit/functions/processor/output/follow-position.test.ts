// Where a chain's position in a store of its own may begin, beside what output.test.ts has.

import { expect, test } from "vitest";
import type { ProcessFunction } from "../../../../../functions/processor/session/processing-range.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { aRangeRecord } from "../../../../support/builders/builders.ts";
import { aProcessorBench, type ProcessorBench } from "../../../../support/pipeline/processor-bench.ts";
import { createPositionedStore } from "../../../../support/pipeline/stores.ts";

const writeEach: ProcessFunction<string> = (range) => range.writeEach(({ value }) => String(value));

/** A range of the bench's chain, as the ledger keeps it of before. */
function before(bench: ProcessorBench, overrides: Partial<RangeRecord>): void {
  const { chain, topic, partition } = bench.range();
  bench.ledger.put(aRangeRecord({ chain, topic, partition, fromOffset: 0n, untilOffset: 1n, ...overrides }));
}

test.each<[string, Partial<RangeRecord>]>([
  ["the first record of a chain was given up", { status: "QUARANTINED", committedOffset: 0n }],
  ["the first range of a chain was skipped", { status: "SKIPPED", committedOffset: 0n }],
  ["the first records of a chain were lost", { status: "LOST", committedOffset: 0n }],
  ["ranges before had positions of their own", { status: "COMPLETED", committedOffset: 1n, groupFrom: 0n }],
])("FB4: where %s, a store that knows nothing is at the beginning", async (_, overrides) => {
  const bench = aProcessorBench();
  before(bench, overrides);
  const store = createPositionedStore();

  const outcome = await bench.attempt(writeEach, { deps: { output: store } });

  expect(outcome).toMatchObject({ kind: "completed" });
  expect(store.visible).toEqual(["b", "c", "d", "e"]);
});

test("FB3: ranges that had positions of their own are passed over by the chain's", async () => {
  const bench = aProcessorBench();
  before(bench, { status: "COMPLETED", committedOffset: 1n, groupFrom: 0n });
  const store = createPositionedStore();
  store.setPosition("orders,0,,chain", { untilOffset: 0n, progress: "" });

  const outcome = await bench.attempt(writeEach, { deps: { output: store } });

  expect(outcome).toMatchObject({ kind: "completed" });
  expect(store.visible).toEqual(["b", "c", "d", "e"]);
});

test("FB3: a position that an operator has set, whose ranges are forgotten, is moved over what was given up", async () => {
  const bench = aProcessorBench();
  before(bench, { status: "QUARANTINED", committedOffset: 0n });
  const store = createPositionedStore();
  store.setPosition("orders,0,,chain", { untilOffset: 0n, progress: "" });

  expect(await bench.attempt(writeEach, { deps: { output: store } })).toMatchObject({ kind: "completed" });
});

test("FB5: a position that an operator has set elsewhere halts the range, with both offsets", async () => {
  const bench = aProcessorBench();
  const store = createPositionedStore();
  store.setPosition("orders,0,,chain", { untilOffset: 3n, progress: "" });

  const outcome = await bench.attempt(writeEach, { deps: { output: store } });

  expect(outcome).toMatchObject({ kind: "halted", error: { name: "LedgerIntegrityError" } });
  expect(String("error" in outcome && outcome.error)).toMatch(/memory stands at 3, .* committed to 1/);
});
