import { expect, test } from "vitest";
import { createSchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

test("G2: a range that is open while other rules are deployed keeps its offsets and is finished once", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 50);
  await bench.tick({ maxRecordsPerPartition: 20n });
  bench.dispatcher.take();
  bench.produce(0, 50);
  bench.clock.advance(bench.rules.dispatchTimeoutMs);

  const deployed = { maxRecordsPerPartition: 7n, startingOffsets: "latest", maxAttempts: 1 } as const;
  await bench.tick(deployed);

  expect(bench.chains()).toEqual(["0: PLANNED [0, 20)"]);
  expect(bench.dispatcher.take()).toMatchObject([{ record: { fromOffset: 0n, untilOffset: 20n } }]);
  bench.completeAll();
  await bench.tick(deployed);
  expect(bench.chains()).toEqual(["0: COMPLETED [0, 20)", "0: PLANNED [20, 27)"]);
});
