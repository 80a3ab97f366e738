// DescribeProducers v0
//
// Request  => [topics] TAGS
//   topics => name [partition_indexes int32] TAGS
// Response => throttle_time_ms [topics] TAGS
//   topics           => name [partitions] TAGS
//   partitions       => partition_index error_code error_message? [active_producers] TAGS
//   active_producers => producer_id producer_epoch int32 last_sequence last_timestamp coordinator_epoch
//                       current_txn_start_offset TAGS
//
// Asked of a partition's leader; it needs READ on the topic (KIP-664).

import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { ApiCall } from "./api-call.ts";
import { groupByTopic } from "./group-by-topic.ts";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

export interface DescribeProducersRequest {
  readonly partitions: readonly TopicPartition[];
}

export interface ActiveProducer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Of its last record, in ms; −1 when unknown. */
  readonly lastTimestamp: bigint;
  /** −1 when it has no transaction open. */
  readonly transactionStartOffset: bigint;
}

export interface PartitionProducers extends TopicPartition {
  readonly errorCode: number;
  readonly producers: readonly ActiveProducer[];
}

export interface DescribeProducersResponse {
  readonly throttleTimeMs: number;
  readonly partitions: readonly PartitionProducers[];
}

export const describeProducersV0: ApiCall<DescribeProducersRequest, DescribeProducersResponse> = {
  name: "DescribeProducers",
  apiKey: 61,
  apiVersion: 0,

  encode({ partitions }) {
    const writer = new WireWriter();
    writer.array(groupByTopic(partitions), ([topic, ofTopic]) => {
      writer
        .string(topic)
        .array(ofTopic, ({ partition }) => writer.int32(partition))
        .tags();
    });
    return writer.tags().finish();
  },

  decode(body) {
    const reader = new WireReader(body);
    const throttleTimeMs = reader.int32();
    const partitions = reader.array(() => readTopic(reader)).flat();
    reader.skipTags();
    return { throttleTimeMs, partitions };
  },
};

function readTopic(reader: WireReader): PartitionProducers[] {
  const topic = reader.string();
  const partitions = reader.array(() => {
    const partition = reader.int32();
    const errorCode = reader.int16();
    reader.nullableString(); // Error message: the code says it.
    const producers = reader.array(() => readProducer(reader));
    reader.skipTags();
    return { topic, partition, errorCode, producers };
  });
  reader.skipTags();
  return partitions;
}

function readProducer(reader: WireReader): ActiveProducer {
  const producerId = reader.int64();
  const producerEpoch = reader.int32();
  reader.int32(); // Last sequence.
  const lastTimestamp = reader.int64();
  reader.int32(); // Coordinator epoch.
  const producer = { producerId, producerEpoch, lastTimestamp, transactionStartOffset: reader.int64() };
  reader.skipTags();
  return producer;
}
