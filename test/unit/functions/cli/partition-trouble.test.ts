import { expect, test } from "vitest";
import { troubleOf } from "../../../../functions/cli/partition-trouble.ts";
import type { PartitionStatus } from "../../../../functions/cli/read-status.ts";
import { RANGE_STATUSES } from "../../../../shared/core/range-record.ts";
import { aHaltedRecord, aRangeRecord, ORDERS_ID } from "../../../support/builders.ts";
import { START } from "../../../support/fake-clock.ts";

const place = { table: "ledger" };
const error = { name: "RangeReadError", message: "the broker is gone" };
const since = new Date(START).toISOString();

function trouble(status: Partial<PartitionStatus>) {
  return troubleOf({ pipeline: "word-count", topic: "orders", partition: 3, ...status }, place);
}

test.each(RANGE_STATUSES)("a %s range without an error is no trouble", (status) => {
  const { error: _none, ...newest } = aRangeRecord({ status });

  expect(trouble({ newest })).toBeUndefined();
});

test.each(["COMPLETED", "SKIPPED", "LOST", "QUARANTINED"] as const)("what led to a %s range is over", (status) => {
  expect(trouble({ newest: aRangeRecord({ status, error }) })).toBeUndefined();
});

test("a halted range is retried by its first offset", () => {
  expect(trouble({ newest: aHaltedRecord({ committedOffset: 7n }) })).toEqual({
    why: "RangeReadError: the broker is gone",
    command: "npx ranges retry --table ledger --pipeline word-count --range orders:3:5",
  });
});

test("a range whose records are gone is skipped, since no retry brings them back", () => {
  const newest = aHaltedRecord({ error: { name: "DataLossError", message: "the log begins at 8" } });

  expect(trouble({ newest })).toEqual({
    why: "DataLossError: the log begins at 8",
    command: "npx ranges skip --table ledger --pipeline word-count --range orders:3:5 --reason 'the records are gone'",
  });
});

test("a failed range that is tried again needs no command", () => {
  expect(trouble({ newest: aRangeRecord({ status: "FAILED" }) })).toEqual({
    why: `RangeReadError: the broker is gone; the next attempt is due at ${new Date(START + 1_000).toISOString()}`,
  });
});

test("a pause goes before everything else, and is taken back in its own scope", () => {
  const act = { by: "ann", reason: "the schema changes", at: START };
  const of = { topicId: ORDERS_ID, topic: "orders", partition: 3 };

  expect(trouble({ newest: aHaltedRecord(), pause: { ...act, of } })).toEqual({
    why: `paused by ann since ${since}: the schema changes`,
    command: "npx ranges resume --table ledger --pipeline word-count --partition orders:3",
  });
  expect(trouble({ pause: act })).toEqual({
    why: `the pipeline is paused by ann since ${since}: the schema changes`,
    command: "npx ranges resume --table ledger --pipeline word-count",
  });
});

test("a chain that the ledger has lost is for no command to bring back", () => {
  expect(trouble({})).toEqual({
    why: "its ledger records are missing; restore the table to a point in time that has them",
  });
});
