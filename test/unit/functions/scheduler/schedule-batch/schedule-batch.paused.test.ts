import { expect, test } from "vitest";
import { beginReprocess } from "../../../../../functions/scheduler/reprocess/reprocess.ts";
import { aReprocessPayload } from "../../../../support/builders/reprocess-builders.ts";
import { pauseBench, resumeBench } from "../../../../support/pipeline/pause-bench.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

/** A pipeline of two partitions that has completed [0, 5) of each. */
async function aRunningBench(): Promise<SchedulerBench> {
  const bench = createSchedulerBench(2);
  bench.produceToEach(5);
  await bench.tick();
  bench.dispatcher.take();
  bench.completeAll();
  return bench;
}

test("PS1: a paused partition plans and dispatches nothing, says who and why, and still reports its lag", async () => {
  const bench = await aRunningBench();
  await pauseBench(bench, 1);
  bench.produceToEach(3);

  const { partitions } = await bench.tick();

  expect(partitions).toMatchObject([
    { partition: 0, kind: "planned", lag: 3n },
    {
      partition: 1,
      kind: "paused",
      lag: 3n,
      reason: expect.stringMatching(/paused by ann since .*: the schema changes/),
    },
  ]);
  expect(bench.dispatcher.accepted.map(({ record }) => record.partition)).toEqual([0]);
});

test("PS1: a paused pipeline drives no open range, and goes on where it was with the resume", async () => {
  const bench = createSchedulerBench(2);
  bench.produceToEach(5);
  await bench.tick();
  bench.dispatcher.take();
  await pauseBench(bench);
  bench.clock.advance(3_600_000);

  const { partitions } = await bench.tick();

  expect(partitions.map(({ kind }) => kind)).toEqual(["paused", "paused"]);
  expect(bench.dispatcher.accepted).toEqual([]);
  await resumeBench(bench);
  const resumed = await bench.tick();
  expect(resumed.partitions.map(({ kind }) => kind)).toEqual(["redispatched", "redispatched"]);
});

test("PS1: a range that was dispatched before the pause is finished by its processor", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 5);
  await bench.tick();
  await pauseBench(bench);

  bench.completeAll();
  bench.produce(0, 3);
  await bench.tick();

  expect(bench.chains()).toEqual(["0: COMPLETED [0, 5)"]);
});

test("PS2: a run that had read the record before the pause still plans, the next one does not", async () => {
  const bench = await aRunningBench();
  bench.produceToEach(3);
  let isPaused = false;
  const ledger = {
    ...bench.ledger,
    newestRange: async (chain: Parameters<typeof bench.ledger.newestRange>[0]) => {
      if (!isPaused) {
        isPaused = true;
        await pauseBench(bench);
      }
      return bench.ledger.newestRange(chain);
    },
  };

  const inFlight = await bench.tick({}, { ledger });

  expect(inFlight.partitions.map(({ kind }) => kind)).toEqual(["planned", "planned"]);
  bench.completeAll();
  bench.produceToEach(3);
  const next = await bench.tick();
  expect(next.partitions.map(({ kind }) => kind)).toEqual(["paused", "paused"]);
});

test("PS3, G8: the run of a paused pipeline writes nothing until its checkpoints are about to be forgotten", async () => {
  const bench = await aRunningBench();
  await bench.tick();
  await pauseBench(bench);
  bench.produceToEach(3);
  const before = bench.ledger.writes;

  await bench.tick();

  expect(bench.ledger.writes).toBe(before);
  bench.clock.advance(bench.rules.retentionMs * 0.6);
  const { partitions } = await bench.tick();
  expect(partitions.map(({ kind }) => kind)).toEqual(["renewed", "renewed"]);
  expect(bench.ledger.writes).toBe(before + 2);
});

test("PS1: a partition found while the pipeline is paused begins with the resume, at its log's beginning", async () => {
  const bench = await aRunningBench();
  const selection = { topics: ["clicks", "orders"] };
  await pauseBench(bench);
  bench.log.createTopic("clicks", 1);
  bench.log.append({ topic: "clicks", partition: 0 }, ["a", "b"]);
  const found = await bench.tick({ selection });
  expect(found.partitions[0]).toMatchObject({ topic: "clicks", kind: "paused" });
  bench.log.append({ topic: "clicks", partition: 0 }, ["c"]);
  await resumeBench(bench);

  const { partitions } = await bench.tick({ selection });

  expect(partitions[0]).toMatchObject({ topic: "clicks", kind: "planned", fromOffset: 0n, untilOffset: 3n });
});

test("PS4, G9: a reprocess request goes on while its pipeline is paused", async () => {
  const bench = await aRunningBench();
  await pauseBench(bench);

  const ranges = [{ topic: "orders", partition: 0, fromOffset: 0n, untilOffset: 4n }];
  const outcome = await beginReprocess(bench.deps, bench.rules, aReprocessPayload("again-1", ranges));

  expect(outcome.ranges).toMatchObject([{ kind: "planned" }]);
});
