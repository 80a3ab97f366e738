import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startKafkaBroker } from "../../functions/local/servers/kafka-broker.ts";
import { startLocalStack } from "./localstack.ts";

/** Starts what the integration tests find under the same keys elsewhere, and returns what ends it. */
export default async function startServers({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "localstack-"));
  const starting = [
    startKafkaBroker({ folder: join(folder, "kafka") }),
    startLocalStack({ folder: join(folder, "localstack") }),
  ] as const;
  const stopAll = async () => {
    const started = await Promise.allSettled<{ stop(): Promise<void> }>(starting);
    await Promise.all(started.filter((one) => one.status === "fulfilled").map((one) => one.value.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [kafka, localStack] = await Promise.all(starting);
    provide("kafka.bootstrapServers", kafka.bootstrapServers);
    provide("aws.endpoint", localStack.endpoint);
    provide("aws.engine", "LocalStack");
    provide("aws.pid", localStack.pid);
    provide("dynamodbLocal.endpoint", localStack.dynamodbLocalEndpoint);
  } catch (error) {
    await stopAll();
    throw error;
  }
  return stopAll;
}
