// Command config
//
// Kafka's client properties, as its own tools take them in a file and Spark users
// have them at hand (`kafka.` in front or not). What contradicts reading an exact
// range is refused, as Spark refuses it, and so is what would be ignored of security,
// of an identity, or of what is read; the rest of a consumer's or a producer's
// settings is named once.

import { readFileSync } from "node:fs";
import { listNames, quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { SECURITY_PROTOCOLS } from "../../../shared/core/source/bootstrap-server.ts";
import type { KafkaOptions } from "../../../shared/kafka/connection/kafka-options.ts";
import { parseJavaProperties } from "../../../shared/wire/java/java-properties.ts";
import { type CommandLineSettings, judgeSettings } from "../kafka-settings/judge-settings.ts";
import { saslOf } from "../kafka-settings/sasl-settings.ts";
import { type Settings, tlsOf } from "../kafka-settings/tls-settings.ts";

export interface CommandConfig extends Partial<Pick<KafkaOptions, "clientId" | "ssl" | "sasl">> {
  readonly rackId?: string;
}

export interface CommandContext extends CommandLineSettings {
  /** Is told in one line what is not used. */
  readonly note: (line: string) => void;
}

/** Throws ConfigurationError that names the file and what is wrong in it, without a password. */
export function readCommandConfig(path: string, context: CommandContext): CommandConfig {
  const note = (line: string) => context.note(`${path}: ${line}`);
  const text = readText(path);
  try {
    const { settings, unused } = judgeSettings(parseJavaProperties(text), context);
    if (unused.length > 0) {
      note(`not used, since they change no record that is read: ${listNames(unused)}`);
    }
    return configOf(settings, note);
  } catch (error) {
    throw error instanceof ConfigurationError
      ? new ConfigurationError(`${path}: ${error.message}`, { cause: error })
      : error;
  }
}

function configOf(settings: Settings, note: (line: string) => void): CommandConfig {
  const protocol = protocolOf(settings);
  const clientId = settings.get("client.id");
  const rackId = settings.get("client.rack");
  return {
    ssl: protocol.endsWith("SSL") ? tlsOf(settings) : false,
    ...(protocol.startsWith("SASL_") ? { sasl: saslOf(settings, note) } : {}),
    ...omitUndefined({ clientId, rackId }),
  };
}

/** In any case, as Kafka takes it. Settings that it does not use are refused: they were meant to protect something. */
export function protocolOf(settings: Settings): string {
  const given = settings.get("security.protocol");
  const protocol = (given ?? "PLAINTEXT").toUpperCase();
  if (!SECURITY_PROTOCOLS.some((one) => one === protocol)) {
    throw new ConfigurationError(`security.protocol ${quote(given)} is not ${SECURITY_PROTOCOLS.join(", ")}`);
  }
  const idle = [...settings.keys()].filter(
    (name) =>
      (name.startsWith("sasl.") && !protocol.startsWith("SASL_")) ||
      (name.startsWith("ssl.") && !protocol.endsWith("SSL")),
  );
  if (idle.length > 0) {
    const which =
      given === undefined ? "PLAINTEXT, the default of security.protocol," : `security.protocol ${protocol}`;
    throw new ConfigurationError(`${which} uses no ${listNames(idle)}: choose another protocol, or remove them`);
  }
  return protocol;
}

/** Kafka reads ISO 8859-1 and editors write UTF-8: what is not the one is the other. */
function readText(path: string): string {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    throw new ConfigurationError(`--command-config ${quote(path)} cannot be read: ${String(cause)}`, { cause });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return content.toString("latin1");
  }
}
