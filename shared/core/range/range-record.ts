// Range record
//
// The ledger's only entity: one planned range, who may process it, and how far
// it is. What may happen to it is range-status.ts; where it is stored is the
// adapter's business.
//
// Every field that ends in `At` is in milliseconds since the Unix epoch.

import assert from "node:assert/strict";
import type { AttemptError } from "../attempt-error.ts";
import { MAX_MEMO_BYTES } from "../limits.ts";
import type { OffsetList } from "../offsets/offset-list.ts";
import { assertRejected } from "../offsets/rejected-offsets.ts";
import { assertOffsetRange, type OffsetRange } from "./offset-range.ts";
import type { Narrowing } from "./range-narrowing.ts";

/** The statuses, in the order of a range's life. */
export const RANGE_STATUSES = [
  "ANCHOR",
  "PLANNED",
  "RUNNING",
  "FAILED",
  "COMPLETED",
  "QUARANTINED",
  "SKIPPED",
  "LOST",
] as const;

export type RangeStatus = (typeof RANGE_STATUSES)[number];

/**
 * What a range belongs to. Live ranges of one chain are gapless and disjoint
 * (G2); the ranges of a reprocess request stand beside it (G9).
 */
export interface ChainKey {
  readonly pipeline: string;
  /** Kafka's topic id (KIP-516), as a lower-case UUID: a re-created topic is another chain. */
  readonly topicId: string;
  readonly partition: number;
  /** Present for a range of a reprocess request. */
  readonly requestId?: string;
}

/**
 * Where the offsets of [fromOffset, committedOffset) went. Each counts offsets,
 * so that delivered + aborted + control + absent = committedOffset - fromOffset.
 */
export interface RangeCounts {
  /** Records handed to the pipeline's code. */
  readonly delivered: bigint;
  /** Those of them that it rejected, to the dead-letter target; absent when none. */
  readonly rejected?: bigint;
  /** Offsets of aborted transactions, under read_committed. */
  readonly aborted: bigint;
  /** Offsets of transaction markers. */
  readonly control: bigint;
  /** Bytes of the record batches that were read, as stored (compressed). */
  readonly bytes: bigint;
}

export const NO_COUNTS: RangeCounts = { delivered: 0n, aborted: 0n, control: 0n, bytes: 0n };

export function addCounts(a: RangeCounts, b: RangeCounts): RangeCounts {
  return {
    delivered: a.delivered + b.delivered,
    aborted: a.aborted + b.aborted,
    control: a.control + b.control,
    bytes: a.bytes + b.bytes,
    ...rejects((a.rejected ?? 0n) + (b.rejected ?? 0n)),
  };
}

export function subtractCounts(a: RangeCounts, b: RangeCounts): RangeCounts {
  return {
    delivered: a.delivered - b.delivered,
    aborted: a.aborted - b.aborted,
    control: a.control - b.control,
    bytes: a.bytes - b.bytes,
    ...rejects((a.rejected ?? 0n) - (b.rejected ?? 0n)),
  };
}

function rejects(rejected: bigint): Pick<RangeCounts, "rejected"> {
  return rejected === 0n ? {} : { rejected };
}

/** The right to process a range until `expiresAt`; `counter` is the fencing token. */
export interface Lease {
  readonly owner: string;
  readonly counter: number;
  readonly expiresAt: number;
}

/** What an output has made ready and may already have made to take effect. */
export interface PreparedWork {
  /** Exclusive: it covers what is above the range's committedOffset. */
  readonly untilOffset: bigint;
  /** Of the offsets that it covers. */
  readonly counts: RangeCounts;
  /** Of the last batch that it covers. */
  readonly leaderEpoch?: number;
  /** As the range's own, of the offsets that it covers. */
  readonly rejectedOffsets?: OffsetList;
  /** The output's name: no other can settle it. */
  readonly output: string;
  /** The output's own words; at most `MAX_MEMO_BYTES`. */
  readonly memo: string;
}

/** The last intervention of an operator. */
export interface OperatorAct {
  readonly by: string;
  readonly reason: string;
  readonly at: number;
}

