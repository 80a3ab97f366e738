import { describe, expect, test } from "vitest";
import {
  driveRange,
  type PartitionDecision,
  type PartitionState,
  type PlanRules,
  planPartition,
} from "../../../../../shared/core/plan/plan-partition.ts";
import { MAX_OFFSET } from "../../../../../shared/core/range/offset-range.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { aHaltedRecord, aPartitionState, aRangeRecord, planRules } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

const listed = (offset: bigint) => ({ kind: "listed", offset }) as const;
const frozen = (offset: bigint) => ({ kind: "frozen", offset }) as const;
const failed = (message: string) => ({ kind: "failed", error: new Error(message) }) as const;

function decide(state: Partial<PartitionState>, rules: Partial<PlanRules> = {}, now = START): PartitionDecision {
  return planPartition(aPartitionState(state), planRules(rules), now);
}

/** Of a partition whose newest range is [5, 9), COMPLETED, kept for a day. */
function follow(endOffset: bigint, rules: Partial<PlanRules> = {}, now = START): PartitionDecision {
  return decide({ newest: aRangeRecord({ status: "COMPLETED" }), end: listed(endOffset) }, rules, now);
}

describe("a chain that goes on", () => {
  test("PP1: plans from where the newest range ends to where the log ends", () => {
    expect(follow(20n)).toEqual({ kind: "plan", fromOffset: 9n, untilOffset: 20n });
  });

  test.each(["ANCHOR", "COMPLETED", "QUARANTINED", "SKIPPED", "LOST"] as const)("PP1: follows a %s range", (status) => {
    const newest = aRangeRecord({ status });

    expect(decide({ newest, end: listed(20n) })).toEqual({
      kind: "plan",
      fromOffset: newest.untilOffset,
      untilOffset: 20n,
    });
  });

  test("PP1: goes on from the ledger although the log begins later", () => {
    const newest = aRangeRecord({ status: "COMPLETED" });

    const decision = decide({ newest, end: listed(20n), beginning: listed(15n) });

    expect(decision).toMatchObject({ fromOffset: 9n });
  });

  test("PP3: plans to the end also at the largest offsets", () => {
    const newest = aRangeRecord({ status: "COMPLETED", fromOffset: MAX_OFFSET - 9n, untilOffset: MAX_OFFSET - 2n });

    expect(decide({ newest, end: listed(MAX_OFFSET) })).toEqual({
      kind: "plan",
      fromOffset: MAX_OFFSET - 2n,
      untilOffset: MAX_OFFSET,
    });
  });

  test("PP5: does nothing when nothing is new", () => {
    expect(follow(9n)).toEqual({ kind: "idle" });
  });
});

describe("a chain that begins", () => {
  test("PP1: plans from its frozen start, wherever the log begins", () => {
    expect(decide({ start: frozen(4n) })).toEqual({ kind: "plan", fromOffset: 4n, untilOffset: 10n });
    expect(decide({ start: frozen(4n), beginning: listed(6n) })).toMatchObject({ fromOffset: 4n });
  });

  test("PP1: fixes a start at the log's end with an anchor, so that nothing is lost until the first record", () => {
    expect(decide({ start: frozen(10n) })).toEqual({ kind: "anchor", offset: 10n });
  });

  test("PP1: fixes a start that another run saw above this one's end, and plans nothing below it", () => {
    expect(decide({ start: frozen(12n) })).toEqual({ kind: "anchor", offset: 12n });
  });

  test("PP1: leaves a chain alone that another run has begun since this one looked", () => {
    expect(decide({ start: { kind: "begun" } })).toEqual({ kind: "overtaken" });
  });

  test.each<[string, PartitionState["start"]]>([
    [
      "the beginning offset is unknown: leader is away",
      { kind: "unknown", reason: "the beginning offset is unknown: leader is away" },
    ],
    ["its start is unknown: no answer for this partition", undefined],
  ])("PP4: is held when %s", (reason, start) => {
    expect(decide({ start })).toEqual({ kind: "held", reason });
  });

  test("PP4: a chain that was started and is gone is held, whatever its start", () => {
    const decisions = [undefined, frozen(0n)].map((start) => decide({ partitionStarted: true, start }));

    expect(decisions).toEqual([1, 2].map(() => ({ kind: "held", reason: expect.stringContaining("missing") })));
  });
});

describe("what contradicts the ledger", () => {
  test("PP4: an end below what is planned is held with both offsets, not followed", () => {
    expect(follow(8n)).toEqual({
      kind: "held",
      reason: expect.stringContaining("orders-3 ends at 8, below 9 which is planned already"),
    });
  });

  test.each<[string, PartitionState["end"], string]>([
    ["was not answered", undefined, "no answer for this partition"],
    ["failed", failed("leader is away"), "leader is away"],
    ["is listed as none", { kind: "listed", offset: undefined }, "the broker listed none"],
  ])("PP4: an end that %s holds the partition", (_, end, why) => {
    const reason = `the end offset is unknown: ${why}`;

    expect(decide({ end })).toEqual({ kind: "held", reason });
    expect(decide({ end, newest: aRangeRecord({ status: "COMPLETED" }) })).toEqual({ kind: "held", reason });
  });

  test("PP4: a problem of the topic holds the partition before its offsets are looked at, open range or not", () => {
    const problem = "topic orders was re-created";

    expect(decide({ problem })).toEqual({ kind: "held", reason: problem });
    expect(decide({ problem, newest: aRangeRecord() })).toEqual({ kind: "held", reason: problem });
  });
});

