// What commits of offsets have in common that come from no member of the group.

import type { TopicPartition } from "../../../core/range/topic-partition.ts";
import { WireReader } from "../wire-reader.ts";

export const NO_GENERATION = -1;
export const NO_MEMBER = "";
export const NO_LEADER_EPOCH = -1;

interface PartitionError extends TopicPartition {
  readonly errorCode: number;
}

/** What several requests about offsets and transactions are answered with. */
export interface PartitionErrors {
  readonly throttleTimeMs: number;
  readonly partitions: readonly PartitionError[];
}

/** `throttle_time_ms [topics] TAGS`. */
export function decodePartitionErrors(body: Buffer): PartitionErrors {
  const reader = new WireReader(body);
  const throttleTimeMs = reader.int32();
  const partitions = readPartitionErrors(reader);
  reader.skipTags();
  return { throttleTimeMs, partitions };
}

/** `[topics]` of `name [partitions] TAGS`, partitions of `partition_index error_code TAGS`. */
function readPartitionErrors(reader: WireReader): PartitionError[] {
  return reader
    .array(() => {
      const topic = reader.string();
      const partitions = reader.array(() => {
        const answered = { topic, partition: reader.int32(), errorCode: reader.int16() };
        reader.skipTags();
        return answered;
      });
      reader.skipTags();
      return partitions;
    })
    .flat();
}
