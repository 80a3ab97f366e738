import { expect, test } from "vitest";
import {
  describePause,
  findPause,
  pausesOf,
  withoutPause,
  withPause,
} from "../../../../../shared/core/ledger/pauses.ts";
import type { Pause, PipelineRecord } from "../../../../../shared/core/ledger/pipeline-record.ts";
import { MAX_PAUSE_REASONS } from "../../../../../shared/core/limits.ts";
import { ORDERS_ID } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

const orders3 = { topicId: ORDERS_ID, topic: "orders", partition: 3 };
const orders4 = { ...orders3, partition: 4 };
const clicks3 = { ...orders3, topicId: "0b0d6d40-6f25-4a3b-8c55-000000000002", topic: "clicks" };
const whole: Pause = { by: "ann", reason: "the schema changes", at: START };
const ofOrders3: Pause = { by: "bob", reason: "poison", at: START + 1, of: orders3 };
const ofClicks3: Pause = { ...ofOrders3, of: clicks3 };

function aPipeline(...pauses: readonly Pause[]): PipelineRecord {
  const record = { pipeline: "word-count", revision: 7, startedAt: START, topics: [], starting: [] };
  return pauses.length === 0 ? record : { ...record, pauses };
}

test("nothing is paused in a record without pauses, nor without a record", () => {
  expect(pausesOf(aPipeline())(orders3)).toBeUndefined();
  expect(pausesOf(undefined)(orders3)).toBeUndefined();
});

test("a partition's pause is of that partition of that topic alone", () => {
  const pauseOf = pausesOf(aPipeline(ofClicks3, ofOrders3));

  expect(pauseOf(orders3)).toBe(ofOrders3);
  expect(pauseOf(clicks3)).toBe(ofClicks3);
  expect(pauseOf(orders4)).toBeUndefined();
});

test("a pipeline's pause is of every partition, and goes before the partition's own", () => {
  const pauseOf = pausesOf(aPipeline(ofOrders3, whole));

  expect([pauseOf(orders3), pauseOf(orders4)]).toEqual([whole, whole]);
});

test("pausing adds one pause and touches no other fact", () => {
  const record = aPipeline(ofClicks3);

  expect(withPause(record, ofOrders3)).toEqual({ ...record, pauses: [ofClicks3, ofOrders3] });
  expect(withPause(aPipeline(), whole)).toEqual({ ...aPipeline(), pauses: [whole] });
});

test("what is paused stays paused by whoever came first, with every other reason beside", () => {
  const eve = { by: "eve", reason: "the database is down", at: START + 9 };

  expect(withPause(aPipeline(whole, ofOrders3), { ...eve, of: orders3 })).toEqual(
    aPipeline(whole, { ...ofOrders3, also: [eve] }),
  );
  expect(withPause(aPipeline({ ...whole, also: [eve] }), { ...eve, by: "bob" })).toEqual(
    aPipeline({ ...whole, also: [eve, { ...eve, by: "bob" }] }),
  );
});

test("the same reason of the same person changes nothing, and neither does one too many", () => {
  const also = Array.from({ length: MAX_PAUSE_REASONS - 1 }, (_, index) => ({
    by: "eve",
    reason: `${index}`,
    at: START,
  }));

  expect(withPause(aPipeline(whole), { ...whole, at: START + 9 })).toBeUndefined();
  expect(withPause(aPipeline({ ...whole, also }), { by: "eve", reason: "3", at: START + 9 })).toBeUndefined();
  expect(withPause(aPipeline({ ...whole, also }), { by: "eve", reason: "another", at: START })).toBeUndefined();
});

test("resuming takes exactly one scope back and touches no other fact", () => {
  const record = aPipeline(whole, ofOrders3, ofClicks3);

  expect(withoutPause(record, undefined)).toEqual(aPipeline(ofOrders3, ofClicks3));
  expect(withoutPause(record, orders3)).toEqual(aPipeline(whole, ofClicks3));
  expect(withoutPause(aPipeline(ofOrders3), orders3)).toEqual(aPipeline());
  expect(withoutPause(record, orders4)).toBeUndefined();
  expect(withoutPause(aPipeline(ofOrders3), undefined)).toBeUndefined();
});

test("a pause is found by its scope, not by what it covers", () => {
  expect(findPause(aPipeline(whole), orders3)).toBeUndefined();
  expect(findPause(aPipeline(whole, ofOrders3), orders3)).toBe(ofOrders3);
  expect(findPause(aPipeline(ofOrders3), undefined)).toBeUndefined();
});

test("is told with who, since when and why", () => {
  const since = new Date(START).toISOString();

  expect(describePause(whole)).toBe(`the pipeline is paused by ann since ${since}: the schema changes`);
  expect(describePause({ ...whole, of: orders3 })).toBe(`paused by ann since ${since}: the schema changes`);
  expect(describePause({ ...whole, also: [{ ...whole, by: "bob", reason: "a test" }] })).toBe(
    `the pipeline is paused by ann since ${since}: the schema changes; also by bob since ${since}: a test`,
  );
});
