import type { ConnectionOptions } from "node:tls";
import type { Mechanism, SASLOptions } from "kafkajs";
import { quote } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { kindOf } from "../../core/options/require-options.ts";
import { parseBootstrapServer, type SecurityProtocol, serversToJudge } from "../../core/source/bootstrap-server.ts";
import { CONNECT_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from "../limits.ts";
import type { SettingNames } from "../refusals/setting-names.ts";
import type { BrokerAddress } from "./broker-address.ts";
import type { ConnectBroker } from "./broker-connection.ts";

/** Whom a connection trusts, and who it is. */
export interface KafkaEntry {
  /**
   * `true` trusts the system's certificate authorities; otherwise what node:tls takes.
   * @default plaintext
   */
  readonly ssl?: boolean | ConnectionOptions;
  /**
   * PLAIN, SCRAM, OAUTHBEARER (MSK IAM through a token provider) or an own mechanism, as kafkajs takes them; or where
   * to get them.
   * @default no authentication
   */
  readonly sasl?: SASLOptions | Mechanism | CredentialsSource;
  /**
   * What the settings are called where they were given, for messages.
   * @default Kafka's own names
   */
  readonly settingNames?: SettingNames;
}

/**
 * Says how a new connection enters, where that is known only then. It is asked once more where it was refused, since it
 * may have been changed meanwhile; the same object says that it was not. Throws RangeReadError or ConfigurationError.
 */
export type EntrySource = (question: { readonly wasRefused: boolean }) => Promise<KafkaEntry>;

/** How to reach and enter a Kafka cluster. */
export interface KafkaOptions extends KafkaEntry {
  /** Shown in the broker's logs and counted in its quotas. */
  readonly clientId: string;
  /** `host:port` each; IPv6 addresses in brackets, the security protocol in front or not. */
  readonly bootstrapServers: readonly string[];
  /**
   * In place of `ssl`, `sasl` and `settingNames`.
   * @default those
   */
  readonly entry?: EntrySource;
  /**
   * TCP, TLS, ApiVersions and SASL together.
   * @default 10000
   */
  readonly connectTimeoutMs?: number;
  /**
   * One call, from sent to answered.
   * @default 15000
   */
  readonly requestTimeoutMs?: number;
  /**
   * Connections that are kept, those in use among them; from 0. Beyond it the one that has been idle for longest is
   * closed, and none in use.
   * @default 64
   */
  readonly consumerCacheMaxCapacity?: number;
  /**
   * What carries the calls; the time-outs, TLS and authentication are its business.
   * @default Node's sockets
   */
  readonly connect?: ConnectBroker;
}

/**
 * Gives the credentials for a new connection. It is asked once more when the broker refused what it gave, since they may
 * have been changed meanwhile. Throws RangeReadError or ConfigurationError.
 */
export type CredentialsSource = (question: { readonly wereRefused: boolean }) => Promise<Credentials>;

export type Credentials = SASLOptions & {
  /** Whether they were made for this one connection: where they are refused, others at once would fare no better. */
  readonly areSignedAnew?: true;
};

/** KafkaOptions with every default filled in. */
export interface ConnectOptions {
  readonly clientId: string;
  readonly ssl: ConnectionOptions | undefined;
  readonly sasl: SASLOptions | Mechanism | CredentialsSource | undefined;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly settingNames: SettingNames;
}

export function resolveConnectOptions(options: KafkaOptions): ConnectOptions {
  const { clientId, ssl = false, sasl, settingNames = {} } = options;
  return {
    clientId: requireClientId(clientId),
    ssl: ssl === true ? {} : ssl === false ? undefined : ssl,
    sasl,
    settingNames,
    connectTimeoutMs: requirePositive("connectTimeoutMs", options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS),
    requestTimeoutMs: requirePositive("requestTimeoutMs", options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS),
  };
}

/** A request's header has 16 bits for its length. */
const MAX_CLIENT_ID_BYTES = 32_767;

function requireClientId(clientId: string): string {
  if (typeof clientId !== "string") {
    throw new ConfigurationError(`clientId is ${quote(clientId)}; expected a text`);
  }
  const length = Buffer.byteLength(clientId);
  if (length > MAX_CLIENT_ID_BYTES) {
    throw new ConfigurationError(`clientId has ${length} bytes; Kafka takes at most ${MAX_CLIENT_ID_BYTES}`);
  }
  return clientId;
}

/** Throws ConfigurationError unless each is `host:port` of this protocol, and there is at least one. */
export function parseBootstrapServers(
  servers: readonly string[],
  protocol?: SecurityProtocol,
): readonly BrokerAddress[] {
  if (!Array.isArray(servers)) {
    throw new ConfigurationError(`bootstrapServers is ${kindOf(servers)}; expected an array of host:port`);
  }
  const wrong = servers.findIndex((server: unknown) => typeof server !== "string");
  if (wrong >= 0) {
    throw new ConfigurationError(`bootstrapServers[${wrong}] is ${kindOf(servers[wrong])}; expected host:port`);
  }
  if (servers.length === 0) {
    throw new ConfigurationError("bootstrapServers is empty; name at least one broker as host:port");
  }
  return serversToJudge(servers).map((server) => parseBootstrapServer(server, protocol));
}

/** Kafka's name for what the options ask for; undefined where that is known only when a connection is opened. */
export function securityProtocolOf({
  ssl = false,
  sasl,
  entry,
}: Pick<KafkaOptions, "ssl" | "sasl" | "entry">): SecurityProtocol | undefined {
  if (entry !== undefined) {
    return undefined;
  }
  if (sasl === undefined) {
    return ssl === false ? "PLAINTEXT" : "SSL";
  }
  return ssl === false ? "SASL_PLAINTEXT" : "SASL_SSL";
}

/** Returns the number, or throws ConfigurationError that names the option. */
export function requireNotNegative(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new ConfigurationError(`${name} ${value} is not a whole number from 0 on`);
  }
  return value;
}

/** Returns the number, or throws ConfigurationError that names the option. */
export function requirePositive(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new ConfigurationError(`${name} ${value} is not a positive integer`);
  }
  return value;
}
