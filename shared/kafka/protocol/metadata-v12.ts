// Metadata v12
//
// Request  => [topics] allow_auto_topic_creation include_topic_authorized_operations TAGS
//   topics => topic_id name? TAGS                          (absent array: every topic)
// Response => throttle_time_ms [brokers] cluster_id? controller_id [topics] TAGS
//   brokers    => node_id host port rack? TAGS
//   topics     => error_code name? topic_id is_internal [partitions] topic_authorized_operations TAGS
//   partitions => error_code partition_index leader_id leader_epoch [replicas] [isr] [offline_replicas] TAGS

import type { Broker } from "../../core/source/offset-source.ts";
import type { ApiCall } from "./api-call.ts";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

const NO_TOPIC_ID = "00000000-0000-0000-0000-000000000000";

export interface MetadataRequest {
  /** By name; every topic when undefined. */
  readonly topics: readonly string[] | undefined;
}

export interface PartitionDescription {
  readonly errorCode: number;
  readonly partition: number;
  /** −1 while there is none. */
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export interface TopicDescription {
  readonly errorCode: number;
  readonly name: string;
  /** Lower-case UUID. */
  readonly topicId: string;
  readonly isInternal: boolean;
  readonly partitions: readonly PartitionDescription[];
}

export interface MetadataResponse {
  readonly throttleTimeMs: number;
  readonly brokers: readonly Broker[];
  readonly topics: readonly TopicDescription[];
}

export const metadataV12: ApiCall<MetadataRequest, MetadataResponse> = {
  name: "Metadata",
  apiKey: 3,
  apiVersion: 12,

  encode({ topics }) {
    const writer = new WireWriter();
    writer.array(topics ?? null, (name) => writer.uuid(NO_TOPIC_ID).string(name).tags());
    // A read never creates the topic it asks for.
    return writer.boolean(false).boolean(false).tags().finish();
  },

  decode(body) {
    const reader = new WireReader(body);
    const throttleTimeMs = reader.int32();
    const brokers = reader.array(() => readBroker(reader));
    reader.nullableString(); // Cluster id.
    reader.int32(); // Controller id.
    const topics = reader.array(() => readTopic(reader));
    reader.skipTags();
    return { throttleTimeMs, brokers, topics };
  },
};

function readBroker(reader: WireReader): Broker {
  const broker = { nodeId: reader.int32(), host: reader.string(), port: reader.int32() };
  const rack = reader.nullableString() ?? "";
  reader.skipTags();
  return rack === "" ? broker : { ...broker, rack };
}

function readTopic(reader: WireReader): TopicDescription {
  const topic = {
    errorCode: reader.int16(),
    name: reader.string(),
    topicId: reader.uuid(),
    isInternal: reader.boolean(),
    partitions: reader.array(() => readPartition(reader)),
  };
  reader.int32(); // Authorized operations.
  reader.skipTags();
  return topic;
}

function readPartition(reader: WireReader): PartitionDescription {
  const partition = {
    errorCode: reader.int16(),
    partition: reader.int32(),
    leaderId: reader.int32(),
    leaderEpoch: reader.int32(),
  };
  for (let list = 0; list < 3; list++) {
    reader.array(() => reader.int32()); // Replicas, in-sync replicas, offline replicas.
  }
  reader.skipTags();
  return partition;
}
