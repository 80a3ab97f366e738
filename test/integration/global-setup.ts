import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startKafkaBroker } from "../../functions/local/servers/kafka-broker.ts";
import { startMiniStack } from "../../functions/local/servers/ministack.ts";
import { startDynamoDBLocal } from "../local/servers/dynamodb-local.ts";
import { startPostgres } from "../local/servers/postgres.ts";
import { createSelfSigned } from "../support/self-signed-certificate.ts";

declare module "vitest" {
  interface ProvidedContext {
    "kafka.bootstrapServers": string;
    "aws.endpoint": string;
    /** What answers there: MiniStack, or LocalStack in the optional run of test/localstack. */
    "aws.engine": "MiniStack" | "LocalStack";
    /** Also the process group of its functions' processes. */
    "aws.pid": number;
    "dynamodbLocal.endpoint": string;
    "postgres.port": number;
    /** PEM: what it shows, as "localhost". */
    "postgres.certificate": string;
  }
}

interface Server {
  stop(): Promise<void>;
}

/** Starts one of each server for all integration tests, and returns what ends them. */
export default async function startServers({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "integration-"));
  // The processes of PostgreSQL may be of another user.
  await chmod(folder, 0o755);
  const { certificate, privateKey } = createSelfSigned("localhost");
  const starting = [
    startKafkaBroker({ folder: join(folder, "kafka") }),
    startMiniStack({ folder: join(folder, "ministack") }),
    startDynamoDBLocal({ folder: join(folder, "dynamodb-local") }),
    startPostgres({
      folder: join(folder, "postgres"),
      certificate: certificate.toString(),
      privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    }),
  ] as const;
  const stopAll = async () => {
    const started = await Promise.allSettled<Server>(starting);
    await Promise.all(started.filter((one) => one.status === "fulfilled").map((one) => one.value.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [kafka, ministack, dynamodbLocal, postgres] = await Promise.all(starting);
    provide("kafka.bootstrapServers", kafka.bootstrapServers);
    provide("aws.endpoint", ministack.endpoint);
    provide("aws.engine", "MiniStack");
    provide("aws.pid", ministack.pid);
    provide("dynamodbLocal.endpoint", dynamodbLocal.endpoint);
    provide("postgres.port", postgres.port);
    provide("postgres.certificate", certificate.toString());
  } catch (error) {
    await stopAll();
    throw error;
  }
  return stopAll;
}
