// Named values
//
// `{"orders":{"0":23}}`, however it came: values by topic and partition, each named
// once and in one spelling. What a value may be is the caller's.

import { quote, quoteName } from "../../core/bounded-text.ts";
import { everyPartitionOf } from "../../core/choice/named-partitions.ts";
import { formatTopicPartition, isTopicName } from "../../core/range/topic-partition.ts";
import { readPartition } from "./decimal.ts";

export type ReadValue =
  | { readonly kind: "read"; readonly value: bigint }
  /** `why` follows "which is". */
  | { readonly kind: "refused"; readonly why: string };

export interface ValueRules {
  /** What there should have been, for messages. */
  readonly expected: string;
  readonly readPartition: (value: unknown) => ReadValue;
  /** A value for all partitions of a topic; undefined for what is none. */
  readonly readTopic: (value: unknown) => bigint | undefined;
}

export type Refuse = (why: string) => never;

/** Keyed as named-partitions.ts says. */
export function readNamedValues(rules: ValueRules, refuse: Refuse, byTopic: unknown): ReadonlyMap<string, bigint> {
  const values = new Map<string, bigint>();
  for (const [topic, given] of entriesOf(byTopic) ?? refuse("is not a JSON object")) {
    if (!isTopicName(topic)) {
      refuse(`names ${quoteName(topic)}, which is not a legal topic`);
    }
    const ofTopic = rules.readTopic(given);
    if (ofTopic !== undefined) {
      values.set(everyPartitionOf(topic), ofTopic);
      continue;
    }
    for (const [name, value] of entriesOf(given) ?? refuse(`has no object of partitions under ${topic}`)) {
      const partition =
        readPartition(name) ?? refuse(`names partition ${quote(name)} of ${topic}, which is not a partition number`);
      const read = rules.readPartition(value);
      if (read.kind === "refused") {
        return refuse(`has ${showValue(value)} for ${topic}-${partition}, which is ${read.why}`);
      }
      values.set(formatTopicPartition({ topic, partition }), read.value);
    }
  }
  return values;
}

/** A number of JSON text as it is written: as a double it could be another one. */
export class WrittenNumber {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }

  toJSON(): string {
    return this.digits;
  }
}

/** Undefined for what is no whole number, or not exactly one. */
export function integerOf(value: unknown): bigint | undefined {
  if (value instanceof WrittenNumber) {
    const [, whole] = /^(0|-?[1-9]\d{0,18})(?:\.0+)?$/.exec(value.digits) ?? [];
    return whole === undefined ? undefined : BigInt(whole);
  }
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : undefined;
  }
  return typeof value === "bigint" ? value : undefined;
}

/** Undefined for what is no object of named values; a list would be one of numbered values. */
export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  const isObject = typeof value === "object" && value !== null;
  return !isObject || Array.isArray(value) || value instanceof WrittenNumber || value instanceof Date
    ? undefined
    : Object.entries(value);
}

/** As it is written, for messages. */
export function showValue(value: unknown): string {
  if (value instanceof WrittenNumber) {
    return quote(value.digits);
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return quote(typeof value === "object" && value !== null ? value : text);
}
