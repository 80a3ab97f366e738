import type { TopicPartition } from "../../core/range/topic-partition.ts";

/** Entries of `[topic, its elements]`, both in the order given. */
export function groupByTopic<Element extends TopicPartition>(elements: readonly Element[]): [string, Element[]][] {
  return [...Map.groupBy(elements, ({ topic }) => topic)];
}
