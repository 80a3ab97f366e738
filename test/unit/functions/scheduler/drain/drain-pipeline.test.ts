import { describe, expect, test } from "vitest";
import type { SchedulerRules } from "../../../../../functions/scheduler/deps/scheduler-deps.ts";
import { runScheduler } from "../../../../../functions/scheduler/run-scheduler.ts";
import { LedgerUnavailableError, RangeReadError } from "../../../../../shared/core/errors.ts";
import type { PipelineRecord } from "../../../../../shared/core/ledger/pipeline-record.ts";
import { accountFor, NO_OUTCOMES } from "../../../../../shared/core/range/offset-outcomes.ts";
import { giveUp } from "../../../../support/give-up.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

/** One run of the drain, and what processors do after it. */
async function drain(bench: SchedulerBench, rules: Partial<SchedulerRules> = {}, drainId = "nightly-1") {
  const { drain: outcome } = await runScheduler(
    bench.deps,
    { ...bench.rules, ...rules },
    { kind: "drain", drain: { drainId } },
  );
  bench.completeAll();
  return outcome;
}

function planned(bench: SchedulerBench): readonly string[] {
  return bench.chains().filter((chain) => !chain.includes("ANCHOR"));
}

describe("a drain", () => {
  test("of 15 records, 5 a batch, takes exactly three batches and then stops (Spark)", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 15);
    const limit = { maxRecordsPerPartition: 5n };
    const outcomes = [];
    for (let run = 0; run < 6; run += 1) {
      outcomes.push(await drain(bench, limit));
      bench.produce(0, 100);
    }

    expect(planned(bench)).toEqual(["0: COMPLETED [0, 5)", "0: COMPLETED [5, 10)", "0: COMPLETED [10, 15)"]);
    expect(outcomes.map((outcome) => [outcome?.isDone, outcome?.openRecords])).toEqual([
      [false, 15n],
      [false, 10n],
      [false, 5n],
      [true, 0n],
      [true, 0n],
      [true, 0n],
    ]);
  });

  test("DN1: pins the end of every partition before it plans anything", async () => {
    const bench = createSchedulerBench(2);
    bench.produceToEach(3);
    const pins: unknown[] = [];
    const planRange: typeof bench.ledger.planRange = async (record) => {
      pins.push((await bench.ledger.readPipeline("word-count"))?.drain?.topics[0]?.partitions);
      return bench.ledger.planRange(record);
    };

    await drain({ ...bench, deps: { ...bench.deps, ledger: { ...bench.ledger, planRange } } });

    const both = [
      { partition: 0, fromOffset: 0n, untilOffset: 3n },
      { partition: 1, fromOffset: 0n, untilOffset: 3n },
    ];
    expect(pins).toEqual([both, both]);
  });

  test("DN1: pins a partition once whose ranges are processed side by side", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 10);
    await bench.tick({ parallel: { maxRecordsPerRange: 4n } });

    const outcome = await drain(bench);

    expect(outcome).toMatchObject({ isDone: false, openPartitions: 1, openRecords: 10n });
    expect((await bench.ledger.readPipeline("word-count"))?.drain?.topics).toMatchObject([
      { partitions: [{ partition: 0, untilOffset: 10n }] },
    ]);
    expect(await drain(bench)).toMatchObject({ isDone: true });
  });

  test("DN1: two runs of one drain at once pin once, and plan each range once", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);

    await Promise.all([drain(bench), drain(bench)]);
    await drain(bench);

    expect(planned(bench)).toEqual(["0: COMPLETED [0, 3)"]);
    expect((await bench.ledger.readPipeline("word-count"))?.drain?.completedAt).toBeDefined();
  });

  test("DN2: leaves partitions for later that were not there when it was begun", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);
    const selection = { topics: ["orders", "returns"] };
    await drain(bench, { selection });
    bench.log.createTopic("returns", 1);
    bench.log.append({ topic: "returns", partition: 0 }, ["late"]);

    const outcome = await drain(bench, { selection });
    await bench.tick({ selection });

    expect(outcome?.isDone).toBe(true);
    expect(bench.chains()).toEqual(["0: COMPLETED [0, 3)", "0: PLANNED [0, 1)"]);
  });

  test("does not wait for minRecordsPerBatch, which would hold its last batch", async () => {
    const bench = createSchedulerBench(1);
    const batchMinimum = { minRecordsPerBatch: 100n, maxBatchDelayMs: 60_000 };
    bench.produce(0, 3);
    await bench.tick();
    bench.completeAll();
    bench.produce(0, 3);

    await drain(bench, { batchMinimum });

    expect((await drain(bench, { batchMinimum }))?.isDone).toBe(true);
  });

  test("goes on beside the schedule's own runs, which pass its pins", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);
    await drain(bench);
    bench.produce(0, 4);
    await bench.tick();
    bench.completeAll();

    expect(await drain(bench)).toMatchObject({ isDone: true, openPartitions: 0 });
    expect(planned(bench)).toEqual(["0: COMPLETED [0, 3)", "0: COMPLETED [3, 7)"]);
  });

  test("is not done while a range below its pins is open, and says how much is left", async () => {
    const bench = createSchedulerBench(2);
    bench.produceToEach(3);
    const event = { kind: "drain", drain: { drainId: "nightly-1" } } as const;
    await runScheduler(bench.deps, bench.rules, event);

    const { drain: outcome } = await runScheduler(bench.deps, bench.rules, event);

    expect(outcome).toMatchObject({ isDone: false, openPartitions: 2, openRecords: 6n });
  });

  test("DN3, G6: a log that went back below the ledger is held in a drain as in any run", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await bench.tick();
    bench.completeAll();
    bench.log.truncate({ topic: "orders", partition: 0 }, 3n);

    const outcome = await runScheduler(bench.deps, bench.rules, { kind: "drain", drain: { drainId: "d" } });

    expect(outcome.batch?.partitions).toMatchObject([{ kind: "held", reason: expect.stringContaining("ends at 3") }]);
  });

  test("names partitions that are gone, and does not wait for them", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await drain(bench);
    bench.log.deleteTopic("orders");

    expect(await drain(bench)).toMatchObject({ isDone: true, gone: ["orders-0"] });
  });
});

