import { randomUUID } from "node:crypto";
import { Kafka } from "kafkajs";
import { silentKafkaOptions } from "../../../../functions/local/servers/silent-kafka.ts";
import type { OpenReader } from "./open-reader.ts";
import { startMeter } from "./read-meter.ts";

/** A group consumer; measured from its first fetch on, so that joining the group counts for nothing. */
export const openKafkajsReader: OpenReader = ({ bootstrapServers, ca }) => {
  const kafka = new Kafka({
    ...silentKafkaOptions("bench", bootstrapServers),
    ...(ca === undefined ? {} : { ssl: { ca } }),
  });
  return async ({ topic, lastOffset, isolationLevel }) => {
    const consumer = kafka.consumer({
      groupId: randomUUID(),
      readUncommitted: isolationLevel === "read_uncommitted",
    });
    const totals = { records: 0, offsetSum: 0, keyBytes: 0, valueBytes: 0 };
    let stop: ReturnType<typeof startMeter> | undefined;
    const { promise: ended, resolve, reject } = Promise.withResolvers<ReturnType<NonNullable<typeof stop>>>();
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) {
        reject(payload.error);
      }
    });
    consumer.on(consumer.events.FETCH_START, () => {
      stop ??= startMeter();
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const message of batch.messages) {
          const offset = Number(message.offset);
          if (offset <= lastOffset) {
            totals.records += 1;
            totals.offsetSum += offset;
            totals.keyBytes += message.key?.length ?? 0;
            totals.valueBytes += message.value?.length ?? 0;
          }
          if (offset === lastOffset && stop !== undefined) {
            resolve(stop(totals));
          }
        }
      },
    });
    try {
      return await ended;
    } finally {
      await consumer.disconnect();
    }
  };
};
