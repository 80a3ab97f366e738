// Ledger model
//
// What schedulers, processors and operators may do to one range, in any order: steps
// for fast-check, and the events and outputs that they come to.

import fc from "fast-check";
import { newRange } from "../../../shared/core/range/new-range.ts";
import { smallerOf } from "../../../shared/core/range/offset-range.ts";
import type { LeaseProof, OperatorNote, RangeEvent } from "../../../shared/core/range/range-event.ts";
import type { PreparedWork } from "../../../shared/core/range/range-record.ts";
import { type ChainKey, NO_COUNTS, type RangeRecord } from "../../../shared/core/range/range-record.ts";

const LENGTH = 12n;
const LEASE_MS = 50;
export const OWNERS = 3;

export interface Step {
  readonly owner: number;
  readonly act: RangeEvent["kind"] | "halt";
  /** How far ahead this host's clock is, and how much time passes. */
  readonly skewMs: number;
  readonly passesMs: number;
  /** How many records a commit takes. */
  readonly length: bigint;
}

export const ledgerStep: fc.Arbitrary<Step> = fc.record({
  owner: fc.nat(OWNERS - 1),
  act: fc.oneof(
    { arbitrary: fc.constantFrom("claim" as const, "commit" as const), weight: 4 },
    { arbitrary: fc.constantFrom("complete", "fail", "release", "expire", "redispatch", "renew"), weight: 3 },
    { arbitrary: fc.constantFrom("halt" as const, "retry" as const), weight: 2 },
    { arbitrary: fc.constantFrom("prepare" as const, "discard" as const), weight: 1 },
    { arbitrary: fc.constantFrom("skip" as const, "skipRecord" as const), weight: 1 },
  ) as fc.Arbitrary<Step["act"]>,
  skewMs: fc.integer({ min: -40, max: 40 }),
  passesMs: fc.integer({ min: 0, max: 40 }),
  length: fc.bigInt({ min: 0n, max: 5n }),
});

/** The range that the steps act on. */
export function plannedRange(chain: ChainKey, now: number): RangeRecord {
  return newRange({
    chain,
    topic: "orders",
    fromOffset: 100n,
    untilOffset: 100n + LENGTH,
    batchId: "b",
    writeId: "w",
    now,
  });
}

/** `own` is what the step's owner saw last. */
export function eventOf(step: Step, own: RangeRecord, now: number): RangeEvent {
  const { act, owner, length } = step;
  const lease = { owner: `owner-${owner}`, counter: own.lease?.counter ?? own.leaseCounter };
  const fromOffset = own.committedOffset;
  // No processor passes a record that is to be skipped.
  const limit = (own.skipOffset ?? own.untilOffset) - fromOffset;
  const { prepared } = own;
  if (prepared !== undefined && (act === "commit" || act === "complete" || act === "prepare")) {
    return settleEvent(own, prepared, { lease, now });
  }
  switch (act) {
    case "claim":
      return { kind: "claim", owner: lease.owner, now, leaseMs: LEASE_MS };
    case "commit": {
      const delivered = smallerOf(length, limit);
      return {
        kind: "commit",
        lease,
        fromOffset,
        untilOffset: fromOffset + delivered,
        counts: { ...NO_COUNTS, delivered },
      };
    }
    case "prepare": {
      const delivered = smallerOf(length, limit);
      const counts = { ...NO_COUNTS, delivered };
      return delivered === 0n
        ? { kind: "discard", lease }
        : {
            kind: "prepare",
            lease,
            fromOffset,
            work: { untilOffset: fromOffset + delivered, counts, output: "S3", memo: `by ${lease.owner}` },
          };
    }
    case "discard":
      return { kind: "discard", lease };
    case "complete":
      if (own.skipOffset !== undefined) {
        return eventOf({ ...step, act: "commit", length: limit }, own, now);
      }
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
    case "skipRecord": {
      const offset = smallerOf(fromOffset + length, own.untilOffset - 1n);
      return { kind: "skipRecord", now, offset, operator: operatorOf(owner) };
    }
  }
}

/** Nothing but what was prepared takes effect next. */
function settleEvent(
  { committedOffset: fromOffset, untilOffset: end }: RangeRecord,
  { untilOffset, counts, memo }: PreparedWork,
  { lease, now }: { readonly lease: LeaseProof; readonly now: number },
): RangeEvent {
  const settled = { lease, fromOffset, counts, isSettled: true, receipt: memo } as const;
  return untilOffset === end
    ? { kind: "complete", ...settled, now, retentionMs: 1_000 }
    : { kind: "commit", ...settled, untilOffset };
}

function operatorOf(owner: number): OperatorNote {
  return { by: `operator-${owner}`, reason: "the queue is stuck" };
}

/** The offsets that the event makes take effect. */
export function outputOf(event: RangeEvent, own: RangeRecord): readonly (readonly [bigint, bigint])[] {
  switch (event.kind) {
    case "commit":
      return event.untilOffset > event.fromOffset ? [[event.fromOffset, event.untilOffset]] : [];
    case "complete":
      return own.untilOffset > event.fromOffset ? [[event.fromOffset, own.untilOffset]] : [];
    default:
      return [];
  }
}
