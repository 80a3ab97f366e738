import { describe, expect, test, vi } from "vitest";
import { RangeReadError } from "../../../../shared/core/errors.ts";
import { ENDED_TOPIC_WATCH_MS } from "../../../../shared/core/limits.ts";
import type { ChainKey } from "../../../../shared/core/range-record.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../support/scheduler-bench.ts";

const restart = { onTopicRecreated: "restart" } as const;

function recreate(bench: SchedulerBench, partitionCount: number): string {
  bench.log.deleteTopic("orders");
  return bench.log.createTopic("orders", partitionCount);
}

function topicsOf(bench: SchedulerBench) {
  return bench.ledger.readPipeline("word-count").then((record) => record?.topics);
}

describe("G6: a topic that was deleted and created again, with restart", () => {
  test("Z1: every open range of a group is recorded as LOST, also behind a newest one that is closed", async () => {
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

  test("Z1: a range whose run died before it counted the partition as started is recorded as LOST as well", async () => {
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

test("Z2: what a run plans that slept over the end of its topic is recorded as LOST", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 3);
  const asleep = Promise.withResolvers<void>();
  const isAsleep = Promise.withResolvers<void>();
  const planRange: typeof bench.ledger.planRange = async (record) => {
    isAsleep.resolve();
    await asleep.promise;
    return bench.ledger.planRange(record);
  };
  const sleeper = bench.tick(restart, { ledger: { ...bench.ledger, planRange } });
  await isAsleep.promise;
  const topicId = recreate(bench, 1);
  bench.produce(0, 1);
  await bench.tick(restart);
  await bench.tick(restart);
  const ended = await topicsOf(bench);
  asleep.resolve();
  await sleeper;

  const { partitions } = await bench.tick(restart);

  expect(ended).toMatchObject([{ topicId: bench.topicId, endedAt: bench.clock.now() }, { topicId }]);
  expect(partitions.filter(({ kind }) => kind === "lost")).toMatchObject([{ fromOffset: 0n, untilOffset: 3n }]);
  expect(bench.chains()).toEqual(["0: LOST [0, 3)", "0: PLANNED [0, 1)"]);
});

test("Z2: a topic that has ended for long is not looked at any more", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 3);
  await bench.tick(restart);
  recreate(bench, 1);
  await bench.tick(restart);
  await bench.tick(restart);
  bench.clock.advance(ENDED_TOPIC_WATCH_MS);
  const newestRange = vi.fn((chain: ChainKey) => bench.ledger.newestRange(chain));

  await bench.tick(restart, { ledger: { ...bench.ledger, newestRange } });

  expect(newestRange.mock.calls.map(([{ topicId }]) => topicId)).not.toContain(bench.topicId);
});

describe("F4: a topic that is re-created while its offsets are listed", () => {
  /** The bench's source, with what happens once the beginnings are listed. */
  function listing(bench: SchedulerBench, afterwards: () => void) {
    const listOffsets: typeof bench.source.listOffsets = async (...question) => {
      const answer = await bench.source.listOffsets(...question);
      void (question[1] === "earliest" && afterwards());
      return answer;
    };
    return { source: { ...bench.source, listOffsets } };
  }

  test("starts no pipeline; the next run does, where it is told to", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);
    const late = listing(bench, () => {
      recreate(bench, 1);
      bench.produce(0, 7);
    });

    await expect(bench.tick({ startingOffsets: "latest" }, late)).rejects.toThrow(RangeReadError);
    await bench.tick({ startingOffsets: "latest" });

    expect(bench.chains()).toEqual(["0: ANCHOR [7, 7)"]);
  });

  test("begins no chain of a topic that is found later; the next run does", async () => {
    const bench = createSchedulerBench(1);
    await bench.tick();
    bench.log.createTopic("bills", 1);
    const both = { selection: { topics: ["orders", "bills"] } };
    const late = listing(bench, () => {
      bench.log.deleteTopic("bills");
      bench.log.createTopic("bills", 1);
    });

    const { partitions } = await bench.tick(both, late);

    expect(partitions.find(({ topic }) => topic === "bills")).toMatchObject({
      kind: "held",
      reason: "its topic was re-created while its start was looked up; the next run decides",
    });
    expect((await bench.tick(both)).partitions.find(({ topic }) => topic === "bills")).toMatchObject({
      kind: "anchored",
    });
  });
});
