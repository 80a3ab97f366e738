// Range status machine
//
// What may happen to a range record, as a pure function of the record and an
// event. Every ledger applies it and stores the outcome only if the record is
// still the one that was seen; it decides nothing itself.
//
//   claim      PLANNED | FAILED (dispatched or due) | RUNNING (expired)  -> RUNNING
//   commit     RUNNING, own lease                                        -> RUNNING
//   complete   RUNNING, own lease                                        -> COMPLETED
//   prepare    RUNNING, own lease, nothing prepared                      -> unchanged, with work prepared
//   discard    RUNNING, own lease                                        -> unchanged, with none
//   fail       RUNNING, own lease                                        -> FAILED
//   release    RUNNING, own lease                                        -> PLANNED
//   expire     RUNNING, lease expired                                    -> FAILED
//   redispatch PLANNED | FAILED, when due                                -> unchanged, dispatchedAt moves
//   renew      closed                                                    -> unchanged, expiresAt moves
//   retry      PLANNED | FAILED, halted too | RUNNING (expired)          -> PLANNED, due at once
//   skip       PLANNED | FAILED, halted too | RUNNING (expired)          -> SKIPPED
//   skipRecord PLANNED | FAILED, halted too | RUNNING (expired)          -> PLANNED, due at once
//
//   RS1  A closed record keeps its status, offsets and counts for ever (G4).
//   RS2  leaseCounter grows by one with each claim and with nothing else.
//   RS3  Only the owner and counter of the present lease commit, complete, prepare, discard, fail or release (G3).
//   RS4  committedOffset never goes back, and moves only from where the event saw it.
//   RS5  A halted range moves by no event of the scheduler or of a processor, only by
//        an operator's retry or skip.
//   RS6  An operator's event ends no valid lease, moves no offset and no count, and
//        leaves who did it, why and when. What it leaves to process is due at once, by
//        every host's clock: nobody was dispatched.
//   RS7  A narrowed range stays so until what it was narrowed for is done, or the range is closed.
//   RS8  No commit passes a record that an operator gives up, and no other is given up with
//        it: whoever has the lease splits it off once it is next (split-range.ts). The last
//        operator's word on the range holds; a retry takes it back.
//   RS9  An operator's word on one revision is refused by every later one: it was not
//        said of what became of the range since.

import assert from "node:assert/strict";
import { addRejected } from "../offsets/rejected-offsets.ts";
import { omitUndefined } from "../omit-undefined.ts";
import { dueAt } from "./due-at.ts";
import { claim, ownsLease, refuseWhileHeld, withoutLease } from "./lease.ts";
import { retry, skip, skipRecord } from "./operator-event.ts";
import { addReceipt, discard, prepare } from "./output-event.ts";
import type {
  CommitEvent,
  CompleteEvent,
  Decision,
  DiscardEvent,
  ExpireEvent,
  FailEvent,
  PrepareEvent,
  RangeEvent,
  RedispatchEvent,
  ReleaseEvent,
  RenewEvent,
  Transition,
} from "./range-event.ts";
import { type Narrowing, narrowAfter } from "./range-narrowing.ts";
import { addCounts, assertRangeRecord, isClosed, type RangeRecord } from "./range-record.ts";

/** Applies the event; `writeId` names the write that would store the outcome. */
export function applyEvent(record: RangeRecord, event: RangeEvent, writeId: string): Transition {
  const outcome = decide(record, event);
  if ("refusal" in outcome) {
    return { kind: "refused", refusal: outcome.refusal };
  }
  const next = { ...outcome.next, revision: record.revision + 1, writeId };
  return { kind: "changed", record: assertRangeRecord(next) };
}

function decide(record: RangeRecord, event: RangeEvent): Decision {
  if (event.kind === "renew") {
    return renew(record, event);
  }
  if (isClosed(record)) {
    return { refusal: { kind: "closed" } };
  }
  if ("ofRevision" in event && event.ofRevision !== record.revision) {
    return { refusal: { kind: "superseded" } };
  }
  switch (event.kind) {
    case "claim":
      return claim(record, event);
    case "redispatch":
      return redispatch(record, event);
    case "expire":
      return expire(record, event);
    case "retry":
      return retry(record, event);
    case "skip":
      return skip(record, event);
    case "skipRecord":
      return skipRecord(record, event);
    default:
      return ownsLease(record, event.lease) ? applyOwnersEvent(record, event) : { refusal: { kind: "superseded" } };
  }
}