describe("the id of a drain", () => {
  test("once completed answers so, without asking Kafka or writing anything", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);
    await drain(bench);
    await drain(bench);
    bench.source.setReachable(false);
    const { writes } = bench.ledger;

    expect(await drain(bench)).toEqual({
      drainId: "nightly-1",
      pinnedAt: bench.clock.now(),
      isDone: true,
      openPartitions: 0,
      openRecords: 0n,
      gone: [],
      isCompleted: true,
      offsets: accountFor(3n, { ...NO_OUTCOMES, processed: 3n }, 0n),
    });
    expect(bench.ledger.writes).toBe(writes);
  });

  test("of another drain is refused while one is under way, and begins anew after it", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);
    await drain(bench);

    await expect(drain(bench, {}, "nightly-2")).rejects.toThrow("is being drained as nightly-1 since");
    await drain(bench);
    bench.produce(0, 4);
    expect(await drain(bench, {}, "nightly-2")).toMatchObject({ isDone: false, openRecords: 4n });
  });

  test("begins nothing while an end is unknown, and says which", async () => {
    const bench = createSchedulerBench(2);
    bench.produceToEach(3);
    await bench.tick();
    bench.completeAll();
    bench.produceToEach(3);
    bench.source.failListing({ topic: "orders", partition: 1 }, new RangeReadError("leader is away"));

    await expect(drain(bench)).rejects.toThrow("was not begun: the ends of orders-1 are unknown; invoke it again");
    expect((await bench.ledger.readPipeline("word-count"))?.drain).toBeUndefined();
    expect(planned(bench)).toHaveLength(2);
  });

  test("survives a run that dies after it has pinned", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);
    const planRange = () => Promise.reject(new LedgerUnavailableError("the ledger is down"));
    await drain({ ...bench, deps: { ...bench.deps, ledger: { ...bench.ledger, planRange } } });
    bench.produce(0, 4);

    await drain(bench);

    expect(planned(bench)).toEqual(["0: COMPLETED [0, 3)"]);
  });
});

