import { describe, expect, test } from "vitest";
import type { BatchOutcome } from "../../../../functions/scheduler/schedule-batch.ts";
import { createSchedulerBench } from "../../../support/scheduler-bench.ts";

function kindsOf({ partitions }: BatchOutcome): readonly string[] {
  return partitions.map(({ kind }) => kind);
}

describe("limits", () => {
  test("the outcome of a run says which limit shortened a range, and the next run goes on behind it", async () => {
    const bench = createSchedulerBench(2);
    bench.produce(0, 30);
    bench.produce(1, 10);

    const { partitions } = await bench.tick({ maxRecordsPerBatch: 20n });
    bench.completeAll();
    await bench.tick();

    expect(partitions).toMatchObject([
      { kind: "planned", untilOffset: 15n, limitedBy: "maxRecordsPerBatch" },
      { kind: "planned", untilOffset: 5n, limitedBy: "maxRecordsPerBatch" },
    ]);
    expect(bench.chains()).toEqual([
      "0: COMPLETED [0, 15)",
      "0: PLANNED [15, 30)",
      "1: COMPLETED [0, 5)",
      "1: PLANNED [5, 10)",
    ]);
  });
});

describe("minRecordsPerBatch", () => {
  const batchMinimum = { minRecordsPerBatch: 15n, maxBatchDelayMs: 5_000 };

  test("runs the first batch, holds the next, runs it when full, holds again until the delay has passed (Spark)", async () => {
    const bench = createSchedulerBench(1);
    const run = async (records: number) => {
      bench.produce(0, records);
      const outcome = await bench.tick({ batchMinimum });
      bench.completeAll();
      bench.clock.advance(1_000);
      return kindsOf(outcome)[0];
    };

    expect([await run(5), await run(6), await run(12), await run(10)]).toEqual([
      "planned",
      "delayed",
      "planned",
      "delayed",
    ]);
    bench.clock.advance(3_000);
    expect(await run(0)).toBe("planned");
    expect(bench.chains()).toEqual(["0: COMPLETED [0, 5)", "0: COMPLETED [5, 23)", "0: COMPLETED [23, 33)"]);
  });

  test("G8: a delayed batch writes and dispatches nothing, and says why", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await bench.tick({ batchMinimum });
    bench.completeAll();
    bench.dispatcher.take();
    bench.produce(0, 14);
    const { writes } = bench.ledger;

    const { partitions } = await bench.tick({ batchMinimum });

    expect(partitions).toMatchObject([
      { kind: "delayed", lag: 14n, reason: expect.stringContaining("14 new offsets") },
    ]);
    expect(bench.ledger.writes).toBe(writes);
    expect(bench.dispatcher.accepted).toEqual([]);
  });
});
