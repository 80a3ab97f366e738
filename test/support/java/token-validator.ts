import { readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { runCommand } from "../../../functions/local/process/run-command.ts";
import { kafkaClassPath } from "../../../functions/local/servers/kafka-download.ts";

const COMPILE_DEADLINE_MS = 60_000;
const program = new URL("TokenValidator.java", import.meta.url).pathname;

/** As TokenValidator.java reads it. */
export type TokenPolicy = "accept" | `deny ${string}` | `invalid ${string}`;

/** Compiles the validator into the folder, which is to be on the broker's class path. */
export async function compileTokenValidator(folder: string): Promise<void> {
  // Only Java's launcher knows the wildcard.
  const jars = dirname(await kafkaClassPath());
  const classPath = (await readdir(jars)).map((jar) => join(jars, jar)).join(delimiter);
  await runCommand({
    name: "compiling the validator of tokens",
    command: "java",
    args: [
      ...["-XX:TieredStopAtLevel=1", "-m", "jdk.compiler/com.sun.tools.javac.Main"],
      ...["-proc:none", "-cp", classPath, "-d", folder, program],
    ],
    logFile: `${folder}.log`,
    deadlineMs: COMPILE_DEADLINE_MS,
  });
}

/** What the broker whose folder this is makes of each token from now on. */
export async function setTokenPolicy(brokerFolder: string, policy: TokenPolicy): Promise<void> {
  await writeFile(join(brokerFolder, "token-policy"), policy);
}

/** Those that the broker has let in, in order. */
export async function acceptedTokens(brokerFolder: string): Promise<readonly string[]> {
  const lines = await readFile(join(brokerFolder, "accepted-tokens"), "utf8");
  return lines.trim().split("\n");
}

/** For server.properties: OAUTHBEARER by the validator, on the listener of this name. */
export function tokenProperties(listener: string): Readonly<Record<string, string>> {
  const prefix = `listener.name.${listener.toLowerCase()}`;
  const module = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";
  return {
    [`${prefix}.sasl.enabled.mechanisms`]: "OAUTHBEARER",
    // Kafka wants a login of the broker's own there as well, which nothing uses.
    [`${prefix}.oauthbearer.sasl.jaas.config`]: `${module} required unsecuredLoginStringClaim_sub="broker";`,
    [`${prefix}.oauthbearer.sasl.server.callback.handler.class`]: "TokenValidator",
  };
}
