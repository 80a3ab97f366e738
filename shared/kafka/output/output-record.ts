// Output record
//
// What a pipeline's code gives the Kafka output, and what is checked of it before anything is
// sent. What only a broker can judge, it judges (write-faults.ts).

import { quote } from "../../core/bounded-text.ts";
import { InvalidOutputError } from "../../core/errors.ts";
import { isTopicName, MAX_PARTITION } from "../../core/range/topic-partition.ts";
import { MAX_OUTPUT_RECORD_BYTES } from "../limits.ts";

/** Bytes, kept as they are, or text, written as UTF-8. */
export type OutputBytes = Uint8Array | string;

/** One header of a record to be written; several may have one key. */
export interface KafkaOutputHeader {
  readonly key: string;
  /** Null is kept apart from no bytes. */
  readonly value: OutputBytes | null;
}

/** One record to be written; the fields of a record that was read fit as they are. */
export interface KafkaOutputRecord {
  /** @default - the output's `topic` */
  readonly topic?: string;
  /**
   * Records with the same key go to the same partition: the one that Kafka's Java client chooses.
   * @default null: partitions in turn, one for each batch
   */
  readonly key?: OutputBytes | null;
  /** Null is a tombstone. */
  readonly value: OutputBytes | null;
  /** In this order, equal keys kept. @default none */
  readonly headers?: readonly KafkaOutputHeader[];
  /** Milliseconds since the epoch. @default now */
  readonly timestamp?: bigint | number;
  /** Counts more than `key`. @default - by `key` */
  readonly partition?: number;
}

/** The same, with nothing left open but the partition. */
export interface CheckedRecord {
  readonly topic: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly { readonly key: Uint8Array; readonly value: Uint8Array | null }[];
  readonly timestamp: bigint;
  readonly partition: number | undefined;
  /** Of key, value and headers. */
  readonly byteLength: number;
}

interface Defaults {
  readonly topic: string | undefined;
  readonly timestamp: bigint;
}

const MAX_TIMESTAMP = 2n ** 63n - 1n;

/** Throws InvalidOutputError that names output, field and value. */
export function checkRecord(record: KafkaOutputRecord, index: number, defaults: Defaults): CheckedRecord {
  if (typeof record !== "object" || record === null) {
    throw invalid(index, `is ${quote(record)}`, "give an object with topic, key and value");
  }
  const { topic = defaults.topic, key, value, headers = [], timestamp = defaults.timestamp, partition } = record;
  if (typeof topic !== "string" || !isTopicName(topic)) {
    throw invalid(index, `has topic ${quote(topic)}`, "give a legal topic name, or one to kafkaOutput({ topic })");
  }
  if (partition !== undefined && !(Number.isInteger(partition) && partition >= 0 && partition <= MAX_PARTITION)) {
    throw invalid(index, `has partition ${quote(partition)}`, "leave it out, or give a whole number from 0 on");
  }
  if (!Array.isArray(headers)) {
    throw invalid(index, `has headers ${quote(headers)}`, "give an array of { key, value }");
  }
  const [keyBytes, valueBytes] = [bytesOf(key, index, "key"), bytesOf(value, index, "value")];
  const headerBytes = headers.map((header: unknown, at) => checkHeader(header, index, at));
  const byteLength =
    lengthOf(keyBytes) +
    lengthOf(valueBytes) +
    headerBytes.reduce((sum, header) => sum + header.key.length + lengthOf(header.value), 0);
  if (byteLength > MAX_OUTPUT_RECORD_BYTES) {
    throw invalid(index, `has ${byteLength} bytes`, `key, value and headers take ${MAX_OUTPUT_RECORD_BYTES} together`);
  }
  return {
    topic,
    partition,
    key: keyBytes,
    value: valueBytes,
    headers: headerBytes,
    timestamp: checkTimestamp(timestamp, index),
    byteLength,
  };
}

function checkTimestamp(timestamp: unknown, index: number): bigint {
  const isWhole = typeof timestamp === "bigint" || (typeof timestamp === "number" && Number.isSafeInteger(timestamp));
  // A record that was read may have any timestamp that its producer wrote; Kafka takes none below 0 but −1, for none.
  if (!isWhole || BigInt(timestamp) < -1n || BigInt(timestamp) > MAX_TIMESTAMP) {
    throw invalid(
      index,
      `has timestamp ${quote(timestamp)}`,
      "give whole milliseconds since the epoch, as a bigint or a number",
    );
  }
  return BigInt(timestamp);
}

function checkHeader(header: unknown, index: number, at: number): CheckedRecord["headers"][number] {
  const { key, value } = typeof header === "object" && header !== null ? (header as Partial<KafkaOutputHeader>) : {};
  if (typeof key !== "string") {
    throw invalid(index, `has header ${at} with key ${quote(key)}`, "give text");
  }
  return { key: Buffer.from(key), value: bytesOf(value ?? null, index, `value of header ${at}`) };
}

function bytesOf(value: unknown, index: number, field: string): Uint8Array | null {
  if (value === null || (value === undefined && field === "key")) {
    return null;
  }
  if (typeof value === "string") {
    return Buffer.from(value);
  }
  if (!(value instanceof Uint8Array)) {
    throw value === undefined
      ? invalid(
          index,
          `has no ${field}`,
          "give bytes, text or null; { ...record } copies no field of a Kafka record, { ...recordFields(record) } does",
        )
      : invalid(
          index,
          `has ${field} ${quote(value)}`,
          "give bytes, text or null; JSON.stringify makes text of an object",
        );
  }
  return value;
}

function lengthOf(bytes: Uint8Array | null): number {
  return bytes?.length ?? 0;
}

export function invalid(outputIndex: number, what: string, remedy: string): InvalidOutputError {
  return new InvalidOutputError(`output ${outputIndex} ${what}; ${remedy}`, { outputIndex });
}
