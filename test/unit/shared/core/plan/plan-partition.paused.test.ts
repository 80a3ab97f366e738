import { expect, test } from "vitest";
import type { Pause } from "../../../../../shared/core/ledger/pipeline-record.ts";
import { type PartitionState, planPartition } from "../../../../../shared/core/plan/plan-partition.ts";
import { RANGE_STATUSES } from "../../../../../shared/core/range/range-record.ts";
import { aHaltedRecord, aPartitionState, aRangeRecord, planRules } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

const pause: Pause = { by: "ann", reason: "the schema changes", at: START };
const reason = `the pipeline is paused by ann since ${new Date(START).toISOString()}: the schema changes`;
/** Every lease has expired and everything is due. */
const LATE = START + 120_000;

function decide(state: Partial<PartitionState>, now = LATE) {
  const rules = planRules({ retentionMs: 86_400_000 });
  return planPartition(aPartitionState({ pause, end: { kind: "listed", offset: 20n }, ...state }), rules, now);
}

test.each(RANGE_STATUSES)(
  "PP6: behind a %s range nothing is planned or driven while the partition is paused",
  (status) => {
    expect(decide({ newest: aRangeRecord({ status }) })).toEqual({ kind: "paused", reason });
  },
);

test("PP6: no chain is begun while the partition is paused", () => {
  expect(decide({ start: { kind: "frozen", offset: 0n } })).toEqual({ kind: "paused", reason });
});

test.each<[string, Partial<PartitionState>, string]>([
  ["a halted range", { newest: aHaltedRecord() }, "halted after 1 attempts: RangeReadError: the broker is gone"],
  ["a problem", { problem: "topic orders was re-created" }, "topic orders was re-created"],
  ["an unknown end", { end: undefined }, "the end offset is unknown"],
])("PP6: %s is told beside the pause", (_, state, trouble) => {
  const decision = decide(state);

  expect(decision).toMatchObject({ kind: "paused", reason: expect.stringContaining(`${reason}; beside that, `) });
  expect(decision).toMatchObject({ reason: expect.stringContaining(trouble) });
});

test("PP5: the checkpoint of a paused partition is renewed before the table forgets it", () => {
  const newest = aRangeRecord({ status: "COMPLETED", expiresAt: LATE + 86_400_000 / 2 - 1 });

  expect(decide({ newest })).toEqual({ kind: "renew", records: [newest] });
  expect(decide({ newest: { ...newest, expiresAt: LATE + 86_400_000 / 2 } })).toMatchObject({ kind: "paused" });
});
