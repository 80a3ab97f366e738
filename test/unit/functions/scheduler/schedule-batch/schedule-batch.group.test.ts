import { describe, expect, test } from "vitest";
import type { SchedulerRules } from "../../../../../functions/scheduler/deps/scheduler-deps.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { createSchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

type OnNoMatch = NonNullable<SchedulerRules["startingGroup"]>["onNoMatch"];

/** Three partitions of five records, and what the group has committed of them. */
function benchOf(committed: Readonly<Record<number, bigint>>, { hasMembers = false } = {}) {
  const bench = createSchedulerBench(3);
  bench.produceToEach(5);
  const set = (offsets: Readonly<Record<number, bigint>>, isUsed: boolean) =>
    bench.source.setGroup("old", {
      hasMembers: isUsed,
      offsets: new Map(Object.entries(offsets).map(([partition, offset]) => [`orders-${partition}`, offset])),
    });
  set(committed, hasMembers);
  const tick = (onNoMatch: OnNoMatch = "error") => bench.tick({ startingGroup: { groupId: "old", onNoMatch } });
  return { ...bench, set, start: tick };
}

test("G2 GS1: chains go on where the group has stopped, and the group is never asked again", async () => {
  const bench = benchOf({ 0: 2n, 1: 0n, 2: 5n });

  await bench.start();
  bench.completeAll();
  bench.set({ 0: 0n, 1: 0n, 2: 0n }, false);
  bench.produceToEach(1);
  await bench.start();

  expect(bench.chains()).toEqual([
    "0: COMPLETED [2, 5)",
    "0: PLANNED [5, 6)",
    "1: COMPLETED [0, 5)",
    "1: PLANNED [5, 6)",
    "2: PLANNED [5, 6)",
  ]);
  expect(bench.source.groupQuestions).toEqual(["old"]);
});

test("GS1: nothing starts while somebody consumes with the group; once nobody does, where they stopped", async () => {
  const bench = benchOf({ 0: 1n, 1: 1n, 2: 1n }, { hasMembers: true });

  const refused = bench.start();

  await expect(refused).rejects.toThrow(ConfigurationError);
  await expect(refused).rejects.toThrow(
    /^the pipeline was not started: somebody consumes with group old, [^;]*; [^;]*$/,
  );
  expect(bench.ledger.all()).toEqual([]);
  expect(await bench.ledger.readPipeline("word-count")).toBeUndefined();

  bench.set({ 0: 3n, 1: 4n, 2: 5n }, false);
  await bench.start();
  expect(bench.chains()).toEqual(["0: PLANNED [3, 5)", "1: PLANNED [4, 5)", "2: ANCHOR [5, 5)"]);
});

describe("a partition of which the group has committed nothing", () => {
  test("keeps the pipeline from starting, by name", async () => {
    const bench = benchOf({ 1: 1n });

    await expect(bench.start()).rejects.toThrow(
      "consumer group old has committed no offset of orders-0; say earliest or latest by onNoMatch (--on-no-match)",
    );
    expect(bench.ledger.all()).toEqual([]);
  });

  test.each([
    ["earliest", "0: PLANNED [0, 5)"],
    ["latest", "0: ANCHOR [5, 5)"],
  ] as const)("starts at %s, where that is chosen", async (onNoMatch, chain) => {
    const bench = benchOf({ 1: 1n, 2: 5n });

    await bench.start(onNoMatch);

    expect(bench.chains()).toEqual([chain, "1: PLANNED [1, 5)", "2: ANCHOR [5, 5)"]);
  });
});

test.each([
  [9n, "the starting offset 9 of orders-0 is beyond its log's end 5"],
  [1n, "the starting offset 1 of orders-0 is below its log's first offset 2: those records are gone"],
])("G6: a committed offset %d that the log does not hold is refused", async (offset, problem) => {
  const bench = benchOf({ 0: offset, 1: 0n, 2: 0n });
  bench.log.deleteBelow({ topic: "orders", partition: 0 }, 2n);

  await expect(bench.start("latest")).rejects.toThrow(`${problem} (consumer group old has committed it)`);
  expect(bench.ledger.all()).toEqual([]);
});

test("GS2: what an outage keeps from being read is asked for again, and is no partition without a commit", async () => {
  const bench = benchOf({ 0: 2n, 1: 2n, 2: 2n });
  bench.source.failGroups(true);

  await bench.start("earliest");
  expect(bench.ledger.all()).toEqual([]);

  bench.source.failGroups(false);
  await bench.start("earliest");
  expect(bench.chains()).toEqual(["0: PLANNED [2, 5)", "1: PLANNED [2, 5)", "2: PLANNED [2, 5)"]);
});
