// OffsetForLeaderEpoch v4
//
// Request  => replica_id [topics] TAGS
//   topics     => topic [partitions] TAGS
//   partitions => partition current_leader_epoch leader_epoch TAGS
// Response => throttle_time_ms [topics] TAGS
//   topics     => topic [partitions] TAGS
//   partitions => error_code partition leader_epoch end_offset TAGS

import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { ApiCall } from "./api-call.ts";
import { WireError, WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

export interface OffsetForLeaderEpochRequest extends TopicPartition {
  /** The epoch of the leader that is asked; −1 when unknown. */
  readonly currentLeaderEpoch: number;
  /** The epoch whose end is wanted. */
  readonly leaderEpoch: number;
}

export interface OffsetForLeaderEpochResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  /** The largest epoch up to the one asked for that the log holds; −1 when it knows none. */
  readonly leaderEpoch: number;
  /** Exclusive: where that epoch ends; −1 when unknown. */
  readonly endOffset: bigint;
}

export const offsetForLeaderEpochV4: ApiCall<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> = {
  name: "OffsetForLeaderEpoch",
  apiKey: 23,
  apiVersion: 4,

  encode({ topic, partition, currentLeaderEpoch, leaderEpoch }) {
    const writer = new WireWriter();
    writer.int32(-1);
    writer.array([topic], () => {
      writer.string(topic);
      writer.array([partition], () => writer.int32(partition).int32(currentLeaderEpoch).int32(leaderEpoch).tags());
      writer.tags();
    });
    return writer.tags().finish();
  },

  decode(body) {
    const reader = new WireReader(body);
    const throttleTimeMs = reader.int32();
    const [answer, ...others] = reader.array(() => readTopic(reader)).flat();
    reader.skipTags();
    if (answer === undefined || others.length > 0) {
      throw new WireError(`one partition was asked for, ${others.length} others were answered`);
    }
    return { throttleTimeMs, ...answer };
  },
};

function readTopic(reader: WireReader): Omit<OffsetForLeaderEpochResponse, "throttleTimeMs">[] {
  reader.string();
  const answers = reader.array(() => {
    const errorCode = reader.int16();
    reader.int32(); // Partition.
    const answer = { errorCode, leaderEpoch: reader.int32(), endOffset: reader.int64() };
    reader.skipTags();
    return answer;
  });
  reader.skipTags();
  return answers;
}
