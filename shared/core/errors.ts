// Errors
//
// One class per decision of the caller, not per message. Expected outcomes (a
// lost race, a held lease) are values, never errors.

import type { Loss } from "./attempt-error.ts";
import { cutText, MAX_MESSAGE_LENGTH } from "./bounded-text.ts";

interface ErrorOptionsWithCause {
  readonly cause?: unknown;
}

/** Base of every error that this project throws on purpose. */
export abstract class BatchProcessorError extends Error {
  /** Whether trying the same thing again can succeed without anybody's help. */
  abstract readonly retryable: boolean;

  constructor(message: string, options: ErrorOptionsWithCause = {}) {
    super(cutText(message, MAX_MESSAGE_LENGTH), options);
  }
}

/** Which end of its log a range goes beyond: its first offset, or its exclusive end. */
export type LogBound = "beginning" | "end";

export interface ConfigurationDetails extends ErrorOptionsWithCause {
  /** Given where nothing is wrong but that ranges go beyond this bound of their logs. */
  readonly passes?: LogBound;
}

/** The input or the configuration is wrong: somebody has to change it. */
export class ConfigurationError extends BatchProcessorError {
  override readonly name = "ConfigurationError";
  readonly retryable = false;
  /** The bound of their logs that ranges go beyond, where nothing else is wrong. */
  readonly passes: LogBound | undefined;

  constructor(message: string, details: ConfigurationDetails = {}) {
    super(message, details);
    this.passes = details.passes;
  }
}

/** The pipeline's code uses what it is given in a way that can never work: only other code helps. */
export class MisuseError extends BatchProcessorError {
  override readonly name = "MisuseError";
  readonly retryable = false;
}

/** Reading failed for now: the broker, the network or the leader. */
export class RangeReadError extends BatchProcessorError {
  override readonly name = "RangeReadError";
  readonly retryable = true;
}

/** The broker holds bytes that no retry will make readable. */
export class CorruptRecordError extends BatchProcessorError {
  override readonly name = "CorruptRecordError";
  readonly retryable = false;
}

/** The broker's answer is none that the protocol has for the question: no retry helps, and no record is to blame. */
export class ProtocolError extends BatchProcessorError {
  override readonly name = "ProtocolError";
  readonly retryable = false;
}

export interface DataLossDetails extends ErrorOptionsWithCause {
  /** The first offset that was asked for. */
  readonly fromOffset: bigint;
  readonly loss: Loss;
}

/** Records that were asked for are gone: retention, DeleteRecords, truncation, a re-created topic. */
export class DataLossError extends BatchProcessorError {
  override readonly name = "DataLossError";
  readonly retryable = false;
  /** The first offset that was asked for. */
  readonly fromOffset: bigint;
  /** What became of the records, with the offset where the log goes on. */
  readonly loss: Loss;

  constructor(message: string, details: DataLossDetails) {
    super(message, details);
    this.fromOffset = details.fromOffset;
    this.loss = details.loss;
  }
}

export interface BeyondEndDetails extends ErrorOptionsWithCause {
  readonly untilOffset: bigint;
  /** The exclusive end that a reader of this isolation level may see. */
  readonly endOffset: bigint;
}

/**
 * The range ends above the log's end; no record of it was delivered. So says a truncated log, but also a leader that was
 * deposed and has not heard of it yet: what the ledger has planned is asked for again.
 */
export class BeyondEndError extends BatchProcessorError {
  override readonly name = "BeyondEndError";
  readonly retryable = true;
  /** The exclusive end that was asked for. */
  readonly untilOffset: bigint;
  /** The exclusive end that a reader of this isolation level may see. */
  readonly endOffset: bigint;

  constructor(message: string, details: BeyondEndDetails) {
    super(message, details);
    this.untilOffset = details.untilOffset;
    this.endOffset = details.endOffset;
  }
}

/** The processor could not be invoked; the ledger drives the range again. */
export class DispatchError extends BatchProcessorError {
  override readonly name = "DispatchError";
  readonly retryable = true;
}

/** The ledger's store did not answer, or not clearly, within its limits. */
export class LedgerUnavailableError extends BatchProcessorError {
  override readonly name = "LedgerUnavailableError";
  readonly retryable = true;
}

