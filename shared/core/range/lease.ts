// Lease
//
// Who may process a range now. A lease is given by a claim and ends with what its owner
// says of the range, or once its time is up and somebody looks.

import assert from "node:assert/strict";
import { isDispatchedForNextAttempt } from "./due-at.ts";
import type { ClaimEvent, Decision, LeaseProof, Refusal } from "./range-event.ts";
import type { Lease, RangeRecord } from "./range-record.ts";

/** A range that somebody may process now. */
export interface ClaimedRange extends RangeRecord {
  readonly lease: Lease;
}

export function isClaimed(record: RangeRecord): record is ClaimedRange {
  return record.lease !== undefined;
}

export function ownsLease(record: RangeRecord, proof: LeaseProof): boolean {
  return record.lease?.owner === proof.owner && record.lease.counter === proof.counter;
}

export function refuseWhileHeld({ lease }: RangeRecord, now: number): Refusal | undefined {
  return lease !== undefined && now < lease.expiresAt
    ? { kind: "held", by: lease.owner, until: lease.expiresAt }
    : undefined;
}

export function withoutLease(record: RangeRecord): RangeRecord {
  const { lease: _ended, ...rest } = record;
  return rest;
}

export function claim(record: RangeRecord, { owner, now, leaseMs }: ClaimEvent): Decision {
  assert.ok(leaseMs > 0, `leaseMs ${leaseMs} is not positive`);
  const refusal = refuseClaim(record, now);
  if (refusal !== undefined) {
    return { refusal };
  }
  const counter = record.leaseCounter + 1;
  // The dispatch is used up, and gives its place in the item to the lease.
  const { nextAttemptAt: _due, dispatchedAt: _used, ...rest } = record;
  return {
    next: {
      ...rest,
      status: "RUNNING",
      attempt: record.attempt + 1,
      failedAttempts: record.failedAttempts + (record.status === "RUNNING" ? 1 : 0),
      leaseCounter: counter,
      lease: { owner, counter, expiresAt: now + leaseMs },
      startedAt: record.startedAt ?? now,
    },
  };
}

function refuseClaim(record: RangeRecord, now: number): Refusal | undefined {
  const held = refuseWhileHeld(record, now);
  if (held !== undefined) {
    return held;
  }
  if (record.status !== "FAILED") {
    return undefined;
  }
  if (record.nextAttemptAt === undefined) {
    return { kind: "halted" };
  }
  // A dispatch is the scheduler's word that the attempt is due, whatever this host's clock says.
  if (now < record.nextAttemptAt && !isDispatchedForNextAttempt(record)) {
    return { kind: "notDue", dueAt: record.nextAttemptAt };
  }
  return undefined;
}
