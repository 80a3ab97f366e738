import { expect, test } from "vitest";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { type VerifyRules, verifyChain } from "../../../../../shared/core/verify/verify-chain.ts";
import { aRangeRecord } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

const NOW = START + 3_600_000;

function completed(fromOffset: bigint, untilOffset: bigint, overrides: Partial<RangeRecord> = {}): RangeRecord {
  return aRangeRecord({ status: "COMPLETED", fromOffset, untilOffset, expiresAt: NOW + 1, ...overrides });
}

function found(records: readonly RangeRecord[], rules: Partial<VerifyRules> = {}): readonly string[] {
  const problems = verifyChain(records, { now: NOW, mode: "live", ...rules });
  return problems.map(({ kind, fromOffset, untilOffset }) => `${kind} [${fromOffset}, ${untilOffset})`);
}

test("G2, VC1: neighbours that join are whole, a gap and an overlap are named with their offsets", () => {
  expect(found([completed(0n, 5n), completed(5n, 9n)])).toEqual([]);
  expect(found([completed(0n, 5n), completed(7n, 9n)])).toEqual(["gap [5, 7)"]);
  expect(found([completed(0n, 5n), completed(4n, 9n)])).toEqual(["overlap [4, 5)"]);
});

test("VC1: a gap behind a range that the table may have forgotten is none", () => {
  expect(found([completed(0n, 5n, { expiresAt: NOW }), completed(7n, 9n)])).toEqual([]);
});

test("VC1: a gap in a group is none once the table may have forgotten what closed first", () => {
  const group = { groupFrom: 0n, plannedAt: START, completedAt: START + 2_000_000, expiresAt: NOW + 2_000_000 };
  const chain = [completed(0n, 5n, group), completed(7n, 9n, { ...group, expiresAt: NOW + 9_000_000 })];

  expect(found(chain)).toEqual([]);
  expect(found(chain, { now: NOW - 1 })).toEqual(["gap [5, 7)"]);
  expect(found(chain.map(({ groupFrom: _none, ...record }) => record))).toEqual(["gap [5, 7)"]);
});

test("VC1: a gap in a group is one while nothing tells how long its ranges are kept", () => {
  const open = (fromOffset: bigint) => aRangeRecord({ fromOffset, untilOffset: fromOffset + 5n, groupFrom: 0n });

  expect(found([open(0n), open(7n)])).toEqual(["gap [5, 7)"]);
});

test("VC1: the ranges of a reprocess request need not join, but must not overlap", () => {
  expect(found([completed(0n, 5n), completed(7n, 9n)], { mode: "reprocess" })).toEqual([]);
  expect(found([completed(0n, 5n), completed(4n, 9n)], { mode: "reprocess" })).toEqual(["overlap [4, 5)"]);
});

test("VC2: an open range before another one is out of order", () => {
  const open = aRangeRecord({ fromOffset: 0n, untilOffset: 5n });

  expect(found([open, completed(5n, 9n)])).toEqual(["openInside [0, 5)"]);
  expect(found([completed(0n, 5n), aRangeRecord({ fromOffset: 5n, untilOffset: 9n })])).toEqual([]);
});

test("VC2: without order the ranges of the newest group may be open, those before it not", () => {
  const open = (fromOffset: bigint, groupFrom: bigint) =>
    aRangeRecord({ fromOffset, untilOffset: fromOffset + 5n, groupFrom });

  expect(found([open(0n, 0n), completed(5n, 10n, { groupFrom: 0n })])).toEqual([]);
  expect(found([open(0n, 0n), open(5n, 5n), open(10n, 5n)])).toEqual(["openInside [0, 5)"]);
});

test("VC3: counts may account for every committed offset and for no more", () => {
  const counts = { delivered: 2n, aborted: 2n, control: 1n, bytes: 9n };

  expect(found([completed(0n, 5n, { counts })])).toEqual([]);
  expect(found([completed(0n, 4n, { counts })])).toEqual(["counts [0, 4)"]);
});

test("VC3: no more records are rejected than offsets are committed", () => {
  const counts = { delivered: 0n, aborted: 0n, control: 0n, bytes: 9n, rejected: 5n };

  expect(found([completed(0n, 5n, { counts })])).toEqual([]);
  expect(found([completed(0n, 4n, { counts })])).toEqual(["counts [0, 4)"]);
});

test("VC3: what was skipped behind the last commit is accounted for by no count", () => {
  const counts = { delivered: 3n, aborted: 0n, control: 0n, bytes: 9n };
  const skipped = { status: "SKIPPED", fromOffset: 0n, untilOffset: 9n, counts, expiresAt: NOW } as const;

  expect(found([aRangeRecord({ ...skipped, committedOffset: 3n })])).toEqual([]);
  expect(found([aRangeRecord({ ...skipped, committedOffset: 2n })])).toEqual(["counts [0, 9)"]);
});

test("VC4: an expired lease is stuck once the scheduler had time to see it", () => {
  const running = aRangeRecord({ status: "RUNNING", lease: { owner: "p", counter: 1, expiresAt: NOW - 60_000 } });

  expect(found([running])).toEqual(["leaseExpired [5, 9)"]);
  expect(found([running], { stuckAfterMs: 60_000 })).toEqual([]);
  expect(found([running], { stuckAfterMs: 59_999 })).toEqual(["leaseExpired [5, 9)"]);
});
