import { expect, test } from "vitest";
import type { LeaseProof, RangeEvent, Refusal } from "../../../../../shared/core/range/range-event.ts";
import {
  NO_COUNTS,
  RANGE_STATUSES,
  type RangeCounts,
  type RangeRecord,
  type RangeStatus,
} from "../../../../../shared/core/range/range-record.ts";
import { applyEvent } from "../../../../../shared/core/range/range-status.ts";
import { aHaltedRecord, aRangeRecord } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

type EventKind = RangeEvent["kind"];
/** The status that the event leads to, or why it is refused. */
type Expected = RangeStatus | Refusal["kind"];
type Table = Record<RangeStatus, Record<EventKind, Expected>>;

/** The lease of a RUNNING record that the builder makes. */
const own: LeaseProof = { owner: "processor-1", counter: 1 };
/** Nothing is due, and the lease is valid. */
const EARLY = START + 500;
/** Everything is due, and the lease has expired. */
const LATE = START + 120_000;
const error = { name: "Error", message: "boom" };
const operator = { by: "ann", reason: "the schema is mended" };

function anEvent(kind: EventKind, now: number, lease: LeaseProof = own): RangeEvent {
  const progress = { lease, fromOffset: 5n, counts: NO_COUNTS };
  const events: { [Kind in EventKind]: Extract<RangeEvent, { kind: Kind }> } = {
    claim: { kind: "claim", owner: "processor-2", now, leaseMs: 60_000 },
    commit: { kind: "commit", ...progress, untilOffset: 7n },
    complete: { kind: "complete", ...progress, now, retentionMs: 1_000 },
    prepare: {
      kind: "prepare",
      lease,
      fromOffset: 5n,
      work: { untilOffset: 7n, counts: NO_COUNTS, output: "S3", memo: "m" },
    },
    discard: { kind: "discard", lease },
    fail: { kind: "fail", lease, error, nextAttemptAt: now + 1_000 },
    release: { kind: "release", lease },
    expire: { kind: "expire", now, mayRetry: true },
    redispatch: { kind: "redispatch", now, dispatchTimeoutMs: 30_000 },
    renew: { kind: "renew", now, retentionMs: 1_000 },
    retry: { kind: "retry", operator, now },
    skip: { kind: "skip", operator, now, retentionMs: 1_000 },
    skipRecord: { kind: "skipRecord", operator, offset: 7n, now },
  };
  return events[kind];
}

/** A closed record takes a renewal and refuses everything else, whenever it comes. */
function closed(status: RangeStatus): Record<EventKind, Expected> {
  const owners = { commit: "closed", complete: "closed", fail: "closed", release: "closed" } as const;
  const outputs = { prepare: "closed", discard: "closed" } as const;
  const others = { claim: "closed", expire: "closed", redispatch: "closed" } as const;
  const operators = { retry: "closed", skip: "closed", skipRecord: "closed" } as const;
  return { ...owners, ...outputs, ...others, ...operators, renew: status };
}

const settled = {
  ANCHOR: closed("ANCHOR"),
  COMPLETED: closed("COMPLETED"),
  QUARANTINED: closed("QUARANTINED"),
  SKIPPED: closed("SKIPPED"),
  LOST: closed("LOST"),
};
const noLease = {
  commit: "superseded",
  complete: "superseded",
  prepare: "superseded",
  discard: "superseded",
  fail: "superseded",
  release: "superseded",
} as const;
const operators = { retry: "PLANNED", skip: "SKIPPED", skipRecord: "PLANNED" } as const;
const ownLease = {
  commit: "RUNNING",
  complete: "COMPLETED",
  prepare: "RUNNING",
  discard: "RUNNING",
  fail: "FAILED",
  release: "PLANNED",
} as const;

const early: Table = {
  ...settled,
  PLANNED: { ...noLease, ...operators, claim: "RUNNING", expire: "superseded", redispatch: "notDue", renew: "open" },
  RUNNING: {
    ...ownLease,
    claim: "held",
    expire: "held",
    redispatch: "held",
    renew: "open",
    retry: "held",
    skip: "held",
    skipRecord: "held",
  },
  FAILED: { ...noLease, ...operators, claim: "notDue", expire: "superseded", redispatch: "notDue", renew: "open" },
};

