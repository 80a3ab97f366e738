// Simulated brokers
//
// Kafka brokers that serve a fake log to the production reader and offset source,
// in real record batches, call by call over the network. Each has its own idea of
// who leads what, which may be out of date; a deposed leader goes on answering
// until it hears of the election.

import { RangeReadError } from "../../../shared/core/errors.ts";
import type { BrokerAddress } from "../../../shared/kafka/connection/broker-address.ts";
import type { BrokerConnection, ConnectBroker } from "../../../shared/kafka/connection/broker-connection.ts";
import { CONNECT_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from "../../../shared/kafka/limits.ts";
import { BROKERS } from "../../support/kafka/fake-kafka-log.ts";
import type { Network } from "../world/network.ts";
import type { Actor, World } from "../world/world.ts";
import { answerFetch } from "./answer-fetch.ts";
import { answerEpoch, answerListOffsets, answerMetadata, answerProducers } from "./answer-lookups.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";

export const BOOTSTRAP_SERVERS = Array.from({ length: BROKERS }, (_, index) => `kafka-${index + 1}:9092`);

export class SimulatedBrokers {
  readonly #world: World;
  readonly #network: Network;
  readonly #cluster: SimulatedCluster;

  constructor(world: World, network: Network, cluster: SimulatedCluster) {
    this.#world = world;
    this.#network = network;
    this.#cluster = cluster;
  }

  /** How an actor reaches them. */
  connectorOf(actor: Actor): ConnectBroker {
    return async (address, signal) => {
      const nodeId = nodeIdOf(address);
      await this.#call(
        actor,
        nodeId,
        { what: `connect kafka-${nodeId}`, timeoutMs: CONNECT_TIMEOUT_MS, signal },
        () => {},
      );
      return this.#connection(actor, address);
    };
  }

  #connection(actor: Actor, address: BrokerAddress): BrokerConnection {
    const nodeId = nodeIdOf(address);
    const closing = new AbortController();
    let isUsable = true;
    const call = async <Response>(what: string, answer: () => Response): Promise<Response> => {
      const request = { what: `${what} of kafka-${nodeId}`, timeoutMs: REQUEST_TIMEOUT_MS, signal: closing.signal };
      try {
        return await this.#call(actor, nodeId, request, answer);
      } catch (error) {
        isUsable = false;
        throw error;
      }
    };
    return {
      address,
      throttleTimeMs: 0,
      get isUsable() {
        return isUsable;
      },
      metadata: ({ topics }) =>
        call(`Metadata ${topics?.join() ?? ""}`, () => answerMetadata(this.#cluster, nodeId, topics)),
      listOffsets: (request) =>
        call(
          `ListOffsets ${request.queries.map(({ topic, partition, timestamp }) => `${topic}-${partition} ${timestamp}`).join()}`,
          () => answerListOffsets(this.#cluster, nodeId, request),
        ),
      offsetForLeaderEpoch: (request) =>
        call("OffsetForLeaderEpoch", () => answerEpoch(this.#cluster, nodeId, request)),
      fetch: async (request) => {
        const what = `Fetch ${request.partition} at ${request.fetchOffset} after epoch ${request.lastFetchedEpoch}`;
        const response = await call(what, () => answerFetch(this.#cluster, nodeId, request));
        if (response.partition?.errorCode === 0 && response.partition.records.length === 0) {
          await this.#world.pause(request.maxWaitMs, actor);
        }
        return response;
      },
      describeProducers: (request) => call("DescribeProducers", () => answerProducers(this.#cluster, nodeId, request)),
      ask: ({ name }) => Promise.reject(new Error(`the simulated brokers know no ${name}`)),
      setIdle: () => {},
      close: (reason) => {
        isUsable = false;
        closing.abort(reason);
      },
    };
  }

  async #call<Response>(
    actor: Actor,
    nodeId: number,
    { what, timeoutMs, signal }: { what: string; timeoutMs: number; signal: AbortSignal | undefined },
    answer: () => Response,
  ): Promise<Response> {
    signal?.throwIfAborted();
    const timeOut = () => new RangeReadError(`${what} was not answered`);
    const apply = () => {
      if (this.#cluster.isDown(nodeId)) {
        this.#world.trace.count("fault brokerDown");
        throw new RangeReadError(`${what}: the broker is down`);
      }
      return answer();
    };
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([this.#network.call(actor, { what, timeoutMs, apply, timeOut }), promise]);
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }
}

function nodeIdOf({ host }: BrokerAddress): number {
  return Number(host.slice("kafka-".length));
}
