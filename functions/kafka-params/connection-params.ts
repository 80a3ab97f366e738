// Connection params
//
// Kafka's client settings, once they are judged, as the reader and the source of
// offsets take them.

import { listNames, quote } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { SECURITY_PROTOCOLS } from "../../shared/core/source/bootstrap-server.ts";
import type { IsolationLevel } from "../../shared/core/source/offset-source.ts";
import { parseBootstrapServers } from "../../shared/kafka/connection/kafka-options.ts";
import { MAX_RESPONSE_BYTES } from "../../shared/kafka/limits.ts";
import type { KafkaReaderOptions } from "../../shared/kafka/read/range-reader.ts";
import type { SettingNames } from "../../shared/kafka/refusals/setting-names.ts";
import type { KafkaParams } from "../../shared/wire/kafka-params/kafka-params.ts";
import { type OffsetReset, readOffsetReset } from "../../shared/wire/kafka-params/offset-reset.ts";
import { ruleOf } from "../../shared/wire/kafka-params/setting-rules.ts";
import { saslOf } from "./sasl-settings.ts";
import { tlsOf } from "./tls-settings.ts";

type Taken = "clientId" | "bootstrapServers" | "ssl" | "sasl" | "requestTimeoutMs" | "settingNames";
type TakenForReading = "fetchMaxBytes" | "fetchMinBytes" | "fetchMaxWaitMs";

export interface ConnectionParams extends Partial<Pick<KafkaReaderOptions, Taken | TakenForReading>> {
  readonly rackId?: string;
  readonly isolationLevel?: IsolationLevel;
  readonly offsetReset?: OffsetReset;
}

/** Throws ConfigurationError, without a password in it. `note` is told in a line what is not used. */
export async function connectionParamsOf(params: KafkaParams, note: (line: string) => void): Promise<ConnectionParams> {
  const protocol = protocolOf(params);
  return {
    ssl: protocol.endsWith("SSL") ? await tlsOf(params) : false,
    ...(protocol.startsWith("SASL_") ? { sasl: saslOf(params, note) } : {}),
    settingNames: namesOf(params),
    ...omitUndefined({
      clientId: textOf(params, "client.id"),
      rackId: textOf(params, "client.rack"),
      bootstrapServers: serversOf(params),
      isolationLevel: isolationOf(params),
      offsetReset: readOffsetReset(params.get("auto.offset.reset") ?? ""),
      requestTimeoutMs: numberOf(params, "request.timeout.ms"),
      fetchMaxBytes: fetchMaxBytesOf(params),
      fetchMinBytes: numberOf(params, "fetch.min.bytes"),
      fetchMaxWaitMs: numberOf(params, "fetch.max.wait.ms"),
    }),
  };
}

/** In any case, as Kafka takes it. Settings that it does not use are refused: they were meant to protect something. */
export function protocolOf(params: KafkaParams): string {
  const given = params.get("security.protocol");
  const protocol = (given ?? "PLAINTEXT").toUpperCase();
  if (!SECURITY_PROTOCOLS.some((one) => one === protocol)) {
    throw new ConfigurationError(
      `${params.called("security.protocol")} ${quote(given)} is not ${SECURITY_PROTOCOLS.join(", ")}`,
    );
  }
  const idle = params
    .names()
    .filter(
      (name) =>
        (name.startsWith("sasl.") && !protocol.startsWith("SASL_")) ||
        (name.startsWith("ssl.") && !protocol.endsWith("SSL")),
    )
    // Kafka's default protects nothing more than leaving it out.
    .filter((name) => ruleOf(name)?.same?.includes(params.get(name) ?? "") !== true);
  if (idle.length > 0) {
    const which =
      given === undefined ? "PLAINTEXT, the default of security.protocol," : `security.protocol ${protocol}`;
    const names = listNames(idle.map((name) => params.called(name)));
    throw new ConfigurationError(`${which} uses no ${names}: choose another protocol, or remove them`);
  }
  return protocol;
}

/** As the file spells them, whichever of several it has. */
function namesOf(params: KafkaParams): SettingNames {
  const given = (...names: readonly string[]) => names.find((name) => params.has(name)) ?? names.at(-1) ?? "";
  return {
    protocol: params.called("security.protocol"),
    mechanism: params.called("sasl.mechanism"),
    credentials: params.called(given("sasl.oauthbearer.token.endpoint.url", "sasl.jaas.config")),
    truststore: params.called(given("ssl.truststore.certificates", "ssl.truststore.location")),
    keystore: params.called(given("ssl.keystore.certificate.chain", "ssl.keystore.location")),
    hostCheck: params.called("ssl.endpoint.identification.algorithm"),
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

/** Which bounds the other, Kafka's own defaults included; a fetch asks one partition, and a larger batch comes whole. */
function fetchMaxBytesOf(params: KafkaParams): number | undefined {
  const ofAll = numberOf(params, "fetch.max.bytes");
  const ofPartition = numberOf(params, "max.partition.fetch.bytes");
  if (ofAll === undefined && ofPartition === undefined) {
    return undefined;
  }
  const least = Math.min(ofAll ?? KAFKA_FETCH_MAX_BYTES, ofPartition ?? KAFKA_MAX_PARTITION_FETCH_BYTES);
  return Math.min(Math.max(1, least), MAX_RESPONSE_BYTES);
}

const KAFKA_FETCH_MAX_BYTES = 52_428_800;
const KAFKA_MAX_PARTITION_FETCH_BYTES = 1_048_576;

/** What is not a whole number was refused when it was judged. */
function numberOf(params: KafkaParams, name: string): number | undefined {
  const value = params.get(name);
  return value === undefined ? undefined : Number(value);
}
