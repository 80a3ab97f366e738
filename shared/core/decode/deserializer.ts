import type { RecordHeader } from "../source/range-reader.ts";

/** Where bytes stand that are to be decoded. */
export interface RecordPart {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Which of its two. */
  readonly part: "key" | "value";
  /** Of the whole record. */
  readonly headers: readonly RecordHeader[];
}

/** Makes a value of the bytes of a record's key or value. One serves any number of records and ranges at a time. */
export interface Deserializer<T> {
  /**
   * It is never asked about null. What it throws is held against the record, unless it is of the surroundings: a
   * network, a service that is down, or one of this package's errors that says so.
   */
  deserialize(bytes: Buffer, part: RecordPart): T | Promise<T>;
}
