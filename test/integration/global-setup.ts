import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startKafkaBroker } from "../../functions/local/servers/kafka-broker.ts";
import { startMiniStack } from "../../functions/local/servers/ministack.ts";
import { startDynamoDBLocal } from "../local/servers/dynamodb-local.ts";

declare module "vitest" {
  interface ProvidedContext {
    "kafka.bootstrapServers": string;
    "aws.endpoint": string;
    /** What answers there: MiniStack, or LocalStack in the optional run of test/localstack. */
    "aws.engine": "MiniStack" | "LocalStack";
    /** Also the process group of its functions' processes. */
    "aws.pid": number;
    "dynamodbLocal.endpoint": string;
  }
}

interface Server {
  stop(): Promise<void>;
}

/** Starts one of each server for all integration tests, and returns what ends them. */
export default async function startServers({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "integration-"));
  const starting = [
    startKafkaBroker({ folder: join(folder, "kafka") }),
    startMiniStack({ folder: join(folder, "ministack") }),
    startDynamoDBLocal({ folder: join(folder, "dynamodb-local") }),
  ] as const;
  const stopAll = async () => {
    const started = await Promise.allSettled<Server>(starting);
    await Promise.all(started.filter((one) => one.status === "fulfilled").map((one) => one.value.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [kafka, ministack, dynamodbLocal] = await Promise.all(starting);
    provide("kafka.bootstrapServers", kafka.bootstrapServers);
    provide("aws.endpoint", ministack.endpoint);
    provide("aws.engine", "MiniStack");
    provide("aws.pid", ministack.pid);
    provide("dynamodbLocal.endpoint", dynamodbLocal.endpoint);
  } catch (error) {
    await stopAll();
    throw error;
  }
  return stopAll;
}
