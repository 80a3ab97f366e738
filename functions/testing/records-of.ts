// Records of: what a test writes down of records, as the code under test gets them.

import { listNames, quote, showName } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import type { RecordHeader } from "../../shared/core/source/range-reader.ts";
import type { RecordFields } from "../../shared/core/source/record-fields.ts";

/** Bytes, text, or a value that is written as JSON. */
type Content = Uint8Array | string | number | boolean | object;

/** One record of a test. */
export interface RecordInput {
  /** @default null */
  readonly key?: Content | null;
  /** Null makes a tombstone. */
  readonly value: Content | null;
  /** In order; as an object where no name occurs twice. */
  readonly headers?:
    | Readonly<Record<string, Uint8Array | string | null>>
    | readonly { readonly key: string; readonly value: Uint8Array | string | null }[];
  /** Milliseconds since the epoch. @default one millisecond after the record before */
  readonly timestamp?: number | bigint | Date;
  /** Above the record before: what lies between is compacted away, or a transaction's marker. @default the next one */
  readonly offset?: number | bigint;
  /** Of an aborted transaction: it has its offset, and is delivered to nobody. */
  readonly aborted?: boolean;
}

/** A record as it stands in the log. */
export interface TestRecord extends RecordFields {
  /** Whether its transaction was aborted: nobody sees it. */
  readonly isAborted: boolean;
}

const FIELDS = ["key", "value", "headers", "timestamp", "offset", "aborted"];

/** When a test's first record was written unless it says otherwise: 2026-01-01T00:00:00Z. */
const FIRST_TIMESTAMP = 1_767_225_600_000n;

/**
 * Records for runRange, a text standing for a record of that value: offsets from 0 on unless they say otherwise.
 * Throws ConfigurationError for what is no record, and for offsets that do not ascend.
 */
export function recordsOf(inputs: readonly (RecordInput | string)[]): readonly TestRecord[] {
  if (!Array.isArray(inputs)) {
    throw new ConfigurationError(`recordsOf was given ${quote(inputs)}: expected an array of records`);
  }
  const records: TestRecord[] = [];
  for (const [index, input] of inputs.entries()) {
    records.push(
      toRecord(typeof input === "string" ? { value: input } : input, `recordsOf: [${index}]`, records.at(-1)),
    );
  }
  return records;
}

function toRecord(input: RecordInput, where: string, before: TestRecord | undefined): TestRecord {
  if (typeof input !== "object" || input === null || input.value === undefined) {
    throw new ConfigurationError(
      `${where} is ${quote(input)}: expected an object with a value, as { key: "a", value: { total: 5 } }, or null as the value of a tombstone`,
    );
  }
  const unknown = Object.keys(input).filter((name) => !FIELDS.includes(name));
  if (unknown.length > 0) {
    throw new ConfigurationError(
      `${where} has ${listNames(unknown.map(showName))}: expected ${listNames(FIELDS)}; what the record says goes into value`,
    );
  }
  const { key = null, value, headers = [], timestamp, aborted = false } = input;
  const next = before === undefined ? 0n : before.offset + 1n;
  const offset = toOffset(input.offset ?? next, where);
  if (offset < next) {
    throw new ConfigurationError(`${where}.offset is ${offset}: expected ${next} or more, after the record before`);
  }
  return {
    offset,
    timestamp: toTimestamp(timestamp, where) ?? (before === undefined ? FIRST_TIMESTAMP : before.timestamp + 1n),
    timestampType: "CreateTime",
    key: toBytes(key),
    value: toBytes(value),
    headers: toHeaders(headers),
    isAborted: aborted,
  };
}

function toOffset(offset: unknown, where: string): bigint {
  const isOffset =
    (typeof offset === "bigint" || Number.isSafeInteger(offset)) && BigInt(offset as number | bigint) >= 0n;
  if (!isOffset) {
    throw new ConfigurationError(`${where}.offset is ${quote(offset)}: expected a whole number from 0, or a bigint`);
  }
  return BigInt(offset as number | bigint); // As was just seen.
}

function toTimestamp(timestamp: unknown, where: string): bigint | undefined {
  const time = timestamp instanceof Date ? timestamp.getTime() : timestamp;
  if (time === undefined || typeof time === "bigint") {
    return time;
  }
  if (typeof time !== "number" || !Number.isSafeInteger(time)) {
    throw new ConfigurationError(
      `${where}.timestamp is ${quote(timestamp)}: expected milliseconds since the epoch, or a Date`,
    );
  }
  return BigInt(time);
}

function toHeaders(headers: NonNullable<RecordInput["headers"]>): readonly RecordHeader[] {
  const entries: readonly { readonly key: string; readonly value: Uint8Array | string | null }[] = Array.isArray(
    headers,
  )
    ? headers
    : Object.entries(headers).map(([key, value]) => ({ key, value }));
  return entries.map(({ key, value }) => ({ key, value: toBytes(value) }));
}

function toBytes(content: Content | null): Buffer | null {
  if (content === null || content instanceof Uint8Array) {
    return content === null ? null : Buffer.from(content);
  }
  return Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
}
