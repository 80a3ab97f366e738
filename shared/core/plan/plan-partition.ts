// Plan partition
//
// Decides what one scheduler run does for one partition, from what the ledger
// and Kafka say of it. It reads nothing and writes nothing.
//
//   PP1  A planned range starts where the newest range ends, or, the first time, at
//        the chain's frozen start: never behind a gap, never into an overlap (G2).
//   PP2  Nothing is planned behind an open range, so a partition's records keep their
//        order; without order, several ranges may be planned at a time.
//   PP3  Nothing is planned that a reader may not see yet: untilOffset <= endOffset.
//        How much of it one batch takes is plan-batch.ts.
//   PP4  What contradicts the ledger holds the partition and is reported; no offset
//        is ever guessed or reset (G6).
//   PP5  A partition with nothing to do costs no write (G8); only a record that the
//        table is about to forget is renewed, also while its partition is held or
//        paused, or an earlier range of its group is open: the checkpoint outlives
//        the trouble, and leads to all that is open.
//   PP6  A paused partition is neither planned nor driven; what else is wrong with it
//        is told beside the pause.

import { describeAttemptError } from "../attempt-error.ts";
import { whyUnlisted } from "../choice/choose-start.ts";
import { describePause } from "../ledger/pauses.ts";
import type { Pause } from "../ledger/pipeline-record.ts";
import { ATTEMPTS_PER_LENGTH } from "../limits.ts";
import { dueAt } from "../range/due-at.ts";
import { formatOffsetRange } from "../range/offset-range.ts";
import { halve, type Narrowing, pieceEnd } from "../range/range-narrowing.ts";
import { isClosed, isHalted, type RangeRecord } from "../range/range-record.ts";
import { formatTopicPartition } from "../range/topic-partition.ts";
import type { ListedOffset, PartitionMetadata } from "../source/offset-source.ts";

export interface PlanRules {
  /** Failed attempts without progress after which a range is halted. */
  readonly maxAttempts: number;
  readonly dispatchTimeoutMs: number;
  /** How long the table keeps a closed range. */
  readonly retentionMs: number;
  /** What becomes of offsets that the log no longer holds. */
  readonly onDataLoss: "fail" | "skip";
  /** What becomes of a topic that was deleted and created again. */
  readonly onTopicRecreated: "fail" | "restart";
}

/** What Kafka and the ledger say of a partition. */
export interface ObservedPartition {
  readonly partition: PartitionMetadata;
  /** Why this partition cannot be planned whatever its offsets are. */
  readonly problem: string | undefined;
  /** Who paused the partition, or the whole pipeline. */
  readonly pause?: Pause;
  /** The newest range, or an open one of its group (range-group.ts). */
  readonly newest: RangeRecord | undefined;
  /** Present where another open range of the partition stands before this one. */
  readonly isFollowing?: true;
  /** Closed ranges of the same group; present with the first of them that stand for it. */
  readonly siblings?: readonly RangeRecord[];
  /** Whether the pipeline has started on this partition before. */
  readonly partitionStarted: boolean;
  readonly end: ListedOffset | undefined;
  /** Where the epoch of the newest range ends, asked for only where `end` lies below that range. */
  readonly epochEnd?: ListedOffset;
  /** Asked for only where there is no newest record, or its end was lost. */
  readonly beginning: ListedOffset | undefined;
}

export interface PartitionState extends ObservedPartition {
  /** Undefined where a chain exists, or nothing may begin. */
  readonly start: ChainStart | undefined;
}

/** Where a chain that does not exist begins. */
export type ChainStart =
  /** Every run that begins the chain begins it here. */
  | { readonly kind: "frozen"; readonly offset: bigint }
  | { readonly kind: "unknown"; readonly reason: string }
  /** Another run began it after this one looked. */
  | { readonly kind: "begun" };

export type PartitionDecision =
  | { readonly kind: "plan"; readonly fromOffset: bigint; readonly untilOffset: bigint }
  | { readonly kind: "anchor"; readonly offset: bigint }
  /** [fromOffset, untilOffset) is gone from the log before it was planned. */
  | { readonly kind: "lose"; readonly fromOffset: bigint; readonly untilOffset: bigint }
  | { readonly kind: "renew"; readonly records: readonly RangeRecord[] }
  | { readonly kind: "idle" }
  /** Another run was faster; what it planned is for the next run to follow. */
  | { readonly kind: "overtaken" }
  | { readonly kind: "drive"; readonly record: RangeRecord; readonly drive: DriveDecision }
  /** Needs an operator, or Kafka's recovery; `reason` says what was found and what to do. */
  | { readonly kind: "held"; readonly reason: string }
  /** An operator's pause; `reason` says whose and why. */
  | { readonly kind: "paused"; readonly reason: string };

/** What is done for an open range. */
export type DriveDecision =
  | { readonly kind: "redispatch" }
  | { readonly kind: "expire"; readonly mayRetry: boolean; readonly narrowed?: Narrowing }
  | { readonly kind: "wait"; readonly dueAt: number }
  | { readonly kind: "halted"; readonly reason: string };

export function planPartition(state: PartitionState, rules: PlanRules, now: number): PartitionDecision {
  const decision = unlessPaused(state, decide(state, rules, now));
  const records = heldRecords(state, decision).filter((record) => isForgottenSoon(record, rules, now));
  return records.length === 0 ? decision : { kind: "renew", records };
}

/** The closed records that the chain still needs: its newest, or those of a group that is not closed as a whole. */
function heldRecords({ newest, siblings = [] }: PartitionState, { kind }: PartitionDecision): readonly RangeRecord[] {
  if (newest === undefined || kind === "plan" || kind === "lose") {
    return [];
  }
  return isClosed(newest) ? [newest] : siblings;
}