function applyOwnersEvent(
  record: RangeRecord,
  event: CommitEvent | CompleteEvent | PrepareEvent | DiscardEvent | FailEvent | ReleaseEvent,
): Decision {
  switch (event.kind) {
    case "commit":
      return advance(record, event, event.untilOffset);
    case "complete":
      return complete(record, event);
    case "prepare":
      return prepare(record, event);
    case "discard":
      return discard(record);
    case "fail":
      return fail(record, event);
    case "release": {
      const { dispatchedAt: _lost, ...rest } = withoutLease(record);
      const { narrowed } = event;
      return { next: { ...rest, status: "PLANNED", ...omitUndefined({ narrowed }) } };
    }
  }
}

function advance(record: RangeRecord, event: CommitEvent | CompleteEvent, untilOffset: bigint): Decision {
  if (event.fromOffset !== record.committedOffset) {
    return { refusal: { kind: "superseded" } };
  }
  assert.ok(
    untilOffset >= record.committedOffset,
    `commit to ${untilOffset} would go back from ${record.committedOffset}`,
  );
  const { narrowed, outages, skipOffset, prepared, ...rest } = record;
  const passesSkip = skipOffset !== undefined && untilOffset > skipOffset;
  assert.ok(
    !passesSkip || event.isSettled === true,
    `commit to ${untilOffset} would pass ${skipOffset}, which is to be skipped`,
  );
  assert.ok(
    prepared === undefined || (prepared.untilOffset === untilOffset && event.isSettled === true),
    `commit to ${untilOffset} would pass over what is prepared to ${prepared?.untilOffset}`,
  );
  const left = narrowed === undefined ? undefined : narrowAfter(narrowed, untilOffset);
  const isProgress = untilOffset > record.committedOffset;
  return {
    next: {
      ...rest,
      ...(outages === undefined || isProgress ? {} : { outages }),
      ...omitUndefined({ narrowed: left, skipOffset: passesSkip ? undefined : skipOffset }),
      ...(event.receipt === undefined ? {} : { receipts: addReceipt(record.receipts, event.receipt) }),
      committedOffset: untilOffset,
      counts: addCounts(record.counts, event.counts),
      ...addRejected(record, { ...event, untilOffset }),
      failedAttempts: isProgress ? 0 : record.failedAttempts,
      ...omitUndefined({ leaderEpoch: event.leaderEpoch }),
    },
  };
}

function complete(record: RangeRecord, event: CompleteEvent): Decision {
  const decision = advance(record, event, record.untilOffset);
  if ("refusal" in decision) {
    return decision;
  }
  const { error: _overcome, narrowed: _done, outages: _over, ...rest } = withoutLease(decision.next);
  return {
    next: {
      ...rest,
      status: "COMPLETED",
      completedAt: event.now,
      expiresAt: event.now + event.retentionMs,
    },
  };
}

function fail(record: RangeRecord, { error, nextAttemptAt, narrowed, isOutage }: FailEvent): Decision {
  // The dispatch was this attempt's: by a scheduler's clock that is ahead it would pass for the next one's.
  const { dispatchedAt: _used, outages = 0, ...rest } = withoutLease(record);
  return {
    next: {
      ...rest,
      status: "FAILED",
      ...(isOutage ? { outages: outages + 1 } : countFailure(record, narrowed)),
      error,
      ...omitUndefined({ nextAttemptAt }),
    },
  };
}

/** What is narrowed begins anew: its failures are its own. */
function countFailure({ failedAttempts }: RangeRecord, narrowed: Narrowing | undefined) {
  return narrowed === undefined ? { failedAttempts: failedAttempts + 1 } : { failedAttempts: 0, narrowed };
}

function expire(record: RangeRecord, { now, mayRetry, narrowed }: ExpireEvent): Decision {
  if (record.lease === undefined) {
    return { refusal: { kind: "superseded" } };
  }
  const held = refuseWhileHeld(record, now);
  if (held !== undefined) {
    return { refusal: held };
  }
  const { owner } = record.lease;
  const error = { name: "LeaseExpired", message: `${owner} neither completed nor failed within its lease` };
  const failed = {
    ...withoutLease(record),
    status: "FAILED",
    ...countFailure(record, narrowed),
    error,
  } as const;
  return { next: mayRetry ? { ...failed, nextAttemptAt: now, dispatchedAt: now } : failed };
}

function redispatch(record: RangeRecord, { now, dispatchTimeoutMs }: RedispatchEvent): Decision {
  if (record.lease !== undefined) {
    return { refusal: { kind: "held", by: record.lease.owner, until: record.lease.expiresAt } };
  }
  const due = dueAt(record, dispatchTimeoutMs);
  if (due === undefined) {
    return { refusal: { kind: "halted" } };
  }
  return now < due ? { refusal: { kind: "notDue", dueAt: due } } : { next: { ...record, dispatchedAt: now } };
}

function renew(record: RangeRecord, { now, retentionMs }: RenewEvent): Decision {
  return isClosed(record) ? { next: { ...record, expiresAt: now + retentionMs } } : { refusal: { kind: "open" } };
}