export interface OutputRefusedDetails extends ErrorOptionsWithCause {
  /** Which of the outputs that were passed to the commit. */
  readonly outputIndex: number;
}

/** A condition that an output carries did not hold, so nothing was written; the next attempt may read anew. */
export class OutputRefusedError extends BatchProcessorError {
  override readonly name = "OutputRefusedError";
  readonly retryable = true;
  /** Which of the outputs that were passed to the commit. */
  readonly outputIndex: number;

  constructor(message: string, details: OutputRefusedDetails) {
    super(message, details);
    this.outputIndex = details.outputIndex;
  }
}

export interface InvalidOutputDetails extends ErrorOptionsWithCause {
  /** Which of the outputs that were passed to the commit; absent where it is not known. */
  readonly outputIndex?: number;
}

/** An output that no store can take: the record that it was made of, or the code that made it, is to blame. */
export class InvalidOutputError extends BatchProcessorError {
  override readonly name = "InvalidOutputError";
  readonly retryable = false;
  /** Which of the outputs that were passed to the commit; undefined where it is not known. */
  readonly outputIndex: number | undefined;

  constructor(message: string, details: InvalidOutputDetails = {}) {
    super(message, details);
    this.outputIndex = details.outputIndex;
  }
}

export interface RepeatedItemDetails extends ErrorOptionsWithCause {
  readonly tableName: string;
  /** As JSON, in DynamoDB's own form. */
  readonly itemKey: string;
  /** Which of the outputs that were passed to the commit. */
  readonly outputIndexes: readonly [first: number, second: number];
}

/** Two outputs of one item, of which a transaction takes one; a commit that covers fewer records may fit. */
export class RepeatedItemError extends BatchProcessorError {
  override readonly name = "RepeatedItemError";
  readonly retryable = false;
  readonly tableName: string;
  /** The key's attributes with their values, as text. */
  readonly itemKey: string;
  /** Which of the outputs that were passed to the commit. */
  readonly outputIndexes: readonly [first: number, second: number];

  constructor(message: string, details: RepeatedItemDetails) {
    super(message, details);
    this.tableName = details.tableName;
    this.itemKey = details.itemKey;
    this.outputIndexes = details.outputIndexes;
  }
}

/** More outputs than one transaction takes; a commit that covers fewer records may fit. */
export class OutputLimitError extends BatchProcessorError {
  override readonly name = "OutputLimitError";
  readonly retryable = false;
}

/** A store of outputs did not answer, not clearly, or stands elsewhere than it did: the next attempt asks it where it stands. */
export class OutputUnavailableError extends BatchProcessorError {
  override readonly name = "OutputUnavailableError";
  readonly retryable = true;
}

/** The dead-letter target did not take a record; it is not given up before it does. */
export class DeadLetterError extends BatchProcessorError {
  override readonly name = "DeadLetterError";
  readonly retryable = true;
}

/**
 * The invocation's time is nearly used up: the rest of the range is handed back. Or an output's transaction takes too long,
 * or a record's check got too little of the processor.
 */
export class DeadlineError extends BatchProcessorError {
  override readonly name = "DeadlineError";
  readonly retryable = true;
}

/** The lease went to another owner, or the attempt is over: nothing more may be written for the range. */
export class SupersededError extends BatchProcessorError {
  override readonly name = "SupersededError";
  readonly retryable = false;
}

export interface ForeignPipelineDetails {
  /** Whose it is. */
  readonly pipeline: string;
  /** Who was given it. */
  readonly ownPipeline: string;
}

/** Something of another pipeline was to be read or written: an event or a command reached the wrong one. */
export class ForeignPipelineError extends BatchProcessorError {
  override readonly name = "ForeignPipelineError";
  readonly retryable = false;
  readonly pipeline: string;
  readonly ownPipeline: string;

  constructor(what: string, { pipeline, ownPipeline }: ForeignPipelineDetails) {
    super(
      `${what} belongs to pipeline ${pipeline}, and this works for pipeline ${ownPipeline}: nothing was read or written; find out who sent it here`,
    );
    this.pipeline = pipeline;
    this.ownPipeline = ownPipeline;
  }
}

/** The ledger or the topic contradicts what was recorded before; an operator decides. */
export class LedgerIntegrityError extends BatchProcessorError {
  override readonly name = "LedgerIntegrityError";
  readonly retryable = false;
}
