// Range reader
//
// Reads exactly [fromOffset, untilOffset) of one partition: every record that
// the isolation level shows, once, in offset order, and no other (G1).
//
//   RR1  The end is the fetch position, never the last record seen: markers,
//        aborted and compacted records at the end do not hold the read up.
//   RR2  A range that ends beyond the log's end is refused before its first record.
//   RR3  No offset is ever reset: what is gone is a DataLossError with both offsets.

import type { OffsetRange } from "../range/offset-range.ts";
import type { RangeCounts } from "../range/range-record.ts";
import type { IsolationLevel, PartitionLeader } from "./offset-source.ts";

/** Who set a record's timestamp: its producer, or the broker. */
export type TimestampType = "CreateTime" | "LogAppendTime";

/** One header of a record. */
export interface RecordHeader {
  readonly key: string;
  /** A view on the fetched bytes. */
  readonly value: Buffer | null;
}

/** The fields of a record are accessors, which `{ ...record }` and `{ offset, ...rest }` do not copy: declared so, the compiler sees it. */
declare abstract class RecordAccessors {
  get offset(): bigint;
  /** Milliseconds since the epoch by convention; delivered unchanged whatever the producer wrote. */
  get timestamp(): bigint;
  /** Who set `timestamp`. */
  get timestampType(): TimestampType;
  get key(): Buffer | null;
  /** Null in a tombstone. */
  get value(): Buffer | null;
  /** In the order written, duplicate keys kept. */
  get headers(): readonly RecordHeader[];
}

/**
 * One Kafka record. `key`, `value` and header values are views on the buffer of
 * the fetch they came with: valid for as long as they are referenced, and
 * holding one holds that whole buffer in memory. Use `Buffer.from(view)` to keep one.
 * A field is decoded when it is read. `{ ...record }` copies none: use `recordFields(record)`.
 */
export interface KafkaRecord extends RecordAccessors {}

/** The visible records of one stored record batch that lie in the range; never empty. */
export interface RecordBatch extends Iterable<KafkaRecord> {
  /** How many records it iterates over. */
  readonly count: number;
  /** Exclusive: where reading goes on after this batch. */
  readonly untilOffset: bigint;
  /** How many of its records lie below `offset`. */
  countBelow(offset: bigint): number;
}

/** What to read. */
export interface ReadRequest {
  /** It has to end at the log's end or below, as `isolationLevel` shows it. */
  readonly range: OffsetRange;
  /** Which records are visible. */
  readonly isolationLevel: IsolationLevel;
  /** Refused when the topic has another id; looked up when absent. */
  readonly topicId?: string;
  /** Where to connect first; looked up when absent or out of date. */
  readonly leader?: PartitionLeader;
  /** Leader epoch of the last batch below `fromOffset`, where it is known: a log that lost it was truncated. */
  readonly previousLeaderEpoch?: number;
  /** Whether it was tried before and failed: it then goes over connections opened for it (Spark's task retry). @default false */
  readonly isRetry?: boolean;
  /** Ends the read at once with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What whoever begins a second pass is told. */
export const READ_ONCE = "a range is read once: call batches() or records(), one time";

/** One pass over a range. `batches` and `records` share it: use one of them, once. */
export interface RangeRead {
  /** Throws DataLossError, BeyondEndError, CorruptRecordError, ProtocolError, RangeReadError. */
  batches(): AsyncIterable<RecordBatch>;
  /** The same, record by record. */
  records(): AsyncIterable<KafkaRecord>;
  /** Everything below was delivered or is invisible; `untilOffset` of the range once it is read. */
  readonly position: bigint;
  /** Where the offsets below `position` went. */
  readonly counts: RangeCounts;
  /** Leader epoch of the last batch read. */
  readonly leaderEpoch: number | undefined;
}

/** Reads exact ranges, any number at a time. */
export interface RangeReader {
  /** Reads when it is iterated over. */
  readRange(request: ReadRequest): RangeRead;
  /** What brokers have told it to wait for a quota, in ms of all reads so far. */
  readonly throttleTimeMs: number;
  /** Ends its connections, and the reads on them. */
  close(): Promise<void>;
}
