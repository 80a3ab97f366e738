// Spark's offsets
//
// `earliest`, `latest` or `{"orders":{"0":23,"1":-1}}`, as `startingOffsets` and
// `endingOffsets` of Spark's Kafka source take them (JsonUtils.scala), so that
// they can be pasted. Offsets are read exactly up to 2^63 - 1.

import type { OffsetChoice } from "../core/choose-offsets.ts";
import { ConfigurationError } from "../core/errors.ts";
import { MAX_OFFSET } from "../core/offset-range.ts";
import { formatTopicPartition, isTopicName, MAX_PARTITION } from "../core/topic-partition.ts";
import { stringify } from "./json.ts";

const OFFSETS_EXAMPLE = 'earliest, latest or JSON such as {"orders":{"0":23,"1":-1}} (-2 earliest, -1 latest)';
const TIMESTAMPS_EXAMPLE = 'JSON such as {"orders":{"0":1700000000000}}, in ms since the epoch';

/** The same as an object of TypeScript; a number has to be exact, so one above 2^53 is a bigint. */
export type ByPartition = Readonly<Record<string, Readonly<Record<number, bigint | number>>>>;

/** Throws ConfigurationError that quotes the text. `name` is the option that it came in. */
export function parseSparkOffsets(name: string, text: string): OffsetChoice {
  const word = text.trim().toLowerCase();
  return word === "earliest" || word === "latest" ? word : readValues({ ...OFFSETS, name, text }, parseObject(text));
}

/** Throws ConfigurationError that quotes what it was given. */
export function readOffsets(name: string, byPartition: ByPartition): ReadonlyMap<string, bigint> {
  return readValues({ ...OFFSETS, name, text: stringify(byPartition) }, withBigints(byPartition));
}

/** Timestamps by partition, as `startingOffsetsByTimestamp` takes them. Throws ConfigurationError that quotes the text. */
export function parseSparkTimestamps(name: string, text: string): ReadonlyMap<string, bigint> {
  return readValues({ ...TIMESTAMPS, name, text }, parseObject(text));
}

/** Throws ConfigurationError that quotes what it was given. */
export function readTimestamps(name: string, byPartition: ByPartition): ReadonlyMap<string, bigint> {
  return readValues({ ...TIMESTAMPS, name, text: stringify(byPartition) }, withBigints(byPartition));
}

/** The text that parses to the choice. */
export function formatSparkOffsets(choice: OffsetChoice): string {
  return typeof choice === "string" ? choice : formatByPartition(choice);
}

/** `{"orders":{"0":23}}` of values keyed as `formatTopicPartition` spells them. */
export function formatByPartition(values: ReadonlyMap<string, bigint>): string {
  const topics = Map.groupBy(values, ([name]) => name.slice(0, name.lastIndexOf("-")));
  const objects = [...topics].map(([topic, named]) => {
    const partitions = named.map(([name, value]) => `"${name.slice(topic.length + 1)}":${value}`);
    return `${JSON.stringify(topic)}:{${partitions.join(",")}}`;
  });
  return `{${objects.join(",")}}`;
}

interface ValueRules {
  readonly min: bigint;
  readonly what: string;
  readonly expected: string;
}

const OFFSETS: ValueRules = { min: -2n, what: "an offset", expected: OFFSETS_EXAMPLE };
const TIMESTAMPS: ValueRules = { min: 0n, what: "a timestamp", expected: TIMESTAMPS_EXAMPLE };

interface NamedText {
  readonly name: string;
  readonly text: string;
}

function readValues(
  { name, text, min, what, expected }: ValueRules & NamedText,
  object: object | undefined,
): ReadonlyMap<string, bigint> {
  const refuse = (why: string): never => {
    throw new ConfigurationError(`${name} ${JSON.stringify(text)} ${why}; expected ${expected}`);
  };
  const topics = object ?? refuse("is not a JSON object");
  const values = new Map<string, bigint>();
  for (const [topic, partitions] of Object.entries(topics)) {
    if (!isTopicName(topic)) {
      refuse(`names ${JSON.stringify(topic)}, which is not a legal topic`);
    }
    if (typeof partitions !== "object" || partitions === null) {
      refuse(`has no object of partitions under ${topic}`);
    }
    for (const [partition, value] of Object.entries(partitions as object)) {
      if (!/^\d{1,10}$/.test(partition) || Number(partition) > MAX_PARTITION) {
        refuse(`names partition ${JSON.stringify(partition)} of ${topic}, which is not a partition number`);
      }
      if (typeof value !== "bigint" || value < min || value > MAX_OFFSET) {
        refuse(`has ${JSON.stringify(String(value))} for ${topic}-${partition}, which is not ${what}`);
      }
      values.set(formatTopicPartition({ topic, partition: Number(partition) }), value);
    }
  }
  return values;
}

/** An object's numbers that are exact as bigints; all else stays, for the values' rules to refuse. */
function withBigints(value: unknown): object | undefined {
  const convert = (inner: unknown): unknown => {
    if (typeof inner === "object" && inner !== null) {
      return Object.fromEntries(Object.entries(inner).map(([key, one]) => [key, convert(one)]));
    }
    return typeof inner === "number" && Number.isSafeInteger(inner) ? BigInt(inner) : inner;
  };
  return typeof value === "object" && value !== null ? (convert(value) as object) : undefined;
}

interface ReviverContext {
  /** The value's own text; absent for objects and arrays. */
  readonly source?: string;
}

/** Integers become bigints from their own digits: as numbers they would be rounded above 2^53. */
function readInteger(_key: string, value: unknown, { source }: ReviverContext): unknown {
  return typeof value === "number" && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

function parseObject(text: string): object | undefined {
  try {
    // TypeScript's library does not know the reviver's third argument (ES2026).
    const value: unknown = JSON.parse(text, readInteger as (key: string, value: unknown) => unknown);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
