import { BatchProcessorError, ConfigurationError, RangeReadError } from "../../core/errors.ts";
import { kindOf } from "../../core/options/require-options.ts";
import { type BrokerAddress, formatAddress } from "../connection/broker-address.ts";
import type { BrokerConnection, ConnectBroker } from "../connection/broker-connection.ts";
import {
  type KafkaOptions,
  parseBootstrapServers,
  requireNotNegative,
  resolveConnectOptions,
  securityProtocolOf,
} from "../connection/kafka-options.ts";
import { ThrottleMeter } from "../connection/throttle-meter.ts";
import { WarmConnections } from "../connection/warm-connections.ts";
import { CONSUMER_CACHE_MAX_CAPACITY } from "../limits.ts";
import type { ApiCall } from "../protocol/api-call.ts";
import type { MetadataResponse } from "../protocol/metadata-v12.ts";
import type { Principal } from "../refusals/refusal-remedies.ts";
import { UnsuitedError } from "../refusals/unsuited-error.ts";
import { AdvertisedBrokers } from "./advertised-brokers.ts";
import { createBrokerConnector } from "./broker-connector.ts";
import { createEnteringConnector } from "./entering-connector.ts";

export interface ClusterMetadata extends MetadataResponse {
  /** Who the broker that answered took us for; absent where only it knows. */
  readonly principal: Principal | undefined;
}

/** What all users of a cluster share. */
interface ClusterParts {
  readonly bootstrap: readonly BrokerAddress[];
  readonly advertised: AdvertisedBrokers;
  readonly connections: WarmConnections;
}

/** Connects when it is first used. Throws ConfigurationError for options that cannot work. */
export function openCluster(options: KafkaOptions): Cluster {
  if (typeof options !== "object" || options === null) {
    throw new ConfigurationError(
      `a cluster's options are ${kindOf(options)}; expected { clientId, bootstrapServers, … }`,
    );
  }
  const bootstrap = parseBootstrapServers(options.bootstrapServers, securityProtocolOf(options));
  const advertised = new AdvertisedBrokers(bootstrap);
  const connectorOf = (each: KafkaOptions) => createBrokerConnector(resolveConnectOptions(each));
  const connect = options.connect ?? connectBy(options, connectorOf);
  const maxCapacity = requireNotNegative(
    "consumerCacheMaxCapacity",
    options.consumerCacheMaxCapacity ?? CONSUMER_CACHE_MAX_CAPACITY,
  );
  const connections = new WarmConnections({ connect: advertised.explaining(connect), maxCapacity });
  return new Cluster({ bootstrap, advertised, connections });
}

/** A cluster's connections and the way to its metadata, as one user sees them. */
export class Cluster {
  /** Of this user. */
  readonly throttle: ThrottleMeter;
  readonly #parts: ClusterParts;
  /** Of its connections (WM5). */
  readonly #openedAfter: number;

  constructor(parts: ClusterParts, throttle = new ThrottleMeter(), openedAfter = 0) {
    this.#parts = parts;
    this.throttle = throttle;
    this.#openedAfter = openedAfter;
  }

  /** For another user of the same connections: what that one is told to wait is not told to this one. */
  apart(): Cluster {
    return new Cluster(this.#parts);
  }

  /** For the same user, over connections that are opened from now on. */
  afresh(): Cluster {
    return new Cluster(this.#parts, this.throttle, this.#parts.connections.mark());
  }

  /** A connection for the caller alone, until it is given back or discarded. */
  take(address: BrokerAddress, signal?: AbortSignal): Promise<BrokerConnection> {
    const { throttle: meter } = this;
    return this.#parts.connections.take(address, { signal, meter, openedAfter: this.#openedAfter });
  }

  /** Hands a connection back that has nothing in flight. */
  give(connection: BrokerConnection): void {
    this.#parts.connections.give(connection);
  }

  /** Ends a connection that failed or has something in flight. */
  discard(connection: BrokerConnection, reason: unknown): void {
    this.#parts.connections.discard(connection, reason);
  }

  /** Topics by name, or every topic when undefined. Throws RangeReadError when no bootstrap server answers. */
  async metadata(topics: readonly string[] | undefined, signal?: AbortSignal): Promise<ClusterMetadata> {
    return this.#askAny((connection) => this.#ask(connection, topics), signal);
  }

  async #askAny<Answer>(
    ask: (connection: BrokerConnection) => Promise<Answer>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const failures: BatchProcessorError[] = [];
    for (const address of shuffled(this.#parts.bootstrap)) {
      try {
        return await this.use(address, ask, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof BatchProcessorError)) {
          throw error;
        }
        failures.push(error);
      }
    }
    const [first] = failures;
    const message = `no bootstrap server answered: ${failures.map((failure) => failure.message).join("; ")}`;
    const retryable = failures.filter((failure) => failure.retryable);
    if (retryable.length === 0) {
      throw new ConfigurationError(message, { cause: first });
    }
    // Where one of them can be reached some other time, trying again is right.
    throw retryable.every((failure) => failure instanceof UnsuitedError)
      ? new UnsuitedError(message, { cause: first })
      : new RangeReadError(message, { cause: first });
  }

  /**
   * Whether the address is of this cluster, so that credentials may go there and records come from there: a bootstrap
   * server's, or one that such a server has named to this environment; only what is new is asked for.
   */
  async hasBroker(address: BrokerAddress, signal?: AbortSignal): Promise<boolean> {
    if (!this.#parts.advertised.knows(address)) {
      await this.metadata([], signal);
    }
    return this.#parts.advertised.knows(address);
  }

  async #ask(connection: BrokerConnection, topics: readonly string[] | undefined): Promise<ClusterMetadata> {
    const metadata = await connection.metadata({ topics });
    this.#parts.advertised.remember(metadata.brokers, connection.address);
    return { ...metadata, principal: connection.principal };
  }

  /** Runs one exchange on a connection to the broker; an abort ends it at once, and one that came before begins none. */
  async use<Result>(
    address: BrokerAddress,
    exchange: (connection: BrokerConnection) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const connection = await this.take(address, signal);
    const onAbort = () => connection.close(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      signal?.throwIfAborted();
      return await exchange(connection);
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.give(connection);
    }
  }

  /** One request of those that only some need, on a connection to the broker. */
  async call<Request, Response extends { readonly throttleTimeMs: number }>(
    address: BrokerAddress,
    call: ApiCall<Request, Response>,
    { request, signal }: { readonly request: Request; readonly signal?: AbortSignal | undefined },
  ): Promise<Response> {
    return this.use(address, (connection) => connection.ask(call, request), signal);
  }

  /** The same at the first bootstrap server that answers. */
  async callAny<Request, Response extends { readonly throttleTimeMs: number }>(
    call: ApiCall<Request, Response>,
    { request, signal }: { readonly request: Request; readonly signal?: AbortSignal | undefined },
  ): Promise<Response> {
    return this.#askAny((connection) => connection.ask(call, request), signal);
  }

  close(): void {
    this.#parts.connections.close();
  }
}

function connectBy(
  { entry, ...options }: KafkaOptions,
  connectorOf: (options: KafkaOptions) => ConnectBroker,
): ConnectBroker {
  return entry === undefined ? connectorOf(options) : createEnteringConnector({ ...options, entry }, connectorOf);
}

/** In random order, so that many processors do not all ask the first one. */
function shuffled(addresses: readonly BrokerAddress[]): BrokerAddress[] {
  return addresses
    .map((address) => ({ address, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank || formatAddress(a.address).localeCompare(formatAddress(b.address)))
    .map(({ address }) => address);
}
