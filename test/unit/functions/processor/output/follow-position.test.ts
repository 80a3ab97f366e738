// Where a chain's position in a store of its own may begin, beside what output.test.ts has.

import { describe, expect, test } from "vitest";
import type { ProcessFunction } from "../../../../../functions/processor/session/processing-range.ts";
import { OutputUnavailableError } from "../../../../../shared/core/errors.ts";
import type { RangeOutput } from "../../../../../shared/core/output/range-output.ts";
import { isClosed, type RangeRecord } from "../../../../../shared/core/range/range-record.ts";
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

/** A store that has [1, until) by one commit whose answer is lost; then an operator skips record 1. */
async function cutThrough(until: bigint, overrides: Partial<RangeRecord>) {
  const bench = aProcessorBench(overrides);
  const lost = { isLost: true };
  const store = createPositionedStore(
    (step) => {
      if (step === "committed" && lost.isLost) {
        throw new OutputUnavailableError("the answer is lost");
      }
    },
    Number(until - 1n),
  );
  await bench.attempt(writeEach, { deps: { output: store } });
  lost.isLost = false;
  await skipBelow(bench, 2n);
  return { bench, store };
}

/** Skips the beginning of what is open. */
async function skipBelow({ ledger, clock }: ProcessorBench, at: bigint): Promise<void> {
  const open = ledger.all().find((record) => !isClosed(record)) ?? expect.unreachable("nothing is open");
  const operator = { by: "ann", reason: "nobody needs it" };
  const how = { at, first: "SKIPPED", operator, now: clock.now(), retentionMs: 1_000_000 } as const;
  expect(await ledger.splitRange(open, how)).toMatchObject({ kind: "split" });
}

describe.each<[string, Partial<RangeRecord>]>([
  ["the chain's position", {}],
  ["a position of the range's own", { groupFrom: 1n }],
])("%s", (_, overrides) => {
  test.each([3n, 5n])(
    "G5, FB5, FB6: behind what an operator cut off of a store's commit to %s nothing is written",
    async (until) => {
      const { bench, store } = await cutThrough(until, overrides);

      const outcome = await bench.attempt(writeEach, { deps: { output: store } });

      expect(outcome).toMatchObject({ kind: "halted", error: { name: "LedgerIntegrityError" } });
      expect(String("error" in outcome && outcome.error)).toMatch(
        new RegExp(`memory stands at ${until}.* the ledger has orders-0 .2, 5. committed to 2`),
      );
      expect(store.visible).toEqual(["b", "c", "d", "e"].slice(0, Number(until) - 1));
    },
  );

  test("G5, FB3, FB6: what the store has not yet is written once, when what it has is skipped too", async () => {
    const { bench, store } = await cutThrough(3n, overrides);
    await bench.attempt(writeEach, { deps: { output: store } });
    await skipBelow(bench, 3n);

    const outcome = await bench.attempt(writeEach, { deps: { output: store } });

    expect(outcome).toMatchObject({ kind: "completed" });
    expect(store.visible).toEqual(["b", "c", "d", "e"]);
  });
});

test("FB6: whoever wrote what was cut off is fenced, before anything of the rest is written", async () => {
  const { bench, store } = await cutThrough(3n, { groupFrom: 1n });
  store.setPosition("orders,0,,1", undefined);
  const opened: (readonly [bigint, bigint])[] = [];
  const output: RangeOutput<string> = {
    ...store,
    open: (range) => {
      opened.push([range.rangeFrom, range.untilOffset]);
      return store.open(range);
    },
  };

  expect(await bench.attempt(writeEach, { deps: { output } })).toMatchObject({ kind: "completed" });

  expect(opened).toEqual([
    [2n, 5n],
    [1n, 2n],
  ]);
});

const REST: Partial<RangeRecord> = { groupFrom: 0n, leaseCounter: 3 };

test("FB6: what a processor has cut off is not looked at again", async () => {
  const bench = aProcessorBench(REST);
  before(bench, { status: "QUARANTINED", committedOffset: 0n, groupFrom: 0n, attempt: 3, leaseCounter: 3 });
  const store = createPositionedStore();
  store.setPosition("orders,0,,0", { untilOffset: 5n, progress: "" });

  expect(await bench.attempt(writeEach, { deps: { output: store } })).toMatchObject({ kind: "completed" });
});

test("G5, FB6: the rest of what the ledger has forgotten halts, and nothing is written", async () => {
  const store = createPositionedStore();

  const outcome = await aProcessorBench(REST).attempt(writeEach, { deps: { output: store } });

  expect(outcome).toMatchObject({ kind: "halted", error: { name: "LedgerIntegrityError" } });
  expect(store.visible).toEqual([]);
});
