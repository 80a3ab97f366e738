// Connection params
//
// Kafka's client settings, once they are judged, as the reader and the source of
// offsets take them.

import { ConfigurationError } from "../../shared/core/errors.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import type { IsolationLevel } from "../../shared/core/source/offset-source.ts";
import { type KafkaEntry, parseBootstrapServers } from "../../shared/kafka/connection/kafka-options.ts";
import { MAX_RESPONSE_BYTES } from "../../shared/kafka/limits.ts";
import type { KafkaReaderOptions } from "../../shared/kafka/read/range-reader.ts";
import { fetchSettingsOf } from "../../shared/wire/kafka-params/fetch-settings.ts";
import type { KafkaParams } from "../../shared/wire/kafka-params/kafka-params.ts";
import { type OffsetReset, readOffsetReset } from "../../shared/wire/kafka-params/offset-reset.ts";
import { type EntryContext, entryOf } from "./entry-params.ts";

type Taken =
  | "clientId"
  | "bootstrapServers"
  | "requestTimeoutMs"
  | "fetchMaxBytes"
  | "fetchMinBytes"
  | "fetchMaxWaitMs";

export interface ConnectionParams extends Partial<Pick<KafkaReaderOptions, Taken>>, KafkaEntry {
  readonly rackId?: string;
  readonly isolationLevel?: IsolationLevel;
  readonly offsetReset?: OffsetReset;
}

/** Throws ConfigurationError, without a password in it. */
export async function connectionParamsOf(params: KafkaParams, context: EntryContext): Promise<ConnectionParams> {
  const fetching = fetchSettingsOf(params);
  const { fetchMaxBytes } = fetching;
  return {
    ...(await entryOf(params, context)),
    ...fetching,
    ...(fetchMaxBytes === undefined ? {} : { fetchMaxBytes: Math.min(fetchMaxBytes, MAX_RESPONSE_BYTES) }),
    ...omitUndefined({
      clientId: textOf(params, "client.id"),
      rackId: textOf(params, "client.rack"),
      bootstrapServers: serversOf(params),
      isolationLevel: isolationOf(params),
      offsetReset: readOffsetReset(params.get("auto.offset.reset") ?? ""),
    }),
  };
}

/** Empty is Kafka's default, and says nothing. */
function textOf(params: KafkaParams, name: string): string | undefined {
  const value = params.get(name);
  return value === "" ? undefined : value;
}

function serversOf(params: KafkaParams): readonly string[] | undefined {
  const servers = textOf(params, "bootstrap.servers")
    ?.split(",")
    .map((server) => server.trim())
    // As Kafka reads a list.
    .filter((server) => server !== "");
  if (servers === undefined) {
    return undefined;
  }
  try {
    parseBootstrapServers(servers);
    return [...new Set(servers)];
  } catch (error) {
    throw error instanceof ConfigurationError
      ? new ConfigurationError(`${params.called("bootstrap.servers")}: ${error.message}`, { cause: error })
      : error;
  }
}

function isolationOf(params: KafkaParams): IsolationLevel | undefined {
  const level = params.get("isolation.level");
  return level === "read_committed" || level === "read_uncommitted" ? level : undefined;
}
