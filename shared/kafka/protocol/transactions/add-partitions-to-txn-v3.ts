// AddPartitionsToTxn v3
//
// Request  => transactional_id producer_id producer_epoch [topics] TAGS
//   topics  => name [partition] TAGS
// Response => throttle_time_ms [topics] TAGS
//   topics  => name [partitions] TAGS
//   partitions => partition_index error_code TAGS

import type { TopicPartition } from "../../../core/range/topic-partition.ts";
import type { ApiCall } from "../api-call.ts";
import { groupByTopic } from "../group-by-topic.ts";
import { decodePartitionErrors, type PartitionErrors } from "../groups/no-member.ts";
import { WireWriter } from "../wire-writer.ts";
import type { ProducerIdentity } from "./producer-identity.ts";

export interface AddPartitionsRequest extends ProducerIdentity {
  readonly partitions: readonly TopicPartition[];
}

export const addPartitionsToTxnV3: ApiCall<AddPartitionsRequest, PartitionErrors> = {
  name: "AddPartitionsToTxn",
  apiKey: 24,
  apiVersion: 3,

  encode({ transactionalId, producerId, producerEpoch, partitions }) {
    const writer = new WireWriter().string(transactionalId).int64(producerId).int16(producerEpoch);
    writer.array(groupByTopic(partitions), ([topic, added]) => {
      writer.string(topic);
      writer.array(added, ({ partition }) => writer.int32(partition)).tags();
    });
    return writer.tags().finish();
  },

  decode: decodePartitionErrors,
};
