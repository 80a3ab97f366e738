import { RangeReadError } from "../../../shared/core/errors.ts";
import { createBrokerConnector } from "../../../shared/kafka/cluster/broker-connector.ts";
import type { ConnectBroker } from "../../../shared/kafka/connection/broker-connection.ts";
import { type KafkaOptions, resolveConnectOptions } from "../../../shared/kafka/connection/kafka-options.ts";
import type { ApiCall } from "../../../shared/kafka/protocol/api-call.ts";

/**
 * What becomes of a call: it passes; the connection is lost before it is sent, or before its answer comes; or it
 * is on its way when whoever sent it dies.
 */
export type Fate = "passes" | "is not sent" | "gets no answer" | "is left behind";

/** Of the one who dies. */
export class DeathError extends Error {
  override readonly name = "DeathError";
}

/** Numbers the steps that calls make, from 1: one that is repeated, since the broker was not ready, is the same step. */
export function stepCounter(): (name: string) => number {
  let [step, last] = [0, ""];
  return (name) => {
    step += name === last ? 0 : 1;
    last = name;
    return step;
  };
}

/** Connections to a real broker, each call of which waits for `fateOf`. */
export function hookedConnections(
  options: KafkaOptions,
  fateOf: (name: string) => Fate | Promise<Fate>,
): ConnectBroker {
  const connect = createBrokerConnector(resolveConnectOptions(options));
  return async (address, signal) => {
    const connection = await connect(address, signal);
    const lose = (what: string) => {
      const lost = new RangeReadError(`the test lost ${what}`);
      connection.close(lost);
      return lost;
    };
    const ask = async <Request, Response extends { readonly throttleTimeMs: number }>(
      api: ApiCall<Request, Response>,
      request: Request,
    ): Promise<Response> => {
      const fate = await fateOf(api.name);
      if (fate === "is not sent") {
        throw lose(api.name);
      }
      const answer = connection.ask(api, request);
      if (fate === "is left behind") {
        answer.catch(() => undefined);
        throw new DeathError(`it died with ${api.name} on its way`);
      }
      const response = await answer;
      if (fate === "gets no answer") {
        throw lose(`the answer to ${api.name}`);
      }
      return response;
    };
    return new Proxy(connection, {
      get: (target, property) => {
        const value: unknown = property === "ask" ? ask : Reflect.get(target, property, target);
        return typeof value === "function" && property !== "ask" ? value.bind(target) : value;
      },
    });
  };
}