/** An expired lease that nobody took is still its owner's. */
const late: Table = {
  ...settled,
  PLANNED: { ...noLease, ...operators, claim: "RUNNING", expire: "superseded", redispatch: "PLANNED", renew: "open" },
  RUNNING: { ...ownLease, ...operators, claim: "RUNNING", expire: "FAILED", redispatch: "held", renew: "open" },
  FAILED: { ...noLease, ...operators, claim: "RUNNING", expire: "superseded", redispatch: "FAILED", renew: "open" },
};

function cells(table: Table): readonly [RangeStatus, EventKind, Expected][] {
  return RANGE_STATUSES.flatMap((status) =>
    Object.entries(table[status]).map(([kind, expected]): [RangeStatus, EventKind, Expected] => [
      status,
      kind as EventKind, // Object.entries forgets the key's type.
      expected,
    ]),
  );
}

function outcomeOf(record: RangeRecord, event: RangeEvent): Expected {
  const transition = applyEvent(record, event, "write-2");
  return transition.kind === "changed" ? transition.record.status : transition.refusal.kind;
}

function applied(record: RangeRecord, event: RangeEvent): RangeRecord {
  const transition = applyEvent(record, event, "write-2");
  if (transition.kind === "refused") {
    throw new Error(`refused: ${transition.refusal.kind}`);
  }
  return transition.record;
}

/** Every cell of the late table that is a change, applied. */
function everyChange(overrides: Partial<RangeRecord>) {
  return cells(late).flatMap(([status, kind]) => {
    const record = aRangeRecord({ ...overrides, status });
    const transition = applyEvent(record, anEvent(kind, LATE), "write-2");
    return transition.kind === "changed" ? [{ kind, record, next: transition.record }] : [];
  });
}

const counts: RangeCounts = { delivered: 1n, aborted: 1n, control: 0n, bytes: 70n };

test.each(cells(early))("before anything is due, %s on %s gives %s", (status, kind, expected) => {
  expect(outcomeOf(aRangeRecord({ status }), anEvent(kind, EARLY))).toBe(expected);
});

test.each(cells(late))("once everything is due, %s on %s gives %s", (status, kind, expected) => {
  expect(outcomeOf(aRangeRecord({ status }), anEvent(kind, LATE))).toBe(expected);
});

test("every change grows the revision by one and takes the write's id", () => {
  const changes = everyChange({ revision: 41 });

  expect(changes.length).toBe(26);
  for (const { next } of changes) {
    expect(next).toMatchObject({ revision: 42, writeId: "write-2" });
  }
});

test.each(["ANCHOR", "COMPLETED", "QUARANTINED", "SKIPPED", "LOST"] as const)(
  "RS1, G4: renewing a %s record changes nothing but its expiry",
  (status) => {
    const record = aRangeRecord({ status, counts });

    const renewed = applied(record, { kind: "renew", now: LATE, retentionMs: 5_000 });

    expect(renewed).toEqual({ ...record, revision: 2, writeId: "write-2", expiresAt: LATE + 5_000 });
  },
);

test("RS2: of all changes only a claim moves the lease counter, by one", () => {
  for (const { kind, record, next } of everyChange({})) {
    expect([kind, next.leaseCounter - record.leaseCounter]).toEqual([kind, kind === "claim" ? 1 : 0]);
  }
});

test("RS2: a claim gives the lease for its whole time from now, and counts the attempt", () => {
  const record = aRangeRecord({ attempt: 4, leaseCounter: 4 });

  const claimed = applied(record, { kind: "claim", owner: "processor-2", now: EARLY, leaseMs: 60_000 });

  expect(claimed).toMatchObject({
    status: "RUNNING",
    attempt: 5,
    leaseCounter: 5,
    lease: { owner: "processor-2", counter: 5, expiresAt: EARLY + 60_000 },
    startedAt: EARLY,
  });
  expect(claimed).not.toHaveProperty("dispatchedAt");
});

