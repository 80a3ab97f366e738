// Fake Kafka log
//
// What Kafka keeps, without a broker: topics with ids, and per partition a log of
// offsets with a beginning, a high watermark and a last stable offset. Offset
// sources and range readers over it are fake-offset-source.ts and
// fake-range-reader.ts.
//
// - An offset is given out once and keeps its record, until it is compacted or truncated away.
// - The last stable offset is the first offset of the oldest open transaction,
//   else the high watermark.
// - A re-created topic has another id and begins again at offset 0.

import assert from "node:assert/strict";
import { formatTopicPartition, type TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type {
  Broker,
  IsolationLevel,
  OpenTransaction,
  PartitionLeader,
} from "../../../shared/core/source/offset-source.ts";

/** Node ids from 1. */
export const BROKERS = 3;

/** What one offset of a log holds. */
export interface StoredOffset {
  readonly offset: bigint;
  /** "absent": compacted away. */
  readonly kind: "record" | "marker" | "absent";
  readonly value: string;
  readonly timestamp: bigint;
  /** Offsets of one stored record batch share it. */
  readonly batch: number;
  /** Of the leader that appended it. */
  readonly leaderEpoch: number;
  /** The transaction that wrote it. */
  readonly transaction?: FakeTransaction;
}

export interface FakeTransaction {
  readonly producerId: bigint;
  state: "open" | "committed" | "aborted";
  /** It was committed, until a truncation took its marker: whoever read it before then saw its records. */
  wasCommitted?: true;
}

export interface FakePartition {
  readonly topicId: string;
  beginningOffset: bigint;
  leader: PartitionLeader | undefined;
  readonly stored: StoredOffset[];
  /** Where each leader began to append, by ascending epoch. */
  readonly epochs: EpochStart[];
}

export interface EpochStart {
  readonly leaderEpoch: number;
  readonly startOffset: bigint;
}

export interface FakeKafkaLog {
  /** Answers the topic's id; creating it again after `deleteTopic` gives another. */
  createTopic(topic: string, partitionCount: number): string;
  addPartition(topic: string): void;
  deleteTopic(topic: string): void;
  topics(): readonly string[];
  /** Undefined when there is none. */
  partition(of: TopicPartition): FakePartition | undefined;
  partitionCount(topic: string): number;
  /** Appends one record batch. */
  append(to: TopicPartition, values: readonly string[]): void;
  /** Appends one record batch of a transaction that stays open until `endTransaction`; one of its own unless given. */
  appendInTransaction(to: TopicPartition, values: readonly string[], transaction?: FakeTransaction): FakeTransaction;
  /** Appends the transaction's marker. */
  endTransaction(to: TopicPartition, transaction: FakeTransaction, state: "committed" | "aborted"): void;
  /** Takes the records at these offsets away, as compaction does. */
  compact(from: TopicPartition, offsets: readonly bigint[]): void;
  /** DeleteRecords, or retention: the log begins at `beginningOffset` from now on. */
  deleteBelow(from: TopicPartition, beginningOffset: bigint): void;
  /** A clean election: the log stays as it is, under a new epoch. */
  elect(of: TopicPartition, nodeId: number): void;
  /** An unclean election: the log ends at `endOffset`, under a new epoch. */
  truncate(from: TopicPartition, endOffset: bigint): void;
}

export function createFakeKafkaLog(now: () => number): FakeKafkaLog {
  const topics = new Map<string, readonly FakePartition[]>();
  let ids = 0;
  let batches = 0;

  const find = ({ topic, partition }: TopicPartition) => topics.get(topic)?.[partition];
  const get = (of: TopicPartition) => {
    const partition = find(of);
    assert.ok(partition !== undefined, `${formatTopicPartition(of)} does not exist`);
    return partition;
  };
  const add = (
    to: TopicPartition,
    values: readonly string[],
    written: Pick<StoredOffset, "kind" | "transaction">,
  ): void => {
    const { stored, epochs } = get(to);
    const leaderEpoch = epochs.at(-1)?.leaderEpoch ?? 0;
    batches += 1;
    for (const value of values) {
      stored.push({
        offset: BigInt(stored.length),
        value,
        timestamp: BigInt(now()),
        batch: batches,
        leaderEpoch,
        ...written,
      });
    }
  };

  return {
    createTopic: (topic, partitionCount) => {
      assert.ok(!topics.has(topic), `${topic} exists`);
      ids += 1;
      const topicId = `0b0d6d40-6f25-4a3b-8c55-${ids.toString().padStart(12, "0")}`;
      topics.set(
        topic,
        Array.from({ length: partitionCount }, (_, index) => emptyPartition(topicId, index)),
      );
      return topicId;
    },
    addPartition: (topic) => {
      const partitions = topics.get(topic) ?? [];
      assert.ok(partitions[0] !== undefined, `${topic} does not exist`);
      topics.set(topic, [...partitions, emptyPartition(partitions[0].topicId, partitions.length)]);
    },
    deleteTopic: (topic) => void topics.delete(topic),
    topics: () => [...topics.keys()].sort(),
    partition: find,
    partitionCount: (topic) => topics.get(topic)?.length ?? 0,
    append: (to, values) => add(to, values, { kind: "record" }),
    appendInTransaction: (to, values, transaction = { state: "open", producerId: BigInt(batches) }) => {
      add(to, values, { kind: "record", transaction });
      return transaction;
    },
    endTransaction: (to, transaction, state) => {
      add(to, [""], { kind: "marker", transaction });
      transaction.state = state;
    },
    compact: (from, offsets) => {
      const { stored } = get(from);
      for (const offset of offsets) {
        const present = stored[Number(offset)];
        assert.ok(present !== undefined, `offset ${offset} does not exist`);
        stored[Number(offset)] = { ...present, kind: "absent" };
      }
    },
    deleteBelow: (from, beginningOffset) => {
      const partition = get(from);
      partition.beginningOffset = beginningOffset;
    },
    elect: (of, nodeId) => {
      const partition = get(of);
      partition.leader = { ...brokerOf(nodeId), leaderEpoch: beginEpoch(partition) };
    },
    truncate: (from, endOffset) => {
      const partition = get(from);
      const removed = partition.stored.splice(Number(endOffset));
      for (const { kind, transaction } of removed) {
        if (kind === "marker" && transaction !== undefined) {
          // A transaction that lost its marker goes on.
          Object.assign(transaction, transaction.state === "committed" ? { wasCommitted: true } : {}, {
            state: "open",
          });
        }
      }
      const kept = partition.epochs.filter(({ startOffset }) => startOffset < endOffset);
      const leaderEpoch = beginEpoch(partition);
      partition.epochs.splice(0, partition.epochs.length, ...kept, { leaderEpoch, startOffset: endOffset });
      partition.leader &&= { ...partition.leader, leaderEpoch };
    },
  };
}

/** The exclusive end that a reader of this isolation level may see. */
export function endOffsetOf({ stored }: FakePartition, isolationLevel: IsolationLevel): bigint {
  const open =
    isolationLevel === "read_committed" ? stored.find(({ transaction }) => transaction?.state === "open") : undefined;
  return open?.offset ?? BigInt(stored.length);
}

/** Of the oldest first; each has its last record's timestamp. */
export function openTransactionsOf({ stored }: FakePartition): readonly Required<OpenTransaction>[] {
  const open = stored.filter(({ transaction }) => transaction?.state === "open");
  return [...Map.groupBy(open, ({ transaction }) => transaction?.producerId ?? -1n)].map(([producerId, records]) => ({
    producerId,
    producerEpoch: 0,
    startOffset: records[0]?.offset ?? -1n,
    lastTimestamp: Number(records.at(-1)?.timestamp),
  }));
}

export function brokerOf(nodeId: number): Broker {
  return { nodeId, host: `kafka-${nodeId}`, port: 9092 };
}

function emptyPartition(topicId: string, index: number): FakePartition {
  const leader = { ...brokerOf((index % BROKERS) + 1), leaderEpoch: 0 };
  return { topicId, beginningOffset: 0n, leader, stored: [], epochs: [{ leaderEpoch: 0, startOffset: 0n }] };
}

/** Answers the epoch that begins at the log's end. */
function beginEpoch({ epochs, stored }: FakePartition): number {
  const leaderEpoch = (epochs.at(-1)?.leaderEpoch ?? 0) + 1;
  epochs.push({ leaderEpoch, startOffset: BigInt(stored.length) });
  return leaderEpoch;
}
