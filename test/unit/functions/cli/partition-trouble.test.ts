import { expect, test } from "vitest";
import { troubleOf } from "../../../../functions/cli/partition-trouble.ts";
import type { PartitionStatus } from "../../../../functions/cli/read-status.ts";
import { RANGE_STATUSES } from "../../../../shared/core/range-record.ts";
import { requireInsideLog } from "../../../../shared/kafka/log-bounds.ts";
import { RangeProgress } from "../../../../shared/kafka/range-progress.ts";
import { aHaltedRecord, aRangeRecord, ORDERS_ID } from "../../../support/builders.ts";
import { START } from "../../../support/fake-clock.ts";

const place = { table: "ledger" };
const error = { name: "RangeReadError", message: "the broker is gone" };
const since = new Date(START).toISOString();

function trouble(status: Partial<PartitionStatus>) {
  return troubleOf({ pipeline: "word-count", topic: "orders", partition: 3, ...status }, place);
}

function thrownBy(act: () => void): { readonly name: string; readonly message: string } {
  try {
    act();
  } catch (thrown) {
    const { name, message } = thrown as Error; // The project throws nothing else.
    return { name, message };
  }
  return expect.unreachable("nothing was thrown");
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

test("of a range whose records are gone only those are skipped, as far as the error says which", async () => {
  const range = { topic: "orders", partition: 3, fromOffset: 5n, untilOffset: 9n };
  const errorFor = async (logStartOffset: bigint) => {
    const step = { request: { range, isolationLevel: "read_committed" } } as Parameters<typeof requireInsideLog>[1];
    const fetched = { logStartOffset } as Parameters<typeof requireInsideLog>[2];
    // No leader is asked: the first answer tells.
    const unused = {} as Parameters<typeof requireInsideLog>[0];
    const { name, message } = await requireInsideLog(unused, step, fetched).then(
      () => error,
      (thrown: Error) => thrown,
    );
    return { name, message };
  };
  const skip = "npx ranges skip --table ledger --pipeline word-count --range orders:3:5";

  const partly = trouble({ newest: aHaltedRecord({ error: await errorFor(7n) }) });
  const wholly = trouble({ newest: aHaltedRecord({ error: await errorFor(12n) }) });
  const untold = trouble({ newest: aHaltedRecord({ error: { name: "DataLossError", message: "truncated" } }) });

  expect(partly?.command).toBe(`${skip} --until 7 --reason 'the records are gone'`);
  expect(wholly?.command).toBe(`${skip} --reason 'the records are gone'`);
  expect(untold).toEqual({ why: "DataLossError: truncated", command: `${skip} --reason 'the records are gone'` });
});

test("a hole that requireConsecutiveOffsets forbids loses nothing, and no command is shown that would", () => {
  const progress = new RangeProgress(
    { topic: "orders", partition: 3, fromOffset: 5n, untilOffset: 9n },
    { maxDecompressedBatchBytes: 1, requireConsecutiveOffsets: true },
  );
  const hole = thrownBy(() => progress.finish());

  expect(hole.name).toBe("DataLossError");
  expect(trouble({ newest: aHaltedRecord({ error: hole }) })).toEqual({ why: `DataLossError: ${hole.message}` });
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