test("RS2: a second claim keeps the first start and counts the attempt that its lease outlived as failed", () => {
  const claimed = applied(aRangeRecord({ status: "RUNNING" }), anEvent("claim", LATE));

  expect(claimed).toMatchObject({ startedAt: START, attempt: 2, failedAttempts: 1, lease: { counter: 2 } });
});

test.each([
  ["another owner", { owner: "processor-2", counter: 1 }],
  ["an older lease of the same owner", { owner: "processor-1", counter: 0 }],
  ["a lease never given", { owner: "processor-1", counter: 2 }],
])("RS3, G3: %s cannot commit, complete, prepare, discard, fail or release", (_, lease) => {
  const record = aRangeRecord({ status: "RUNNING" });
  const kinds = ["commit", "complete", "prepare", "discard", "fail", "release"] as const;

  const outcomes = kinds.map((kind) => outcomeOf(record, anEvent(kind, EARLY, lease)));

  expect(new Set(outcomes)).toEqual(new Set(["superseded"]));
});

test("RS3, G3: a lease holds until the millisecond it ends", () => {
  const record = aRangeRecord({ status: "RUNNING" });

  expect(outcomeOf(record, anEvent("claim", START + 59_999))).toBe("held");
  expect(outcomeOf(record, anEvent("expire", START + 59_999))).toBe("held");
  expect(outcomeOf(record, anEvent("claim", START + 60_000))).toBe("RUNNING");
  expect(outcomeOf(record, anEvent("expire", START + 60_000))).toBe("FAILED");
});

test("RS3: a refusal says who holds the range and until when", () => {
  expect(applyEvent(aRangeRecord({ status: "RUNNING" }), anEvent("claim", EARLY), "write-2")).toEqual({
    kind: "refused",
    refusal: { kind: "held", by: "processor-1", until: START + 60_000 },
  });
});

test("RS4: a commit moves committedOffset, adds its counts and forgives failed attempts", () => {
  const record = aRangeRecord({ status: "RUNNING", failedAttempts: 2, counts });

  const committed = applied(record, {
    kind: "commit",
    lease: own,
    fromOffset: 5n,
    untilOffset: 7n,
    counts,
    leaderEpoch: 8,
  });

  expect(committed).toMatchObject({
    committedOffset: 7n,
    counts: { delivered: 2n, aborted: 2n, control: 0n, bytes: 140n },
    failedAttempts: 0,
    leaderEpoch: 8,
  });
});

test("RS4: a commit of nothing new forgives nothing and keeps the leader epoch", () => {
  const record = aRangeRecord({ status: "RUNNING", failedAttempts: 2, leaderEpoch: 6 });

  const committed = applied(record, {
    kind: "commit",
    lease: own,
    fromOffset: 5n,
    untilOffset: 5n,
    counts: NO_COUNTS,
  });

  expect(committed).toMatchObject({ committedOffset: 5n, failedAttempts: 2, leaderEpoch: 6 });
});

test.each(["commit", "complete"] as const)("RS4: a %s that saw another committedOffset is superseded", (kind) => {
  const behind = aRangeRecord({ status: "RUNNING", committedOffset: 6n });

  expect(outcomeOf(behind, anEvent(kind, EARLY))).toBe("superseded");
});

test("RS4: a commit back, or beyond the range, is a programmer's error", () => {
  const record = aRangeRecord({ status: "RUNNING", committedOffset: 7n });
  const commit = { kind: "commit", lease: own, fromOffset: 7n, counts: NO_COUNTS } as const;

  expect(() => applyEvent(record, { ...commit, untilOffset: 6n }, "write-2")).toThrow(
    "commit to 6 would go back from 7",
  );
  expect(() => applyEvent(record, { ...commit, untilOffset: 10n }, "write-2")).toThrow("10 lies outside [5, 9]");
});

test("RS4: of all changes only a commit and a completion move committedOffset, forwards", () => {
  for (const { kind, record, next } of everyChange({})) {
    const moved = next.committedOffset - record.committedOffset;

    expect([kind, moved]).toEqual([kind, kind === "commit" ? 2n : kind === "complete" ? 4n : 0n]);
  }
});

