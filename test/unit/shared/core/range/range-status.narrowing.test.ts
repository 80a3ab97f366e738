import { expect, test } from "vitest";
import { dueAt } from "../../../../../shared/core/range/due-at.ts";
import type { RangeEvent } from "../../../../../shared/core/range/range-event.ts";
import { NO_COUNTS, type RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { applyEvent } from "../../../../../shared/core/range/range-status.ts";
import { splitRange } from "../../../../../shared/core/range/split-range.ts";
import { aRangeRecord } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

const lease = { owner: "processor-1", counter: 1 };
const error = { name: "SyntaxError", message: "not JSON" };
const narrowed = { length: 4n, suspectUntil: 13n };
const progress = { lease, fromOffset: 5n, counts: NO_COUNTS };

function applied(record: RangeRecord, event: RangeEvent): RangeRecord {
  const transition = applyEvent(record, event, "write-2");
  if (transition.kind === "refused") {
    throw new Error(`refused: ${transition.refusal.kind}`);
  }
  return transition.record;
}

test("RS7: a failure that narrows the range counts its failures anew, one that does not leaves it as it is", () => {
  const running = aRangeRecord({ status: "RUNNING", untilOffset: 13n, failedAttempts: 2 });

  const first = applied(running, { kind: "fail", lease, error, nextAttemptAt: START, narrowed });
  const again = applied(applied(first, { kind: "claim", owner: "processor-1", now: START, leaseMs: 1_000 }), {
    kind: "fail",
    lease: { ...lease, counter: 2 },
    error,
    nextAttemptAt: START,
  });

  expect(first).toMatchObject({ status: "FAILED", failedAttempts: 0, narrowed });
  expect(again).toMatchObject({ status: "FAILED", failedAttempts: 1, narrowed });
});

test("RS7: a lease that expired may narrow the range as well", () => {
  const running = aRangeRecord({ status: "RUNNING", untilOffset: 13n, failedAttempts: 2 });

  const expired = applied(running, { kind: "expire", now: START + 60_000, mayRetry: true, narrowed: { length: 4n } });

  expect(expired).toMatchObject({ status: "FAILED", failedAttempts: 0, narrowed: { length: 4n } });
});

test("RS7: a commit leaves the suspicion on the rest, and a release or a claim on what it was on", () => {
  const running = aRangeRecord({ status: "RUNNING", untilOffset: 20n, narrowed });

  const committed = applied(running, { kind: "commit", ...progress, untilOffset: 9n });
  const released = applied(committed, { kind: "release", lease });

  expect(committed.narrowed).toEqual({ length: 2n, suspectUntil: 13n });
  expect(released.narrowed).toEqual({ length: 2n, suspectUntil: 13n });
  expect(applied(running, { kind: "commit", ...progress, untilOffset: 13n }).narrowed).toBeUndefined();
});

test("RS7: a completed range is not narrowed any more", () => {
  const running = aRangeRecord({ status: "RUNNING", untilOffset: 20n, narrowed: { length: 2n } });

  const completed = applied(running, { kind: "complete", ...progress, now: START, retentionMs: 1_000 });

  expect(completed.narrowed).toBeUndefined();
});

test("a split closes the search: the rest keeps a length that fits, and counts what was quarantined", () => {
  const how = { at: 6n, first: "QUARANTINED", lease, now: START, retentionMs: 1_000 } as const;
  const restOf = (overrides: Partial<RangeRecord>) => {
    const record = aRangeRecord({ status: "RUNNING", untilOffset: 20n, quarantined: 3, ...overrides });
    const split = splitRange(record, how, "write-2");
    return split.kind === "split" ? split : undefined;
  };

  expect(restOf({ narrowed: { length: 1n, suspectUntil: 6n } })?.rest).toMatchObject({ quarantined: 4 });
  expect(restOf({ narrowed: { length: 1n, suspectUntil: 6n } })?.rest?.narrowed).toBeUndefined();
  expect(restOf({ narrowed: { length: 2n } })?.rest?.narrowed).toEqual({ length: 2n });
  expect(restOf({ narrowed: { length: 2n } })?.first.narrowed).toBeUndefined();
});

test("a failure ends the dispatch it came from, so that a scheduler's clock that is ahead neither delays nor doubles the next", () => {
  const running = aRangeRecord({ status: "RUNNING", untilOffset: 13n, dispatchedAt: START + 500_000 });
  const nextAttemptAt = START + 1_000;

  const failed = applied(running, { kind: "fail", lease, error, nextAttemptAt });

  expect(failed.dispatchedAt).toBeUndefined();
  expect(dueAt(failed, 120_000)).toBe(nextAttemptAt);
  const early = applyEvent(failed, { kind: "claim", owner: "processor-2", now: START, leaseMs: 1_000 }, "write-3");
  expect(early).toEqual({ kind: "refused", refusal: { kind: "notDue", dueAt: nextAttemptAt } });
});
