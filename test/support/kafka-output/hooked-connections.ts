import { RangeReadError } from "../../../shared/core/errors.ts";
import { createBrokerConnector } from "../../../shared/kafka/cluster/broker-connector.ts";
import type { ConnectBroker } from "../../../shared/kafka/connection/broker-connection.ts";
import { type KafkaOptions, resolveConnectOptions } from "../../../shared/kafka/connection/kafka-options.ts";
import type { ApiCall } from "../../../shared/kafka/protocol/api-call.ts";
import { addPartitionsToTxnV3 } from "../../../shared/kafka/protocol/transactions/add-partitions-to-txn-v3.ts";
import { endTxnV3 } from "../../../shared/kafka/protocol/transactions/end-txn-v3.ts";

/**
 * What becomes of a call: it passes; the connection is lost before it is sent, or before its answer comes; or it
 * is on its way when whoever sent it dies.
 */
export type Fate = "passes" | "is not sent" | "gets no answer" | "is left behind";

/** Of the one who dies. */
export class DeathError extends Error {
  override readonly name = "DeathError";
}

/**
 * Numbers the steps that calls make, from 1, by their first calls. One that is repeated, since the broker was not ready or
 * is another one by now, is the same step of its transaction, also where another call was made meanwhile.
 */
export function stepCounter(): (name: string) => number {
  const steps = new Map<string, number>();
  let [transactions, isOpen] = [0, false];
  return (name) => {
    transactions += name === addPartitionsToTxnV3.name && !isOpen ? 1 : 0;
    isOpen = name === endTxnV3.name ? false : isOpen || name === addPartitionsToTxnV3.name;
    // What opens the session has no transaction.
    const step = transactions === 0 || steps.has(name) ? name : `${name} ${transactions}`;
    const number = steps.get(step) ?? steps.size + 1;
    steps.set(step, number);
    return number;
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
      const fate = await fateOf(nameOf(api, request));
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

/** Two coordinators are looked for. */
function nameOf<Request, Response>({ name }: ApiCall<Request, Response>, request: Request): string {
  const of =
    typeof request === "object" && request !== null && "keyType" in request ? ` of a ${String(request.keyType)}` : "";
  return name + of;
}
