import { Kafka } from "kafkajs";
import { listNames } from "../../../shared/core/bounded-text.ts";
import { silentKafkaOptions } from "../servers/silent-kafka.ts";
import { createServedTopics } from "./create-served-topics.ts";

export interface MissingTopics {
  readonly bootstrapServers: string;
  /** The least partitions that each needs. */
  readonly topics: ReadonlyMap<string, number>;
}

/** Creates those that do not exist; says which. One that exists stays as it is. */
export async function createMissingTopics({ bootstrapServers, topics }: MissingTopics): Promise<string | undefined> {
  const admin = new Kafka(silentKafkaOptions("ranges-dev", bootstrapServers)).admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = [...topics].filter(([topic]) => !existing.has(topic));
    if (missing.length === 0) {
      return undefined;
    }
    // -1: the cluster's own default, which suits one node as well as a user's cluster.
    const created = missing.map(([topic, numPartitions]) => ({ topic, numPartitions, replicationFactor: -1 }));
    await createServedTopics(admin, created);
    return `created ${listNames(missing.map(([topic, count]) => `${topic} (${count} partitions)`))}`;
  } finally {
    await admin.disconnect();
  }
}

/** Which cluster answers there. */
export async function readClusterId(bootstrapServers: string): Promise<string> {
  const admin = new Kafka(silentKafkaOptions("ranges-dev", bootstrapServers)).admin();
  await admin.connect();
  try {
    return (await admin.describeCluster()).clusterId;
  } finally {
    await admin.disconnect();
  }
}
