import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { BatchOutcome } from "../../../../../functions/scheduler/schedule-batch.ts";
import { LedgerUnavailableError, RangeReadError } from "../../../../../shared/core/errors.ts";
import { createSchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

function kindsOf({ partitions }: BatchOutcome): readonly string[] {
  return partitions.map(({ kind }) => kind);
}

describe("SB1: the pipeline counts as started on a partition only once its chain exists", () => {
  test("a partition that could not be planned is not counted, one that could is", async () => {
    const bench = createSchedulerBench(2);
    bench.source.failListing({ topic: "orders", partition: 1 }, new RangeReadError("leader is away"));

    await bench.tick();

    expect(await bench.ledger.readPipeline("word-count")).toMatchObject({ topics: [{ partitions: [0] }] });
  });

  test("a run that died before it counted is made up for by the next one", async () => {
    const bench = createSchedulerBench(1);
    const writePipeline = () => Promise.reject(new LedgerUnavailableError("the ledger is down"));
    const died = bench.tick({}, { ledger: { ...bench.ledger, writePipeline } });
    await expect(died).rejects.toThrow("the ledger is down");

    await bench.tick();

    expect(await bench.ledger.readPipeline("word-count")).toMatchObject({ topics: [{ partitions: [0] }] });
  });

  test("G6: a chain that was forgotten is held, not begun anew", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await bench.tick();
    bench.completeAll();
    for (const record of bench.ledger.all()) {
      bench.ledger.forget(record);
    }

    const outcome = await bench.tick();

    expect(outcome.partitions).toMatchObject([{ kind: "held", reason: expect.stringContaining("missing") }]);
    expect(bench.chains()).toEqual([]);
  });

  test("G6: a topic that was re-created is held under its new id, with both ids", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await bench.tick();
    bench.log.deleteTopic("orders");
    const topicId = bench.log.createTopic("orders", 1);
    bench.produce(0, 9);

    const outcome = await bench.tick();

    expect(outcome.partitions[0]?.kind).toBe("held");
    expect(outcome.partitions[0]?.reason).toContain(`started as ${bench.topicId}, is now ${topicId}`);
    expect(bench.chains()).toEqual(["0: PLANNED [0, 5)"]);
  });

  test("G6: a first run that another one overtook does not begin a topic that was re-created since", async () => {
    const bench = createSchedulerBench(1);
    await bench.tick();
    bench.log.deleteTopic("orders");
    bench.log.createTopic("orders", 1);
    bench.produce(0, 9);
    let reads = 0;
    const readPipeline: typeof bench.ledger.readPipeline = (pipeline) => {
      reads += 1;
      return reads === 1 ? Promise.resolve(undefined) : bench.ledger.readPipeline(pipeline);
    };

    const outcome = await bench.tick({}, { ledger: { ...bench.ledger, readPipeline } });

    expect(outcome.partitions).toMatchObject([{ kind: "held", reason: expect.stringContaining("re-created") }]);
    expect(bench.chains()).toEqual(["0: ANCHOR [0, 0)"]);
  });

  test("a partition added later starts at its log's beginning although the pipeline started at latest", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await bench.tick({ startingOffsets: "latest" });
    bench.log.createTopic("payments", 1);
    bench.log.append({ topic: "payments", partition: 0 }, ["first"]);

    await bench.tick({ startingOffsets: "latest", selection: { topics: ["orders", "payments"] } });

    expect(bench.chains()).toEqual(["0: ANCHOR [5, 5)", "0: PLANNED [0, 1)"]);
  });

  test("at latest, what is written before the second run is not lost: the anchor holds the place", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await bench.tick({ startingOffsets: "latest" });
    bench.produce(0, 2);

    await bench.tick({ startingOffsets: "latest" });

    expect(bench.chains()).toEqual(["0: PLANNED [5, 7)"]);
  });
});

describe("two schedulers at once", () => {
  test("G2: plan each range once; the other goes on", async () => {
    const bench = createSchedulerBench();
    bench.produceToEach(5);

    const outcomes = await Promise.all([bench.tick(), bench.tick()]);

    expect(bench.chains()).toEqual([0, 1, 2].map((partition) => `${partition}: PLANNED [0, 5)`));
    expect(bench.dispatcher.accepted).toHaveLength(3);
    expect(outcomes.flatMap(kindsOf).toSorted()).toEqual([
      ...["collided", "collided", "collided"],
      ...["planned", "planned", "planned"],
    ]);
  });

  test("count every partition as started, whoever planned it", async () => {
    const bench = createSchedulerBench();

    await Promise.all([bench.tick(), bench.tick()]);

    expect(await bench.ledger.readPipeline("word-count")).toMatchObject({ topics: [{ partitions: [0, 1, 2] }] });
  });

  test("PP4, OP1: are no contradiction: an end that was listed before the other planned beyond it does not hold", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await bench.tick();
    bench.completeAll();
    const newestRange: typeof bench.ledger.newestRange = async (chain) => {
      // While this scheduler waits for the ledger, the other one plans, and a processor completes.
      await setImmediate();
      bench.produce(0, 4);
      await bench.tick();
      bench.completeAll();
      return bench.ledger.newestRange(chain);
    };

    const outcome = await bench.tick({}, { ledger: { ...bench.ledger, newestRange } });

    expect(kindsOf(outcome)).toEqual(["idle"]);
  });
});
