// Split range
//
// Replaces one open range by two adjacent ones, as a pure function beside
// applyEvent: the first says for good what became of its offsets, the second is
// what is left to do. A ledger stores both in one transaction, or neither.
//
//   SR1  first [from, at) and rest [at, until) join and cover what the range covered,
//        so the chain is whole before, after, and whoever dies in between (G2).
//        Split at its end, a range has no rest: it is closed as it is.
//   SR2  committedOffset and counts stay with the first: at >= committedOffset, so
//        nothing that took effect lies in the rest, and the rest begins with none.
//   SR3  The first is closed by the very write that makes the rest. A split never adds
//        an open range: the newest of a chain still is the only one that may be open,
//        order is kept with no field to wait on, and a run still reads one record of a
//        chain. Looking for a bad record needs no ranges of its own: range-narrowing.ts.
//   SR4  While a lease is live only its owner splits, and its lease ends with the first:
//        a zombie's claims and writes find a closed record. Nobody else's word is needed
//        for a range without a live lease, also a halted one.
//   SR5  The rest is a range like any planned one, with its own lease to be claimed.
//        Its leaseCounter goes on from the first's: a fencing token never goes back.
//   SR6  The rest counts as dispatched only where a processor splits, which goes on with it;
//        what a scheduler or an operator leaves is due at once (RS6).
//   SR7  A record that is to be skipped stays so in the rest, with who gave it up and why (RS8).
//   SR8  What an output has prepared is cut through by nobody: it takes effect as a whole, or not at all.

import assert from "node:assert/strict";
import type { AttemptError } from "../attempt-error.ts";
import { omitUndefined } from "../omit-undefined.ts";
import { formatOffsetRange } from "./offset-range.ts";
import { operatorAct } from "./operator-act.ts";
import type { LeaseProof, OperatorNote, Refusal } from "./range-event.ts";
import { assertRangeRecord, isClosed, NO_COUNTS, type RangeRecord } from "./range-record.ts";

export interface RangeSplit {
  /** The first range ends here, exclusive; from the record's committedOffset to its untilOffset. */
  readonly at: bigint;
  /** What became of [committedOffset, at); COMPLETED only where that is nothing. */
  readonly first: "COMPLETED" | "QUARANTINED" | "SKIPPED" | "LOST";
  /** Why, kept with the first. */
  readonly error?: AttemptError;
  /** Of the operator who splits; kept with the first. */
  readonly operator?: OperatorNote;
  /** Of the processor that splits; absent when a scheduler or an operator does. */
  readonly lease?: LeaseProof;
  readonly now: number;
  /** How long the table keeps the first. */
  readonly retentionMs: number;
  /** Leader epoch of the last batch below `at`, where it was read. */
  readonly leaderEpoch?: number;
}

export interface SplitRecords {
  readonly first: RangeRecord;
  /** Absent when the range was split at its end. */
  readonly rest?: RangeRecord;
}

export type SplitTransition =
  | ({ readonly kind: "split" } & SplitRecords)
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** Splits the record; `writeId` names the write that would store both. */
export function splitRange(record: RangeRecord, split: RangeSplit, writeId: string): SplitTransition {
  if (isClosed(record)) {
    return { kind: "refused", refusal: { kind: "closed" } };
  }
  const refusal = refuseSplit(record, split);
  if (refusal !== undefined) {
    return { kind: "refused", refusal };
  }
  assertSplit(record, split);
  const first = closeFirst(record, split, writeId);
  return split.at === record.untilOffset
    ? { kind: "split", first }
    : { kind: "split", first, rest: planRest(record, split, writeId) };
}

function refuseSplit(
  { lease, committedOffset, prepared }: RangeRecord,
  { lease: proof, now, at, first }: RangeSplit,
): Refusal | undefined {
  if (proof !== undefined) {
    return lease?.owner === proof.owner && lease.counter === proof.counter ? undefined : { kind: "superseded" };
  }
  if (lease !== undefined && now < lease.expiresAt) {
    return { kind: "held", by: lease.owner, until: lease.expiresAt };
  }
  if (prepared !== undefined && at < prepared.untilOffset) {
    return { kind: "prepared", untilOffset: prepared.untilOffset };
  }
  // Who has no lease decides on what was seen: more of it may have been committed since.
  const isOvertaken = at < committedOffset || (at === committedOffset && first !== "COMPLETED");
  return isOvertaken ? { kind: "superseded" } : undefined;
}

function assertSplit(record: RangeRecord, { at, first, lease }: RangeSplit): void {
  const where = `${formatOffsetRange(record)} at ${at}`;
  assert.ok(at > record.fromOffset && at <= record.untilOffset, `a split of ${where} leaves an empty range`);
  assert.ok(
    at >= record.committedOffset,
    `a split of ${where} cuts off what is committed to ${record.committedOffset}`,
  );
  assert.ok(record.prepared === undefined || lease === undefined, `a split of ${where} before its work is settled`);
  assert.ok(
    (first === "COMPLETED") === (at === record.committedOffset),
    `a split of ${where}, committed to ${record.committedOffset}, leaves nothing ${first}`,
  );
}

function closeFirst(record: RangeRecord, split: RangeSplit, writeId: string): RangeRecord {
  const { at, first, error, operator, now, retentionMs } = split;
  const { lease: _ended, nextAttemptAt: _due, narrowed: _done, skipOffset: _s, error: before, ...rest } = record;
  const why = first === "COMPLETED" ? undefined : (error ?? before);
  return assertRangeRecord({
    ...rest,
    ...omitUndefined({ error: why }),
    ...(operator === undefined ? {} : { operator: operatorAct(operator, now) }),
    untilOffset: at,
    status: first,
    completedAt: now,
    expiresAt: now + retentionMs,
    revision: record.revision + 1,
    writeId,
  });
}

function planRest(record: RangeRecord, { at, now, first, ...split }: RangeSplit, writeId: string): RangeRecord {
  const { topic, partition, chain, untilOffset, batchId, leaseCounter, narrowed, skipOffset } = record;
  const quarantined = (record.quarantined ?? 0) + (first === "QUARANTINED" ? 1 : 0);
  // The epoch of what was not read is not known: a wrong one would look like a truncated log.
  const leaderEpoch = at === record.committedOffset ? record.leaderEpoch : split.leaderEpoch;
  return assertRangeRecord({
    topic,
    partition,
    chain,
    fromOffset: at,
    untilOffset,
    committedOffset: at,
    status: "PLANNED",
    revision: 1,
    writeId,
    counts: NO_COUNTS,
    attempt: 0,
    failedAttempts: 0,
    batchId,
    leaseCounter,
    ...omitUndefined({ adaptiveSize: record.adaptiveSize, groupFrom: record.groupFrom }),
    plannedAt: now,
    // The processor claims it at once, or the next run does as for a lost dispatch (SR6).
    ...(split.lease === undefined ? {} : { dispatchedAt: now }),
    ...omitUndefined({ leaderEpoch }),
    ...(quarantined === 0 ? {} : { quarantined }),
    ...(skipOffset === undefined || skipOffset < at ? {} : { skipOffset, ...noteOf(record) }),
    // What was suspect is settled; what was too long still is.
    ...(narrowed === undefined || narrowed.suspectUntil !== undefined ? {} : { narrowed: { length: narrowed.length } }),
  });
}

function noteOf({ operator }: RangeRecord): Pick<RangeRecord, "operator"> {
  return omitUndefined({ operator });
}
