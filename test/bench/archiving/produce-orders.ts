import { connectKafkaTopics } from "../../support/kafka/kafka-topics.ts";
import type { FillResult } from "../reading/reading.ts";
import { createAvroOrders } from "./avro-orders.ts";

const RECORDS_PER_BATCH = 100;

export interface OrdersTask {
  readonly bootstrapServers: string;
  /** Of one partition. */
  readonly topic: string;
  readonly records: number;
}

/** Fills a topic with orders of Avro, under keys as those of BenchProducer.java. */
export async function produceOrders({ bootstrapServers, topic, records }: OrdersTask): Promise<FillResult> {
  const topics = await connectKafkaTopics(bootstrapServers);
  const makeOrder = createAvroOrders();
  const totals = { records, offsetSum: 0, keyBytes: 0, valueBytes: 0, untilOffset: records, lastOffset: records - 1 };
  try {
    for (let first = 0; first < records; first += RECORDS_PER_BATCH) {
      const batch = Array.from({ length: Math.min(RECORDS_PER_BATCH, records - first) }, (_, index) => {
        const id = first + index;
        const [key, value] = [`k${String(id).padStart(9, "0")}`, makeOrder(id)];
        totals.offsetSum += id;
        totals.keyBytes += key.length;
        totals.valueBytes += value.length;
        return { key, value };
      });
      await topics.produce(topic, batch);
    }
    return totals;
  } finally {
    await topics.close();
  }
}