function unlessPaused({ pause }: PartitionState, decision: PartitionDecision): PartitionDecision {
  if (pause === undefined) {
    return decision;
  }
  const trouble = decision.kind === "drive" ? decision.drive : decision;
  const beside = trouble.kind === "held" || trouble.kind === "halted" ? `; beside that, ${trouble.reason}` : "";
  return { kind: "paused", reason: `${describePause(pause)}${beside}` };
}

function decide(state: PartitionState, rules: PlanRules, now: number): PartitionDecision {
  const { newest, problem } = state;
  if (problem !== undefined) {
    return { kind: "held", reason: problem };
  }
  if (newest !== undefined && !isClosed(newest)) {
    return { kind: "drive", record: newest, drive: driveRange(newest, rules, now) };
  }
  const { end } = state;
  if (end?.kind !== "listed" || end.offset === undefined) {
    return { kind: "held", reason: `the end offset is unknown: ${whyUnlisted(end)}` };
  }
  return newest === undefined ? begin(state, end.offset) : follow(state, newest, { endOffset: end.offset, rules });
}

/** Less than half of its retention is left; only a closed range has any. */
function isForgottenSoon({ expiresAt }: RangeRecord, { retentionMs }: PlanRules, now: number): boolean {
  return expiresAt !== undefined && expiresAt - now < retentionMs / 2;
}

/** Decides what an open range needs so that it moves on, live or reprocessed. */
export function driveRange(record: RangeRecord, rules: PlanRules, now: number): DriveDecision {
  const due = dueAt(record, rules.dispatchTimeoutMs);
  if (isHalted(record) || due === undefined) {
    const error = record.error ?? { name: record.status, message: "no error was recorded" };
    const what = `${formatOffsetRange(record)} halted after ${record.attempt} attempts`;
    return { kind: "halted", reason: `${what}: ${describeAttemptError(error)}` };
  }
  if (now < due) {
    return { kind: "wait", dueAt: due };
  }
  return record.status === "RUNNING" ? expireLease(record, rules) : { kind: "redispatch" };
}

/** What kills its processor every time, or outlasts it, is halved before it halts. */
function expireLease(record: RangeRecord, { maxAttempts }: PlanRules): DriveDecision {
  const { committedOffset, narrowed, failedAttempts } = record;
  const untilOffset = pieceEnd(record);
  const isAlone = untilOffset - committedOffset <= 1n;
  const attempts = narrowed === undefined || isAlone ? maxAttempts : Math.min(ATTEMPTS_PER_LENGTH, maxAttempts);
  if (failedAttempts + 1 < attempts) {
    return { kind: "expire", mayRetry: true };
  }
  const because = narrowed?.suspectUntil === undefined ? "tooLong" : "bad";
  return isAlone
    ? { kind: "expire", mayRetry: false }
    : { kind: "expire", mayRetry: true, narrowed: halve({ committedOffset, untilOffset }, because) };
}

function follow(
  { epochEnd, beginning }: PartitionState,
  newest: RangeRecord,
  { endOffset, rules }: { readonly endOffset: bigint; readonly rules: PlanRules },
): PartitionDecision {
  const fromOffset = newest.untilOffset;
  if (endOffset < fromOffset) {
    return { kind: "held", reason: explainWentBack(newest, endOffset, epochEnd) };
  }
  const beginningOffset = beginning?.kind === "listed" ? beginning.offset : undefined;
  if (rules.onDataLoss === "skip" && beginningOffset !== undefined && beginningOffset > fromOffset) {
    return { kind: "lose", fromOffset, untilOffset: beginningOffset };
  }
  return endOffset === fromOffset ? { kind: "idle" } : { kind: "plan", fromOffset, untilOffset: endOffset };
}

function explainWentBack(newest: RangeRecord, endOffset: bigint, epochEnd: ListedOffset | undefined): string {
  const { untilOffset, leaderEpoch } = newest;
  const what = `${formatTopicPartition(newest)} ends at ${endOffset}, below ${untilOffset} which is planned already`;
  if (epochEnd?.kind !== "listed") {
    return `${what}, also when asked again: a stale leader's answer, or the log was truncated`;
  }
  return epochEnd.offset === undefined || epochEnd.offset < untilOffset
    ? `${what}: the log was truncated, leader epoch ${leaderEpoch} ${epochEnd.offset === undefined ? "is not in it any more" : `ends at ${epochEnd.offset} now`}, and other records will stand where processed ones stood; undo or accept what was processed from there on, and read on with a pipeline of another name`
    : `${what}: a replica that lags behind has answered, since leader epoch ${leaderEpoch} reaches to ${epochEnd.offset}; the next run asks again`;
}

function begin(state: PartitionState, endOffset: bigint): PartitionDecision {
  if (state.partitionStarted) {
    const where = formatTopicPartition(state.partition);
    return {
      kind: "held",
      reason: `${where} was started before but its newest range is missing from the ledger; restore the table to a point in time that has it`,
    };
  }
  const { start } = state;
  switch (start?.kind) {
    case undefined:
      return { kind: "held", reason: "its start is unknown: no answer for this partition" };
    case "unknown":
      return { kind: "held", reason: start.reason };
    case "begun":
      return { kind: "overtaken" };
    case "frozen":
      // A start above the end is another run's: it saw more of the log.
      return start.offset < endOffset
        ? { kind: "plan", fromOffset: start.offset, untilOffset: endOffset }
        : { kind: "anchor", offset: start.offset };
  }
}
