import { expect, test } from "vitest";
import { dueAt } from "../../../../../shared/core/range/due-at.ts";
import type { Refusal } from "../../../../../shared/core/range/range-event.ts";
import {
  isClosed,
  NO_COUNTS,
  RANGE_STATUSES,
  type RangeRecord,
  type RangeStatus,
} from "../../../../../shared/core/range/range-record.ts";
import { type RangeSplit, splitRange } from "../../../../../shared/core/range/split-range.ts";
import { aHaltedRecord, aRangeRecord } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

/** The lease of a RUNNING record that the builder makes. */
const own = { owner: "processor-1", counter: 1 };
/** Before and after that lease ends. */
const EARLY = START + 500;
const LATE = START + 120_000;
const error = { name: "DataLossError", message: "the log begins at 7" };
const counts = { delivered: 1n, aborted: 1n, control: 0n, bytes: 70n };

/** Who splits: nobody in particular, the lease's owner, or whoever had it before. */
type By = "anybody" | "owner" | "zombie";
type Expected = "split" | Refusal["kind"];
type Table = Record<RangeStatus, Record<By, Expected>>;

const closed = { anybody: "closed", owner: "closed", zombie: "closed" } as const;
const settled = { ANCHOR: closed, COMPLETED: closed, QUARANTINED: closed, SKIPPED: closed, LOST: closed } as const;
const unleased = { anybody: "split", owner: "superseded", zombie: "superseded" } as const;

const early: Table = {
  ...settled,
  PLANNED: unleased,
  RUNNING: { anybody: "held", owner: "split", zombie: "superseded" },
  FAILED: unleased,
};
/** An expired lease that nobody took is still its owner's, and in nobody's way. */
const late: Table = { ...early, RUNNING: { anybody: "split", owner: "split", zombie: "superseded" } };

const proofs = { anybody: {}, owner: { lease: own }, zombie: { lease: { owner: "processor-0", counter: 1 } } };

function aSplit(overrides: Partial<RangeSplit> = {}): RangeSplit {
  return { at: 7n, first: "LOST", error, now: EARLY, retentionMs: 1_000, ...overrides };
}

function cells(table: Table): readonly [RangeStatus, By, Expected][] {
  return RANGE_STATUSES.flatMap((status) =>
    (["anybody", "owner", "zombie"] as const).map((by): [RangeStatus, By, Expected] => [status, by, table[status][by]]),
  );
}

function outcomeOf(record: RangeRecord, split: RangeSplit): Expected {
  const transition = splitRange(record, split, "write-2");
  return transition.kind === "split" ? "split" : transition.refusal.kind;
}

function halvesOf(record: RangeRecord, split: RangeSplit) {
  const transition = splitRange(record, split, "write-2");
  if (transition.kind === "refused") {
    throw new Error(`refused: ${transition.refusal.kind}`);
  }
  return transition;
}

test.each(cells(early))("SR4: while a lease is live, %s split by %s gives %s", (status, by, expected) => {
  expect(outcomeOf(aRangeRecord({ status }), aSplit(proofs[by]))).toBe(expected);
});

test.each(cells(late))("SR4: once a lease has expired, %s split by %s gives %s", (status, by, expected) => {
  expect(outcomeOf(aRangeRecord({ status }), aSplit({ ...proofs[by], now: LATE }))).toBe(expected);
});

test("SR4: a halted range may be split, and is not halted any more", () => {
  const { first, rest } = halvesOf(aHaltedRecord(), aSplit());

  expect([first.status, rest?.status]).toEqual(["LOST", "PLANNED"]);
});

test("SR1, SR3: at every offset the halves cover the range, the first closed and the rest open", () => {
  for (const status of ["PLANNED", "RUNNING", "FAILED"] as const) {
    const record = aRangeRecord({ status, fromOffset: 5n, untilOffset: 9n, committedOffset: 6n });
    for (const at of [7n, 8n, 9n]) {
      const { first, rest } = halvesOf(record, aSplit({ at, now: LATE }));

      expect([first.fromOffset, first.untilOffset, isClosed(first)]).toEqual([5n, at, true]);
      expect(rest && [rest.fromOffset, rest.untilOffset, isClosed(rest)]).toEqual(
        at === 9n ? undefined : [at, 9n, false],
      );
    }
  }
});

test("SR2: what took effect stays with the first, and the rest begins with nothing", () => {
  const record = aRangeRecord({ status: "RUNNING", committedOffset: 6n, counts, attempt: 4, failedAttempts: 3 });

  const { first, rest } = halvesOf(record, aSplit({ lease: own }));

  expect(first).toMatchObject({ status: "LOST", committedOffset: 6n, counts, attempt: 4, error, revision: 2 });
  expect(first).toMatchObject({ completedAt: EARLY, expiresAt: EARLY + 1_000, writeId: "write-2" });
  expect(first.lease).toBeUndefined();
  expect(rest).toEqual({
    ...aRangeRecord({ fromOffset: 7n, plannedAt: EARLY, dispatchedAt: EARLY, writeId: "write-2" }),
    counts: NO_COUNTS,
    leaseCounter: 1,
  });
});

