// Spark's offsets
//
// `earliest`, `latest` or `{"orders":{"0":23,"1":-1},"returns":"latest"}`, as
// `startingOffsets` and `endingOffsets` of Spark's Kafka source take them
// (JsonUtils.scala), so that they can be pasted. What Spark would guess at is refused:
// it drops the fraction of 3.5, and of two entries of one partition takes the last.
//
//   SO1  Offsets are read exactly up to 2^63 - 1; `3.0` is 3, as in Spark.
//   SO2  Each topic and partition has one spelling, and is named once.

import { quote } from "../../core/bounded-text.ts";
import type { OffsetChoice } from "../../core/choice/choose-offsets.ts";
import { everyPartitionOf, topicOfName } from "../../core/choice/named-partitions.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { MAX_OFFSET } from "../../core/range/offset-range.ts";
import { stringify } from "../json/json.ts";
import { jsonProblem, readJsonText } from "../json/json-text.ts";
import { integerOf, type Refuse, readNamedValues, type ValueRules, WrittenNumber } from "./named-values.ts";
import { readTimestamp, TIMESTAMP_RULE } from "./timestamp.ts";

const OFFSETS_EXAMPLE = 'earliest, latest or JSON such as {"orders":{"0":23,"1":-1}} (-2 earliest, -1 latest)';
const TIMESTAMPS_EXAMPLE = `JSON such as {"orders":{"0":1700000000000}}, in ${TIMESTAMP_RULE}`;

type PartitionValues<Value> = Readonly<Record<number, Value>>;

/** The same as an object of TypeScript; a number has to be exact, so one above 2^53 is a bigint. */
export type ByPartition = Readonly<Record<string, "earliest" | "latest" | PartitionValues<bigint | number>>>;

/** In ms since the epoch, as ISO 8601 with a zone, or as a Date. */
export type TimestampsByPartition = Readonly<Record<string, PartitionValues<bigint | number | string | Date>>>;

/** Throws ConfigurationError that quotes the text. `name` is the option that it came in. */
export function parseSparkOffsets(name: string, text: string): OffsetChoice {
  const word = text.trim().toLowerCase();
  return isWord(word) ? word : readText(OFFSETS, name, text);
}

/** Throws ConfigurationError that quotes what it was given. */
export function readOffsets(name: string, byPartition: ByPartition): ReadonlyMap<string, bigint> {
  return readNamedValues(OFFSETS, refusalOf(OFFSETS, name, stringify(byPartition)), byPartition);
}

/** Timestamps by partition, as `startingOffsetsByTimestamp` takes them. Throws ConfigurationError that quotes the text. */
export function parseSparkTimestamps(name: string, text: string): ReadonlyMap<string, bigint> {
  return readText(TIMESTAMPS, name, text);
}

/** Throws ConfigurationError that quotes what it was given. */
export function readTimestamps(name: string, byPartition: TimestampsByPartition): ReadonlyMap<string, bigint> {
  return readNamedValues(TIMESTAMPS, refusalOf(TIMESTAMPS, name, stringify(byPartition)), byPartition);
}

/** The text that parses to the choice. */
export function formatSparkOffsets(choice: OffsetChoice): string {
  return typeof choice === "string" ? choice : formatByPartition(choice);
}

/** `{"orders":{"0":23},"returns":"latest"}` of values that are keyed as named-partitions.ts says. */
export function formatByPartition(values: ReadonlyMap<string, bigint>): string {
  const topics = Map.groupBy(values, ([name]) => topicOfName(name));
  const objects = [...topics].map(([topic, named]) => {
    const ofAll = values.get(everyPartitionOf(topic));
    const partitions = named.map(([name, value]) => `"${name.slice(topic.length + 1)}":${value}`);
    return `${JSON.stringify(topic)}:${ofAll === undefined ? `{${partitions.join(",")}}` : `"${wordOf(ofAll)}"`}`;
  });
  return `{${objects.join(",")}}`;
}

/** Spark's numbers for the words. */
const WORDS = { earliest: -2n, latest: -1n } as const;

function isWord(text: string): text is keyof typeof WORDS {
  return Object.hasOwn(WORDS, text);
}

function wordOf(offset: bigint): keyof typeof WORDS {
  return offset === WORDS.earliest ? "earliest" : "latest";
}

const OFFSETS: ValueRules = {
  expected: OFFSETS_EXAMPLE,
  readTopic: (value) => {
    const word = typeof value === "string" ? value.toLowerCase() : "";
    return isWord(word) ? WORDS[word] : undefined;
  },
  readPartition: (value) => {
    const offset = integerOf(value);
    const isOffset = offset !== undefined && offset >= WORDS.earliest && offset <= MAX_OFFSET;
    return isOffset ? { kind: "read", value: offset } : { kind: "refused", why: "not an offset" };
  },
};

const TIMESTAMPS: ValueRules = {
  expected: TIMESTAMPS_EXAMPLE,
  readTopic: () => undefined,
  readPartition: (value) => {
    const timestamp = typeof value === "string" || value instanceof Date ? value : integerOf(value);
    return timestamp === undefined ? { kind: "refused", why: "not a timestamp" } : readTimestamp(timestamp);
  },
};

function refusalOf({ expected }: ValueRules, name: string, text: string): Refuse {
  return (why) => {
    throw new ConfigurationError(`${name} ${quote(text)} ${why}; expected ${expected}`);
  };
}

function readText(rules: ValueRules, name: string, text: string): ReadonlyMap<string, bigint> {
  const refuse: Refuse = refusalOf(rules, name, text);
  const json = readJsonText(text, (digits) => new WrittenNumber(digits));
  if (json.kind === "read") {
    return readNamedValues(rules, refuse, json.value);
  }
  return refuse(json.kind === "notJson" ? "is not a JSON object" : jsonProblem(json));
}
