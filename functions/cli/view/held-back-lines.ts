import { formatTopicPartition } from "../../../shared/core/range/topic-partition.ts";
import { describeHeldBack } from "../../../shared/core/source/held-back.ts";
import type { PartitionStatus } from "./read-status.ts";

/** Which transaction keeps records out of each partition's lag, and how it is ended, in two lines each. */
export function heldBackLines(statuses: readonly PartitionStatus[]): readonly string[] {
  return statuses.flatMap(({ pipeline, topic, partition, heldBack }) => {
    if (heldBack === undefined) {
      return [];
    }
    const { stableOffset, highWatermark } = heldBack;
    const where = `--topic ${topic} --partition ${partition} --start-offset ${stableOffset}`;
    return [
      `${pipeline} ${formatTopicPartition({ topic, partition })}: ${highWatermark - stableOffset} records are not in its lag: ${describeHeldBack(heldBack)}`,
      `  if its producer is gone, Kafka's own tool ends it: kafka-transactions.sh --bootstrap-server … abort ${where}`,
    ];
  });
}
