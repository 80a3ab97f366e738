// Warm connections
//
// Keeps connections between two uses, so that a range in a warm environment opens
// none. A connection belongs to one user at a time.
//
//   WM1  One that failed, was idle too long or is too old is not handed out.
//   WM2  What is idle does not keep the process alive.
//   WM3  After `close` every connection is gone, also those in use.

import { ConfigurationError, RangeReadError } from "../../core/errors.ts";
import { MAX_CONNECTION_AGE_MS, MAX_IDLE_MS } from "../limits.ts";
import { type BrokerAddress, formatAddress } from "./broker-address.ts";
import type { BrokerConnection, ConnectBroker } from "./broker-connection.ts";

interface Warm {
  readonly connection: BrokerConnection;
  readonly openedAt: number;
  idleSince: number;
}

export class WarmConnections {
  readonly #connect: ConnectBroker;
  /** Milliseconds since the epoch: a frozen environment's monotonic clock may have stood still. */
  readonly #now: () => number;
  readonly #idle: Warm[] = [];
  readonly #taken = new Map<BrokerConnection, Warm>();
  #isClosed = false;

  constructor(connect: ConnectBroker, now: () => number = Date.now) {
    this.#connect = connect;
    this.#now = now;
  }

  async take(address: BrokerAddress, signal?: AbortSignal): Promise<BrokerConnection> {
    this.#requireOpen();
    this.#dropStale();
    const key = formatAddress(address);
    const index = this.#idle.findIndex(({ connection }) => formatAddress(connection.address) === key);
    const [found] = index < 0 ? [] : this.#idle.splice(index, 1);
    const warm = found ?? { connection: await this.#connect(address, signal), openedAt: this.#now(), idleSince: 0 };
    this.#taken.set(warm.connection, warm);
    if (this.#isClosed) {
      this.discard(warm.connection, closedError());
      throw closedError();
    }
    warm.connection.setIdle(false);
    return warm.connection;
  }

  /** Hands a connection back that has nothing in flight; one that failed is dropped. */
  give(connection: BrokerConnection): void {
    const warm = this.#taken.get(connection);
    this.#taken.delete(connection);
    if (warm === undefined || this.#isClosed || !connection.isUsable) {
      connection.close(closedError());
      return;
    }
    warm.idleSince = this.#now();
    connection.setIdle(true);
    this.#idle.push(warm);
  }

  /** Ends a connection that failed or has something in flight. */
  discard(connection: BrokerConnection, reason: unknown): void {
    this.#taken.delete(connection);
    connection.close(reason);
  }

  close(): void {
    this.#isClosed = true;
    for (const { connection } of [...this.#idle, ...this.#taken.values()]) {
      connection.close(closedError());
    }
    this.#idle.length = 0;
    this.#taken.clear();
  }

  #requireOpen(): void {
    if (this.#isClosed) {
      throw closedError();
    }
  }

  #dropStale(): void {
    const now = this.#now();
    for (const warm of [...this.#idle]) {
      const idleMs = now - warm.idleSince;
      // A clock that went back says nothing about how long it was: not trusted either.
      const isFresh = idleMs >= 0 && idleMs <= MAX_IDLE_MS && now - warm.openedAt <= MAX_CONNECTION_AGE_MS;
      if (!isFresh || !warm.connection.isUsable) {
        this.#idle.splice(this.#idle.indexOf(warm), 1);
        warm.connection.close(new RangeReadError("the connection was idle for too long"));
      }
    }
  }
}

function closedError(): ConfigurationError {
  return new ConfigurationError("the Kafka client was closed, and nothing more is read with it");
}