describe("a record that the table is about to forget", () => {
  const dayMs = 86_400_000;
  const newest = aRangeRecord({ status: "COMPLETED", expiresAt: START + dayMs });

  test("PP5: is renewed once less than half of its retention is left", () => {
    const decisions = [dayMs / 2, dayMs / 2 + 1].map((elapsed) => follow(9n, {}, START + elapsed));

    expect(decisions).toEqual([{ kind: "idle" }, { kind: "renew", records: [newest] }]);
  });

  test("PP5: is not renewed when a newer range takes its place", () => {
    expect(follow(10n, {}, START + dayMs)).toMatchObject({ kind: "plan" });
  });

  test("PP5: an anchor never expires and is never renewed", () => {
    expect(decide({ newest: aRangeRecord({ status: "ANCHOR" }), end: listed(5n) }, {}, START + dayMs)).toEqual({
      kind: "idle",
    });
  });

  test.each<[string, Partial<PartitionState>]>([
    ["the end went back", { end: listed(8n) }],
    ["the end is unknown", { end: failed("leader is away") }],
    ["the topic has a problem", { problem: "re-created" }],
  ])("G6: is renewed also while the partition is held because %s", (_, state) => {
    expect(decide({ newest, ...state }, {}, START + dayMs - 1)).toEqual({ kind: "renew", records: [newest] });
  });
});

describe("an open range", () => {
  const drive = (record: RangeRecord, now: number) => driveRange(record, planRules(), now);

  test.each([aRangeRecord(), aRangeRecord({ status: "RUNNING" }), aRangeRecord({ status: "FAILED" }), aHaltedRecord()])(
    "PP2: is driven and nothing is planned beside it, whatever Kafka says ($status)",
    (newest) => {
      const expected = { kind: "drive", record: newest, drive: drive(newest, START) };

      expect(decide({ newest, end: listed(1_000n) })).toEqual(expected);
      expect(decide({ newest, end: failed("no leader") })).toEqual(expected);
      expect(decide({ newest, end: listed(0n) })).toEqual(expected);
    },
  );

  test("that was dispatched waits for its claim, then is dispatched again", () => {
    const record = aRangeRecord();

    expect(drive(record, START + 29_999)).toEqual({ kind: "wait", dueAt: START + 30_000 });
    expect(drive(record, START + 30_000)).toEqual({ kind: "redispatch" });
  });

  test("that was released is dispatched at once", () => {
    const { dispatchedAt: _lost, ...released } = aRangeRecord();

    expect(drive(released, START)).toEqual({ kind: "redispatch" });
  });

  test("that is processed waits for its lease, then expires", () => {
    const record = aRangeRecord({ status: "RUNNING" });

    expect(drive(record, START + 59_999)).toEqual({ kind: "wait", dueAt: START + 60_000 });
    expect(drive(record, START + 60_000)).toEqual({ kind: "expire", mayRetry: true });
  });

  test("that failed waits for its back-off, and once dispatched for its claim", () => {
    const record = aRangeRecord({ status: "FAILED" });
    const dispatched = { ...record, dispatchedAt: START + 1_000 };

    expect(drive(record, START + 999)).toEqual({ kind: "wait", dueAt: START + 1_000 });
    expect(drive(record, START + 1_000)).toEqual({ kind: "redispatch" });
    expect(drive(dispatched, START + 30_999)).toEqual({ kind: "wait", dueAt: START + 31_000 });
    expect(drive(dispatched, START + 31_000)).toEqual({ kind: "redispatch" });
  });

  test.each([
    [1, true],
    [2, false],
    [3, false],
  ])("of one offset, whose lease expired after %d failures of 3, may be retried: %s", (failedAttempts, mayRetry) => {
    const record = aRangeRecord({ status: "RUNNING", untilOffset: 6n, failedAttempts });

    expect(drive(record, START + 60_000)).toEqual({ kind: "expire", mayRetry });
  });

  test.each([
    [2, undefined, { length: 4n }],
    [1, { length: 6n }, { length: 3n }],
    [1, { length: 6n, suspectUntil: 13n }, { length: 3n, suspectUntil: 11n }],
  ])(
    "G7: that outlives every lease is halved after %d failures, narrowed before to %o",
    (failedAttempts, before, after) => {
      const narrowed = before === undefined ? {} : { narrowed: before };
      const record = aRangeRecord({ status: "RUNNING", untilOffset: 13n, failedAttempts, ...narrowed });

      expect(drive(record, START + 60_000)).toEqual({ kind: "expire", mayRetry: true, narrowed: after });
    },
  );

  test("that is halted says after how many attempts and why", () => {
    expect(drive(aHaltedRecord({ attempt: 3 }), START)).toEqual({
      kind: "halted",
      reason: "orders-3 [5, 9) halted after 3 attempts: RangeReadError: the broker is gone",
    });
  });
});
