import { Kafka } from "kafkajs";
import { silentKafkaOptions } from "../../../functions/local/servers/silent-kafka.ts";

/** Deletes a topic that the demo made. */
export async function deleteTopic(bootstrapServers: string, topic: string): Promise<void> {
  const admin = new Kafka(silentKafkaOptions("delete-topic", bootstrapServers)).admin();
  await admin.connect();
  try {
    await admin.deleteTopics({ topics: [topic] });
  } finally {
    await admin.disconnect();
  }
}
