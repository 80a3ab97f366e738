import { expect, test } from "vitest";
import {
  freezeWishes,
  type StartWish,
  startsOf,
  withoutStarts,
} from "../../../../../functions/scheduler/observe/starting-partitions.ts";
import type { PipelineRecord, StartingPartition } from "../../../../../shared/core/ledger/pipeline-record.ts";
import { aPartition, ORDERS_ID } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

const OTHER_ID = "0b0d6d40-6f25-4a3b-8c55-000000000009";

function aPipeline(partitions: readonly StartingPartition[], overrides: Partial<PipelineRecord> = {}): PipelineRecord {
  const starting = partitions.length === 0 ? {} : { starting: [{ topicId: ORDERS_ID, topic: "orders", partitions }] };
  return { pipeline: "word-count", revision: 4, startedAt: START, topics: [], ...starting, ...overrides };
}

function aWish(partition: number, wish: Partial<StartWish> = {}): StartWish {
  return { partition: aPartition({ partition }), first: 10n, later: 0n, ...wish };
}

function frozenBy(record: PipelineRecord | undefined, ...wishes: StartWish[]) {
  return freezeWishes(record, wishes, START + 1)?.starting?.flatMap(({ partitions }) => partitions);
}

test("ST2: the first run freezes what it knows, and marks the rest as belonging to the first set", () => {
  expect(frozenBy(undefined, aWish(1), aWish(0, { first: undefined }))).toEqual([
    { partition: 0, start: "pending" },
    { partition: 1, start: 10n },
  ]);
});

test("ST2: a partition of the first set starts where the pipeline is told to, one found later at its log's beginning", () => {
  const record = aPipeline([{ partition: 0, start: "pending" }]);

  expect(frozenBy(record, aWish(0), aWish(1))).toEqual([
    { partition: 0, start: 10n },
    { partition: 1, start: 0n },
  ]);
});

test("ST1: what is frozen never changes, whatever a later run wishes", () => {
  const record = aPipeline([{ partition: 0, start: 5n }]);

  expect(freezeWishes(record, [aWish(0)], START)).toBeUndefined();
});

test("nothing changes while nothing more is known", () => {
  const record = aPipeline([{ partition: 0, start: "pending" }]);
  const wishes = [aWish(0, { first: undefined }), aWish(1, { later: undefined })];

  expect(freezeWishes(record, wishes, START)).toBeUndefined();
});

test("the first run starts the pipeline also without any partition", () => {
  expect(freezeWishes(undefined, [], START)).toEqual({ startedAt: START, topics: [] });
});

test("a change keeps every fact that it does not own", () => {
  const topics = [{ topicId: OTHER_ID, topic: "payments", partitions: [0] }];
  const record = { ...aPipeline([{ partition: 0, start: "pending" }], { topics }), another: "fact" };

  expect(freezeWishes(record, [aWish(0)], START + 1)).toMatchObject({ startedAt: START, topics, another: "fact" });
});

test("starts are looked up by topic id and partition", () => {
  const startOf = startsOf(aPipeline([{ partition: 3, start: 7n }]));

  expect(startOf(aPartition({ partition: 3 }))).toBe(7n);
  expect(startOf(aPartition({ partition: 4 }))).toBeUndefined();
  expect(startOf(aPartition({ partition: 3, topicId: OTHER_ID }))).toBeUndefined();
  expect(startsOf(undefined)(aPartition())).toBeUndefined();
});

test("ST3: starts that are not needed any more go, and with the last one the field", () => {
  const record = aPipeline([
    { partition: 0, start: 5n },
    { partition: 1, start: "pending" },
  ]);
  const [first, second] = [aPartition({ partition: 0 }), aPartition({ partition: 1 })];

  expect(withoutStarts(record, [first])).toEqual(aPipeline([{ partition: 1, start: "pending" }]));
  expect(withoutStarts(record, [{ ...first, topicId: OTHER_ID }])).toEqual(record);
  expect(withoutStarts(record, [first, second])).toEqual(aPipeline([]));
  expect(withoutStarts(aPipeline([]), [first])).toEqual(aPipeline([]));
});

test("freezes, looks up and drops 20,000 partitions within a second", () => {
  const wishes = Array.from({ length: 20_000 }, (_, partition) => aWish(partition));
  const begun = performance.now();

  const record = aPipeline([], freezeWishes(undefined, wishes, START));
  const startOf = startsOf(record);
  const areFrozen = wishes.every(({ partition }) => startOf(partition) === 10n);
  const left = withoutStarts(
    record,
    wishes.map(({ partition }) => partition),
  );

  expect(areFrozen).toBe(true);
  expect(left?.starting).toBeUndefined();
  expect(performance.now() - begun).toBeLessThan(1_000);
});
