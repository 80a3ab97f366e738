// Range output
//
// A store that a pipeline's outputs go to, other than the ledger's own transaction. Either
// it keeps the progress together with the outputs, in a transaction of its own (PositionedOutput),
// or it can make work ready that takes effect by one more step (PreparedOutput). In both
// cases outputs take effect exactly once, whoever dies and when (G5):
//
//   OS1  Positioned: a commit takes effect only where the store still stands at
//        `fromPosition`, and moves it to `untilOffset` together with its outputs.
//   OS2  Positioned: `open` fences what an earlier attempt has under way; the position that
//        it then tells moves by this attempt's commits alone, or their commits fail.
//   OS3  Prepared: `settle` of one memo gives one result, however often and by whomever it is
//        called, at the same time too. Once it has answered "nothing", the work can
//        never take effect.
//   OS4  What is not committed leaves nothing behind that a reader of the store takes for an output.
//
// The ledger remembers the memo before the work takes effect and the receipt after it
// (range-status.ts), and tells of a positioned store's progress once the store has it.

import type { OffsetRange } from "../range/offset-range.ts";
import type { RecordBatch } from "../source/range-reader.ts";

/** The piece of a range that an attempt writes, [fromOffset, untilOffset): what names and keys may be made of. */
export interface OutputRange extends OffsetRange {
  readonly pipeline: string;
  /** Lower-case UUID. */
  readonly topicId: string;
  /**
   * Present for a range of a reprocess request, which has a position of its own beside the live chain. The id may come
   * again once the ledger has forgotten the request: `plannedAt` tells them apart.
   */
  readonly requestId?: string;
  /** The run of the scheduler that planned it. */
  readonly batchId: string;
  /** From 1. */
  readonly attempt: number;
  /** Grows with every lease of the range. */
  readonly leaseCounter: number;
  /** Milliseconds since the epoch; the same for every attempt. */
  readonly plannedAt: number;
  /** Where the whole range begins; `fromOffset` is where this attempt does. */
  readonly rangeFrom: bigint;
  /**
   * Whether it follows the range before it in its chain, whose position it goes on from. Otherwise, in reprocess
   * requests and where it was planned with `ordered: false`, each range has a position of its own, named by `rangeFrom`,
   * and in a request also by `requestId` and `plannedAt`. The same for every attempt, whatever is deployed meanwhile.
   */
  readonly isSequential: boolean;
  /** What is left of the invocation's time when it is opened, in ms: what is under way then is of no use after it. */
  readonly remainingMs: number;
  /** Fires when the invocation's time is nearly used up. */
  readonly signal: AbortSignal;
}

/** Where a store of its own says that a chain stands. */
export interface OutputPosition {
  /** Everything below took effect. */
  readonly untilOffset: bigint;
  /** What the last commit said of itself, as it was given. */
  readonly progress: string;
}

/** What a commit is about. */
export interface OutputCommit {
  /** Exclusive: everything that was written covers the offsets up to here. */
  readonly untilOffset: bigint;
  /** At most `MAX_PROGRESS_LENGTH` ASCII characters, to be kept with the position and told by the next `open`. */
  readonly progress: string;
}

/** A store, before a range is given to it. */
export interface RangeOutput<Output> {
  /** What it is, in messages and with what it has prepared: `S3`, `PostgreSQL`. */
  readonly name: string;
  /**
   * Called before a piece is read: once per attempt, but where a range is taken in several. Throws OutputUnavailableError
   * while the store cannot be reached, ConfigurationError for what somebody has to change.
   */
  open(range: OutputRange): Promise<OpenOutput<Output>>;
  /**
   * Settles what an earlier attempt has prepared: makes it take effect, or finds that it did, and answers with the
   * receipt; "nothing" where it is gone for good. Prepared outputs alone have it.
   */
  settle?(memo: string, range: OutputRange): Promise<{ readonly receipt: string } | "nothing">;
}

interface OpenOutputBase<Output> {
  /**
   * Takes outputs of records in their order, all of them or none, and resolves when it may be given more. They take
   * effect with the next commit. Throws InvalidOutputError with the index of one that it can never take.
   */
  write(outputs: readonly Output[]): Promise<void>;
  /**
   * Takes the records of a batch from `fromOffset` on as they are, and resolves to the offset below which it has them: the
   * batch's `untilOffset`, or a lower one where `isFull` asks for a commit there before it is given the rest. Absent
   * where outputs are made by code.
   */
  writeBatch?(batch: RecordBatch, fromOffset: bigint): Promise<bigint>;
  /** Whether what was written should be committed before more is: looked at between two records. */
  readonly isFull: boolean;
  /** Drops what is not committed, and frees what was opened. Called once, whatever happened; that it fails is only told. */
  close(): Promise<void>;
}

/** Keeps the progress itself, with the outputs (OS1, OS2). */
export interface PositionedOutput<Output> extends OpenOutputBase<Output> {
  readonly kind: "positioned";
  /** As of `open`; undefined where the store knows nothing of this chain, or of this range where it is not sequential. */
  readonly position: OutputPosition | undefined;
  /**
   * In one transaction: the outputs that were written since the last commit, and the position from `fromPosition`
   * (undefined: from none) to `untilOffset`, which is above it. Throws OutputUnavailableError where the store stands
   * elsewhere, and where it is not known whether the transaction took effect: the next `open` tells. Throws
   * InvalidOutputError where the store refuses an output, with its index among all that were written since the last
   * commit: nothing took effect then, all of them are dropped, and others may be written and committed. Throws
   * DeadlineError where a transaction of several offsets takes too long, so that the next attempts commit fewer.
   */
  commit(commit: OutputCommit & { readonly fromPosition: bigint | undefined }): Promise<void>;
}

/** Makes work ready under a memo, which takes effect by `settle` of the output (OS3). */
export interface PreparedOutput<Output> extends OpenOutputBase<Output> {
  readonly kind: "prepared";
  /**
   * Everything that was written since the last commit is with the store when it resolves, without effect so far;
   * "nothing" where there is nothing to take effect.
   */
  prepare(commit: OutputCommit): Promise<{ readonly memo: string } | "nothing">;
}

/** A store that was opened for a piece of a range. */
export type OpenOutput<Output> = PositionedOutput<Output> | PreparedOutput<Output>;
