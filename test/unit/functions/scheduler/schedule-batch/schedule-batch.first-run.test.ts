// What a pipeline's first run owes: one chain per partition, whoever else begins it
// at the same time, and the start that was asked for.

import { expect, test } from "vitest";
import { RangeReadError } from "../../../../../shared/core/errors.ts";
import { verifyChain } from "../../../../../shared/core/verify/verify-chain.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

/** A ledger whose first plan comes late: meanwhile the log grows, or shrinks, and another scheduler runs. */
function overtaken(bench: SchedulerBench, meanwhile: () => Promise<unknown>) {
  let isOvertaken = false;
  const planRange: typeof bench.ledger.planRange = async (record) => {
    if (!isOvertaken) {
      isOvertaken = true;
      await meanwhile();
    }
    return bench.ledger.planRange(record);
  };
  return { ledger: { ...bench.ledger, planRange } };
}

function problemsOf(bench: SchedulerBench): readonly string[] {
  return verifyChain(bench.ledger.all(), { now: bench.clock.now(), mode: "live" }).map(({ message }) => message);
}

test("G2: two first runs at latest that saw different ends begin one chain", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 5);
  const latest = { startingOffsets: "latest" } as const;

  await bench.tick(
    latest,
    overtaken(bench, async () => {
      bench.produce(0, 2);
      await bench.tick(latest);
    }),
  );

  expect(problemsOf(bench)).toEqual([]);
});

test("G2: two first runs at earliest, with retention between them, begin one chain", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 5);

  await bench.tick(
    {},
    overtaken(bench, async () => {
      bench.log.deleteBelow({ topic: "orders", partition: 0 }, 3n);
      await bench.tick();
    }),
  );

  expect(problemsOf(bench)).toEqual([]);
});

test("a partition whose end was unknown in the first run starts at latest in the next one", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 5);
  bench.source.failListing({ topic: "orders", partition: 0 }, new RangeReadError("leader is away"));
  await bench.tick({ startingOffsets: "latest" });
  bench.source.failListing({ topic: "orders", partition: 0 }, undefined);

  await bench.tick({ startingOffsets: "latest" });

  expect(bench.chains()).toEqual(["0: ANCHOR [5, 5)"]);
});
