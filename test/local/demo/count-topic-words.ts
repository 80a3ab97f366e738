import { randomUUID } from "node:crypto";
import { type EachBatchPayload, Kafka } from "kafkajs";
import { silentKafkaOptions } from "../../../functions/local/servers/silent-kafka.ts";
import { addWords } from "./sample-lines.ts";

const DEADLINE_MS = 120_000;

/**
 * Counts the words of a whole topic up to its present end, through kafkajs's own consumer: the input as somebody
 * else reads it. It shows records of aborted transactions too, so the topic must have none.
 */
export async function countTopicWords(bootstrapServers: string, topic: string): Promise<ReadonlyMap<string, number>> {
  const kafka = new Kafka(silentKafkaOptions("count-topic-words", bootstrapServers));
  const unread = await readEnds(kafka, topic);
  const words = new Map<string, number>();
  if (unread.size === 0) {
    return words;
  }
  const groupId = `count-topic-words-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId });
  const { promise: allRead, resolve, reject } = Promise.withResolvers<void>();
  const deadline = setTimeout(() => {
    reject(new Error(`partitions ${[...unread.keys()].join(", ")} of ${topic} were not read in ${DEADLINE_MS} ms`));
  }, DEADLINE_MS);
  try {
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      // Of what can pass, such as a coordinator that is still loading, kafkajs recovers by itself.
      if (!payload.restart) {
        reject(payload.error);
      }
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async (payload) => {
        countBatch(payload, unread, words);
        if (unread.size === 0) {
          resolve();
        }
      },
    });
    await allRead;
  } finally {
    clearTimeout(deadline);
    await consumer.disconnect();
  }
  await deleteGroup(kafka, groupId);
  return words;
}

/** The ends of the partitions that hold records. */
async function readEnds(kafka: Kafka, topic: string): Promise<Map<number, bigint>> {
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const filled = offsets.filter(({ low, high }) => low !== high);
  return new Map(filled.map(({ partition, high }) => [partition, BigInt(high)]));
}

function countBatch({ batch }: EachBatchPayload, unread: Map<number, bigint>, words: Map<string, number>): void {
  const end = unread.get(batch.partition);
  if (end === undefined) {
    return;
  }
  const records = batch.messages.filter(({ offset }) => BigInt(offset) < end);
  addWords(
    words,
    records.map(({ value }) => value?.toString() ?? ""),
  );
  if (BigInt(batch.lastOffset()) + 1n >= end) {
    unread.delete(batch.partition);
  }
}

async function deleteGroup(kafka: Kafka, groupId: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteGroups([groupId]);
  await admin.disconnect();
}