test.each<[EventKind, Expected]>([
  ["claim", "halted"],
  ["redispatch", "halted"],
  ["expire", "superseded"],
  ["commit", "superseded"],
  ["complete", "superseded"],
  ["prepare", "superseded"],
  ["discard", "superseded"],
  ["fail", "superseded"],
  ["release", "superseded"],
  ["renew", "open"],
  ["retry", "PLANNED"],
  ["skip", "SKIPPED"],
  ["skipRecord", "PLANNED"],
])("RS5: a halted range answers %s with %s, however late", (kind, expected) => {
  expect(outcomeOf(aHaltedRecord({ dispatchedAt: LATE }), anEvent(kind, LATE))).toBe(expected);
});

test("RS5: a failure without a next attempt, and an expiry that may not retry, halt the range", () => {
  const running = aRangeRecord({ status: "RUNNING" });

  const failed = applied(running, { kind: "fail", lease: own, error });
  const expired = applied(running, { kind: "expire", now: LATE, mayRetry: false });

  expect(outcomeOf(failed, anEvent("claim", LATE))).toBe("halted");
  expect(outcomeOf(expired, anEvent("claim", LATE))).toBe("halted");
});

test("completing closes the range, wholly committed, without lease or error, kept for the retention", () => {
  const record = aRangeRecord({ status: "RUNNING", error });

  const completed = applied(record, {
    kind: "complete",
    lease: own,
    fromOffset: 5n,
    counts,
    now: LATE,
    retentionMs: 9,
  });

  const { lease: _lease, error: _error, ...rest } = record;
  expect(completed).toEqual({
    ...rest,
    status: "COMPLETED",
    revision: 2,
    writeId: "write-2",
    committedOffset: 9n,
    counts,
    completedAt: LATE,
    expiresAt: LATE + 9,
  });
});

test("failing keeps what is committed and counts one failed attempt", () => {
  const record = aRangeRecord({ status: "RUNNING", committedOffset: 7n, failedAttempts: 1 });

  const failed = applied(record, { kind: "fail", lease: own, error, nextAttemptAt: LATE });

  expect(failed).toMatchObject({
    status: "FAILED",
    committedOffset: 7n,
    failedAttempts: 2,
    error,
    nextAttemptAt: LATE,
  });
  expect(failed).not.toHaveProperty("lease");
});

test("releasing keeps what is committed, counts no failure and makes the range due at once", () => {
  const record = aRangeRecord({ status: "RUNNING", committedOffset: 7n });

  const released = applied(record, { kind: "release", lease: own });

  expect(released).toMatchObject({ status: "PLANNED", committedOffset: 7n, failedAttempts: 0 });
  expect(outcomeOf(released, { kind: "redispatch", now: START, dispatchTimeoutMs: 30_000 })).toBe("PLANNED");
});

test("an expired lease is recorded as the failure of its owner, and dispatched at once", () => {
  const expired = applied(aRangeRecord({ status: "RUNNING" }), { kind: "expire", now: LATE, mayRetry: true });

  expect(expired).toMatchObject({
    status: "FAILED",
    failedAttempts: 1,
    nextAttemptAt: LATE,
    dispatchedAt: LATE,
    error: { name: "LeaseExpired", message: expect.stringContaining("processor-1") },
  });
  expect(outcomeOf(expired, anEvent("claim", LATE - 10_000))).toBe("RUNNING");
});

test("a dispatch makes a failed range claimable on a host whose clock is behind", () => {
  const dispatched = applied(aRangeRecord({ status: "FAILED" }), anEvent("redispatch", START + 1_000));

  expect(outcomeOf(dispatched, anEvent("claim", START - 60_000))).toBe("RUNNING");
});

test("a lease of no length is a programmer's error", () => {
  expect(() => applyEvent(aRangeRecord(), { kind: "claim", owner: "p", now: START, leaseMs: 0 }, "write-2")).toThrow(
    "leaseMs 0 is not positive",
  );
});