test("a drain keeps what else the pipeline's record says", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 3);
  await bench.tick();
  bench.completeAll();
  const facts = async () => {
    const {
      drain: _drain,
      revision: _revision,
      ...rest
    } = (await bench.ledger.readPipeline("word-count")) as PipelineRecord;
    return rest;
  };
  const before = await facts();

  await drain(bench);

  expect(await facts()).toEqual(before);
});

describe("a drain that is done", () => {
  async function quarantinedOne(): Promise<SchedulerBench> {
    const bench = createSchedulerBench(2);
    bench.produceToEach(5);
    await runScheduler(bench.deps, bench.rules, { kind: "drain", drain: { drainId: "nightly-1" } });
    const open = bench.ledger.all().find(({ partition }) => partition === 1) ?? expect.unreachable("nothing is open");
    await giveUp(bench.ledger, open, { at: 1n, first: "QUARANTINED" });
    bench.completeAll();
    return bench;
  }

  test("says so where not every offset was processed, and goes on saying it", async () => {
    const bench = await quarantinedOne();

    const outcome = await drain(bench);
    for (const record of bench.ledger.all()) {
      bench.ledger.forget(record);
    }
    const again = await drain(bench);

    const offsets = { total: 10n, processed: 9n, quarantined: 1n, unknown: 0n, left: 0n };
    expect(outcome).toMatchObject({ isDone: true, isCompleted: false, offsets });
    expect(again).toMatchObject({ isDone: true, isCompleted: false, offsets });
  });

  test("of a source with nothing in it is completed", async () => {
    expect(await drain(createSchedulerBench(1), { selection: { topics: ["none"] } })).toMatchObject({
      isDone: true,
      isCompleted: true,
      offsets: { total: 0n },
    });
  });

  test("has looked at its own ranges alone, each as a whole", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await bench.tick();
    await giveUp(bench.ledger, bench.ledger.all()[0] ?? expect.unreachable("no range"), { at: 1n, first: "SKIPPED" });
    bench.completeAll();
    bench.produce(0, 3);
    await drain(bench);

    expect(await drain(bench)).toMatchObject({ isCompleted: true, offsets: { total: 3n, processed: 3n } });
  });

  test("tells what the table has forgotten meanwhile as unknown", async () => {
    const bench = await quarantinedOne();
    for (const record of bench.ledger.all().filter(({ status }) => status === "QUARANTINED")) {
      bench.ledger.forget(record);
    }

    expect(await drain(bench)).toMatchObject({ isCompleted: false, offsets: { processed: 9n, unknown: 1n } });
  });

  test("tells what a partition that is gone still owed as left", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await drain(bench, { maxRecordsPerPartition: 2n });
    bench.log.deleteTopic("orders");

    expect(await drain(bench)).toMatchObject({
      isDone: true,
      isCompleted: false,
      offsets: { total: 5n, processed: 2n, left: 3n },
    });
  });

  test("that earlier code has pinned says nothing of its offsets", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await drain(bench);
    const record = (await bench.ledger.readPipeline("word-count")) ?? expect.unreachable("no pipeline");
    const { drain: pinned = expect.unreachable("no drain"), revision } = record;
    const topics = pinned.topics.map((topic) => ({ ...topic, partitions: [{ partition: 0, untilOffset: 5n }] }));
    await bench.ledger.writePipeline({ ...record, revision: revision + 1, drain: { ...pinned, topics } });

    const outcome = await drain(bench);

    expect(outcome).toMatchObject({ isDone: true, isCompleted: false });
    expect(outcome).not.toHaveProperty("offsets");
  });
});
