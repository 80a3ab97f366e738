// TxnOffsetCommit v3
//
// Request  => transactional_id group_id producer_id producer_epoch generation_id member_id group_instance_id?
//             [topics] TAGS
//   topics     => name [partitions] TAGS
//   partitions => partition_index committed_offset committed_leader_epoch committed_metadata? TAGS
// Response => throttle_time_ms [topics] TAGS
//   topics     => name [partitions] TAGS
//   partitions => partition_index error_code TAGS
//
// Of one partition, and by no member of the group.

import type { TopicPartition } from "../../../core/range/topic-partition.ts";
import type { ApiCall } from "../api-call.ts";
import {
  decodePartitionErrors,
  NO_GENERATION,
  NO_LEADER_EPOCH,
  NO_MEMBER,
  type PartitionErrors,
} from "../groups/no-member.ts";
import { WireWriter } from "../wire-writer.ts";
import type { ProducerIdentity } from "./producer-identity.ts";

export interface TxnOffsetCommitRequest extends ProducerIdentity, TopicPartition {
  readonly groupId: string;
  readonly offset: bigint;
  readonly metadata: string;
}

export const txnOffsetCommitV3: ApiCall<TxnOffsetCommitRequest, PartitionErrors> = {
  name: "TxnOffsetCommit",
  apiKey: 28,
  apiVersion: 3,

  encode({ transactionalId, groupId, producerId, producerEpoch, topic, partition, offset, metadata }) {
    const writer = new WireWriter().string(transactionalId).string(groupId).int64(producerId).int16(producerEpoch);
    writer.int32(NO_GENERATION).string(NO_MEMBER).nullableString(null);
    writer.array([topic], () => {
      writer.string(topic).array([partition], () => {
        writer.int32(partition).int64(offset).int32(NO_LEADER_EPOCH).string(metadata).tags();
      });
      writer.tags();
    });
    return writer.tags().finish();
  },

  decode: decodePartitionErrors,
};
