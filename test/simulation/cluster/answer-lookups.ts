import { formatTopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type {
  DescribeProducersRequest,
  DescribeProducersResponse,
} from "../../../shared/kafka/protocol/describe-producers-v0.ts";
import {
  EARLIEST_TIMESTAMP,
  LATEST_TIMESTAMP,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
  type OffsetAnswer,
  type OffsetQuery,
} from "../../../shared/kafka/protocol/list-offsets-v7.ts";
import type { MetadataResponse, TopicDescription } from "../../../shared/kafka/protocol/metadata-v12.ts";
import type {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from "../../../shared/kafka/protocol/offset-for-leader-epoch-v4.ts";
import {
  BROKERS,
  brokerOf,
  endOffsetOf,
  type FakePartition,
  openTransactionsOf,
} from "../../support/kafka/fake-kafka-log.ts";
import type { ServedPartition, SimulatedCluster } from "./simulated-cluster.ts";

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const NOT_LEADER_OR_FOLLOWER = 6;
const FENCED_LEADER_EPOCH = 74;
const UNKNOWN_LEADER_EPOCH = 75;
const OFFSET_NOT_AVAILABLE = 78;

export function answerMetadata(
  cluster: SimulatedCluster,
  nodeId: number,
  topics: readonly string[] | undefined,
): MetadataResponse {
  return {
    throttleTimeMs: 0,
    brokers: Array.from({ length: BROKERS }, (_, index) => brokerOf(index + 1)),
    topics: (topics ?? cluster.log.topics()).map((name) => describeTopic(cluster, nodeId, name)),
  };
}

function describeTopic(cluster: SimulatedCluster, nodeId: number, name: string): TopicDescription {
  const numbers = Array.from({ length: cluster.log.partitionCount(name) }, (_, partition) => partition);
  const partitions = numbers.flatMap((partition) => cluster.log.partition({ topic: name, partition }) ?? []);
  const [first] = partitions;
  return {
    errorCode: first === undefined ? UNKNOWN_TOPIC_OR_PARTITION : 0,
    name,
    topicId: first?.topicId ?? "",
    isInternal: false,
    partitions: partitions.map((partition, index) => {
      const leader = cluster.leaderKnownTo(nodeId, partition);
      return { errorCode: 0, partition: index, leaderId: leader?.nodeId ?? -1, leaderEpoch: leader?.leaderEpoch ?? -1 };
    }),
  };
}

/** Which error a request of this epoch gets from the broker, 0 when it is served. */
export function epochError(served: ServedPartition | undefined, leaderEpoch: number): number {
  if (served === undefined) {
    return NOT_LEADER_OR_FOLLOWER;
  }
  const own = served.leader.leaderEpoch;
  if (leaderEpoch < 0 || leaderEpoch === own) {
    return 0;
  }
  return leaderEpoch < own ? FENCED_LEADER_EPOCH : UNKNOWN_LEADER_EPOCH;
}

export function answerListOffsets(
  cluster: SimulatedCluster,
  nodeId: number,
  { queries, isolationLevel }: ListOffsetsRequest,
): ListOffsetsResponse {
  return {
    throttleTimeMs: 0,
    answers: queries.map((query): OffsetAnswer => {
      const partition = cluster.log.partition(query);
      const answer = partition === undefined ? UNKNOWN_TOPIC_OR_PARTITION : undefined;
      const listed = partition === undefined ? answer : list(cluster, nodeId, { partition, query, isolationLevel });
      const { topic } = query;
      return typeof listed === "object"
        ? { topic, partition: query.partition, errorCode: 0, ...listed }
        : { topic, partition: query.partition, errorCode: listed ?? 0, offset: -1n, leaderEpoch: -1 };
    }),
  };
}

interface Question {
  readonly partition: FakePartition;
  readonly query: OffsetQuery;
  readonly isolationLevel: ListOffsetsRequest["isolationLevel"];
}

/** The answer, or an error code. */
function list(
  cluster: SimulatedCluster,
  nodeId: number,
  { partition, query, isolationLevel }: Question,
): Pick<OffsetAnswer, "offset" | "leaderEpoch"> | number {
  const served = cluster.servedBy(nodeId, partition);
  const error = epochError(served, query.leaderEpoch);
  if (served === undefined || error !== 0) {
    return error;
  }
  const { leaderEpoch } = served.leader;
  if (query.timestamp === EARLIEST_TIMESTAMP) {
    return { offset: partition.beginningOffset, leaderEpoch };
  }
  if (query.timestamp !== LATEST_TIMESTAMP) {
    throw new Error(`${formatTopicPartition(query)}: the simulated brokers know no timestamps`);
  }
  if (!served.isHighWatermarkKnown) {
    return OFFSET_NOT_AVAILABLE;
  }
  return { offset: visibleEnd(partition, served, isolationLevel), leaderEpoch };
}

/** What a reader may see at this broker. */
export function visibleEnd(
  partition: FakePartition,
  { highWatermark }: ServedPartition,
  isolationLevel: ListOffsetsRequest["isolationLevel"],
): bigint {
  const end = endOffsetOf(partition, isolationLevel);
  return end < highWatermark ? end : highWatermark;
}

export function answerEpoch(
  cluster: SimulatedCluster,
  nodeId: number,
  request: OffsetForLeaderEpochRequest,
): OffsetForLeaderEpochResponse {
  const partition = cluster.log.partition(request);
  const served = partition === undefined ? undefined : cluster.servedBy(nodeId, partition);
  const errorCode = epochError(served, request.currentLeaderEpoch);
  return partition === undefined || errorCode !== 0
    ? { throttleTimeMs: 0, errorCode: errorCode || UNKNOWN_TOPIC_OR_PARTITION, leaderEpoch: -1, endOffset: -1n }
    : { throttleTimeMs: 0, errorCode: 0, ...endOfEpoch(partition, request.leaderEpoch) };
}

export function answerProducers(
  cluster: SimulatedCluster,
  nodeId: number,
  { partitions }: DescribeProducersRequest,
): DescribeProducersResponse {
  return {
    throttleTimeMs: 0,
    partitions: partitions.map(({ topic, partition }) => {
      const found = cluster.log.partition({ topic, partition });
      const isServed = found !== undefined && cluster.servedBy(nodeId, found) !== undefined;
      const producers = isServed
        ? openTransactionsOf(found).map(({ startOffset, lastTimestamp, ...producer }) => ({
            ...producer,
            transactionStartOffset: startOffset,
            lastTimestamp: BigInt(lastTimestamp),
          }))
        : [];
      return { topic, partition, errorCode: isServed ? 0 : NOT_LEADER_OR_FOLLOWER, producers };
    }),
  };
}

/** As LeaderEpochFileCache.endOffsetFor: the largest epoch up to the one asked for, and where it ends. */
export function endOfEpoch(
  { epochs, stored }: FakePartition,
  leaderEpoch: number,
): { readonly leaderEpoch: number; readonly endOffset: bigint } {
  const next = epochs.find((epoch) => epoch.leaderEpoch > leaderEpoch);
  const present = epochs.findLast((epoch) => epoch.leaderEpoch <= leaderEpoch);
  if (next === undefined) {
    return present?.leaderEpoch === leaderEpoch
      ? { leaderEpoch, endOffset: BigInt(stored.length) }
      : { leaderEpoch: -1, endOffset: -1n };
  }
  return { leaderEpoch: present?.leaderEpoch ?? leaderEpoch, endOffset: next.startOffset };
}
