// Record producer
//
// Appends single records, each acknowledged by every replica in sync. It has no producer
// id: a record whose answer got lost is appended again, and whoever reads tells copies apart.
// A record that `append` resolves for is in the log; one that it rejects for may be.

import { BatchProcessorError, ConfigurationError, RangeReadError } from "../../core/errors.ts";
import type { TopicPartition } from "../../core/range/topic-partition.ts";
import { type Cluster, type ClusterMetadata, openCluster } from "../cluster/cluster.ts";
import type { KafkaOptions } from "../connection/kafka-options.ts";
import { MAX_LOOKUP_TRIES, PRODUCE_TIMEOUT_MS, PROGRESS_TIMEOUT_MS } from "../limits.ts";
import { brokerError } from "../protocol/error-codes.ts";
import { produceV9 } from "../protocol/produce-v9.ts";
import { ProgressClock } from "../read/progress-clock.ts";
import { refusalError } from "../refusals/connection-errors.ts";
import { encodeBatch, type NewRecord } from "./encode-batch.ts";

export interface AppendedRecord extends TopicPartition {
  readonly offset: bigint;
}

/** The topic takes no record of this size: another one, shorter, it may take. */
export class RecordTooLargeError extends BatchProcessorError {
  override readonly name = "RecordTooLargeError";
  readonly retryable = false;
}

export interface RecordProducer {
  /**
   * `partitionOf` is given how many partitions the topic has. Throws RecordTooLargeError, ConfigurationError for a
   * topic that is missing, compacted or may not be written, and RangeReadError while no broker takes it.
   */
  append(topic: string, record: NewRecord, partitionOf: (partitions: number) => number): Promise<AppendedRecord>;
  close(): void;
}

/** Connects when it first appends. Throws ConfigurationError for options that cannot work. */
export function createRecordProducer(options: KafkaOptions): RecordProducer {
  const cluster = openCluster(options);
  return {
    append: (topic, record, partitionOf) => append(cluster, { topic, batch: encodeBatch(record), partitionOf }),
    close: () => cluster.close(),
  };
}

interface Append {
  readonly topic: string;
  readonly batch: Buffer;
  readonly partitionOf: (partitions: number) => number;
}

/** As if of an unknown partition: the broker says nothing of what was asked. */
const NOT_ANSWERED = { errorCode: 3, errorMessage: null, baseOffset: -1n } as const;

async function append(cluster: Cluster, asked: Append): Promise<AppendedRecord> {
  const clock = new ProgressClock(`writing to topic ${asked.topic}`, PROGRESS_TIMEOUT_MS, cluster.throttle);
  for (let tries = 1; ; tries += 1) {
    try {
      return await appendOnce(cluster, asked);
    } catch (error) {
      if (!(error instanceof RangeReadError) || tries >= MAX_LOOKUP_TRIES) {
        throw error;
      }
      await clock.pause({ why: error.message });
    }
  }
}

async function appendOnce(cluster: Cluster, { topic, batch, partitionOf }: Append): Promise<AppendedRecord> {
  const metadata = await cluster.metadata([topic]);
  const { partition, leader } = leaderOf(metadata, topic, partitionOf);
  const request = { transactionalId: null, timeoutMs: PRODUCE_TIMEOUT_MS, batches: [{ topic, partition, batch }] };
  const { partitions } = await cluster.call(leader, produceV9, { request });
  const [answer = NOT_ANSWERED] = partitions;
  const { errorCode, errorMessage, baseOffset } = answer;
  const error = brokerError(errorCode);
  if (error.reaction === "none") {
    return { topic, partition, offset: baseOffset };
  }
  const what = `writing to topic ${topic}`;
  if (tooLarge.has(error.name)) {
    throw new RecordTooLargeError(`${what}: ${batch.length} bytes are more than its max.message.bytes`);
  }
  if (error.name === "INVALID_RECORD") {
    throw new ConfigurationError(
      `${what} was refused: ${error.name}${errorMessage === null ? "" : `, ${errorMessage}`}; a topic of dead letters is not compacted: set its cleanup.policy to delete`,
    );
  }
  if (later.has(error.name)) {
    throw new RangeReadError(`${what} failed: ${error.name} (${errorCode})`);
  }
  throw refusalError(error, what, { operation: "Write", topic, principal: metadata.principal });
}

const tooLarge: ReadonlySet<string> = new Set(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]);
/** Of a write alone; what a read may be answered as well is in ../protocol/error-codes.ts. */
const later: ReadonlySet<string> = new Set(["NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND"]);

function leaderOf({ topics, brokers, principal }: ClusterMetadata, topic: string, partitionOf: Append["partitionOf"]) {
  const found = topics.find(({ name }) => name === topic);
  const error = brokerError(found?.errorCode ?? 3);
  if (error.reaction === "unknownTopic") {
    throw new ConfigurationError(`topic ${topic} does not exist; create it, or name another one`);
  }
  if (found === undefined || error.reaction !== "none") {
    throw refusalError(error, `looking up topic ${topic}`, { operation: "Describe", topic, principal });
  }
  const partition = partitionOf(found.partitions.length);
  const described = found.partitions.find((one) => one.partition === partition);
  const leader = brokers.find(({ nodeId }) => nodeId === described?.leaderId);
  if (leader === undefined) {
    throw new RangeReadError(`partition ${partition} of topic ${topic} has no leader`);
  }
  return { partition, leader };
}
