// Group offsets
//
// What a consumer group of Kafka's has committed, to be told by somebody who is no member of it:
// the tools that watch a group's lag see a pipeline's as well.

import type { TopicPartition } from "../range/topic-partition.ts";

export interface GroupOffset extends TopicPartition {
  readonly offset: bigint;
}

/** A partition whose offset the group did not take. */
export interface RefusedOffset extends TopicPartition {
  readonly reason: string;
}

/** Both throw ConfigurationError for what somebody has to change, and RangeReadError while Kafka is out of reach. */
export interface GroupOffsets {
  readonly groupId: string;
  /** By partition as `formatTopicPartition` spells it; without those of which the group has none. */
  fetch(partitions: readonly TopicPartition[], signal: AbortSignal): Promise<ReadonlyMap<string, bigint>>;
  /** Those that were not taken; all others were. */
  commit(offsets: readonly GroupOffset[], signal: AbortSignal): Promise<readonly RefusedOffset[]>;
}
