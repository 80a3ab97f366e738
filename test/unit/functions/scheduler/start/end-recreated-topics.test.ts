import { expect, test, vi } from "vitest";
import { LedgerUnavailableError } from "../../../../../shared/core/errors.ts";
import { ENDED_TOPIC_WATCH_MS } from "../../../../../shared/core/limits.ts";
import type { ChainKey } from "../../../../../shared/core/range/range-record.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const restart = { onTopicRecreated: "restart" } as const;
const DAY_MS = 86_400_000;

function recreate(bench: SchedulerBench): string {
  bench.log.deleteTopic("orders");
  const topicId = bench.log.createTopic("orders", 1);
  bench.produce(0, 1);
  return topicId;
}

function topicsOf(bench: SchedulerBench) {
  return bench.ledger.readPipeline("word-count").then((record) => record?.topics);
}

/** A topic that is ended and one that is read; what wakes up the run that had frozen the start of the one before. */
async function sleepOver(bench: SchedulerBench) {
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
  const topicId = recreate(bench);
  await bench.tick(restart);
  await bench.tick(restart);
  expect(await topicsOf(bench)).toMatchObject([{ topicId: bench.topicId, endedAt: bench.clock.now() }, { topicId }]);
  return async () => {
    asleep.resolve();
    await sleeper;
    expect(bench.chains()).toEqual(["0: PLANNED [0, 3)", "0: PLANNED [0, 1)"]);
  };
}

test("RT2: what a run plans that slept over the end of its topic is recorded as LOST", async () => {
  const bench = createSchedulerBench(1);
  const wakeUp = await sleepOver(bench);
  await wakeUp();

  const { partitions } = await bench.tick(restart);

  expect(partitions.filter(({ kind }) => kind === "lost")).toMatchObject([{ fromOffset: 0n, untilOffset: 3n }]);
  expect(bench.chains()).toEqual(["0: LOST [0, 3)", "0: PLANNED [0, 1)"]);
});

test("RT2: it is recorded as LOST by the next run, however much later that one comes", async () => {
  const bench = createSchedulerBench(1);
  const wakeUp = await sleepOver(bench);
  await wakeUp();
  bench.clock.advance(DAY_MS);

  await bench.tick(restart);
  const [afterLoss] = (await topicsOf(bench)) ?? [];

  expect(bench.chains()[0]).toBe("0: LOST [0, 3)");
  expect(afterLoss?.leftAt).toBe(bench.clock.now());
});

test("RT2: it is recorded as LOST although onTopicRecreated is fail by then", async () => {
  const bench = createSchedulerBench(1);
  const wakeUp = await sleepOver(bench);
  await wakeUp();

  await bench.tick({ onTopicRecreated: "fail" });

  expect(bench.chains()[0]).toBe("0: LOST [0, 3)");
});

test("RT2: it is recorded as LOST although the topic that took its place is deleted by then", async () => {
  const bench = createSchedulerBench(1);
  const wakeUp = await sleepOver(bench);
  await wakeUp();
  bench.log.deleteTopic("orders");

  await bench.tick(restart);

  expect(bench.chains()[0]).toBe("0: LOST [0, 3)");
});

test("G6: with fail, what a run plans that slept over the end of its topic waits for restart, which records it as LOST", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 3);
  const planRange: typeof bench.ledger.planRange = async (record) => {
    recreate(bench);
    await bench.tick();
    return bench.ledger.planRange(record);
  };
  await bench.tick({}, { ledger: { ...bench.ledger, planRange } });

  const held = await bench.tick();
  const chains = bench.chains();
  await bench.tick(restart);

  expect(held.partitions).toMatchObject([{ kind: "held", reason: expect.stringContaining("deleted and re-created") }]);
  expect(chains).toEqual(["0: PLANNED [0, 3)"]);
  expect(bench.chains()).toEqual(["0: LOST [0, 3)", "0: PLANNED [0, 1)"]);
});

test("RT2: an ended topic is looked at until no run of before can be there any more, and once more", async () => {
  const bench = createSchedulerBench(1);
  await sleepOver(bench);
  const newestRange = vi.fn((chain: ChainKey) => bench.ledger.newestRange(chain));
  const looks = async (advanceMs: number) => {
    bench.clock.advance(advanceMs);
    newestRange.mockClear();
    await bench.tick(restart, { ledger: { ...bench.ledger, newestRange } });
    return newestRange.mock.calls.some(([{ topicId }]) => topicId === bench.topicId);
  };

  expect(await looks(ENDED_TOPIC_WATCH_MS - 1)).toBe(true);
  expect(await topicsOf(bench)).not.toMatchObject([{ leftAt: expect.anything() }, {}]);
  expect(await looks(1)).toBe(true);
  expect(await looks(0)).toBe(false);
});

test("CO2: a chain of an ended topic that cannot be read is its own trouble, and looked at again", async () => {
  const bench = createSchedulerBench(1);
  const wakeUp = await sleepOver(bench);
  await wakeUp();
  bench.clock.advance(ENDED_TOPIC_WATCH_MS);
  const newestRange: typeof bench.ledger.newestRange = async (chain) => {
    if (chain.topicId === bench.topicId) {
      throw new LedgerUnavailableError("throttled");
    }
    return bench.ledger.newestRange(chain);
  };

  const { partitions } = await bench.tick(restart, { ledger: { ...bench.ledger, newestRange } });
  await bench.tick(restart);

  expect(partitions.map(({ kind }) => kind)).toEqual(["redispatched", "failed"]);
  expect(partitions[1]?.reason).toContain("its chain was not closed: LedgerUnavailableError: throttled");
  expect(bench.chains()[0]).toBe("0: LOST [0, 3)");
});
