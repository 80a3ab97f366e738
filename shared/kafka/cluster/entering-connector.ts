// Entering connector
//
// Connects by what an entry source says when a connection is opened. Where a broker, its
// certificate or an issuer of tokens refuses it, the source is asked once more: a
// certificate or a password may have been renewed.
//
//   EN1  A refusal is tried again at most once, and only where the source says something new.

import { ConfigurationError } from "../../core/errors.ts";
import type { ConnectBroker } from "../connection/broker-connection.ts";
import { interruptible } from "../connection/interruptible.ts";
import {
  type EntrySource,
  type KafkaEntry,
  type KafkaOptions,
  resolveConnectOptions,
} from "../connection/kafka-options.ts";

/** `connectorOf` makes what connects by given settings. */
export function createEnteringConnector(
  options: KafkaOptions & { readonly entry: EntrySource },
  connectorOf: (options: KafkaOptions) => ConnectBroker,
): ConnectBroker {
  const { entry: source, ...rest } = options;
  const { connectTimeoutMs } = resolveConnectOptions(options);
  const connectors = new WeakMap<KafkaEntry, ConnectBroker>();
  const connectBy = (entry: KafkaEntry): ConnectBroker => {
    const connect = connectors.get(entry) ?? connectorOf({ ...rest, ...entry });
    connectors.set(entry, connect);
    return connect;
  };
  return async (address, signal) => {
    const limits = { what: "getting the settings for Kafka", timeoutMs: connectTimeoutMs, signal };
    const entry = await interruptible(source({ wasRefused: false }), limits);
    try {
      return await connectBy(entry)(address, signal);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) {
        throw error;
      }
      const renewed = await interruptible(source({ wasRefused: true }), limits);
      if (renewed === entry) {
        throw error;
      }
      return connectBy(renewed)(address, signal);
    }
  };
}
