import { ConfigurationError } from "../core/errors.ts";
import { MAX_OFFSET, type OffsetRange } from "../core/offset-range.ts";
import { isTopicName, MAX_PARTITION, type TopicPartition } from "../core/topic-partition.ts";

/** `TOPIC:PARTITION:FROM:UNTIL`. Throws ConfigurationError that names the wrong part. */
export function parseRangeArgument(text: string): OffsetRange {
  const [topic = "", partition = "", from = "", until = "", ...rest] = text.split(":");
  if (rest.length > 0 || until === "") {
    throw new ConfigurationError(`range ${JSON.stringify(text)} is not TOPIC:PARTITION:FROM:UNTIL`);
  }
  const where = `in range ${JSON.stringify(text)}`;
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

/** `TOPIC:PARTITION` or `TOPIC:PARTITION:FROM`. Throws ConfigurationError that names the wrong part. */
export function parseRangeStartArgument(text: string): TopicPartition & { readonly fromOffset?: bigint } {
  const [topic = "", partition = "", from, ...rest] = text.split(":");
  if (rest.length > 0 || partition === "") {
    throw new ConfigurationError(`range ${JSON.stringify(text)} is not TOPIC:PARTITION or TOPIC:PARTITION:FROM`);
  }
  const where = `in range ${JSON.stringify(text)}`;
  const named = parseTopicPartition(topic, partition, where);
  return from === undefined ? named : { ...named, fromOffset: parseOffset("FROM", from, where) };
}

/** `TOPIC:PARTITION`. Throws ConfigurationError that names the wrong part. */
export function parseTopicPartitionArgument(text: string): TopicPartition {
  const [topic = "", partition = "", ...rest] = text.split(":");
  if (rest.length > 0 || partition === "") {
    throw new ConfigurationError(`partition ${JSON.stringify(text)} is not TOPIC:PARTITION`);
  }
  return parseTopicPartition(topic, partition, `in ${JSON.stringify(text)}`);
}

function parseTopicPartition(topic: string, partition: string, where: string): TopicPartition {
  if (!isTopicName(topic)) {
    throw new ConfigurationError(`TOPIC ${JSON.stringify(topic)} ${where} is not a legal Kafka topic name`);
  }
  if (!/^\d{1,10}$/.test(partition) || Number(partition) > MAX_PARTITION) {
    throw new ConfigurationError(
      `PARTITION ${JSON.stringify(partition)} ${where} is not a whole number from 0 to ${MAX_PARTITION}`,
    );
  }
  return { topic, partition: Number(partition) };
}

function parseOffset(part: string, text: string, where: string): bigint {
  return requireOffset(`${part} ${JSON.stringify(text)} ${where}`, text);
}

/** An option whose value is one offset. Throws ConfigurationError that names both. */
export function parseOffsetArgument(option: string, text: string): bigint {
  return requireOffset(`${option} ${JSON.stringify(text)}`, text);
}

function requireOffset(what: string, text: string): bigint {
  const offset = /^\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  if (offset === undefined || offset > MAX_OFFSET) {
    throw new ConfigurationError(`${what} is not an offset: a whole number from 0 to ${MAX_OFFSET}`);
  }
  return offset;
}
