// Range ledger under interleavings
//
// Several schedulers, processors and operators act on one range in any order, each
// with a record that may be long out of date, on clocks that disagree. Whatever they do,
// the invariants of the status machine hold after each step.

import fc from "fast-check";
import { expect, test } from "vitest";
import { newRange } from "../../shared/core/new-range.ts";
import type { OperatorNote, RangeEvent } from "../../shared/core/range-event.ts";
import type { ChangeOutcome } from "../../shared/core/range-ledger.ts";
import { isClosed, isHalted, NO_COUNTS, type RangeRecord } from "../../shared/core/range-record.ts";
import { createInMemoryRangeLedger } from "../support/in-memory-range-ledger.ts";

const LENGTH = 12n;
const LEASE_MS = 50;
const OWNERS = 3;

interface Step {
  readonly owner: number;
  readonly act: RangeEvent["kind"] | "halt";
  /** How far ahead this host's clock is, and how much time passes. */
  readonly skewMs: number;
  readonly passesMs: number;
  /** How many records a commit takes. */
  readonly length: bigint;
}

const step: fc.Arbitrary<Step> = fc.record({
  owner: fc.nat(OWNERS - 1),
  act: fc.oneof(
    { arbitrary: fc.constantFrom("claim" as const, "commit" as const), weight: 4 },
    { arbitrary: fc.constantFrom("complete", "fail", "release", "expire", "redispatch", "renew"), weight: 3 },
    { arbitrary: fc.constantFrom("halt" as const, "retry" as const), weight: 2 },
    { arbitrary: fc.constant("skip" as const), weight: 1 },
  ) as fc.Arbitrary<Step["act"]>,
  skewMs: fc.integer({ min: -40, max: 40 }),
  passesMs: fc.integer({ min: 0, max: 40 }),
  length: fc.bigInt({ min: 0n, max: 5n }),
});

test("S1-S6, L3: no interleaving of schedulers, processors and operators breaks the status machine", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
      const ledger = createInMemoryRangeLedger<readonly [bigint, bigint]>();
      const planned = newRange({
        chain: { pipeline: "p", topicId: "t", partition: 0 },
        topic: "orders",
        fromOffset: 100n,
        untilOffset: 100n + LENGTH,
        batchId: "b",
        writeId: "w",
        now: 0,
      });
      await ledger.planRange(planned);
      // Each owner acts on what it saw last, however long ago.
      const seen = Array.from({ length: OWNERS }, () => planned);
      let before = planned;
      let now = 0;
      for (const one of steps) {
        now += one.passesMs;
        const own = seen[one.owner] ?? planned;
        const event = eventOf(one, own, now + one.skewMs);
        const outputs = outputOf(event, own);
        const outcome = await ledger.changeRange(own, event, outputs);
        const after = (await ledger.newestRange(planned.chain)) ?? planned;
        checkStep({ before, after, event, outcome });
        checkOutputs(ledger.outputs, after);
        if (outcome.kind !== "missing") {
          seen[one.owner] = outcome.kind === "refused" && event.kind === "claim" ? own : outcome.record;
        }
        before = after;
      }
    }),
    { numRuns: 2_000 },
  );
});

function eventOf({ act, owner, length }: Step, own: RangeRecord, now: number): RangeEvent {
  const lease = { owner: `owner-${owner}`, counter: own.lease?.counter ?? own.leaseCounter };
  const fromOffset = own.committedOffset;
  const limit = own.untilOffset - fromOffset;
  switch (act) {
    case "claim":
      return { kind: "claim", owner: lease.owner, now, leaseMs: LEASE_MS };
    case "commit": {
      const delivered = length < limit ? length : limit;
      return {
        kind: "commit",
        lease,
        fromOffset,
        untilOffset: fromOffset + delivered,
        counts: { ...NO_COUNTS, delivered },
      };
    }
    case "complete":
      return {
        kind: "complete",
        lease,
        fromOffset,
        counts: { ...NO_COUNTS, delivered: limit },
        now,
        retentionMs: 1_000,
      };
    case "fail":
      return { kind: "fail", lease, error: { name: "Error", message: "broken" }, nextAttemptAt: now + 10 };
    case "halt":
      return { kind: "fail", lease, error: { name: "Error", message: "broken for good" } };
    case "release":
      return { kind: "release", lease };
    case "expire":
      return { kind: "expire", now, mayRetry: true };
    case "redispatch":
      return { kind: "redispatch", now, dispatchTimeoutMs: 20 };
    case "renew":
      return { kind: "renew", now, retentionMs: 1_000 };
    case "retry":
      return { kind: "retry", now, operator: operatorOf(owner) };
    case "skip":
      return { kind: "skip", now, retentionMs: 1_000, operator: operatorOf(owner) };
  }
}

function operatorOf(owner: number): OperatorNote {
  return { by: `operator-${owner}`, reason: "the queue is stuck" };
}

/** The offsets that the event makes take effect. */
function outputOf(event: RangeEvent, own: RangeRecord): readonly (readonly [bigint, bigint])[] {
  switch (event.kind) {
    case "commit":
      return event.untilOffset > event.fromOffset ? [[event.fromOffset, event.untilOffset]] : [];
    case "complete":
      return own.untilOffset > event.fromOffset ? [[event.fromOffset, own.untilOffset]] : [];
    default:
      return [];
  }
}

interface Observation {
  readonly before: RangeRecord;
  readonly after: RangeRecord;
  readonly event: RangeEvent;
  readonly outcome: ChangeOutcome;
}

function checkStep({ before, after, event, outcome }: Observation): void {
  if (outcome.kind !== "changed") {
    expect(after).toEqual(before);
    return;
  }
  expect(after.revision).toBe(before.revision + 1);
  if (isClosed(before)) {
    const { revision, writeId, expiresAt } = after;
    expect(event.kind, "S1").toBe("renew");
    expect(after, "S1").toEqual({ ...before, revision, writeId, expiresAt });
  }
  expect(after.leaseCounter, "S2").toBe(before.leaseCounter + (event.kind === "claim" ? 1 : 0));
  if ("lease" in event) {
    expect(event.lease, "S3").toEqual({ owner: before.lease?.owner, counter: before.lease?.counter });
  }
  expect(after.committedOffset, "S4").toBeGreaterThanOrEqual(before.committedOffset);
  if ("fromOffset" in event) {
    expect(event.fromOffset, "S4").toBe(before.committedOffset);
  }
  if (isHalted(before)) {
    expect(["retry", "skip"], "S5").toContain(event.kind);
  }
  checkOperator({ before, after, event });
  expect(after.counts.delivered).toBe(after.committedOffset - after.fromOffset);
}

function checkOperator({ before, after, event }: Omit<Observation, "outcome">): void {
  if (!("operator" in event)) {
    expect(after.operator, "S6").toEqual(before.operator);
    return;
  }
  expect(event.now, "S6").toBeGreaterThanOrEqual(before.lease?.expiresAt ?? event.now);
  expect(after, "S6").toMatchObject({
    committedOffset: before.committedOffset,
    counts: before.counts,
    operator: { ...event.operator, at: event.now },
  });
}

/** What took effect covers [fromOffset, committedOffset) once, in order. */
function checkOutputs(
  outputs: readonly (readonly [bigint, bigint])[],
  { fromOffset, committedOffset }: RangeRecord,
): void {
  let position = fromOffset;
  for (const [from, until] of outputs) {
    expect(from, "L3").toBe(position);
    position = until;
  }
  expect(position, "L3").toBe(committedOffset);
}