export interface RangeRecord extends OffsetRange {
  readonly chain: ChainKey;
  readonly status: RangeStatus;
  /** Grows by one with every write: what a conditional write compares. */
  readonly revision: number;
  /** Names the write that made this revision, so that its author recognises it after a time-out. */
  readonly writeId: string;
  /** Exclusive: everything in [fromOffset, committedOffset) has taken effect. */
  readonly committedOffset: bigint;
  readonly counts: RangeCounts;
  /** Which of what is committed was rejected (RJ1); absent when nothing is listed. */
  readonly rejectedOffsets?: OffsetList;
  /** How often the range was claimed. */
  readonly attempt: number;
  /** Failed attempts since the last progress; reaching `maxAttempts` halts the partition. */
  readonly failedAttempts: number;
  /** Attempts in a row that failed for the surroundings' sake, which are none of `failedAttempts`; absent when none. */
  readonly outages?: number;
  readonly batchId: string;
  /** Counts the leases ever given; never goes back. */
  readonly leaseCounter: number;
  /** Present while RUNNING. */
  readonly lease?: Lease;
  /**
   * Where the first of the ranges begins that were planned at a time for its partition, to be worked on side by side;
   * absent where ranges follow each other.
   */
  readonly groupFrom?: bigint;
  /** The adaptive size in force when the range was planned: what the next one's is worked out from. */
  readonly adaptiveSize?: bigint;
  readonly plannedAt: number;
  readonly dispatchedAt?: number;
  /** FAILED only: when the next attempt is due; absent when halted until an operator's retry. */
  readonly nextAttemptAt?: number;
  readonly startedAt?: number;
  readonly completedAt?: number;
  /** Leader epoch of the last record batch below committedOffset, as it was read (KIP-320). */
  readonly leaderEpoch?: number;
  readonly error?: AttemptError;
  /** How far the next attempt goes, where the range cannot be processed as a whole. */
  readonly narrowed?: Narrowing;
  /**
   * The record that an operator gives up: no attempt passes it, and once all before it is committed it is split off
   * as SKIPPED. Open ranges only; in [committedOffset, untilOffset).
   */
  readonly skipOffset?: bigint;
  /**
   * What an output has prepared beyond committedOffset: the next attempt settles it before it reads anything. In a
   * range that was closed meanwhile: what may have taken effect all the same.
   */
  readonly prepared?: PreparedWork;
  /** What outputs say of what took effect, in the order of the commits; absent when none does. */
  readonly receipts?: readonly string[];
  /** Records quarantined so far of the range that was planned, before this one; absent when none. */
  readonly quarantined?: number;
  /** Present once an operator has retried or skipped the range. */
  readonly operator?: OperatorAct;
  /** When the table may forget the record; never set on an open one. */
  readonly expiresAt?: number;
}

/** Whether the range is settled: nothing will process it again (G4). */
export function isClosed(record: Pick<RangeRecord, "status">): boolean {
  switch (record.status) {
    case "ANCHOR":
    case "COMPLETED":
    case "QUARANTINED":
    case "SKIPPED":
    case "LOST":
      return true;
    case "PLANNED":
    case "RUNNING":
    case "FAILED":
      return false;
  }
}

/** Whether an output that keeps positions has one of this range alone, beside the chain's. */
export function hasOwnPosition({ chain, groupFrom }: Pick<RangeRecord, "chain" | "groupFrom">): boolean {
  return groupFrom !== undefined || chain.requestId !== undefined;
}

/** Whether the range waits for an operator: it failed and no next attempt is due. */
export function isHalted(record: Pick<RangeRecord, "status" | "nextAttemptAt">): boolean {
  return record.status === "FAILED" && record.nextAttemptAt === undefined;
}

/** Returns the record, or throws an AssertionError: called where one is made and where one is decoded. */
export function assertRangeRecord(record: RangeRecord): RangeRecord {
  assertOffsetRange(record);
  const { fromOffset, committedOffset, untilOffset, status, chain } = record;
  assert.ok(record.partition === chain.partition, "the record and its chain name different partitions");
  assert.ok(
    fromOffset <= committedOffset && committedOffset <= untilOffset,
    `committedOffset ${committedOffset} lies outside [${fromOffset}, ${untilOffset}]`,
  );
  assert.ok((status === "RUNNING") === (record.lease !== undefined), `a ${status} range and its lease disagree`);
  assert.ok(
    (status === "ANCHOR") === (fromOffset === untilOffset),
    `a ${status} range of length ${untilOffset - fromOffset}`,
  );
  assert.ok(status !== "COMPLETED" || committedOffset === untilOffset, "a COMPLETED range is not wholly committed");
  assert.ok(record.narrowed === undefined || record.narrowed.length > 0n, "an attempt at nothing");
  assertRejected(record);
  const { skipOffset } = record;
  assert.ok(
    skipOffset === undefined || (!isClosed(record) && committedOffset <= skipOffset && skipOffset < untilOffset),
    `a ${status} range [${fromOffset}, ${untilOffset}), committed to ${committedOffset}, that skips ${skipOffset}`,
  );
  if (record.prepared !== undefined && !isClosed(record)) {
    assertPrepared(record, record.prepared);
  }
  assert.ok(
    record.lease === undefined || record.lease.counter === record.leaseCounter,
    "the lease is not the last one given",
  );
  return record;
}

function assertPrepared({ committedOffset, untilOffset }: RangeRecord, work: PreparedWork): void {
  assert.ok(
    committedOffset < work.untilOffset && work.untilOffset <= untilOffset,
    `work prepared to ${work.untilOffset} lies outside (${committedOffset}, ${untilOffset}]`,
  );
  assertRejected({ ...work, fromOffset: committedOffset, committedOffset: work.untilOffset });
  assert.ok(Buffer.byteLength(work.memo) <= MAX_MEMO_BYTES, `a memo of more than ${MAX_MEMO_BYTES} bytes`);
}
