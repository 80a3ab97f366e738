// Offset source
//
// What the planner needs to know of Kafka: which partitions exist, who leads
// them, and where their logs begin and end.

import type { TopicPartition } from "../range/topic-partition.ts";

/** What a reader may see: committed transactions only, or every record (Kafka's `isolation.level`). */
export type IsolationLevel = "read_committed" | "read_uncommitted";

/** Exactly one way to choose topics, as in Spark's Assign, Subscribe and SubscribePattern. */
export type SourceSelection =
  | { readonly assign: readonly TopicPartition[] }
  | { readonly topics: readonly string[] }
  /** A regular expression that must match the whole topic name, as topic-pattern.ts reads it. */
  | { readonly topicPattern: string };

/** A broker, as the cluster advertises it. */
export interface Broker {
  /** Kafka's `broker.id`. */
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  /** Its `broker.rack`; absent where it has none. */
  readonly rack?: string;
}

/** The broker that serves a partition. */
export interface PartitionLeader extends Broker {
  /** Grows with each change of the leader. */
  readonly leaderEpoch: number;
}

/** A partition that exists, with its topic's id and its leader. */
export interface PartitionMetadata extends TopicPartition {
  /** Lower-case UUID. */
  readonly topicId: string;
  /** Absent while the partition has no leader. */
  readonly leader?: PartitionLeader;
}

/** A topic that was named and may not be described: whether it exists is not known. */
export interface ForbiddenTopic {
  readonly topic: string;
  /** With the permission that is missing, and to whom. */
  readonly reason: string;
}

/** What a selection comes to in the cluster. */
export interface SourceMetadata {
  /** In topic and partition order. */
  readonly partitions: readonly PartitionMetadata[];
  /** What was named in the selection and does not exist: `orders`, or `orders-3` of an assignment. */
  readonly missing: readonly string[];
  /** Absent: none. A pattern matches only what may be described. */
  readonly forbidden?: readonly ForbiddenTopic[];
}

/** Kafka's `OffsetSpec`. A timestamp (ms) asks for the first offset whose timestamp is at least that. */
export type OffsetSpec = "earliest" | "latest" | { readonly timestamp: bigint };

/** An offset that was asked for, or why it is not known. */
export type ListedOffset =
  /** `offset` is undefined when no record has so late a timestamp. */
  | { readonly kind: "listed"; readonly offset: bigint | undefined; readonly leaderEpoch?: number }
  | { readonly kind: "failed"; readonly error: Error };

/** Undefined where none was listed, for whatever reason. */
export function listedOffset(listed: ListedOffset | undefined): bigint | undefined {
  return listed?.kind === "listed" ? listed.offset : undefined;
}

/** A producer's transaction that is neither committed nor aborted. */
export interface OpenTransaction {
  /** As brokers number them. */
  readonly producerId: bigint;
  /** Grows as the producer is fenced. */
  readonly producerEpoch: number;
  /** Of its first record in the partition. */
  readonly startOffset: bigint;
  /** Of the producer's last record there, in ms since the epoch by the producer's clock; absent where unknown. */
  readonly lastTimestamp?: number;
}

/** The open transactions of a partition, or why they are not known. */
export type ListedTransactions =
  | { readonly kind: "listed"; readonly transactions: readonly OpenTransaction[] }
  | { readonly kind: "failed"; readonly error: Error };

/** What a consumer group has committed, by partition as `formatTopicPartition` spells it. */
export interface GroupPosition {
  /** Whether somebody consumed with the group before the offsets were read. */
  readonly hasMembers: boolean;
  /** Without the partitions of which it has committed none. */
  readonly offsets: ReadonlyMap<string, bigint>;
}

/** What a cluster says of its partitions and their logs. */
export interface OffsetSource {
  /** Throws RangeReadError when no broker answers, ConfigurationError when the selection is not allowed. */
  describe(selection: SourceSelection): Promise<SourceMetadata>;
  /**
   * One answer per partition, in the order asked, with one request per broker.
   * "latest" is the last stable offset under read_committed, else the high watermark.
   */
  listOffsets(
    partitions: readonly PartitionMetadata[],
    spec: OffsetSpec,
    isolationLevel: IsolationLevel,
  ): Promise<readonly ListedOffset[]>;
  /** Where a leader epoch ends in the log, exclusive; an undefined offset where the log does not hold it (KIP-320). */
  endOfEpoch(partition: PartitionMetadata, leaderEpoch: number): Promise<ListedOffset>;
  /** One answer per partition, in the order asked, with one request per broker; a broker may not allow to ask. */
  openTransactions(partitions: readonly PartitionMetadata[]): Promise<readonly ListedTransactions[]>;
  /**
   * Waits for transactions under way that commit offsets to the group. Throws ConfigurationError where it may not be
   * asked, RangeReadError while no coordinator answers.
   */
  groupPosition(groupId: string, partitions: readonly TopicPartition[]): Promise<GroupPosition>;
  /** What brokers have told it to wait for a quota, in ms of all calls so far. */
  readonly throttleTimeMs: number;
  /** Ends its connections. */
  close(): Promise<void>;
}
