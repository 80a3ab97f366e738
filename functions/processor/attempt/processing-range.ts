import type { OffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { KafkaRecord, RecordBatch } from "../../../shared/core/source/range-reader.ts";

/** What a pipeline's code gets: one exact range, its records, and the way to commit their effects. */
export interface ProcessingRange<Output> extends OffsetRange {
  readonly pipeline: string;
  readonly topicId: string;
  readonly batchId: string;
  /** "reprocess" for a range of a reprocess request, which stands beside the live chain. */
  readonly mode: "live" | "reprocess";
  /** Present in "reprocess" mode. */
  readonly requestId?: string;
  /** From 1: how often this range was begun. */
  readonly attempt: number;
  /** Grows with every lease of this range: the fencing token for outputs that are written elsewhere. */
  readonly leaseCounter: number;
  /** Where this attempt begins: everything below took effect in an earlier one. */
  readonly committedOffset: bigint;
  /** Fires when the invocation's time is nearly used up; reading ends by itself then. */
  readonly signal: AbortSignal;
  /** The visible records of [committedOffset, untilOffset), batch by batch. Use this or `records`, once. */
  batches(): AsyncIterable<RecordBatch>;
  records(): AsyncIterable<KafkaRecord>;
  /**
   * Writes the outputs of everything below `untilOffset` in one transaction with
   * the progress itself, so they take effect exactly once. At most 99 outputs.
   * Throws SupersededError when the range was given to another processor meanwhile.
   */
  commit(untilOffset: bigint, outputs: readonly Output[]): Promise<void>;
  /**
   * Sends the record, one that was delivered and is not committed, to the dead-letter
   * target: at least once, by the time the commit that covers it takes effect. It counts
   * as delivered and as rejected. Throws ConfigurationError without such a target.
   */
  reject(record: KafkaRecord, reason: string): Promise<void>;
}

/**
 * A pipeline's code. It reads the range to its end; what it returns is written
 * in one transaction with the completion. Throwing fails the attempt: the next
 * one begins at the last commit.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: code that commits by itself, or writes elsewhere, returns nothing.
export type ProcessFunction<Output> = (range: ProcessingRange<Output>) => Promise<readonly Output[] | void>;
