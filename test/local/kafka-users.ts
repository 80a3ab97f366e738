import { join } from "node:path";
import { kafkaClassPath } from "./kafka-download.ts";
import { runCommand } from "./run-command.ts";

const DEADLINE_MS = 60_000;

export interface KafkaUser {
  readonly name: string;
  readonly password: string;
}

/** For server.properties: PLAIN with this user, and SCRAM, on the listener of this name. */
export function saslProperties(listener: string, { name, password }: KafkaUser): Readonly<Record<string, string>> {
  const prefix = `listener.name.${listener.toLowerCase()}`;
  const module = "org.apache.kafka.common.security";
  const scram = `${module}.scram.ScramLoginModule required;`;
  return {
    [`${prefix}.sasl.enabled.mechanisms`]: "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    [`${prefix}.plain.sasl.jaas.config`]: `${module}.plain.PlainLoginModule required user_${name}="${password}";`,
    [`${prefix}.scram-sha-256.sasl.jaas.config`]: scram,
    [`${prefix}.scram-sha-512.sasl.jaas.config`]: scram,
  };
}

/** Gives a user this password for the SCRAM mechanism. */
export async function setScramPassword(
  bootstrapServers: string,
  { name, password, mechanism }: KafkaUser & { readonly mechanism: "SCRAM-SHA-256" | "SCRAM-SHA-512" },
  folder: string,
): Promise<void> {
  await runCommand({
    name: `setting the ${mechanism} password of ${name}`,
    command: "java",
    args: [
      ...["-cp", await kafkaClassPath(), "kafka.admin.ConfigCommand", "--bootstrap-server", bootstrapServers],
      ...["--alter", "--entity-type", "users", "--entity-name", name],
      ...["--add-config", `${mechanism}=[iterations=4096,password=${password}]`],
    ],
    logFile: join(folder, `${mechanism}.log`),
    deadlineMs: DEADLINE_MS,
  });
}
