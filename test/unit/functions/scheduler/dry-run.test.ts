import { expect, test } from "vitest";
import { dryDeps } from "../../../../functions/scheduler/dry-run.ts";
import { createSchedulerBench } from "../../../support/pipeline/scheduler-bench.ts";

const actions = (partitions: readonly { kind: string; fromOffset?: bigint; untilOffset?: bigint }[]) =>
  partitions.map(({ kind, fromOffset, untilOffset }) => ({ kind, fromOffset, untilOffset }));

test("DR1: a dry first run says what the run would plan, writes nothing and invokes nobody", async () => {
  const bench = createSchedulerBench();
  bench.produce(0, 5);
  bench.produce(2, 7);

  const dry = await bench.tick({}, dryDeps(bench.deps));

  expect([bench.ledger.writes, await bench.ledger.readPipeline("word-count"), bench.dispatcher.accepted]).toEqual([
    0,
    undefined,
    [],
  ]);
  expect(actions(dry.partitions)).toEqual(actions((await bench.tick()).partitions));
});

test("DR1: a dry run over chains that exist drives nothing", async () => {
  const bench = createSchedulerBench(2);
  bench.produceToEach(5);
  await bench.tick();
  bench.completeAll();
  bench.produce(0, 3);
  await bench.tick();
  bench.produce(1, 3);
  bench.clock.advance(bench.rules.dispatchTimeoutMs);
  const before = bench.ledger.all();
  bench.dispatcher.take();

  const dry = await bench.tick({}, dryDeps(bench.deps));

  expect(bench.ledger.all()).toEqual(before);
  expect(bench.dispatcher.accepted).toEqual([]);
  expect(actions(dry.partitions)).toEqual([
    { kind: "redispatched", fromOffset: 5n, untilOffset: 8n },
    { kind: "planned", fromOffset: 5n, untilOffset: 8n },
  ]);
  expect(actions(dry.partitions)).toEqual(actions((await bench.tick()).partitions));
});
