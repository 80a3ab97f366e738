// What the simulated brokers are held to, held by Kafka.

import { afterAll, beforeAll, inject } from "vitest";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { readTopic } from "../../../support/kafka-output/read-topic.ts";
import { describeTransactions } from "../../../support/kafka-output/transactions-contract.ts";

const bootstrapServers = inject("kafka.bootstrapServers");

let topics: KafkaTopics;

beforeAll(async () => {
  topics = await connectKafkaTopics(bootstrapServers);
});

afterAll(() => topics.close());

describeTransactions("Kafka", async () => {
  const topic = await topics.create();
  return {
    options: { clientId: "tests", bootstrapServers: [bootstrapServers] },
    topic,
    verifies: true,
    run: (script) => script(),
    countCommitted: async () => (await readTopic(bootstrapServers, topic)).length,
  };
});
