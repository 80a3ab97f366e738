// Lease
//
// Who may process a range now. A lease is given by a claim and ends with what its owner
// says of the range, or once its time is up and somebody looks.

import type { LeaseProof, Refusal } from "./range-event.ts";
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
