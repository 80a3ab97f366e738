// OffsetCommit v8
//
// Request  => group_id generation_id member_id group_instance_id? [topics] TAGS
//   topics     => name [partitions] TAGS
//   partitions => partition_index committed_offset committed_leader_epoch committed_metadata? TAGS
// Response => throttle_time_ms [topics] TAGS
//   topics     => name [partitions] TAGS
//   partitions => partition_index error_code TAGS
//
// By nobody of the group: generation −1 and no member, which a broker takes while the
// group has no members.

import type { GroupOffset } from "../../../core/source/group-offsets.ts";
import type { ApiCall } from "../api-call.ts";
import { groupByTopic } from "../group-by-topic.ts";
import { WireWriter } from "../wire-writer.ts";
import { decodePartitionErrors, NO_GENERATION, NO_LEADER_EPOCH, NO_MEMBER, type PartitionErrors } from "./no-member.ts";

export interface OffsetCommitRequest {
  readonly groupId: string;
  readonly offsets: readonly GroupOffset[];
}

export const offsetCommitV8: ApiCall<OffsetCommitRequest, PartitionErrors> = {
  name: "OffsetCommit",
  apiKey: 8,
  apiVersion: 8,

  encode({ groupId, offsets }) {
    const writer = new WireWriter().string(groupId).int32(NO_GENERATION).string(NO_MEMBER).nullableString(null);
    writer.array(groupByTopic(offsets), ([topic, committed]) => {
      writer.string(topic);
      writer.array(committed, ({ partition, offset }) =>
        writer.int32(partition).int64(offset).int32(NO_LEADER_EPOCH).string("").tags(),
      );
      writer.tags();
    });
    return writer.tags().finish();
  },

  decode: decodePartitionErrors,
};
