import type { AttemptError } from "../attempt-error.ts";
import type { OffsetList } from "../offsets/offset-list.ts";
import type { Narrowing } from "./range-narrowing.ts";
import type { PreparedWork, RangeCounts, RangeRecord } from "./range-record.ts";

/** What a processor shows to prove that the lease is its own. */
export interface LeaseProof {
  readonly owner: string;
  readonly counter: number;
}

/** What was read between the last committedOffset and this one. */
export interface RangeProgress {
  readonly counts: RangeCounts;
  /** Which of them were rejected: as many as the counts say, or none where that is not known any more. */
  readonly rejectedOffsets?: OffsetList;
  /** Leader epoch of the last batch read; absent when nothing was read. */
  readonly leaderEpoch?: number;
}

export interface ClaimEvent {
  readonly kind: "claim";
  readonly owner: string;
  readonly now: number;
  /** Longer than the invocation can live. */
  readonly leaseMs: number;
}

/** What an output says of what took effect with the progress. */
interface OutputsTookEffect {
  /** To be kept with the range; absent where the output has nothing to say. */
  readonly receipt?: string;
  /** They did so before they are told of: whatever was said of their records meanwhile comes too late. */
  readonly isSettled?: true;
}

export interface CommitEvent extends RangeProgress, OutputsTookEffect {
  readonly kind: "commit";
  readonly lease: LeaseProof;
  /** The committedOffset that this commit follows. */
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
}

export interface CompleteEvent extends RangeProgress, OutputsTookEffect {
  readonly kind: "complete";
  readonly lease: LeaseProof;
  readonly fromOffset: bigint;
  readonly now: number;
  /** How long the table keeps the record from now on. */
  readonly retentionMs: number;
}

/** An output is about to make its work take effect. */
export interface PrepareEvent {
  readonly kind: "prepare";
  readonly lease: LeaseProof;
  /** The committedOffset that the work follows. */
  readonly fromOffset: bigint;
  readonly work: PreparedWork;
}

/** What was prepared is gone for good, without effect. */
export interface DiscardEvent {
  readonly kind: "discard";
  readonly lease: LeaseProof;
}

export interface FailEvent {
  readonly kind: "fail";
  readonly lease: LeaseProof;
  readonly error: AttemptError;
  /** Absent: halt until an operator's retry. */
  readonly nextAttemptAt?: number;
  /** The surroundings failed the attempt: it counts as an outage, not as a failed attempt. */
  readonly isOutage?: true;
  /** How far the next attempt goes; its failures are counted anew. Absent: as before. */
  readonly narrowed?: Narrowing;
}

export interface ReleaseEvent {
  readonly kind: "release";
  readonly lease: LeaseProof;
  /** How far the next attempt goes. Absent: as before. */
  readonly narrowed?: Narrowing;
}

export interface ExpireEvent {
  readonly kind: "expire";
  readonly now: number;
  /** False: halt until an operator's retry. */
  readonly mayRetry: boolean;
  /** As for a failed attempt. */
  readonly narrowed?: Narrowing;
}

export interface RedispatchEvent {
  readonly kind: "redispatch";
  readonly now: number;
  /** How long a dispatched event may take to be claimed before it counts as lost. */
  readonly dispatchTimeoutMs: number;
}

export interface RenewEvent {
  readonly kind: "renew";
  readonly now: number;
  readonly retentionMs: number;
}

/** Who intervenes, and why. */
export interface OperatorNote {
  readonly by: string;
  readonly reason: string;
}

export interface RetryEvent {
  readonly kind: "retry";
  readonly operator: OperatorNote;
  readonly now: number;
  /** Only of this revision of the record: the word of somebody who chose among many. Absent: of whatever is there. */
  readonly ofRevision?: number;
}

export interface SkipEvent {
  readonly kind: "skip";
  readonly operator: OperatorNote;
  readonly now: number;
  readonly retentionMs: number;
}

/** Gives up exactly one record of the range, when everything before it is done. */
export interface SkipRecordEvent {
  readonly kind: "skipRecord";
  readonly operator: OperatorNote;
  readonly offset: bigint;
  readonly now: number;
  /** As a retry's. */
  readonly ofRevision?: number;
}

export type RangeEvent =
  | ClaimEvent
  | CommitEvent
  | CompleteEvent
  | PrepareEvent
  | DiscardEvent
  | FailEvent
  | ReleaseEvent
  | ExpireEvent
  | RedispatchEvent
  | RenewEvent
  | RetryEvent
  | SkipEvent
  | SkipRecordEvent;

/** Why an event does not apply. Losing a race is one of these, never an exception. */
export type Refusal =
  | { readonly kind: "closed" }
  | { readonly kind: "open" }
  | { readonly kind: "held"; readonly by: string; readonly until: number }
  | { readonly kind: "notDue"; readonly dueAt: number }
  | { readonly kind: "halted" }
  /** An output has work prepared, as a whole, up to here. */
  | { readonly kind: "prepared"; readonly untilOffset: bigint }
  | { readonly kind: "superseded" };

export type Transition =
  | { readonly kind: "changed"; readonly record: RangeRecord }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** What an event makes of a record, before the write gives it a revision and an id. */
export type Decision = { readonly next: RangeRecord } | { readonly refusal: Refusal };
