// Spark's assign: `{"orders":[0,1]}`, as an object or as the text that Spark takes.

import { quote, quoteName } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import {
  compareTopicPartitions,
  distinctPartitions,
  isTopicName,
  MAX_PARTITION,
  type TopicPartition,
} from "../../core/range/topic-partition.ts";
import { jsonProblem, readJsonText } from "../json/json-text.ts";
import { entriesOf, integerOf, type Refuse, showValue, WrittenNumber } from "./named-values.ts";

/** Each partition once, in order. Throws ConfigurationError; `name` is the option that it came in. */
export function readAssign(name: string, given: unknown): readonly TopicPartition[] {
  const refuse: Refuse = (why) => {
    throw new ConfigurationError(
      `${name} is ${quote(given)}, which ${why}; expected partitions by topic, as in {"orders":[0,1]}`,
    );
  };
  const byTopic = entriesOf(typeof given === "string" ? readText(given, refuse) : given) ?? refuse("is not an object");
  const partitions = byTopic.flatMap(([topic, numbers]) => {
    if (!isTopicName(topic)) {
      refuse(`names ${quoteName(topic)}, which is not a legal topic`);
    }
    if (!Array.isArray(numbers) || numbers.length === 0) {
      return refuse(`has no list of partitions under ${topic}`);
    }
    return numbers.map((number) => ({
      topic,
      partition:
        partitionOf(number) ?? refuse(`has ${showValue(number)} under ${topic}, which is not a partition number`),
    }));
  });
  return partitions.length === 0
    ? refuse("names no partition")
    : distinctPartitions(partitions).toSorted(compareTopicPartitions);
}

function readText(text: string, refuse: Refuse): unknown {
  const json = readJsonText(text, (digits) => new WrittenNumber(digits));
  return json.kind === "read" ? json.value : refuse(jsonProblem(json));
}

function partitionOf(value: unknown): number | undefined {
  const partition = integerOf(value);
  return partition !== undefined && partition >= 0n && partition <= MAX_PARTITION ? Number(partition) : undefined;
}
