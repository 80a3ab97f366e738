import { describe, expect, test } from "vitest";
import type { BatchOutcome } from "../../../../../functions/scheduler/schedule-batch.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { verifyChain } from "../../../../../shared/core/verify/verify-chain.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const ORDERS_0 = { topic: "orders", partition: 0 };

/** One partition with [0, 5) completed, read under leader epoch 0. */
async function aBench(): Promise<SchedulerBench> {
  const bench = createSchedulerBench(1);
  bench.produce(0, 5);
  await bench.tick();
  bench.completeAll();
  bench.ledger.put({ ...newestOf(bench), leaderEpoch: 0 });
  return bench;
}

function newestOf({ ledger }: SchedulerBench): RangeRecord {
  const newest = ledger.all().at(-1);
  if (newest === undefined) {
    throw new Error("the ledger is empty");
  }
  return newest;
}

function onlyOf({ partitions }: BatchOutcome) {
  expect(partitions).toHaveLength(1);
  return partitions[0];
}

describe("G6: an end below what is planned", () => {
  test("is asked for again first: a broker that stopped leading may have answered", async () => {
    const bench = await aBench();
    bench.produce(0, 2);
    bench.source.answerEnd(ORDERS_0, 3n);

    const outcome = await bench.tick();

    expect(onlyOf(outcome)).toMatchObject({ kind: "planned", fromOffset: 5n, untilOffset: 7n });
  });

  test("holds the partition, and says that the log was truncated where the leader epoch tells", async () => {
    const bench = await aBench();
    bench.log.truncate(ORDERS_0, 3n);

    const outcome = await bench.tick();

    expect(onlyOf(outcome)?.kind).toBe("held");
    expect(onlyOf(outcome)?.reason).toMatch(/ends at 3, below 5 .* truncated, leader epoch 0 ends at 3 now/);
  });

  test("holds the partition, and says so, where a replica merely lags behind", async () => {
    const bench = await aBench();
    bench.source.answerEnd(ORDERS_0, 3n, 3n);

    const outcome = await bench.tick();

    expect(onlyOf(outcome)?.kind).toBe("held");
    expect(onlyOf(outcome)?.reason).toMatch(/a replica that lags behind .* epoch 0 reaches to 5/);
    expect(onlyOf(await bench.tick())?.kind).toBe("idle");
  });

  test("does not call a log truncated by the epoch of what lies before offsets that were given up", async () => {
    const bench = await aBench();
    bench.log.truncate(ORDERS_0, 3n);
    bench.ledger.put({ ...newestOf(bench), status: "SKIPPED", committedOffset: 2n });

    const outcome = await bench.tick();

    expect(onlyOf(outcome)?.reason).toMatch(/also when asked again: a stale leader's answer, or the log was truncated/);
  });

  test("G8: costs one more listing, and none where nothing went back", async () => {
    const bench = await aBench();
    await bench.tick();
    const calm = bench.source.listings.length;
    bench.source.answerEnd(ORDERS_0, 3n);

    await bench.tick();

    expect(bench.source.listings.length - calm).toBe(2);
    await bench.tick();
    expect(bench.source.listings.length - calm).toBe(3);
  });
});

describe("G6: onDataLoss skip", () => {
  test("records at once all that is lost behind a LOST range, and goes on at the log's beginning", async () => {
    const bench = await aBench();
    bench.produce(0, 40);
    await bench.tick({ maxRecordsPerPartition: 5n });
    const how = { at: 10n, first: "LOST", now: bench.clock.now(), retentionMs: 1e9 } as const;
    await bench.ledger.splitRange(newestOf(bench), how);
    bench.log.deleteBelow(ORDERS_0, 30n);

    const lost = await bench.tick({ onDataLoss: "skip" });
    const planned = await bench.tick({ onDataLoss: "skip", maxRecordsPerPartition: 100n });

    expect(onlyOf(lost)).toMatchObject({ kind: "lost", fromOffset: 10n, untilOffset: 30n });
    expect(onlyOf(planned)).toMatchObject({ kind: "planned", fromOffset: 30n, untilOffset: 45n });
    expect(bench.chains()).toEqual([
      "0: COMPLETED [0, 5)",
      "0: LOST [5, 10)",
      "0: LOST [10, 30)",
      "0: PLANNED [30, 45)",
    ]);
    expect(verifyChain(bench.ledger.all(), { now: 0, mode: "live" })).toEqual([]);
  });

  test("does not tell the reader of an epoch that the lost records may not have had", async () => {
    const bench = await aBench();
    bench.produce(0, 20);
    await bench.tick({ maxRecordsPerPartition: 5n });
    bench.ledger.put({ ...newestOf(bench), leaderEpoch: 0 });
    const how = { at: 10n, first: "LOST", now: bench.clock.now(), retentionMs: 1e9 } as const;
    await bench.ledger.splitRange(newestOf(bench), how);

    await bench.tick();

    expect(newestOf(bench)).toMatchObject({ status: "PLANNED", fromOffset: 10n });
    expect(newestOf(bench).leaderEpoch).toBeUndefined();
  });
});

describe("G6: a topic that was deleted and created again", () => {
  function recreate(bench: SchedulerBench, records: number): string {
    bench.log.deleteTopic("orders");
    const topicId = bench.log.createTopic("orders", 1);
    bench.produce(0, records);
    return topicId;
  }

  test.each([2, 50])(
    "is held with onTopicRecreated fail, also when it is longer already (%d records)",
    async (records) => {
      const bench = await aBench();
      recreate(bench, records);

      const outcome = await bench.tick();

      expect(onlyOf(outcome)?.kind).toBe("held");
      expect(bench.ledger.all()).toHaveLength(1);
    },
  );

  test.each([2, 50])("is read from its beginning with restart, whatever its length (%d records)", async (records) => {
    const bench = await aBench();
    const topicId = recreate(bench, records);

    const outcome = await bench.tick({ onTopicRecreated: "restart" });

    expect(onlyOf(outcome)).toMatchObject({ kind: "planned", fromOffset: 0n, untilOffset: BigInt(records) });
    expect(newestOf(bench).chain.topicId).toBe(topicId);
  });

  test("is not ended by a broker that still tells of the old one", async () => {
    const bench = await aBench();
    const before = await bench.source.describe({ topics: ["orders"] });
    recreate(bench, 2);
    await bench.tick({ onTopicRecreated: "restart" });
    const chains = bench.chains();
    const { writes } = bench.ledger;
    const source = { ...bench.source, describe: async () => before };

    const outcome = await bench.tick({ onTopicRecreated: "restart" }, { source });

    expect(onlyOf(outcome)).toMatchObject({ kind: "held", reason: expect.stringContaining("lags behind") });
    expect(bench.chains()).toEqual(chains);
    expect(bench.ledger.writes).toBe(writes);
  });

  test("what the old one still owed is recorded as LOST once its lease is over, and the old one as ended", async () => {
    const bench = await aBench();
    bench.produce(0, 3);
    await bench.tick();
    const claim = { kind: "claim", owner: "p", now: bench.clock.now(), leaseMs: 60_000 } as const;
    await bench.ledger.changeRange(newestOf(bench), claim);
    const topicId = recreate(bench, 2);
    const topics = async () => (await bench.ledger.readPipeline("word-count"))?.topics;
    const restart = { onTopicRecreated: "restart" } as const;

    await bench.tick(restart);
    await bench.tick(restart);
    expect(bench.chains()[1]).toBe("0: RUNNING [5, 8)");
    expect((await topics())?.map(({ endedAt }) => endedAt)).toEqual([undefined, undefined]);
    bench.clock.advance(60_000);
    await bench.tick(restart);

    expect(bench.chains()[1]).toBe("0: LOST [5, 8)");
    expect(bench.ledger.all()[1]?.error?.name).toBe("TopicRecreated");
    expect(await topics()).toMatchObject([
      { topicId: bench.topicId, endedAt: bench.clock.now() },
      { topicId, partitions: [0] },
    ]);
    const { writes } = bench.ledger;
    bench.completeAll();
    await bench.tick(restart);
    expect(bench.ledger.writes).toBe(writes);
  });
});

describe("G6: a partition that vanished", () => {
  test("is held and told, while the source asks for it", async () => {
    const bench = await aBench();
    bench.log.deleteTopic("orders");

    const outcome = await bench.tick();
    const byPattern = await bench.tick({ selection: { topicPattern: "ord.*" } });
    const elsewhere = await bench.tick({ selection: { topicPattern: "returns" } });

    expect(onlyOf(outcome)).toMatchObject({
      ...ORDERS_0,
      kind: "held",
      reason: expect.stringContaining("take it out"),
    });
    expect(onlyOf(byPattern)?.kind).toBe("held");
    expect(elsewhere.partitions).toEqual([]);
  });
});
