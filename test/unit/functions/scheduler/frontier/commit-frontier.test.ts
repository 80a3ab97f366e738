import { describe, expect, test, vi } from "vitest";
import { createFrontierCommitter } from "../../../../../functions/scheduler/frontier/commit-frontier.ts";
import { reportOutcome } from "../../../../../functions/scheduler/report-outcome.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { GROUP_CHECK_MS } from "../../../../../shared/core/limits.ts";
import { formatTopicPartition } from "../../../../../shared/core/range/topic-partition.ts";
import type { GroupOffset, GroupOffsets, RefusedOffset } from "../../../../../shared/core/source/group-offsets.ts";
import { START } from "../../../../support/fake-clock.ts";
import { pauseBench, resumeBench } from "../../../../support/pipeline/pause-bench.ts";
import { createSchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

interface FakeGroup extends GroupOffsets {
  readonly offsets: Map<string, bigint>;
  readonly calls: string[];
  fails: Error | undefined;
  refuses: readonly RefusedOffset[];
}

function fakeGroup(): FakeGroup {
  const offsets = new Map<string, bigint>();
  const group: FakeGroup = {
    groupId: "watched",
    offsets,
    calls: [],
    fails: undefined,
    refuses: [],
    fetch: async () => {
      group.calls.push("fetch");
      return new Map(offsets);
    },
    commit: async (committed: readonly GroupOffset[]) => {
      group.calls.push(`commit ${committed.length}`);
      if (group.fails !== undefined) {
        throw group.fails;
      }
      const refused = new Set(group.refuses.map(formatTopicPartition));
      for (const one of committed.filter((each) => !refused.has(formatTopicPartition(each)))) {
        offsets.set(formatTopicPartition(one), one.offset);
      }
      return group.refuses;
    },
  };
  return group;
}

function bench() {
  const scheduler = createSchedulerBench(2);
  const group = fakeGroup();
  const commitFrontier = createFrontierCommitter(group, scheduler.clock.now);
  const told = () => Object.fromEntries(group.offsets);
  return {
    clock: scheduler.clock,
    group,
    told,
    produceToEach: (records: number) => scheduler.produceToEach(records),
    completeAll: () => scheduler.completeAll(),
    run: () => scheduler.tick({}, { commitFrontier }),
    pause: (partition?: number) => pauseBench(scheduler, partition),
    resume: (partition?: number) => resumeBench(scheduler, partition),
  };
}

describe("the group", () => {
  test("COF1: is never told more than the ledger has completed, and all of it by the next run, also the last", async () => {
    const { run, produceToEach, completeAll, told } = bench();
    produceToEach(10);

    const first = await run();
    expect(told()).toEqual({});
    expect(first.frontier).toEqual({ groupId: "watched", committed: 0 });

    await run();
    expect(told()).toEqual({ "orders-0": 0n, "orders-1": 0n });

    completeAll();
    const last = await run();
    expect(last.partitions.map(({ kind }) => kind)).toEqual(["idle", "idle"]);
    expect(told()).toEqual({ "orders-0": 10n, "orders-1": 10n });
  });

  test("COF2: costs an idle pipeline one read now and then, and no write", async () => {
    const { run, produceToEach, completeAll, group, clock } = bench();
    produceToEach(10);
    await run();
    completeAll();
    await run();
    group.calls.length = 0;

    await run();
    expect(group.calls).toEqual([]);

    clock.advance(GROUP_CHECK_MS);
    await run();
    expect(group.calls).toEqual(["fetch"]);
  });

  test("COF4: that is ahead of the ledger is left there, told once, and passed by the pipeline", async () => {
    const { run, produceToEach, completeAll, group, clock, told } = bench();
    produceToEach(10);
    await run();
    completeAll();
    await run();
    group.offsets.set("orders-0", 15n);
    clock.advance(GROUP_CHECK_MS);

    const [first, second] = [(await run()).frontier, (await run()).frontier];
    const partitions = [{ topic: "orders", partition: 0, offset: 15n, checkpoint: 10n }];
    expect(first).toEqual({ groupId: "watched", committed: 0, ahead: { count: 1, isNew: true, partitions } });
    expect(second?.ahead).toEqual({ count: 1, isNew: false, partitions });

    produceToEach(10);
    await run();
    completeAll();
    expect(await run()).toMatchObject({ frontier: { groupId: "watched", committed: 2 } });
    expect(told()).toEqual({ "orders-0": 20n, "orders-1": 20n });
  });

  test("COF4: that somebody has moved ahead since it was read is not set back by the next commit", async () => {
    const { run, produceToEach, completeAll, group, told } = bench();
    produceToEach(10);
    await run();
    completeAll();
    await run();
    produceToEach(10);
    await run();
    completeAll();
    group.offsets.set("orders-0", 99n);

    const { frontier } = await run();

    expect(frontier).toMatchObject({ committed: 1, ahead: { count: 1, isNew: true } });
    expect(told()).toEqual({ "orders-0": 99n, "orders-1": 20n });
  });

  test("COF4: that somebody has deleted or set back is told anew", async () => {
    const { run, produceToEach, completeAll, group, clock, told } = bench();
    produceToEach(10);
    await run();
    completeAll();
    await run();
    group.offsets.delete("orders-0");
    group.offsets.set("orders-1", 3n);

    clock.advance(GROUP_CHECK_MS);
    await run();

    expect(told()).toEqual({ "orders-0": 10n, "orders-1": 10n });
  });

  test.each(["the pipeline", "a partition"])("COF5: is told nothing of what is paused, where %s is", async (paused) => {
    const { run, produceToEach, completeAll, group, told, pause, resume } = bench();
    produceToEach(10);
    await run();
    completeAll();
    await pause(paused === "a partition" ? 0 : undefined);

    const { frontier } = await run();
    expect(frontier?.failure).toBeUndefined();
    expect(told()).toEqual(paused === "a partition" ? { "orders-1": 10n } : {});
    expect(group.calls.length).toBe(paused === "a partition" ? 2 : 0);

    await resume(paused === "a partition" ? 0 : undefined);
    await run();
    expect(told()).toEqual({ "orders-0": 10n, "orders-1": 10n });
  });

  test("COF3: that refuses stops no planning, and is told again by the next run", async () => {
    const { run, produceToEach, completeAll, group, told } = bench();
    produceToEach(10);
    await run();
    completeAll();
    produceToEach(5);
    group.fails = new ConfigurationError("somebody consumes with group watched");

    const refused = await run();
    expect(refused.frontier).toEqual({ groupId: "watched", committed: 0, failure: group.fails.message });
    expect(refused.partitions.map(({ kind }) => kind)).toEqual(["planned", "planned"]);

    group.fails = undefined;
    await run();
    expect(told()).toEqual({ "orders-0": 10n, "orders-1": 10n });
  });

  test("COF3: that takes some partitions only is told the others again", async () => {
    const { run, produceToEach, completeAll, group } = bench();
    produceToEach(10);
    await run();
    completeAll();
    group.refuses = [{ topic: "orders", partition: 1, reason: "UNKNOWN_TOPIC_OR_PARTITION" }];

    const { frontier } = await run();
    expect(frontier).toMatchObject({ committed: 1, failure: "orders-1 was refused: UNKNOWN_TOPIC_OR_PARTITION" });

    group.refuses = [];
    await run();
    expect(group.calls).toEqual(["fetch", "commit 2", "fetch", "commit 1"]);
  });
});

test("COF4, FT14: a group that is ahead is warned of once, with what to do, and counted at each run", () => {
  const [warn, addMetric] = [vi.fn(), vi.fn()];
  const partitions = [{ topic: "orders", partition: 0, offset: 15n, checkpoint: 10n }];
  const report = (isNew: boolean) => {
    const frontier = { groupId: "watched", committed: 0, ahead: { count: 1, isNew, partitions } };
    const batch = { batchId: "b", partitions: [], missing: [], frontier };
    reportOutcome({ info: vi.fn(), error: vi.fn(), warn }, { addMetric }, { batch, reprocess: [] }, START);
  };

  report(true);
  report(false);

  expect(warn).toHaveBeenCalledExactlyOnceWith("the pipeline's group is ahead of it and was left there", {
    groupId: "watched",
    count: 1,
    partitions: [{ topic: "orders", partition: 0, offset: "15", checkpoint: "10" }],
    remedy: expect.stringContaining("--reset-offsets"),
  });
  expect(addMetric.mock.calls.filter(([name]) => name === "GroupPartitionsAhead")).toEqual(
    Array(2).fill(["GroupPartitionsAhead", "Count", 1]),
  );
});

test("a dry run tells the group nothing", async () => {
  const { dryDeps } = await import("../../../../../functions/scheduler/dry-run.ts");
  const { deps, clock } = createSchedulerBench();

  expect(dryDeps({ ...deps, commitFrontier: createFrontierCommitter(fakeGroup(), clock.now) })).not.toHaveProperty(
    "commitFrontier",
  );
});
