// Starting group
//
// Chains that go on where a consumer group has stopped.
//
//   GS1  No pipeline starts where a group is that still has members: what these consume from
//        then on would be processed twice.
//   GS2  An offset that could not be read is not one that was never committed: only of the
//        latter `onNoMatch` decides.

import { listNames } from "../bounded-text.ts";
import { ConfigurationError } from "../errors.ts";
import { formatTopicPartition, type TopicPartition } from "../range/topic-partition.ts";
import type { OffsetSource } from "../source/offset-source.ts";
import { EARLIEST, LATEST } from "./choose-offsets.ts";
import type { NoMatch } from "./match-timestamps.ts";

/** What a partition becomes of which the group has committed no offset. */
export type GroupNoMatch = NoMatch | "earliest";

export interface StartingGroup {
  /** Kafka's `group.id`. */
  readonly groupId: string;
  readonly onNoMatch: GroupNoMatch;
}

/** What is wrong with partitions of which the group has committed none. */
export function uncommittedProblem(groupId: string, partitions: readonly TopicPartition[]): string {
  const names = listNames(partitions.map(formatTopicPartition));
  return `consumer group ${groupId} has committed no offset of ${names}; say earliest or latest by onNoMatch (--on-no-match), or choose another group`;
}

/** What keeps a pipeline from going on for the group (GS1). */
export function membersProblem(groupId: string): string {
  return `somebody consumes with group ${groupId}, and would go on beside the pipeline: stop every consumer of it; the next run starts where they have stopped`;
}

/** The group's offsets as a choice by partition. Throws ConfigurationError that names every partition without one, unless `onNoMatch` decides. */
export async function committedOffsets(
  source: Pick<OffsetSource, "groupPosition">,
  { groupId, onNoMatch }: StartingGroup,
  partitions: readonly TopicPartition[],
): Promise<ReadonlyMap<string, bigint>> {
  const { offsets } = await source.groupPosition(groupId, partitions);
  const uncommitted = partitions.filter((partition) => !offsets.has(formatTopicPartition(partition)));
  if (onNoMatch === "error" && uncommitted.length > 0) {
    throw new ConfigurationError(uncommittedProblem(groupId, uncommitted));
  }
  const otherwise = onNoMatch === "earliest" ? EARLIEST : LATEST;
  return new Map(
    partitions.map((partition) => {
      const name = formatTopicPartition(partition);
      return [name, offsets.get(name) ?? otherwise];
    }),
  );
}
