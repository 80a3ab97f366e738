import type { IsolationLevel } from "../../../shared/core/source/offset-source.ts";
import type { KafkaRecord, TimestampType } from "../../../shared/core/source/range-reader.ts";

/** A Fetch v13 response body as a real Kafka sent it, and what must be read from it; bytes are in base64. */
export interface GoldenVector {
  readonly name: string;
  readonly isolationLevel: IsolationLevel;
  /** What was asked for. */
  readonly fromOffset: number;
  /** Where the last whole record batch ends. */
  readonly untilOffset: number;
  /** As in a batch's attributes. */
  readonly codec: number;
  /** Whether the last batch was cut off. */
  readonly isTruncated: boolean;
  readonly records: readonly GoldenRecord[];
  readonly response: string;
}

export interface GoldenRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly timestampType: TimestampType;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string | null])[];
}

export function toGoldenRecord({ offset, timestamp, timestampType, key, value, headers }: KafkaRecord): GoldenRecord {
  return {
    offset: Number(offset),
    timestamp: Number(timestamp),
    timestampType,
    key: toBase64(key),
    value: toBase64(value),
    headers: headers.map((header) => [header.key, toBase64(header.value)] as const),
  };
}

export function fromGoldenRecord(record: GoldenRecord): KafkaRecord {
  return {
    offset: BigInt(record.offset),
    timestamp: BigInt(record.timestamp),
    timestampType: record.timestampType,
    key: fromBase64(record.key),
    value: fromBase64(record.value),
    headers: record.headers.map(([key, value]) => ({ key, value: fromBase64(value) })),
  };
}

function toBase64(bytes: Buffer | null): string | null {
  return bytes?.toString("base64") ?? null;
}

function fromBase64(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text, "base64");
}
