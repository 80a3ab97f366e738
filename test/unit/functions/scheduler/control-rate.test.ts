import { expect, test } from "vitest";
import { createSchedulerBench, type SchedulerBench } from "../../../support/pipeline/scheduler-bench.ts";

const rules = {
  backpressure: { proportional: 1, integral: 0.2, derived: 0, minRate: 1 },
  batchIntervalMs: 10_000,
  isSizeAdaptive: false,
  initialRecordsPerPartition: 500n,
  maxRecordsPerPartition: 1_000n,
};

/** Takes what is open to its end, in so many seconds from now. */
function finish(bench: SchedulerBench, seconds: number): void {
  const open = bench.ledger.all().filter(({ status }) => status === "PLANNED");
  bench.completeAll();
  bench.clock.advance(seconds * 1_000);
  for (const { chain, fromOffset } of open) {
    const record = bench.ledger
      .all()
      .find((one) => one.chain.partition === chain.partition && one.fromOffset === fromOffset);
    bench.ledger.put({ ...(record ?? open[0] ?? never()), completedAt: bench.clock.now() });
  }
}

function never(): never {
  throw new Error("no range is open");
}

async function rateOf(bench: SchedulerBench) {
  return (await bench.ledger.readPipeline("word-count"))?.rate;
}

test("the first batches take the initial size, those after the second the rate, shared by lag", async () => {
  const bench = createSchedulerBench(2);
  bench.produce(0, 5_000);
  bench.produce(1, 3_000);
  const outcomes: unknown[] = [];
  for (let run = 0; run < 3; run += 1) {
    const { partitions, rate } = await bench.tick(rules);
    outcomes.push([rate, ...partitions.map(({ limitedBy }) => limitedBy)]);
    finish(bench, 20);
  }

  expect(outcomes).toEqual([
    [undefined, "initialRecordsPerPartition", "initialRecordsPerPartition"],
    [undefined, "initialRecordsPerPartition", "initialRecordsPerPartition"],
    [50, "backpressure", "backpressure"],
  ]);
  // 1,000 records in 20 s are 50 a second, 500 in an interval; 4,000 and 2,000 are left.
  expect(bench.chains().filter((chain) => chain.includes("[1000, "))).toEqual([
    "0: COMPLETED [1000, 1333)",
    "1: COMPLETED [1000, 1166)",
  ]);
});

test("G8: nothing completed costs no write, and a batch that was counted in is not counted again", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 500);
  await bench.tick(rules);
  const before = bench.ledger.writes;
  await bench.tick(rules);
  expect(bench.ledger.writes).toBe(before);
  finish(bench, 5);

  await bench.tick(rules);
  await bench.tick(rules);

  expect(bench.ledger.writes).toBe(before + 1);
  expect(await rateOf(bench)).toEqual({ latestTime: bench.clock.now(), latestRate: 100 });
});

test("two schedulers at once count a batch in once", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 500);
  await bench.tick(rules);
  finish(bench, 5);

  await Promise.all([bench.tick(rules), bench.tick(rules)]);

  expect(await rateOf(bench)).toEqual({ latestTime: bench.clock.now(), latestRate: 100 });
});

test("without backpressure nothing is counted in, and what was learnt before is kept and not used", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 5_000);
  for (let run = 0; run < 3; run += 1) {
    await bench.tick(rules);
    finish(bench, 5);
  }
  const learnt = await rateOf(bench);
  const { backpressure: _off, ...others } = rules;

  const { rate, partitions } = await bench.tick(others);

  expect(rate).toBeUndefined();
  expect(partitions).toMatchObject([{ limitedBy: "maxRecordsPerPartition" }]);
  expect(await rateOf(bench)).toEqual(learnt);
});

test("a partition that is halted keeps no share of the rate", async () => {
  const bench = createSchedulerBench(2);
  bench.produceToEach(5_000);
  for (let run = 0; run < 2; run += 1) {
    await bench.tick(rules);
    finish(bench, 20);
  }
  await bench.tick(rules);
  for (const record of bench.ledger.all().filter(({ status, partition }) => status === "PLANNED" && partition === 0)) {
    bench.ledger.put({ ...record, status: "FAILED" });
  }
  bench.completeAll();

  const { partitions } = await bench.tick(rules);

  expect(partitions).toMatchObject([{ kind: "halted" }, { kind: "planned", limitedBy: "backpressure" }]);
  const planned = partitions[1];
  expect((planned?.untilOffset ?? 0n) - (planned?.fromOffset ?? 0n)).toBe(500n);
});
