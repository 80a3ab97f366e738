import { RangeReadError } from "../../core/errors.ts";
import type { BrokerAddress } from "../connection/broker-address.ts";
import type { BrokerConnection, ConnectBroker } from "../connection/broker-connection.ts";
import { interruptible } from "../connection/interruptible.ts";
import type { ConnectOptions } from "../connection/kafka-options.ts";
import { isCredentialsRefusal } from "../refusals/connection-errors.ts";
import { type OpenOptions, SocketConnection } from "./socket-connection.ts";

export function createBrokerConnector({ sasl, ...options }: ConnectOptions): ConnectBroker {
  return async (address, signal) => {
    if (typeof sasl !== "function") {
      return open(address, { ...options, sasl }, signal);
    }
    const limits = { what: "getting the credentials for Kafka", timeoutMs: options.connectTimeoutMs, signal };
    const ask = (wereRefused: boolean) => interruptible(sasl({ wereRefused }), limits);
    const credentials = await ask(false);
    try {
      return await open(address, { ...options, sasl: credentials }, signal);
    } catch (error) {
      if (!isCredentialsRefusal(error)) {
        throw error;
      }
      if (credentials.areSignedAnew === true) {
        throw tokenRefusal(error);
      }
      return open(address, { ...options, sasl: await ask(true) }, signal);
    }
  };
}

/**
 * A token is made for each connection, so another one at once would fare no better. MSK refuses tokens also beyond 100
 * new connections a second and broker, and before a policy is in force: whoever connects tries again, with back-off.
 * https://docs.aws.amazon.com/msk/latest/developerguide/limits.html
 */
function tokenRefusal(error: Error): RangeReadError {
  return new RangeReadError(
    `${error.message}; the role's policy may not be in force yet or lack kafka-cluster:Connect, or there are more new connections than the broker takes by IAM`,
    { cause: error },
  );
}

async function open(address: BrokerAddress, options: OpenOptions, signal?: AbortSignal): Promise<BrokerConnection> {
  signal?.throwIfAborted();
  const connection = new SocketConnection(address, options);
  const onAbort = () => connection.close(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await connection.open();
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
  return connection;
}
