import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import type { OpenReader } from "./open-reader.ts";
import { startMeter } from "./read-meter.ts";

/** The reader of this project, given what a processor's event carries. */
export const openExactRangeReader: OpenReader = ({ bootstrapServers, ca }) => {
  const reader = createKafkaRangeReader({
    clientId: "bench",
    bootstrapServers: bootstrapServers.split(","),
    ...(ca === undefined ? {} : { ssl: { ca } }),
  });
  return async ({ topic, topicId, leader, fromOffset, untilOffset, isolationLevel }) => {
    const range = { topic, partition: 0, fromOffset: BigInt(fromOffset), untilOffset: BigInt(untilOffset) };
    const stop = startMeter();
    let [records, offsetSum, keyBytes, valueBytes] = [0, 0, 0, 0];
    for await (const batch of reader.readRange({ range, topicId, leader, isolationLevel }).batches()) {
      for (const { key, value, offset } of batch) {
        records += 1;
        offsetSum += Number(offset);
        keyBytes += key?.length ?? 0;
        valueBytes += value?.length ?? 0;
      }
    }
    return stop({ records, offsetSum, keyBytes, valueBytes });
  };
};
