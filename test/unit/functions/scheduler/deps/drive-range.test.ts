import { beforeEach, expect, test } from "vitest";
import { dispatchRange, driveOpenRange } from "../../../../../functions/scheduler/deps/drive-range.ts";
import type { DriveDecision } from "../../../../../shared/core/plan/plan-partition.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { aPartition, aRangeRecord } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const LATE = START + 120_000;
const { leader } = aPartition();

let bench: SchedulerBench;
beforeEach(() => {
  bench = createSchedulerBench();
});

/** Drives a record that the ledger holds; `seen` is what the scheduler decided on. */
function drive(decision: DriveDecision, seen: RangeRecord) {
  const dispatch = leader === undefined ? { record: seen } : { record: seen, leader };
  return driveOpenRange(bench.deps, bench.rules, { decision, dispatch, now: LATE });
}

function inLedger(record: RangeRecord): RangeRecord {
  bench.ledger.put(record);
  return record;
}

test("waits without touching the range, and says until when", async () => {
  const record = inLedger(aRangeRecord());

  const action = await drive({ kind: "wait", dueAt: START }, record);

  expect(action).toEqual({ kind: "waiting", reason: "PLANNED until 2026-01-01T00:00:00.000Z" });
  expect(bench.ledger.all()).toEqual([record]);
  expect(bench.dispatcher.accepted).toEqual([]);
});

test("leaves a halted range alone, and passes on why", async () => {
  const action = await drive({ kind: "halted", reason: "it failed" }, inLedger(aRangeRecord()));

  expect(action).toEqual({ kind: "halted", reason: "it failed" });
  expect(bench.dispatcher.accepted).toEqual([]);
});

test.each<[string, DriveDecision, RangeRecord, Partial<RangeRecord>]>([
  ["an overdue dispatch", { kind: "redispatch" }, aRangeRecord(), { status: "PLANNED", dispatchedAt: LATE }],
  [
    "a back-off that is over",
    { kind: "redispatch" },
    aRangeRecord({ status: "FAILED" }),
    { status: "FAILED", dispatchedAt: LATE },
  ],
  [
    "an expired lease",
    { kind: "expire", mayRetry: true },
    aRangeRecord({ status: "RUNNING" }),
    { status: "FAILED", dispatchedAt: LATE },
  ],
])("CO1: writes and then dispatches what it wrote, with the leader (%s)", async (_, decision, record, expected) => {
  inLedger(record);

  const action = await drive(decision, record);

  const [stored] = bench.ledger.all();
  expect(action).toEqual({ kind: "redispatched", fromOffset: 5n, untilOffset: 9n });
  expect(stored).toMatchObject({ ...expected, revision: 2 });
  expect(bench.dispatcher.accepted).toEqual([{ record: stored, leader }]);
});

test("halts instead of dispatching when the lease of the last attempt expired", async () => {
  const record = inLedger(aRangeRecord({ status: "RUNNING" }));

  const action = await drive({ kind: "expire", mayRetry: false }, record);

  expect(action).toEqual({
    kind: "halted",
    reason: expect.stringContaining("processor-1 neither completed nor failed"),
  });
  expect(bench.dispatcher.accepted).toEqual([]);
});

test("dispatches nothing when a processor was faster", async () => {
  const seen = aRangeRecord();
  inLedger(aRangeRecord({ status: "RUNNING", revision: 2 }));

  const action = await drive({ kind: "redispatch" }, seen);

  expect(action).toEqual({ kind: "collided", reason: "the record moved on: held" });
  expect(bench.dispatcher.accepted).toEqual([]);
});

test("dispatches once when another scheduler drives the same range", async () => {
  const record = inLedger(aRangeRecord());

  const actions = await Promise.all([drive({ kind: "redispatch" }, record), drive({ kind: "redispatch" }, record)]);

  expect(actions.map(({ kind }) => kind)).toEqual(["redispatched", "collided"]);
  expect(bench.dispatcher.accepted).toHaveLength(1);
});

test("dispatches nothing when the record is gone", async () => {
  expect(await drive({ kind: "redispatch" }, aRangeRecord())).toEqual({
    kind: "collided",
    reason: "the record is gone",
  });
});

test("a dispatch that fails is an outcome with its reason", async () => {
  bench.dispatcher.refuse(3, true);

  const action = await dispatchRange(bench, { record: aRangeRecord() }, "planned");

  expect(action).toEqual({
    kind: "dispatchFailed",
    fromOffset: 5n,
    untilOffset: 9n,
    reason: "DispatchError: the function is throttled",
  });
});
