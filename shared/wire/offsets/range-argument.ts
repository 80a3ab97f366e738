import { quote, quoteName } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { MAX_OFFSET, type OffsetRange } from "../../core/range/offset-range.ts";
import { isTopicName, MAX_PARTITION, type TopicPartition } from "../../core/range/topic-partition.ts";
import { DECIMAL_RULE, readDecimal, readPartition } from "./decimal.ts";

/** The value of --range, `TOPIC:PARTITION:FROM:UNTIL`. Throws ConfigurationError that names the wrong part. */
export function parseRangeArgument(text: string): OffsetRange {
  const [topic = "", partition = "", from = "", until = "", ...rest] = text.split(":");
  if (rest.length > 0 || until === "") {
    throw new ConfigurationError(`--range ${quoteName(text)} is not TOPIC:PARTITION:FROM:UNTIL`);
  }
  const where = `in --range ${quoteName(text)}`;
  const range = {
    ...parseTopicPartition(topic, partition, where),
    fromOffset: parseOffset("FROM", from, where),
    untilOffset: parseOffset("UNTIL", until, where),
  };
  if (range.fromOffset > range.untilOffset) {
    throw new ConfigurationError(`UNTIL ${until} is below FROM ${from} ${where}; UNTIL is exclusive`);
  }
  return range;
}

/** The value of --record, `TOPIC:PARTITION:OFFSET`, as the range of that offset. Throws ConfigurationError that names the wrong part. */
export function parseRecordArgument(text: string): OffsetRange {
  const [topic = "", partition = "", offset = "", ...rest] = text.split(":");
  if (rest.length > 0 || offset === "") {
    throw new ConfigurationError(`--record ${quoteName(text)} is not TOPIC:PARTITION:OFFSET`);
  }
  const where = `in --record ${quoteName(text)}`;
  const fromOffset = parseOffset("OFFSET", offset, where);
  return { ...parseTopicPartition(topic, partition, where), fromOffset, untilOffset: fromOffset + 1n };
}

/** The value of --range where one offset says which, `TOPIC:PARTITION` or `TOPIC:PARTITION:FROM`. Throws ConfigurationError that names the wrong part. */
export function parseRangeStartArgument(text: string): TopicPartition & { readonly fromOffset?: bigint } {
  const [topic = "", partition = "", from, ...rest] = text.split(":");
  if (rest.length > 0 || partition === "") {
    throw new ConfigurationError(`--range ${quoteName(text)} is not TOPIC:PARTITION or TOPIC:PARTITION:FROM`);
  }
  const where = `in --range ${quoteName(text)}`;
  const named = parseTopicPartition(topic, partition, where);
  return from === undefined ? named : { ...named, fromOffset: parseOffset("FROM", from, where) };
}

/** `TOPIC:PARTITION`. Throws ConfigurationError that names the option and the wrong part. */
export function parseTopicPartitionArgument(option: string, text: string): TopicPartition {
  const [topic = "", partition = "", ...rest] = text.split(":");
  if (rest.length > 0 || partition === "") {
    throw new ConfigurationError(`${option} ${quoteName(text)} is not TOPIC:PARTITION`);
  }
  return parseTopicPartition(topic, partition, `in ${option} ${quoteName(text)}`);
}

function parseTopicPartition(topic: string, digits: string, where: string): TopicPartition {
  if (!isTopicName(topic)) {
    throw new ConfigurationError(
      `TOPIC ${quoteName(topic)} ${where} is not a legal Kafka topic name: up to 249 letters, digits, dots, hyphens or underscores`,
    );
  }
  const partition = readPartition(digits);
  if (partition === undefined) {
    throw new ConfigurationError(
      `PARTITION ${quote(digits)} ${where} is not a whole number from 0 to ${MAX_PARTITION} ${DECIMAL_RULE}`,
    );
  }
  return { topic, partition };
}

function parseOffset(part: string, text: string, where: string): bigint {
  return requireOffset(`${part} ${quote(text)} ${where}`, text);
}

/** An option whose value is one offset. Throws ConfigurationError that names both. */
export function parseOffsetArgument(option: string, text: string): bigint {
  return requireOffset(`${option} ${quote(text)}`, text);
}

function requireOffset(what: string, text: string): bigint {
  const offset = readDecimal(text);
  if (offset === undefined) {
    throw new ConfigurationError(`${what} is not an offset: a whole number from 0 to ${MAX_OFFSET} ${DECIMAL_RULE}`);
  }
  return offset;
}
