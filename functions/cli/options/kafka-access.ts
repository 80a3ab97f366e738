import { quoteName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { IsolationLevel } from "../../../shared/core/source/offset-source.ts";
import type { KafkaReaderOptions } from "../../../shared/kafka/read/range-reader.ts";
import type { OffsetReset } from "../../../shared/wire/kafka-params/offset-reset.ts";
import { certificatesOf } from "../../kafka-params/store-file.ts";
import { type CommandContext, readCommandConfig } from "./command-config.ts";
import type { ConnectionArguments, KafkaArguments } from "./options.ts";

export interface KafkaAccess {
  readonly options: Omit<KafkaReaderOptions, "rackId"> & { readonly rackId?: string };
  readonly isolationLevel: IsolationLevel;
  /** As `auto.offset.reset` of the file has it. */
  readonly offsetReset?: OffsetReset;
}

type Arguments = ConnectionArguments & Partial<Pick<KafkaArguments, "isolationLevel">>;

/** Throws ConfigurationError for what cannot be connected with. `note` is told what a file says and is not used. */
export async function kafkaAccessOf(
  args: Arguments,
  note: (line: string) => void,
  onDecoding?: CommandContext["onDecoding"],
): Promise<KafkaAccess> {
  const { bootstrapServers, securityProtocol, sslCa, commandConfig } = args;
  if (sslCa !== undefined && securityProtocol !== "SSL") {
    throw new ConfigurationError(
      `--ssl-ca ${quoteName(sslCa)} is for TLS, and --security-protocol is ${securityProtocol}: add --security-protocol SSL, or leave --ssl-ca out`,
    );
  }
  const ssl = sslCa === undefined ? true : { ca: certificatesOf("--ssl-ca", sslCa), allowPartialTrustChain: true };
  const given = omitUndefined({ bootstrapServers, isolationLevel: args.isolationLevel });
  const file =
    commandConfig === undefined ? {} : await readCommandConfig(commandConfig, { note, onDecoding, ...given });
  const { isolationLevel = args.isolationLevel ?? "read_committed", offsetReset, ...params } = file;
  return {
    options: {
      clientId: "ranges",
      ...(securityProtocol === "SSL" ? { ssl } : {}),
      ...params,
      bootstrapServers: requireServers(bootstrapServers ?? params.bootstrapServers, commandConfig),
    },
    isolationLevel,
    ...omitUndefined({ offsetReset }),
  };
}

function requireServers(servers: readonly string[] | undefined, commandConfig: string | undefined): readonly string[] {
  if (servers === undefined) {
    throw new ConfigurationError(
      commandConfig === undefined
        ? "no Kafka is named: give --bootstrap-servers, or bootstrap.servers in the file of --command-config"
        : `${commandConfig} has no bootstrap.servers: add it, or give --bootstrap-servers`,
    );
  }
  return servers;
}
