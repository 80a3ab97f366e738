// ListOffsets v7
//
// Request  => replica_id isolation_level [topics] TAGS
//   topics     => name [partitions] TAGS
//   partitions => partition_index current_leader_epoch timestamp TAGS
// Response => throttle_time_ms [topics] TAGS
//   topics     => name [partitions] TAGS
//   partitions => partition_index error_code timestamp offset leader_epoch TAGS

import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { IsolationLevel } from "../../core/source/offset-source.ts";
import type { ApiCall } from "./api-call.ts";
import { groupByTopic } from "./group-by-topic.ts";
import { isolationByte } from "./isolation-byte.ts";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

/** Special timestamps: the end that the isolation level shows, and the log's beginning. */
export const LATEST_TIMESTAMP = -1n;
export const EARLIEST_TIMESTAMP = -2n;

export interface OffsetQuery extends TopicPartition {
  /** −1 when unknown: the broker then checks nothing. */
  readonly leaderEpoch: number;
  readonly timestamp: bigint;
}

export interface ListOffsetsRequest {
  readonly isolationLevel: IsolationLevel;
  readonly queries: readonly OffsetQuery[];
}

export interface OffsetAnswer extends TopicPartition {
  readonly errorCode: number;
  /** −1 when no record has so late a timestamp. */
  readonly offset: bigint;
  /** −1 when unknown. */
  readonly leaderEpoch: number;
}

export interface ListOffsetsResponse {
  readonly throttleTimeMs: number;
  /** In the broker's order. */
  readonly answers: readonly OffsetAnswer[];
}

export const listOffsetsV7: ApiCall<ListOffsetsRequest, ListOffsetsResponse> = {
  name: "ListOffsets",
  apiKey: 2,
  apiVersion: 7,

  encode({ isolationLevel, queries }) {
    const writer = new WireWriter();
    writer.int32(-1).int8(isolationByte(isolationLevel));
    writer.array(groupByTopic(queries), ([topic, partitions]) => {
      writer.string(topic);
      writer.array(partitions, ({ partition, leaderEpoch, timestamp }) =>
        writer.int32(partition).int32(leaderEpoch).int64(timestamp).tags(),
      );
      writer.tags();
    });
    return writer.tags().finish();
  },

  decode(body) {
    const reader = new WireReader(body);
    const throttleTimeMs = reader.int32();
    const answers = reader.array(() => readTopic(reader)).flat();
    reader.skipTags();
    return { throttleTimeMs, answers };
  },
};

function readTopic(reader: WireReader): OffsetAnswer[] {
  const topic = reader.string();
  const answers = reader.array(() => {
    const partition = reader.int32();
    const errorCode = reader.int16();
    reader.int64(); // Timestamp of the record found.
    const answer = { topic, partition, errorCode, offset: reader.int64(), leaderEpoch: reader.int32() };
    reader.skipTags();
    return answer;
  });
  reader.skipTags();
  return answers;
}
