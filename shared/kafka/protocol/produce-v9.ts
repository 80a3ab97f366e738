// Produce v9
//
// Request  => transactional_id? acks timeout_ms [topics] TAGS
//   topics     => name [partitions] TAGS
//   partitions => index records TAGS                                      (exactly one batch of magic 2)
// Response => [topics] throttle_time_ms TAGS
//   topics        => name [partitions] TAGS
//   partitions    => index error_code base_offset log_append_time_ms log_start_offset [record_errors]
//                    error_message? TAGS
//   record_errors => batch_index message? TAGS

import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { ApiCall } from "./api-call.ts";
import { groupByTopic } from "./group-by-topic.ts";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

/** Answered when every replica in sync has the records. */
const ALL_REPLICAS = -1;

export interface ProducedBatch extends TopicPartition {
  readonly batch: Uint8Array;
}

export interface ProduceRequest {
  /** Null outside of transactions. */
  readonly transactionalId: string | null;
  /** How long the broker may wait for its replicas. */
  readonly timeoutMs: number;
  /** At most one of each partition. */
  readonly batches: readonly ProducedBatch[];
}

export interface ProducedPartition extends TopicPartition {
  readonly errorCode: number;
  /** Of the batch's first record; −1 where it was not taken. */
  readonly baseOffset: bigint;
  /** Which records of the batch the broker refused, where it says so, and why. */
  readonly recordErrors: readonly { readonly index: number; readonly message: string | null }[];
  readonly errorMessage: string | null;
}

export interface ProduceResponse {
  readonly throttleTimeMs: number;
  readonly partitions: readonly ProducedPartition[];
}

export const produceV9: ApiCall<ProduceRequest, ProduceResponse> = {
  name: "Produce",
  apiKey: 0,
  apiVersion: 9,

  encode({ transactionalId, timeoutMs, batches }) {
    const writer = new WireWriter().nullableString(transactionalId).int16(ALL_REPLICAS).int32(timeoutMs);
    writer.array(groupByTopic(batches), ([topic, ofTopic]) => {
      writer.string(topic);
      writer.array(ofTopic, ({ partition, batch }) => writer.int32(partition).sizedBytes(batch).tags()).tags();
    });
    return writer.tags().finish();
  },

  decode(body) {
    const reader = new WireReader(body);
    const partitions = reader.array(() => readTopic(reader)).flat();
    const throttleTimeMs = reader.int32();
    reader.skipTags();
    return { throttleTimeMs, partitions };
  },
};

function readTopic(reader: WireReader): ProducedPartition[] {
  const topic = reader.string();
  const partitions = reader.array(() => {
    const [partition, errorCode, baseOffset] = [reader.int32(), reader.int16(), reader.int64()];
    reader.bytes(16); // When it was appended, and where the log starts.
    const recordErrors = reader.array(() => readRecordError(reader));
    const answered = { topic, partition, errorCode, baseOffset, recordErrors, errorMessage: reader.nullableString() };
    reader.skipTags();
    return answered;
  });
  reader.skipTags();
  return partitions;
}

function readRecordError(reader: WireReader) {
  const error = { index: reader.int32(), message: reader.nullableString() };
  reader.skipTags();
  return error;
}
