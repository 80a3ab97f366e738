import { randomUUID } from "node:crypto";
import { Consumer } from "@platformatic/kafka";
import type { OpenReader } from "./open-reader.ts";
import { startMeter } from "./read-meter.ts";

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
/** What the others fetch at a time; its own default of 50 MB makes it many times slower. */
const FETCH_BYTES = 1_048_576;

/** A consumer's stream, from a given offset; measured from its first fetch on, as the kafkajs consumer is. */
export const openPlatformaticReader: OpenReader =
  ({ bootstrapServers, ca }) =>
  async ({ topic, fromOffset, lastOffset, isolationLevel }) => {
    const consumer = new Consumer({
      clientId: "bench",
      groupId: randomUUID(),
      bootstrapBrokers: bootstrapServers.split(","),
      ...(ca === undefined ? {} : { tls: { ca } }),
    });
    const totals = { records: 0, offsetSum: 0, keyBytes: 0, valueBytes: 0 };
    try {
      const stream = await consumer.consume({
        topics: [topic],
        mode: "manual",
        offsets: [{ topic, partition: 0, offset: BigInt(fromOffset) }],
        autocommit: false,
        maxBytes: FETCH_BYTES,
        maxBytesPerPartition: FETCH_BYTES,
        isolationLevel: isolationLevel === "read_committed" ? READ_COMMITTED : READ_UNCOMMITTED,
      });
      const stop = startMeter(); // It fetches once someone listens.
      return await new Promise((resolve, reject) => {
        stream.on("error", reject);
        stream.on("data", (message) => {
          const offset = Number(message.offset);
          if (offset <= lastOffset) {
            totals.records += 1;
            totals.offsetSum += offset;
            totals.keyBytes += message.key?.length ?? 0;
            totals.valueBytes += message.value?.length ?? 0;
          }
          if (offset === lastOffset) {
            resolve(stop(totals));
          }
        });
      });
    } finally {
      await consumer.close(true);
    }
  };
