import { describe, expect, test } from "vitest";
import { createFrontierCommitter } from "../../../../../functions/scheduler/frontier/commit-frontier.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { GROUP_CHECK_MS } from "../../../../../shared/core/limits.ts";
import { formatTopicPartition } from "../../../../../shared/core/range/topic-partition.ts";
import type { GroupOffset, GroupOffsets, RefusedOffset } from "../../../../../shared/core/source/group-offsets.ts";
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

  test("that somebody has moved is put right once it is read again", async () => {
    const { run, produceToEach, completeAll, group, clock, told } = bench();
    produceToEach(10);
    await run();
    completeAll();
    await run();
    group.offsets.set("orders-0", 99n);

    clock.advance(GROUP_CHECK_MS);
    await run();

    expect(told()).toEqual({ "orders-0": 10n, "orders-1": 10n });
    expect(group.calls.at(-1)).toBe("commit 1");
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
    expect(group.calls).toEqual(["fetch", "commit 2", "commit 1"]);
  });
});

test("a dry run tells the group nothing", async () => {
  const { dryDeps } = await import("../../../../../functions/scheduler/dry-run.ts");
  const { deps, clock } = createSchedulerBench();

  expect(dryDeps({ ...deps, commitFrontier: createFrontierCommitter(fakeGroup(), clock.now) })).not.toHaveProperty(
    "commitFrontier",
  );
});