test("what is committed is split off as COMPLETED, without the error of the attempts before", () => {
  const record = aRangeRecord({ status: "FAILED", committedOffset: 7n, leaderEpoch: 4 });

  const { first, rest } = halvesOf(record, aSplit({ first: "COMPLETED", error }));

  expect(first).toMatchObject({ status: "COMPLETED", untilOffset: 7n });
  expect(first.error).toBeUndefined();
  expect(first.nextAttemptAt).toBeUndefined();
  expect(rest?.leaderEpoch).toBe(4);
});

test("the rest knows the leader epoch before it only where it was read", () => {
  const record = aRangeRecord({ status: "RUNNING", leaderEpoch: 4 });

  expect(halvesOf(record, aSplit({ lease: own })).rest?.leaderEpoch).toBeUndefined();
  expect(halvesOf(record, aSplit({ lease: own, leaderEpoch: 6 })).rest?.leaderEpoch).toBe(6);
});

test("the rest keeps the adaptive size, which the chain would lose with it", () => {
  const record = aRangeRecord({ status: "FAILED", adaptiveSize: 700n });

  expect(halvesOf(record, aSplit()).rest?.adaptiveSize).toBe(700n);
});

test("SR5: the rest's leases go on counting where the first's ended", () => {
  const record = aRangeRecord({ status: "FAILED", leaseCounter: 41 });

  expect(halvesOf(record, aSplit()).rest?.leaseCounter).toBe(41);
});

test.each([
  ["at its beginning", { at: 5n }, "leaves an empty range"],
  ["beyond its end", { at: 10n }, "leaves an empty range"],
  ["below what is committed", { at: 6n }, "cuts off what is committed to 7"],
  ["as LOST where nothing is lost", { at: 7n }, "leaves nothing LOST"],
  ["as COMPLETED above what is committed", { at: 8n, first: "COMPLETED" }, "leaves nothing COMPLETED"],
] as const)("SR1, SR2: a range is not split %s", (_, split, message) => {
  const record = aRangeRecord({ status: "RUNNING", committedOffset: 7n });

  expect(() => splitRange(record, aSplit({ ...split, lease: own }), "write-2")).toThrow(message);
});

test.each([6n, 7n])("SR2: whoever has no lease is overtaken where what is below %d was committed meanwhile", (at) => {
  const record = aRangeRecord({ status: "FAILED", committedOffset: 7n });

  expect(splitRange(record, aSplit({ at }), "write-2")).toEqual({
    kind: "refused",
    refusal: { kind: "superseded" },
  });
});

test.each([
  ["a scheduler's or an operator's", aRangeRecord({ status: "FAILED", dispatchedAt: LATE }), {}, undefined],
  ["a processor's", aRangeRecord({ status: "RUNNING" }), { lease: own }, EARLY],
])("SR6, RS6: the rest of %s split is dispatched only where a processor goes on with it", (_, record, by, expected) => {
  const { rest } = halvesOf(record, aSplit(by));

  expect(rest?.dispatchedAt).toBe(expected);
  const due = rest === undefined ? undefined : dueAt(rest, 30_000);
  expect(due).toBe(expected === undefined ? 0 : EARLY + 30_000);
});

test.each([
  ["below", 7n, 8n],
  ["just below", 8n, 8n],
  ["above", 9n, undefined],
])(
  "SR7, RS8: a split %s the record that is to be skipped leaves that, and whose word it is, to the rest",
  (_, at, expected) => {
    const operator = { by: "ann", reason: "not JSON", at: START };
    const record = aRangeRecord({ status: "RUNNING", untilOffset: 11n, skipOffset: 8n, operator });

    const { first, rest } = halvesOf(record, aSplit({ at, lease: own }));

    expect(first.skipOffset).toBeUndefined();
    expect(first.operator).toEqual(operator);
    expect([rest?.skipOffset, rest?.operator]).toEqual(
      expected === undefined ? [undefined, undefined] : [8n, operator],
    );
  },
);

test("RS6: an operator's split leaves who, why and when with the first, not with the rest", () => {
  const operator = { by: "ann", reason: "the records are gone" };

  const { first, rest } = halvesOf(aHaltedRecord(), aSplit({ first: "SKIPPED", operator }));

  expect(first.operator).toEqual({ ...operator, at: EARLY });
  expect(rest).not.toHaveProperty("operator");
});

test("SR8: prepared work is cut through by nobody who has no lease, and by nobody who has one before it is settled", () => {
  const prepared = { untilOffset: 8n, counts: NO_COUNTS, output: "S3", memo: "m" };
  const split: RangeSplit = { at: 7n, first: "SKIPPED", now: LATE, retentionMs: 1_000 };

  expect(splitRange(aRangeRecord({ status: "FAILED", prepared }), split, "write-2")).toEqual({
    kind: "refused",
    refusal: { kind: "prepared", untilOffset: 8n },
  });
  expect(splitRange(aRangeRecord({ status: "FAILED", prepared }), { ...split, at: 8n }, "write-2")).toMatchObject({
    kind: "split",
    first: { prepared: { memo: "m" } },
    rest: { fromOffset: 8n },
  });
  expect(() => splitRange(aRangeRecord({ status: "RUNNING", prepared }), { ...split, lease: own }, "write-2")).toThrow(
    "before its work is settled",
  );
});
