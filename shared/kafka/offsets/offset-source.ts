// Kafka offset source
//
// The adapter of core's OffsetSource: which partitions exist, who leads them, and
// where their logs begin and end.

import { listNames, quote } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { compileTopicPattern } from "../../core/pattern/topic-pattern.ts";
import { compareTopicPartitions, formatTopicPartition, isTopicName } from "../../core/range/topic-partition.ts";
import type {
  Broker,
  ForbiddenTopic,
  OffsetSource,
  PartitionMetadata,
  SourceMetadata,
  SourceSelection,
} from "../../core/source/offset-source.ts";
import { type Cluster, type ClusterMetadata, openCluster } from "../cluster/cluster.ts";
import type { KafkaOptions } from "../connection/kafka-options.ts";
import { readGroupPosition } from "../groups/group-position.ts";
import { brokerError } from "../protocol/error-codes.ts";
import type { TopicDescription } from "../protocol/metadata-v12.ts";
import { refusalError } from "../refusals/connection-errors.ts";
import { findEpochEnd } from "./epoch-end.ts";
import { listOpenTransactions } from "./list-open-transactions.ts";
import { listPartitionOffsets } from "./list-partition-offsets.ts";

const TOPIC_AUTHORIZATION_FAILED = 29;

/** A source that may have several users at a time. */
export interface KafkaOffsetSource extends OffsetSource {
  /** The same source for one user: over the same connections, with that user's `throttleTimeMs`. */
  apart(): OffsetSource;
}

/** Connects when it is first asked. Throws ConfigurationError for options that cannot work. */
export function createKafkaOffsetSource(options: KafkaOptions): KafkaOffsetSource {
  const cluster = openCluster(options);
  return Object.assign(sourceOf(cluster), { apart: () => sourceOf(cluster.apart()) });
}

function sourceOf(cluster: Cluster): OffsetSource {
  return {
    describe: async (selection) => describe(cluster, selection),
    listOffsets: async (partitions, spec, isolationLevel) =>
      listPartitionOffsets(cluster, partitions, { spec, isolationLevel }),
    endOfEpoch: async (partition, leaderEpoch) => findEpochEnd(cluster, partition, leaderEpoch),
    openTransactions: async (partitions) => listOpenTransactions(cluster, partitions),
    groupPosition: async (groupId, partitions) => readGroupPosition(cluster, groupId, partitions),
    get throttleTimeMs() {
      return cluster.throttle.totalMs;
    },
    close: async () => cluster.close(),
  };
}

async function describe(cluster: Cluster, selection: SourceSelection): Promise<SourceMetadata> {
  if ("topicPattern" in selection) {
    const matches = compileTopicPattern(selection.topicPattern);
    const metadata = await cluster.metadata(undefined);
    const topics = metadata.topics.filter(({ name, isInternal }) => !isInternal && matches(name));
    return { partitions: partitionsOf(existing(topics), metadata.brokers), missing: [] };
  }
  const names = "topics" in selection ? selection.topics : selection.assign.map(({ topic }) => topic);
  const topics = [...new Set(names)];
  requireTopicNames(topics);
  const metadata = await cluster.metadata(topics);
  const forbidden = forbiddenTopics(metadata);
  const withheld = new Set(forbidden.map(({ topic }) => topic));
  const found = existing(metadata.topics.filter(({ name }) => !withheld.has(name)));
  const partitions = partitionsOf(found, metadata.brokers);
  const picked =
    "topics" in selection
      ? { partitions, missing: missingTopics(topics, [...found.map(({ name }) => name), ...withheld]) }
      : pickAssigned(
          selection.assign.filter(({ topic }) => !withheld.has(topic)),
          partitions,
        );
  return forbidden.length === 0 ? picked : { ...picked, forbidden };
}

/** Kafka answers so for every name that may not be described, whether there is a topic of it or not. */
function forbiddenTopics({ topics, principal }: ClusterMetadata): readonly ForbiddenTopic[] {
  return topics
    .filter(({ errorCode }) => errorCode === TOPIC_AUTHORIZATION_FAILED)
    .map(({ name: topic, errorCode }) => {
      const acl = { operation: "Describe", topic, principal } as const;
      return { topic, reason: refusalError(brokerError(errorCode), `describing topic ${topic}`, acl).message };
    });
}

function requireTopicNames(topics: readonly string[]): void {
  if (topics.length === 0) {
    throw new ConfigurationError("the selection names no topic");
  }
  const illegal = topics.filter((topic) => !isTopicName(topic));
  if (illegal.length > 0) {
    throw new ConfigurationError(`not a legal Kafka topic name: ${listNames(illegal.map((name) => quote(name)))}`);
  }
}

/** Topics that the broker could describe; throws when it refused one. */
function existing(topics: readonly TopicDescription[]): TopicDescription[] {
  return topics.filter((topic) => {
    const error = brokerError(topic.errorCode);
    if (error.reaction !== "none" && error.reaction !== "unknownTopic") {
      throw refusalError(error, `describing topic ${topic.name}`);
    }
    return error.reaction === "none";
  });
}

function partitionsOf(topics: readonly TopicDescription[], brokers: readonly Broker[]): PartitionMetadata[] {
  const byNodeId = new Map(brokers.map((broker) => [broker.nodeId, broker]));
  return topics
    .flatMap(({ name, topicId, partitions }) =>
      partitions.map(({ partition, leaderId, leaderEpoch }): PartitionMetadata => {
        const broker = byNodeId.get(leaderId);
        const leader = broker === undefined ? {} : { leader: { ...broker, leaderEpoch } };
        return { topic: name, partition, topicId, ...leader };
      }),
    )
    .sort(compareTopicPartitions);
}

function missingTopics(topics: readonly string[], known: readonly string[]): string[] {
  const names = new Set(known);
  return topics.filter((topic) => !names.has(topic));
}

function pickAssigned(
  assign: readonly { readonly topic: string; readonly partition: number }[],
  partitions: readonly PartitionMetadata[],
): SourceMetadata {
  const wanted = new Set(assign.map(formatTopicPartition));
  const picked = partitions.filter((partition) => wanted.has(formatTopicPartition(partition)));
  const found = new Set(picked.map(formatTopicPartition));
  return { partitions: picked, missing: [...wanted].filter((name) => !found.has(name)) };
}
