import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { SchedulerDeps } from "../../../../../functions/scheduler/deps/scheduler-deps.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

/** The bench's three brokers lead the partitions by turns; each gets a dispatch every 100 ms, in the middle of its slot. */
const rate = { perSecond: 10, random: () => 0.5 };

/** A run whose pauses end in their order, each moving the bench's clock to its end. */
async function tickInFakeTime(bench: SchedulerBench) {
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const pause = (ms: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    sleepers.push({ at: bench.clock.now() + ms, wake: resolve });
    return promise;
  };
  let isOver = false;
  const run = bench.tick({}, { spread: { ...rate, pause } }).finally(() => {
    isOver = true;
  });
  for (await setImmediate(); !isOver; await setImmediate()) {
    sleepers.sort((a, b) => a.at - b.at);
    const next = sleepers.shift();
    bench.clock.advance(Math.max(0, (next?.at ?? 0) - bench.clock.now()));
    next?.wake();
  }
  return run;
}

test("dispatches are spread over time, and each range is planned when its turn comes", async () => {
  const bench = createSchedulerBench(7);
  bench.produceToEach(5);
  const start = bench.clock.now();

  const { partitions } = await tickInFakeTime(bench);

  const moments = bench.dispatcher.accepted.map(({ record }) => Number(record.dispatchedAt) - start);
  expect(moments).toEqual([50, 50, 50, 150, 150, 150, 250]);
  expect(bench.dispatcher.accepted.every(({ record }) => record.plannedAt === record.dispatchedAt)).toBe(true);
  const outcomes = partitions.map(({ partition, kind }) => `${partition} ${kind}`);
  expect(outcomes).toEqual([0, 1, 2, 3, 4, 5, 6].map((partition) => `${partition} planned`));
});

test("what is dispatched again is spread as well", async () => {
  const bench = createSchedulerBench(6);
  bench.produceToEach(5);
  await bench.tick();
  bench.dispatcher.take();
  bench.clock.advance(bench.rules.dispatchTimeoutMs);
  const start = bench.clock.now();

  await tickInFakeTime(bench);

  const moments = bench.dispatcher.accepted.map(({ record }) => Number(record.dispatchedAt) - start);
  expect(moments).toEqual([50, 50, 50, 150, 150, 150]);
});

test("G8: partitions with nothing to dispatch wait for nobody", async () => {
  const bench = createSchedulerBench(4);
  bench.produceToEach(5);
  await bench.tick();
  const pause = () => expect.unreachable("nothing is dispatched");

  const { partitions } = await bench.tick({}, { spread: { ...rate, pause } });

  expect(partitions.map(({ kind }) => kind)).toEqual(["waiting", "waiting", "waiting", "waiting"]);
});

test("a clock that steps back does not hold a dispatch back for longer than its delay", async () => {
  const bench = createSchedulerBench(1);
  bench.produceToEach(5);
  const pauses: number[] = [];
  const pause = async (ms: number) => void pauses.push(ms);
  let readings = 0;
  const now = () => {
    readings += 1;
    return bench.clock.now() - (readings > 2 ? 3_600_000 : 0);
  };

  await bench.tick({}, { spread: { ...rate, pause }, now });

  expect(pauses).toEqual([50]);
});

test("DD3: what a strict rate leaves no time for is queued and planned by a later run", async () => {
  const bench = createSchedulerBench(3);
  bench.produceToEach(5);
  const spread = {
    perSecond: 1 / 40,
    isStrict: true,
    random: () => 0.5,
    pause: async (ms: number) => bench.clock.advance(ms),
  };
  const oneBroker = sameLeader(bench);

  const first = await bench.tick({}, { ...oneBroker, spread });
  const second = await bench.tick({}, { ...oneBroker, spread });

  expect(first.partitions.map(({ kind }) => kind).toSorted()).toEqual(["planned", "queued", "queued"]);
  expect(first.partitions.find(({ kind }) => kind === "queued")?.reason).toContain("takes 0.025 dispatches a second");
  expect(second.partitions.map(({ kind }) => kind).toSorted()).toEqual(["planned", "queued", "waiting"]);
});

/** The bench's partitions, all led by one broker. */
function sameLeader({ source }: SchedulerBench): Pick<SchedulerDeps, "source"> {
  const describe: typeof source.describe = async (selection) => {
    const described = await source.describe(selection);
    const [{ leader } = {}] = described.partitions;
    return {
      ...described,
      partitions: described.partitions.map((one) => (leader === undefined ? one : { ...one, leader })),
    };
  };
  return { source: { ...source, describe } };
}
