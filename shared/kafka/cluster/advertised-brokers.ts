// Advertised brokers
//
// Every address but a bootstrap server's is one that a broker advertises. When it
// cannot be used, its configuration is the place to look at, not the client's own
// list: whoever told it, and of which broker, is said with the error.

import { ConfigurationError, RangeReadError } from "../../core/errors.ts";
import type { Broker } from "../../core/source/offset-source.ts";
import { type BrokerAddress, formatAddress } from "../connection/broker-address.ts";
import type { ConnectBroker } from "../connection/broker-connection.ts";
import { MAX_ADVERTISED_ADDRESSES } from "../limits.ts";
import { isCredentialsRefusal } from "../refusals/connection-errors.ts";
import { UnsuitedError } from "../refusals/unsuited-error.ts";

export class AdvertisedBrokers {
  readonly #bootstrap: ReadonlySet<string>;
  /** The bootstrap server that told an address last. */
  readonly #toldBy = new Map<string, string>();

  constructor(bootstrap: readonly BrokerAddress[]) {
    this.#bootstrap = new Set(bootstrap.map(formatAddress));
  }

  remember(brokers: readonly Broker[], toldBy: BrokerAddress): void {
    if (this.#toldBy.size + brokers.length > MAX_ADVERTISED_ADDRESSES) {
      this.#toldBy.clear();
    }
    for (const broker of brokers) {
      this.#toldBy.set(formatAddress(broker), formatAddress(toldBy));
    }
  }

  /** Whether the address is a bootstrap server's, or one that such a server has told. */
  knows(address: BrokerAddress): boolean {
    const name = formatAddress(address);
    return this.#bootstrap.has(name) || this.#toldBy.has(name);
  }

  /** A connector whose errors say where the address comes from. */
  explaining(connect: ConnectBroker): ConnectBroker {
    return async (address, signal) => {
      try {
        return await connect(address, signal);
      } catch (error) {
        signal?.throwIfAborted();
        throw this.#explain(error, address);
      }
    };
  }

  #explain(error: unknown, address: BrokerAddress): unknown {
    const name = formatAddress(address);
    if (!("nodeId" in address) || this.#bootstrap.has(name)) {
      return error;
    }
    const toldBy = this.#toldBy.get(name);
    const what = `broker ${String(address.nodeId)} advertises ${name}${toldBy === undefined ? "" : ` (told by ${toldBy})`}`;
    if (error instanceof RangeReadError) {
      // Whoever refuses credentials was reached.
      const remedy = isCredentialsRefusal(error.cause)
        ? ""
        : "; what it has in advertised.listeners must be reachable from here";
      const message = `${what}, but ${error.message}${remedy}`;
      return error instanceof UnsuitedError
        ? new UnsuitedError(message, { cause: error })
        : new RangeReadError(message, { cause: error });
    }
    return error instanceof ConfigurationError
      ? new ConfigurationError(`${what} in its advertised.listeners, but ${error.message}`, { cause: error })
      : error;
  }
}
