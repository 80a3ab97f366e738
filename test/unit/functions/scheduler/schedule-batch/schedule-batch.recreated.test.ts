import { describe, expect, test, vi } from "vitest";
import { RangeReadError } from "../../../../../shared/core/errors.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const restart = { onTopicRecreated: "restart" } as const;

function recreate(bench: SchedulerBench, partitionCount: number): string {
  bench.log.deleteTopic("orders");
  return bench.log.createTopic("orders", partitionCount);
}

function topicsOf(bench: SchedulerBench) {
  return bench.ledger.readPipeline("word-count").then((record) => record?.topics);
}

describe("G6: a topic that was deleted and created again, with restart", () => {
  test("RT1: every open range of a group is recorded as LOST, also behind a newest one that is closed", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 10);
    await bench.tick({ parallel: { maxRecordsPerRange: 4n } });
    const [first, second] = bench.ledger.all();
    bench.completeAll();
    for (const record of [first, second]) {
      void (record !== undefined && bench.ledger.put(record));
    }
    recreate(bench, 1);
    bench.produce(0, 1);

    const { partitions } = await bench.tick(restart);

    expect(partitions.filter(({ kind }) => kind === "lost")).toMatchObject([
      { topic: "orders", partition: 0, fromOffset: 0n, untilOffset: 3n },
      { topic: "orders", partition: 0, fromOffset: 3n, untilOffset: 6n },
    ]);
    expect(bench.chains().slice(0, 3)).toEqual(["0: LOST [0, 3)", "0: LOST [3, 6)", "0: COMPLETED [6, 10)"]);
    expect((await topicsOf(bench))?.[0]?.endedAt).toBe(bench.clock.now());
  });

  test("goes on with the new one although a partition of the old one had never begun", async () => {
    const bench = createSchedulerBench(2);
    bench.produceToEach(3);
    bench.source.failListing({ topic: "orders", partition: 1 }, new RangeReadError("no leader"));
    await bench.tick(restart);
    bench.source.failListing({ topic: "orders", partition: 1 }, undefined);
    const topicId = recreate(bench, 2);
    bench.produceToEach(1);
    await bench.tick(restart);
    bench.completeAll();
    bench.produceToEach(1);

    const { partitions } = await bench.tick(restart);

    expect(partitions.map(({ kind, reason }) => reason ?? kind)).toEqual(["planned", "planned"]);
    expect(await bench.ledger.readPipeline("word-count")).toMatchObject({
      topics: [{ topicId: bench.topicId, endedAt: bench.clock.now() }, { topicId }],
    });
    expect((await bench.ledger.readPipeline("word-count"))?.starting).toBeUndefined();
  });

  test("RT1: a range whose run died before it counted the partition as started is recorded as LOST as well", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);
    const writePipeline: typeof bench.ledger.writePipeline = (record) =>
      record.topics.length > 0 ? Promise.reject(new Error("died")) : bench.ledger.writePipeline(record);
    await expect(bench.tick(restart, { ledger: { ...bench.ledger, writePipeline } })).rejects.toThrow("died");
    const topicId = recreate(bench, 1);
    bench.produce(0, 1);

    await bench.tick(restart);
    bench.completeAll();
    const { partitions } = await bench.tick(restart);

    expect(partitions).toMatchObject([{ kind: "idle" }]);
    expect(bench.chains()).toEqual(["0: LOST [0, 3)", "0: COMPLETED [0, 1)"]);
    expect(await topicsOf(bench)).toMatchObject([
      { topicId: bench.topicId, endedAt: bench.clock.now() },
      { topicId, partitions: [0] },
    ]);
  });

  test("a run that was overtaken by the re-creation does not bring the old one back", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);
    let topicId = "";
    const planRange: typeof bench.ledger.planRange = async (record) => {
      const outcome = await bench.ledger.planRange(record);
      topicId = recreate(bench, 1);
      bench.produce(0, 1);
      await bench.tick(restart);
      return outcome;
    };
    await bench.tick(restart, { ledger: { ...bench.ledger, planRange } });
    bench.completeAll();
    bench.produce(0, 1);

    const { partitions } = await bench.tick(restart);

    expect(partitions).toMatchObject([{ kind: "planned", fromOffset: 1n, untilOffset: 2n }]);
    expect((await topicsOf(bench))?.map((topic) => [topic.topicId, topic.endedAt])).toEqual([
      [bench.topicId, bench.clock.now()],
      [topicId, undefined],
    ]);
  });
});

test("G6: a run of the old topic that another one of the new topic overtook begins nothing", async () => {
  const bench = createSchedulerBench(1);
  const old = await bench.source.describe({ topics: ["orders"] });
  bench.log.deleteTopic("orders");
  bench.log.createTopic("orders", 1);
  bench.produce(0, 9);
  const restart = { onTopicRecreated: "restart" } as const;
  await bench.tick(restart);
  const chains = bench.chains();
  const readPipeline = vi
    .fn((pipeline: string) => bench.ledger.readPipeline(pipeline))
    .mockResolvedValueOnce(undefined);
  const late = { source: { ...bench.source, describe: async () => old }, ledger: { ...bench.ledger, readPipeline } };

  const outcome = await bench.tick(restart, late);

  expect(outcome.partitions).toMatchObject([{ kind: "held", reason: expect.stringContaining("another run began") }]);
  bench.completeAll();
  const next = await bench.tick(restart);
  expect(next.partitions.map(({ kind }) => kind)).toEqual(["idle"]);
  expect(chains).toEqual(["0: PLANNED [0, 9)"]);
  expect(bench.chains()).toEqual(["0: COMPLETED [0, 9)"]);
});
