import { beforeEach, describe, expect, test } from "vitest";
import type { RangeChoice } from "../../../../../shared/core/choice/resolve-choice.ts";
import { ConfigurationError, RangeReadError } from "../../../../../shared/core/errors.ts";
import type { ReprocessPayload } from "../../../../../shared/core/ledger/reprocess-request.ts";
import type { OffsetRange } from "../../../../../shared/core/range/offset-range.ts";
import { type ReprocessRules, resolveReprocess } from "../../../../../shared/core/reprocess/resolve-reprocess.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

let bench: SchedulerBench;

/** orders-0 holds [2, 10), orders-1 holds [0, 10), orders-2 nothing. */
beforeEach(() => {
  bench = createSchedulerBench();
  bench.produce(0, 10);
  bench.produce(1, 10);
  bench.log.deleteBelow({ topic: "orders", partition: 0 }, 2n);
});

function range(partition: number, fromOffset: bigint, untilOffset: bigint): OffsetRange {
  return { topic: "orders", partition, fromOffset, untilOffset };
}

const rules: ReprocessRules = {
  selection: { topics: ["orders"] },
  isolationLevel: "read_committed",
  maxRecordsPerPartition: 1_000n,
};

function resolve(...ranges: readonly OffsetRange[]) {
  return resolveReprocess(bench.source, rules, { target: { kind: "ranges", ranges }, split: {} });
}

test("RE1: adds the topic's id to each range, by topic, partition and offset", async () => {
  const ranges = [range(0, 2n, 5n), range(0, 5n, 10n), range(1, 0n, 10n)];

  expect(await resolve(...ranges.toReversed())).toEqual(ranges.map((one) => ({ topicId: bench.topicId, ...one })));
});

test("asks Kafka once per bound, for each partition once", async () => {
  await resolve(range(0, 2n, 5n), range(0, 5n, 10n));

  expect(bench.source.listings).toEqual([
    { spec: "earliest", partitions: ["orders-0"] },
    { spec: "latest", partitions: ["orders-0"] },
  ]);
});

test.each<[string, readonly OffsetRange[], string]>([
  ["an empty range", [range(0, 5n, 5n)], "orders-0 [5, 5) is empty: untilOffset is exclusive"],
  ["a reversed range", [range(0, 6n, 5n)], "orders-0 [6, 5) is empty"],
  ["two ranges that overlap", [range(0, 5n, 9n), range(0, 2n, 6n)], "orders-0 [2, 6) and orders-0 [5, 9) overlap"],
  ["the same range twice", [range(0, 2n, 6n), range(0, 2n, 6n)], "orders-0 [2, 6) and orders-0 [2, 6) overlap"],
  ["a partition that does not exist", [range(7, 0n, 1n)], "orders-7 does not exist"],
  ["a start below the log", [range(0, 1n, 5n)], "orders-0 [1, 5) begins below the log's first offset 2"],
  ["an end above the log", [range(0, 2n, 11n)], "orders-0 [2, 11) ends above the log's end 10"],
  ["anything of an empty log", [range(2, 0n, 1n)], "orders-2 [0, 1) ends above the log's end 0"],
])("RE2: refuses %s, and says which", async (_, ranges, message) => {
  await expect(resolve(...ranges)).rejects.toThrow(ConfigurationError);
  await expect(resolve(...ranges)).rejects.toThrow(message);
});

test("refuses what an open transaction still hides, under read_committed only", async () => {
  bench.log.appendInTransaction({ topic: "orders", partition: 1 }, ["open"]);

  await expect(resolve(range(1, 0n, 11n))).rejects.toThrow("ends above the log's end 10");
  await expect(
    resolveReprocess(
      bench.source,
      { ...rules, isolationLevel: "read_uncommitted" },
      { target: { kind: "ranges", ranges: [range(1, 0n, 11n)] }, split: {} },
    ),
  ).resolves.toHaveLength(1);
});

test("a partition whose bounds no broker tells is not the request's fault: it may be tried again", async () => {
  bench.source.failListing({ topic: "orders", partition: 0 }, new RangeReadError("leader is away"));

  await expect(resolve(range(0, 2n, 5n))).rejects.toThrow(RangeReadError);
});

