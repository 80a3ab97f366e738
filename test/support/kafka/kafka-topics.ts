import { randomUUID } from "node:crypto";
import {
  type Admin,
  type CompressionTypes,
  type IHeaders,
  Kafka,
  logLevel,
  type Producer,
  type RecordMetadata,
  type Transaction,
} from "kafkajs";
import { createServedTopics } from "../../../functions/local/topics/create-served-topics.ts";
import { waitUntil } from "../wait-until.ts";

const MARKER_DEADLINE_MS = 10_000;

export interface TestRecord {
  /** @default 0 */
  readonly partition?: number;
  /** @default null */
  readonly key?: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: IHeaders;
  /** In milliseconds. @default the client's clock */
  readonly timestamp?: bigint;
}

export interface TopicOptions {
  /** @default a unique one */
  readonly name?: string;
  /** @default 1 */
  readonly partitions?: number;
  /** @default 1 */
  readonly replicationFactor?: number;
  /** Topic configuration, such as `cleanup.policy`. @default none */
  readonly config?: Readonly<Record<string, string>>;
}

/** Makes topics and fills them, for tests: all through the public interface of kafkajs. */
export interface KafkaTopics {
  readonly admin: Admin;
  /** Creates a topic of a unique name and returns the name once each partition's leader serves it. */
  create(options?: TopicOptions): Promise<string>;
  /** One request, hence one record batch per partition, acknowledged by all in-sync replicas. */
  produce(topic: string, records: readonly TestRecord[], compression?: CompressionTypes): Promise<RecordMetadata[]>;
  /**
   * One transaction of a producer of its own, ended as asked. Its markers are in the log when this returns, except
   * behind an open transaction, where kafkajs cannot see them. "open" leaves it to `close`, which aborts it.
   */
  produceTransaction(topic: string, records: readonly TestRecord[], end: "commit" | "abort" | "open"): Promise<void>;
  /** Moves the log's beginning (DeleteRecords). */
  deleteRecords(topic: string, partition: number, beforeOffset: bigint): Promise<void>;
  /** The last stable offset by partition: the end of the log where no transaction is open. */
  stableOffsets(topic: string): Promise<ReadonlyMap<number, bigint>>;
  close(): Promise<void>;
}

export async function connectKafkaTopics(bootstrapServers: string): Promise<KafkaTopics> {
  const kafka = new Kafka({ brokers: bootstrapServers.split(","), clientId: "tests", logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await Promise.all([admin.connect(), producer.connect()]);
  const open: { readonly topic: string; readonly transaction: Transaction; readonly producer: Producer }[] = [];
  return {
    admin,
    create: (options = {}) => createTopic(admin, options),
    produce: (topic, records, compression) =>
      producer.send({ topic, acks: -1, messages: records.map(toMessage), ...(compression ? { compression } : {}) }),
    produceTransaction: async (topic, records, end) => {
      const begun = await beginTransaction(kafka);
      const written = await begun.transaction.send({ topic, messages: records.map(toMessage) });
      if (end === "open") {
        open.push({ topic, ...begun });
        return;
      }
      await begun.transaction[end]();
      await begun.producer.disconnect();
      if (!open.some((one) => one.topic === topic)) {
        await waitForMarkers(admin, topic, records, written);
      }
    },
    deleteRecords: async (topic, partition, beforeOffset) => {
      // kafkajs looks for the leader in what it knows, and knows only topics it was asked about before.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(beforeOffset) }] });
    },
    stableOffsets: (topic) => readStableOffsets(admin, topic),
    close: async () => {
      for (const begun of open) {
        await begun.transaction.abort();
        await begun.producer.disconnect();
      }
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
}

async function createTopic(admin: Admin, options: TopicOptions): Promise<string> {
  const { name: topic = `test-${randomUUID()}`, partitions = 1, replicationFactor = 1, config = {} } = options;
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  // A leader that does not serve one of the partitions yet makes kafkajs send the others' records twice.
  await createServedTopics(admin, [{ topic, numPartitions: partitions, replicationFactor, configEntries }]);
  return topic;
}

/** A transaction's end is acknowledged before its markers are in the partitions' logs. */
async function waitForMarkers(
  admin: Admin,
  topic: string,
  records: readonly TestRecord[],
  written: readonly RecordMetadata[],
): Promise<void> {
  const markers = written.map(({ partition, baseOffset }) => {
    const count = records.filter((record) => (record.partition ?? 0) === partition).length;
    return { partition, offset: BigInt(baseOffset ?? 0) + BigInt(count) };
  });
  const areWritten = async () => {
    const ends = await readStableOffsets(admin, topic);
    return markers.every(({ partition, offset }) => (ends.get(partition) ?? 0n) > offset);
  };
  await waitUntil(`the transaction's markers are in the log of ${topic}`, areWritten, MARKER_DEADLINE_MS);
}

async function readStableOffsets(admin: Admin, topic: string): Promise<ReadonlyMap<number, bigint>> {
  const offsets = await admin.fetchTopicOffsets(topic);
  const ends = offsets.map(({ partition, high }) => [partition, BigInt(high)] as const);
  return new Map(ends.sort(([a], [b]) => a - b));
}

async function beginTransaction(kafka: Kafka) {
  const producer = kafka.producer({
    transactionalId: `test-${randomUUID()}`,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  return { producer, transaction: await producer.transaction() };
}

function toMessage({ partition = 0, key = null, value, headers, timestamp }: TestRecord) {
  return {
    partition,
    key,
    value,
    ...(headers === undefined ? {} : { headers }),
    ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }),
  };
}
