// Operator event
//
// What an operator's word makes of an open range (RS6, RS8 of range-status.ts).

import { refuseWhileHeld, withoutLease } from "./lease.ts";
import { operatorAct } from "./operator-act.ts";
import type { Decision, RetryEvent, SkipEvent, SkipRecordEvent } from "./range-event.ts";
import type { RangeRecord } from "./range-record.ts";

/** PLANNED and not dispatched is due at once by every host's clock, unlike a nextAttemptAt of this host's. */
export function retry(record: RangeRecord, { operator, now }: RetryEvent): Decision {
  const held = refuseWhileHeld(record, now);
  if (held !== undefined) {
    return { refusal: held };
  }
  // The operator has looked: the search begins anew, with a fresh allowance.
  const {
    nextAttemptAt: _due,
    dispatchedAt: _dispatched,
    narrowed: _n,
    quarantined: _q,
    skipOffset: _s,
    outages: _o,
    ...rest
  } = withoutLease(record);
  return { next: { ...rest, status: "PLANNED", failedAttempts: 0, operator: operatorAct(operator, now) } };
}

/** As a retry that goes no further than the record. What an output has prepared takes effect as a whole (SR8 of split-range.ts). */
export function skipRecord(record: RangeRecord, { operator, now, offset }: SkipRecordEvent): Decision {
  const decision = retry(record, { kind: "retry", operator, now });
  if ("refusal" in decision) {
    return decision;
  }
  if (offset < record.committedOffset) {
    return { refusal: { kind: "superseded" } };
  }
  const { prepared } = record;
  return prepared !== undefined && offset < prepared.untilOffset
    ? { refusal: { kind: "prepared", untilOffset: prepared.untilOffset } }
    : { next: { ...decision.next, skipOffset: offset } };
}

export function skip(record: RangeRecord, { operator, now, retentionMs }: SkipEvent): Decision {
  const held = refuseWhileHeld(record, now);
  if (held !== undefined) {
    return { refusal: held };
  }
  const { nextAttemptAt: _due, narrowed: _over, skipOffset: _with, ...rest } = withoutLease(record);
  return {
    next: {
      ...rest,
      status: "SKIPPED",
      operator: operatorAct(operator, now),
      completedAt: now,
      expiresAt: now + retentionMs,
    },
  };
}
