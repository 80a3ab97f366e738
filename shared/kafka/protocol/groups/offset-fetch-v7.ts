// OffsetFetch v7
//
// Request  => group_id [topics]? require_stable TAGS
//   topics     => name [partition_index] TAGS
// Response => throttle_time_ms [topics] error_code TAGS
//   topics     => name [partitions] TAGS
//   partitions => partition_index committed_offset committed_leader_epoch metadata? error_code TAGS
//
// Stable is what no transaction under way may still change: without it a broker answers
// for a while with what was before a transaction that has already been committed (KIP-447).

import type { TopicPartition } from "../../../core/range/topic-partition.ts";
import type { ApiCall } from "../api-call.ts";
import { groupByTopic } from "../group-by-topic.ts";
import { WireReader } from "../wire-reader.ts";
import { WireWriter } from "../wire-writer.ts";

export interface OffsetFetchRequest {
  readonly groupId: string;
  /** "all" that the group has an offset of. */
  readonly partitions: readonly TopicPartition[] | "all";
  readonly isStable: boolean;
}

export interface FetchedOffset extends TopicPartition {
  readonly errorCode: number;
  /** −1 where the group has none. */
  readonly offset: bigint;
  readonly metadata: string;
}

export interface OffsetFetchResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly offsets: readonly FetchedOffset[];
}

export const offsetFetchV7: ApiCall<OffsetFetchRequest, OffsetFetchResponse> = {
  name: "OffsetFetch",
  apiKey: 9,
  apiVersion: 7,

  encode({ groupId, partitions, isStable }) {
    const writer = new WireWriter().string(groupId);
    writer.array(partitions === "all" ? null : groupByTopic(partitions), ([topic, asked]) => {
      writer.string(topic);
      writer.array(asked, ({ partition }) => writer.int32(partition)).tags();
    });
    return writer.boolean(isStable).tags().finish();
  },

  decode(body) {
    const reader = new WireReader(body);
    const throttleTimeMs = reader.int32();
    const offsets = reader.array(() => readTopic(reader)).flat();
    const errorCode = reader.int16();
    reader.skipTags();
    return { throttleTimeMs, errorCode, offsets };
  },
};

function readTopic(reader: WireReader): FetchedOffset[] {
  const topic = reader.string();
  const offsets = reader.array(() => {
    const [partition, offset] = [reader.int32(), reader.int64()];
    reader.int32(); // Leader epoch.
    const fetched = { topic, partition, offset, metadata: reader.string(), errorCode: reader.int16() };
    reader.skipTags();
    return fetched;
  });
  reader.skipTags();
  return offsets;
}