test.each<[string, readonly OffsetRange[], RegExp]>([
  ["ranges and logs", [range(0, 1n, 5n), range(1, 0n, 11n)], /begins below.*; .*ends above/],
  [
    "a missing partition, an overlap and a log",
    [range(7, 0n, 1n), range(1, 3n, 9n), range(1, 8n, 12n)],
    /orders-7 does not.*; .*overlap.*; .*ends above/,
  ],
  ["missing partitions", [range(7, 0n, 1n), range(8, 0n, 1n)], /orders-7 does not exist; orders-8 does not exist/],
  [
    "overlaps with one long range",
    [range(1, 0n, 9n), range(1, 1n, 2n), range(1, 3n, 4n)],
    /\[0, 9\) and orders-1 \[1, 2\) overlap.*\[0, 9\) and orders-1 \[3, 4\) overlap/,
  ],
  ["an overlap across an empty range", [range(1, 0n, 9n), range(1, 5n, 5n), range(1, 7n, 8n)], /empty.*; .*overlap/],
])("names every problem at once: %s", async (_, ranges, message) => {
  await expect(resolve(...ranges)).rejects.toThrow(message);
});

describe("a choice of offsets", () => {
  const choose = (choice: Partial<RangeChoice>, more: Partial<Pick<ReprocessPayload, "split">> = {}) =>
    resolveReprocess(bench.source, rules, {
      target: {
        kind: "choice",
        choice: {
          starting: { offsets: "earliest" },
          ending: { offsets: "latest" },
          onNoMatch: "error",
          limits: {},
          ...choice,
        },
      },
      split: {},
      ...more,
    });

  test("RE1: becomes numbers of the pipeline's own source, the empty ranges left out", async () => {
    expect(await choose({})).toEqual([
      { topicId: bench.topicId, ...range(0, 2n, 10n) },
      { topicId: bench.topicId, ...range(1, 0n, 10n) },
    ]);
  });

  test("a source that selects nothing is refused: its request would be done at once", async () => {
    const starting = { offsets: "earliest" } as const;
    const choice = { starting, ending: { offsets: "latest" }, onNoMatch: "error", limits: {} } as const;
    const target = { kind: "choice", choice, selection: { topicPattern: "ord" } } as const;

    await expect(resolveReprocess(bench.source, rules, { target, split: {} })).rejects.toThrow(
      /^nothing was reprocessed: no topic matches the topicPattern "ord"/,
    );
  });

  test("takes other partitions where they are named", async () => {
    const target = {
      kind: "choice",
      choice: { starting: { offsets: "earliest" }, ending: { offsets: "latest" }, onNoMatch: "error", limits: {} },
      selection: { assign: [{ topic: "orders", partition: 1 }] },
    } as const;

    expect(await resolveReprocess(bench.source, rules, { target, split: {} })).toMatchObject([range(1, 0n, 10n)]);
  });

  test("is split to size, by the pipeline's own where the payload names none", async () => {
    const own = await resolveReprocess(
      bench.source,
      { ...rules, maxRecordsPerPartition: 4n },
      { target: { kind: "ranges", ranges: [range(1, 0n, 10n)] }, split: {} },
    );
    const asked = await choose({}, { split: { maxRecordsPerRange: 5n } });

    expect(own).toMatchObject([range(1, 0n, 3n), range(1, 3n, 6n), range(1, 6n, 10n)]);
    expect(asked).toMatchObject([range(0, 2n, 6n), range(0, 6n, 10n), range(1, 0n, 5n), range(1, 5n, 10n)]);
  });

  test("names what is wrong at both of its ends at once", async () => {
    const late = BigInt(bench.clock.now()) + 1_000_000n;
    const wrong = choose({ starting: { timestamps: late }, ending: { timestamps: new Map([["orders-0", 5n]]) } });

    await expect(wrong).rejects.toThrow(/nothing was reprocessed: no offset matched.*; ending timestamps do not name/);
  });

  test("an end of earliest is refused", async () => {
    await expect(choose({ ending: { offsets: "earliest" } })).rejects.toThrow("ending offsets must not be earliest");
  });
});
