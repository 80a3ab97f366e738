import type { BrokerConnection, ConnectBroker } from "./broker-connection.ts";
import { isCredentialsRefusal } from "./connection-errors.ts";
import { interruptible } from "./interruptible.ts";
import type { BrokerAddress, ConnectOptions } from "./kafka-options.ts";
import { KafkajsConnection, type OpenOptions } from "./kafkajs-transport.ts";
import type { ThrottleMeter } from "./throttle-meter.ts";

/** What brokers tell a connection to wait is added to `throttle`. */
export function createKafkajsConnector({ sasl, ...rest }: ConnectOptions, throttle: ThrottleMeter): ConnectBroker {
  const options = { ...rest, throttle };
  return async (address, signal) => {
    if (typeof sasl !== "function") {
      return open(address, { ...options, sasl }, signal);
    }
    const limits = { what: "getting the credentials for Kafka", timeoutMs: options.connectTimeoutMs, signal };
    const openWith = async (wereRefused: boolean) =>
      open(address, { ...options, sasl: await interruptible(sasl({ wereRefused }), limits) }, signal);
    try {
      return await openWith(false);
    } catch (error) {
      if (isCredentialsRefusal(error)) {
        return openWith(true);
      }
      throw error;
    }
  };
}

async function open(address: BrokerAddress, options: OpenOptions, signal?: AbortSignal): Promise<BrokerConnection> {
  signal?.throwIfAborted();
  const connection = new KafkajsConnection(address, options);
  const onAbort = () => connection.close(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await connection.open();
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
  return connection;
}
