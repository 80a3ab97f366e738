// Named partitions
//
// A choice by partition is keyed as `formatTopicPartition` spells one, or, for all
// partitions of a topic, as `everyPartitionOf` does, which no partition is spelled like.

import { listNames } from "../bounded-text.ts";
import { formatTopicPartition, type TopicPartition } from "../range/topic-partition.ts";

/** `orders-*`. */
export function everyPartitionOf(topic: string): string {
  return `${topic}-*`;
}

/** What the choice says of the partition; undefined where it does not name it. */
export function namedValue<Value>(choice: ReadonlyMap<string, Value>, partition: TopicPartition): Value | undefined {
  return choice.get(formatTopicPartition(partition)) ?? choice.get(everyPartitionOf(partition.topic));
}

/** The topic that a key of a choice is about. */
export function topicOfName(name: string): string {
  return name.slice(0, name.lastIndexOf("-"));
}

/** The keys of a choice that none of the partitions has. */
export function namesBeyond(
  choice: ReadonlyMap<string, unknown>,
  partitions: readonly TopicPartition[],
): readonly string[] {
  const names = new Set(partitions.flatMap((one) => [formatTopicPartition(one), everyPartitionOf(one.topic)]));
  return [...choice.keys()].filter((name) => !names.has(name));
}

/** What is wrong when a choice does not name exactly these partitions. `hint` ends the problem of those it leaves out. */
export function namingProblems(
  what: string,
  choice: ReadonlyMap<string, unknown>,
  { partitions, hint = "" }: { readonly partitions: readonly TopicPartition[]; readonly hint?: string },
): readonly string[] {
  const missing = partitions.filter((one) => namedValue(choice, one) === undefined).map(formatTopicPartition);
  const tooMuch = namesBeyond(choice, partitions);
  return [
    ...(missing.length > 0 ? [`${what} do not name ${listNames([...new Set(missing)])}${hint}`] : []),
    ...(tooMuch.length > 0 ? [`${what} name ${listNames(tooMuch)}, which the source does not have`] : []),
  ];
}
