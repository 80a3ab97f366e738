// Kafka event
//
// What an event source mapping for Kafka passes to a function, byte for byte as AWS documents it:
// keys and values as base64, headers as signed bytes.
//
//   KE1  A null key and a null value are null; a header without a value has no bytes, since
//        handlers make a buffer of whatever is there.

import assert from "node:assert/strict";
import type { KafkaRecord, TimestampType } from "../../shared/core/source/range-reader.ts";

/** One record of an event. */
export interface KafkaEventRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** Who set `timestamp`. */
  readonly timestampType: "CREATE_TIME" | "LOG_APPEND_TIME";
  /** Base64. */
  readonly key: string | null;
  /** Base64; null in a tombstone. */
  readonly value: string | null;
  /** One object for each header, its value as signed bytes. */
  readonly headers: readonly Readonly<Record<string, readonly number[]>>[];
}

/** The event that an event source mapping passes to a function. */
export interface KafkaEvent {
  readonly eventSource: "aws:kafka" | "SelfManagedKafka";
  /** Of the MSK cluster; absent with a Kafka of one's own. */
  readonly eventSourceArn?: string;
  /** Separated by commas. */
  readonly bootstrapServers: string;
  /** By topic and partition: `orders-0`. */
  readonly records: Readonly<Record<string, readonly KafkaEventRecord[]>>;
}

const timestampTypes = {
  CreateTime: "CREATE_TIME",
  LogAppendTime: "LOG_APPEND_TIME",
} as const satisfies Record<TimestampType, string>;

export function toEventRecord(
  { topic, partition }: { readonly topic: string; readonly partition: number },
  { offset, timestamp, timestampType, key, value, headers }: KafkaRecord,
): KafkaEventRecord {
  assert.ok(offset <= BigInt(Number.MAX_SAFE_INTEGER), `offset ${offset} is beyond what a number holds`);
  return {
    topic,
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    timestampType: timestampTypes[timestampType],
    key: key === null ? null : key.toString("base64"),
    value: value === null ? null : value.toString("base64"),
    headers: headers.map((header) => ({ [header.key]: signedBytes(header.value) })),
  };
}

/** Of the record's JSON, or a few more. */
export function eventBytes({ key, value, headers }: KafkaRecord, topic: string): number {
  // Names may be escaped, six bytes for one; a byte is written as `-128,` at most.
  const ofHeaders = headers.reduce(
    (sum, header) => sum + 6 * header.key.length + 5 * (header.value?.length ?? 0) + 8,
    0,
  );
  return 200 + topic.length + base64Bytes(key) + base64Bytes(value) + ofHeaders;
}

function base64Bytes(bytes: Buffer | null): number {
  return bytes === null ? 4 : 2 + 4 * Math.ceil(bytes.length / 3);
}

function signedBytes(bytes: Buffer | null): readonly number[] {
  return bytes === null ? [] : [...new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)];
}
