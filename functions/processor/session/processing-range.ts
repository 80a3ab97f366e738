import type { Deserializer } from "../../../shared/core/decode/deserializer.ts";
import type { OffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { KafkaRecord, RecordBatch } from "../../../shared/core/source/range-reader.ts";
import type { InvocationContext } from "../../lambda-handler.ts";

/** What a pipeline's code gets: one exact range, its records, and the way to commit their effects. */
export interface ProcessingRange<Output> extends OffsetRange {
  readonly pipeline: string;
  /** Lower-case UUID, another one once the topic is deleted and created again. */
  readonly topicId: string;
  /** The run of the scheduler that planned it. */
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
  /** What Lambda says of the invocation; absent where code runs outside of one. */
  readonly context?: InvocationContext;
  /** Fires when the invocation's time is nearly used up; reading ends by itself then. */
  readonly signal: AbortSignal;
  /** The visible records of [committedOffset, untilOffset), batch by batch. Use this or `records`, once. */
  batches(): AsyncIterable<RecordBatch>;
  /** The same, record by record. Use this or `batches`, once. */
  records(): AsyncIterable<KafkaRecord>;
  /**
   * Reads the range to its end, asks of each record in order what it writes, and commits whenever a transaction is
   * full: at 99 outputs or 4 MB, and before the second output of an item. All outputs of a record take effect in one
   * transaction, exactly once. Use it alone, once, and await it; what is left is written with the completion.
   */
  writeEach(outputsOf: OutputsOfRecord<Output>): Promise<void>;
  /**
   * The same for several records at a time, for work that waits for others: in order by key, and with commits that end
   * below the lowest record that is not done. `outputsOf` may write elsewhere and return nothing. What it throws ends
   * the attempt, once the records under way have settled.
   */
  forEach(rules: ForEachRules, outputsOf: OutputsOfRecord<Output>): Promise<void>;
  /**
   * Reads the range to its end and hands every record as it is to the pipeline's output, which takes effect exactly
   * once. Use it alone, once, and await it. Throws MisuseError where there is no output that takes records.
   */
  writeAll(): Promise<void>;
  /**
   * Writes the outputs of everything below `untilOffset` in one transaction with
   * the progress itself, so they take effect exactly once. At most 99 outputs, each of another item.
   * Throws SupersededError when the range was given to another processor meanwhile.
   */
  commit(untilOffset: bigint, outputs: readonly Output[]): Promise<void>;
  /**
   * Sends the record, one that was delivered and is not committed, to the dead-letter
   * target: at least once, by the time the commit that covers it takes effect. It counts
   * as delivered and as rejected. Throws ConfigurationError without such a target.
   */
  reject(record: KafkaRecord, reason: string): Promise<void>;
  /**
   * The same range with decoded records. Nothing is read by it: call its `records`, `writeEach` or `forEach` instead of
   * those of this range.
   */
  decoded<K = Buffer, V = Buffer>(how: HowToDecode<K, V>): DecodedRange<Output, K, V>;
}

/** How many records of a range are worked on side by side, and in which order. */
export interface ForEachRules {
  /** Records at a time, from 1 to 1,000. */
  readonly concurrency: number;
  /**
   * "key": records of one key one after the other, in the order of their offsets; those without a key in none. "record":
   * all in none.
   * @default "key"
   */
  readonly by?: "key" | "record";
  /**
   * How long what is done may wait for a commit, in milliseconds, from 0 to 900,000: what a processor that dies leaves to
   * be done again. Where an output says itself when it wants a commit, it alone does.
   * @default 5000
   */
  readonly commitIntervalMs?: number;
}

/** What keys and values are made of, and what becomes of a record that is none. */
export interface HowToDecode<K, V> {
  /** @default - the bytes as they are */
  readonly key?: Deserializer<K>;
  /** @default - the bytes as they are */
  readonly value?: Deserializer<V>;
  /**
   * What becomes of a record that cannot be decoded: "reject" sends it to the dead-letter target and goes on without it;
   * "fail" fails the attempt at this record, as if the code had thrown.
   * @default "reject"
   */
  readonly onUndecodable?: "reject" | "fail";
  /**
   * What becomes of a record whose schema the registry has, and nothing can be made of. "fail": the attempt fails as in an
   * outage, since each record of the schema would fail, and none is to blame; "reject" rejects the records of such schemas.
   * @default "fail"
   */
  readonly onUnusableSchema?: "fail" | "reject";
}

/** A record whose key and value were decoded. */
export interface DecodedRecord<K, V> extends Omit<KafkaRecord, "key" | "value"> {
  readonly key: K | null;
  /** Null in a tombstone. */
  readonly value: V | null;
  /** As it was delivered: what `reject` of the range takes, and an output that keeps records as they are. */
  readonly source: KafkaRecord;
}

/**
 * A range whose records are decoded one by one, as they are asked for. While a schema registry is down, the attempt fails
 * as in any other outage, and no record is given up for it.
 */
export interface DecodedRange<Output, K, V> {
  /** As `records` of the range. */
  records(): AsyncIterable<DecodedRecord<K, V>>;
  /** As `writeEach` of the range. */
  writeEach(outputsOf: OutputsOfDecoded<Output, K, V>): Promise<void>;
  /** As `forEach` of the range; `by: "key"` means the key's bytes. */
  forEach(rules: ForEachRules, outputsOf: OutputsOfDecoded<Output, K, V>): Promise<void>;
  /** As `reject` of the range. */
  reject(record: DecodedRecord<K, V>, reason: string): Promise<void>;
}

/** What one decoded record writes: an output, several, or nothing. Throwing fails the attempt at this record. */
export type OutputsOfDecoded<Output, K, V> = (record: DecodedRecord<K, V>) => ReturnType<OutputsOfRecord<Output>>;

/** What one record writes: an output, several, or nothing. Throwing fails the attempt at this record. */
export type OutputsOfRecord<Output> = (
  record: KafkaRecord,
  // biome-ignore lint/suspicious/noConfusingVoidType: code that has nothing to write for a record returns nothing.
) => Output | readonly Output[] | undefined | void | Promise<Output | readonly Output[] | undefined | void>;

/**
 * A pipeline's code. It reads the range to its end; what it returns is written
 * in one transaction with the completion. Throwing fails the attempt: the next
 * one begins at the last commit.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: code that commits by itself, or writes elsewhere, returns nothing.
export type ProcessFunction<Output> = (range: ProcessingRange<Output>) => Promise<readonly Output[] | void>;
