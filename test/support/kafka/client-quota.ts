import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { runCommand } from "../../../functions/local/process/run-command.ts";
import { kafkaClassPath } from "../../../functions/local/servers/kafka-download.ts";

const DEADLINE_MS = 60_000;

/** Bounds what one client id may fetch, in bytes a second, by Kafka's own tool. */
export async function setConsumerQuota(
  bootstrapServers: string,
  folder: string,
  quota: { readonly clientId: string; readonly bytesPerSecond: number },
): Promise<void> {
  await runCommand({
    name: "kafka-configs",
    command: "java",
    args: [
      ...["-cp", await kafkaClassPath(), "kafka.admin.ConfigCommand", "--bootstrap-server", bootstrapServers],
      ...["--alter", "--add-config", `consumer_byte_rate=${quota.bytesPerSecond}`],
      ...["--entity-type", "clients", "--entity-name", quota.clientId],
    ],
    logFile: join(folder, `kafka-configs-${randomUUID()}.log`),
    deadlineMs: DEADLINE_MS,
  });
}
