import { quoteName } from "../bounded-text.ts";

/** A partition of a topic, by name and number. */
export interface TopicPartition {
  readonly topic: string;
  /** From 0. */
  readonly partition: number;
}

/** The largest partition number that Kafka's wire format holds (a signed 32-bit integer). */
export const MAX_PARTITION = 2_147_483_647;

/** The legal characters of Kafka's `Topic.java`, at most 249 of them. */
const topicPattern = /^[a-zA-Z0-9._-]{1,249}$/;

/** Whether Kafka would accept this topic name. */
export function isTopicName(name: string): boolean {
  return topicPattern.test(name) && name !== "." && name !== "..";
}

/** `orders-3`: the spelling that Kafka's own logs use. */
export function formatTopicPartition({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

/** A map's key for a partition of a topic id. */
export function partitionKeyOf({
  topicId,
  partition,
}: {
  readonly topicId: string;
  readonly partition: number;
}): string {
  return `${topicId}#${partition}`;
}

/** Each partition once, in the order of its first mention. */
export function distinctPartitions(partitions: readonly TopicPartition[]): readonly TopicPartition[] {
  return [...new Map(partitions.map((one) => [formatTopicPartition(one), one])).values()];
}

/** Orders by topic name in code units, then by partition number. */
export function compareTopicPartitions(a: TopicPartition, b: TopicPartition): number {
  if (a.topic !== b.topic) {
    return a.topic < b.topic ? -1 : 1;
  }
  return a.partition - b.partition;
}

/** What is not legal of it, with the value; undefined where all is. */
export function topicPartitionFault({ topic, partition }: TopicPartition): string | undefined {
  if (!isTopicName(topic)) {
    return `topic ${quoteName(topic)} is not a legal Kafka topic name`;
  }
  return Number.isInteger(partition) && partition >= 0 && partition <= MAX_PARTITION
    ? undefined
    : `partition ${partition} of ${topic} is not an integer from 0 to ${MAX_PARTITION}`;
}
