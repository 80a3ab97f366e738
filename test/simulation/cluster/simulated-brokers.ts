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
import type { ApiCall } from "../../../shared/kafka/protocol/api-call.ts";
import { BROKERS } from "../../support/kafka/fake-kafka-log.ts";
import type { Network } from "../world/network.ts";
import type { Actor, World } from "../world/world.ts";
import { answerFetch } from "./answer-fetch.ts";
import { answerEpoch, answerListOffsets, answerMetadata, answerProducers } from "./answer-lookups.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";

export const BOOTSTRAP_SERVERS = Array.from({ length: BROKERS }, (_, index) => `kafka-${index + 1}:9092`);

/** How long, in the mean, a broker takes to come to what it has in its queue. */
const QUEUED_MS = [20, 150, 2_000] as const;

/** What answers the requests that only some clients have. */
export interface AskedBrokers {
  describe(call: Pick<ApiCall<never, unknown>, "name">, request: unknown): string;
  answer<Request, Response>(nodeId: number, call: ApiCall<Request, Response>, request: Request): Response;
}

export class SimulatedBrokers {
  readonly #world: World;
  readonly #network: Network;
  readonly #cluster: SimulatedCluster;
  readonly #asked: AskedBrokers | undefined;

  constructor(world: World, network: Network, cluster: SimulatedCluster, asked?: AskedBrokers) {
    this.#world = world;
    this.#network = network;
    this.#cluster = cluster;
    this.#asked = asked;
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
      ask: async (asking, request) => {
        const asked = this.#asked;
        if (asked === undefined) {
          throw new Error(`the simulated brokers know no ${asking.name}`);
        }
        const what = asked.describe(asking, request);
        const answer = () => asked.answer(nodeId, asking, request);
        if (this.#world.chance(this.#network.rates.lostAnswer)) {
          isUsable = false;
          this.#answerUnheard(actor, nodeId, `${what} of kafka-${nodeId}`, answer);
          throw new RangeReadError(`${what}: the connection was cut`);
        }
        return call(what, answer);
      },
      setIdle: () => {},
      close: (reason) => {
        isUsable = false;
        closing.abort(reason);
      },
    };
  }

  /** What a connection that was cut has brought to the broker, which comes to it in its time. */
  #answerUnheard(actor: Actor, nodeId: number, what: string, answer: () => unknown): void {
    this.#world.trace.count("fault cutConnection");
    this.#world.log(actor.name, `cut: ${what}`);
    this.#world.after(this.#world.interval(this.#world.choose(...QUEUED_MS)), () => {
      if (!this.#cluster.isDown(nodeId)) {
        this.#world.log(actor.name, `${what}, late`);
        answer();
      }
    });
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
