import { describe, expect, test } from "vitest";
import type { RangeRecord } from "../../../../shared/core/range/range-record.ts";
import { aProcessorBench, takeAll } from "../../../support/pipeline/processor-bench.ts";

/** The range [1, 5) as the ledger has it, committed to 2, and an event that says something else of it. */
async function attemptAt(forged: Partial<RangeRecord>) {
  const bench = aProcessorBench({ committedOffset: 2n });
  const real = bench.range();
  bench.plan(1n, 5n, { committedOffset: 2n, ...forged });
  bench.ledger.put(real);
  const outcome = await bench.attempt(takeAll);
  return { bench, outcome };
}

describe("AT5: of an event only the range's key is believed", () => {
  test.each<[string, Partial<RangeRecord>]>([
    ["that begins anew", { committedOffset: 1n }],
    ["that skips what is not processed", { committedOffset: 4n }],
    ["of another topic", { topic: "payments" }],
    ["of an earlier revision", { revision: 0, writeId: "before" }],
    ["that is narrowed to nothing much", { narrowed: { length: 1n } }],
    ["of a later leader epoch", { leaderEpoch: 99 }],
  ])("an event %s is processed as the ledger has the range", async (_, forged) => {
    const { bench, outcome } = await attemptAt(forged);

    expect(outcome).toMatchObject({ kind: "completed", record: { topic: "orders", fromOffset: 1n, untilOffset: 5n } });
    expect(bench.ledger.outputs).toEqual(["c", "d", "e"]);
  });

  test("an event of a range that is longer than the ledger's ends where the ledger's does", async () => {
    const bench = aProcessorBench();
    const real = bench.range();
    bench.plan(1n, 6n);
    bench.ledger.put(real);

    expect(await bench.attempt(takeAll)).toMatchObject({ kind: "completed", record: { untilOffset: 5n } });
    expect(bench.ledger.outputs).toEqual(["b", "c", "d", "e"]);
  });

  test("an event of a range that the ledger does not have is not processed", async () => {
    const bench = aProcessorBench();
    bench.ledger.forget(bench.range());

    expect(await bench.attempt(takeAll)).toEqual({ kind: "notClaimed", reason: "missing" });
  });
});
