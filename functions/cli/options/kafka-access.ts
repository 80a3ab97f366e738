import { quoteName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { KafkaOptions } from "../../../shared/kafka/connection/kafka-options.ts";
import { certificatesOf } from "../kafka-settings/tls-settings.ts";
import { type CommandConfig, readCommandConfig } from "./command-config.ts";
import type { ConnectionArguments, KafkaArguments } from "./options.ts";

/** Throws ConfigurationError for what cannot be connected with. `note` is told what a file says and is not used. */
export function kafkaOptionsOf(
  options: ConnectionArguments & Partial<Pick<KafkaArguments, "isolationLevel">>,
  note: (line: string) => void,
): KafkaOptions & Pick<CommandConfig, "rackId"> {
  const { bootstrapServers, securityProtocol, sslCa, commandConfig } = options;
  if (sslCa !== undefined && securityProtocol !== "SSL") {
    throw new ConfigurationError(
      `--ssl-ca ${quoteName(sslCa)} is for TLS, and --security-protocol is ${securityProtocol}: add --security-protocol SSL, or leave --ssl-ca out`,
    );
  }
  const ssl = sslCa === undefined ? true : { ca: certificatesOf("--ssl-ca", sslCa) };
  const context = { note, bootstrapServers: bootstrapServers ?? [], ...isolationOf(options) };
  return {
    clientId: "ranges",
    bootstrapServers: bootstrapServers ?? [],
    ...(securityProtocol === "SSL" ? { ssl } : {}),
    ...(commandConfig === undefined ? {} : readCommandConfig(commandConfig, context)),
  };
}

function isolationOf({ isolationLevel }: Partial<Pick<KafkaArguments, "isolationLevel">>) {
  return omitUndefined({ isolationLevel });
}
