import { checkpointOf } from "../../../shared/core/range/chain-lag.ts";
import { formatTopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type { PartitionStatus } from "./read-status.ts";

/** Where a group is that the pipeline tells how far it is (`commitGroupId`), and is not where the ledger is. */
export function groupLines(statuses: readonly PartitionStatus[]): readonly string[] {
  return statuses.flatMap(({ pipeline, topic, partition, newest, group }) => {
    const checkpoint = newest === undefined ? undefined : checkpointOf(newest);
    if (group === undefined || checkpoint === undefined || group.offset === checkpoint) {
      return [];
    }
    const stands = `${pipeline} ${formatTopicPartition({ topic, partition })}: group ${group.groupId} stands at ${group.offset ?? "no offset"}, the ledger at ${checkpoint}`;
    return group.offset === undefined || group.offset < checkpoint
      ? [stands]
      : [
          `${stands}: somebody consumed with it, or set it forward`,
          `  it is left there until the pipeline has passed it; to set it back: kafka-consumer-groups.sh … --reset-offsets --group ${group.groupId} --topic ${topic}:${partition} --to-offset ${checkpoint} --execute`,
        ];
  });
}
