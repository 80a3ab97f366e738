import { describe, expect, test } from "vitest";
import { runScheduler } from "../../../../../functions/scheduler/run-scheduler.ts";
import type { BatchOutcome } from "../../../../../functions/scheduler/schedule-batch.ts";
import { aRange } from "../../../../support/builders/builders.ts";
import { aReprocessPayload } from "../../../../support/builders/reprocess-builders.ts";
import { createSchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

function kindsOf({ partitions }: BatchOutcome): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kind } of partitions) {
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

describe("maxConcurrency", () => {
  test("LC1: no more ranges are dispatched than there is room for beside those in flight", async () => {
    const bench = createSchedulerBench(5);
    bench.produceToEach(10);

    const first = await bench.tick({ maxConcurrency: 3 });
    const second = await bench.tick({ maxConcurrency: 3 });
    const raised = await bench.tick({ maxConcurrency: 4 });

    expect(kindsOf(first)).toEqual({ planned: 3, queued: 2 });
    expect(kindsOf(second)).toEqual({ waiting: 3, queued: 2 });
    expect(kindsOf(raised)).toEqual({ waiting: 3, planned: 1, queued: 1 });
    expect(first.partitions.find(({ kind }) => kind === "queued")?.reason).toBe(
      "waits for one of 0 ranges in flight: maxConcurrency is 3",
    );
  });

  test("LC2: each of many busy partitions gets its turn, and the same number of them", async () => {
    const bench = createSchedulerBench(20);
    for (let run = 0; run < 28; run += 1) {
      bench.produceToEach(1);
      await bench.tick({ maxConcurrency: 5, maxRecordsPerPartition: 1n, isSizeAdaptive: false });
      bench.completeAll();
      bench.clock.advance(60_000);
    }

    const turns = Map.groupBy(bench.ledger.all(), ({ partition }) => partition);

    expect([...turns.values()].map((ranges) => ranges.length)).toEqual(Array.from({ length: 20 }, () => 7));
  });

  test("LC2: partitions that fail again and again leave the others their turns", async () => {
    const bench = createSchedulerBench(4);
    bench.produceToEach(10);
    for (let run = 0; run < 4; run += 1) {
      await bench.tick({ maxConcurrency: 2 });
      // No processor ever claims: every range is overdue in each run.
      bench.clock.advance(bench.rules.dispatchTimeoutMs);
    }

    expect(bench.dispatcher.accepted.map(({ record }) => record.partition).toSorted((a, b) => a - b)).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3,
    ]);
  });

  test("LC3: what is idle, halted or waits for its time is told as it is", async () => {
    const bench = createSchedulerBench(3);
    bench.produce(0, 1);
    bench.produce(1, 1);
    await bench.tick();
    const dispatched = bench.ledger.all().filter(({ status }) => status === "PLANNED");
    for (const { dispatchedAt: _none, ...record } of dispatched) {
      const failed = { ...record, status: "FAILED", nextAttemptAt: bench.clock.now() + 5_000 } as const;
      bench.ledger.put(record.partition === 0 ? { ...record, status: "FAILED" } : failed);
    }
    bench.produce(2, 1);

    const outcome = await bench.tick({ maxConcurrency: 1 });

    // The one that waits for its back-off is not in flight.
    expect(kindsOf(outcome)).toEqual({ halted: 1, waiting: 1, planned: 1 });
  });

  test("without order a partition's batch is cut short where there is room for some of its ranges only", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 10);

    const outcome = await bench.tick({ parallel: { maxRecordsPerRange: 2n }, maxConcurrency: 3 });

    expect(bench.chains()).toEqual(["0: PLANNED [0, 2)", "0: PLANNED [2, 4)", "0: PLANNED [4, 6)"]);
    expect(new Set(outcome.partitions.map(({ limitedBy }) => limitedBy))).toEqual(new Set(["maxConcurrency"]));
  });

  test("LC4, G9: reprocessing takes half of it at most, and the live chains the rest", async () => {
    const bench = createSchedulerBench(6);
    bench.produceToEach(10);
    const rules = { ...bench.rules, maxConcurrency: 5 };
    const ranges = [0, 1, 2, 3].map((partition) => aRange({ partition, fromOffset: 0n, untilOffset: 10n }));
    await runScheduler(bench.deps, rules, { kind: "reprocess", reprocess: aReprocessPayload("again", ranges) });
    const reprocessed = bench.ledger.all().length;

    const live = await bench.tick({ maxConcurrency: 5 });

    expect(reprocessed).toBe(2);
    expect(kindsOf(live)).toEqual({ planned: 3, queued: 3 });
  });
});
