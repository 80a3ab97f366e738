import { describe, expect, test } from "vitest";
import type { BatchOutcome } from "../../../../../functions/scheduler/schedule-batch.ts";
import { createSchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

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

describe("adaptive size", () => {
  const rules = { initialRecordsPerPartition: 10n, maxRecordsPerPartition: 1_000n };

  test("bounds the first batch of a backlog, then grows range by range, and says so", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 500);
    const limits: unknown[] = [];
    for (let run = 0; run < 4; run += 1) {
      const { partitions } = await bench.tick(rules);
      limits.push(partitions[0]?.limitedBy);
      bench.completeAll();
    }

    expect(bench.chains()).toEqual([
      "0: COMPLETED [0, 10)",
      "0: COMPLETED [10, 50)",
      "0: COMPLETED [50, 210)",
      "0: COMPLETED [210, 500)",
    ]);
    expect(limits).toEqual(["initialRecordsPerPartition", "adaptiveSize", "adaptiveSize", undefined]);
  });

  test("shrinks after a range that took too long, and remembers its size through short ones", async () => {
    const bench = createSchedulerBench(1);
    const finish = (seconds: number) => {
      bench.completeAll();
      const newest = bench.ledger.all().at(-1);
      if (newest?.startedAt !== undefined) {
        bench.ledger.put({ ...newest, completedAt: newest.startedAt + seconds * 1_000 - 1 });
      }
    };
    bench.produce(0, 10);
    await bench.tick(rules);
    finish(108);
    bench.produce(0, 2);
    await bench.tick(rules);
    finish(40);
    bench.produce(0, 100);

    const { partitions } = await bench.tick(rules);

    expect(partitions).toMatchObject([{ kind: "planned", fromOffset: 12n, untilOffset: 17n }]);
  });

  test("can be turned off: then only the first range is bounded by itself", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5_000);
    await bench.tick({ ...rules, isSizeAdaptive: false });
    bench.completeAll();

    const { partitions } = await bench.tick({ ...rules, isSizeAdaptive: false });

    expect(partitions).toMatchObject([{ untilOffset: 1_010n, limitedBy: "maxRecordsPerPartition" }]);
    expect(bench.ledger.all().some(({ adaptiveSize }) => adaptiveSize !== undefined)).toBe(false);
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
