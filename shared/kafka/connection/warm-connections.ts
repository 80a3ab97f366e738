// Warm connections
//
// Keeps connections between two uses, so that a range in a warm environment opens
// none. A connection belongs to one user at a time. All are of one identity, as whom
// the cluster's options enter it, and found by their broker.
//
//   WM1  One that failed, was idle too long or is too old is not handed out.
//   WM2  What is idle does not keep the process alive.
//   WM3  After `close` every connection is gone, also those in use.
//   WM4  Beyond the capacity the one that has been idle for longest is closed; what is in use
//        never is, and so may be more (Spark's consumer cache is as soft).
//   WM5  Whoever asks for connections opened after a mark gets no other, and those of the broker
//        that are idle since before are closed: an attempt may have failed for them.

import { ConfigurationError, RangeReadError } from "../../core/errors.ts";
import { CONSUMER_CACHE_MAX_CAPACITY, MAX_CONNECTION_AGE_MS, MAX_IDLE_MS } from "../limits.ts";
import { type BrokerAddress, formatAddress } from "./broker-address.ts";
import type { BrokerConnection, ConnectBroker } from "./broker-connection.ts";
import type { ThrottleMeter } from "./throttle-meter.ts";

interface Warm {
  readonly connection: BrokerConnection;
  readonly openedAt: number;
  /** How many were opened before it. */
  readonly serial: number;
  idleSince: number;
  /** Counts what the present user is told to wait. */
  meter?: ThrottleMeter | undefined;
}

export interface WarmConnectionsOptions {
  readonly connect: ConnectBroker;
  /** Of connections, those in use among them. @default CONSUMER_CACHE_MAX_CAPACITY */
  readonly maxCapacity?: number;
  /** Milliseconds since the epoch: a frozen environment's monotonic clock may have stood still. */
  readonly now?: () => number;
}

/** What a user says of itself. */
export interface ConnectionUse {
  readonly signal?: AbortSignal | undefined;
  readonly meter?: ThrottleMeter;
  /** A mark: WM5. */
  readonly openedAfter?: number;
}

export class WarmConnections {
  readonly #connect: ConnectBroker;
  readonly #maxCapacity: number;
  readonly #now: () => number;
  /** The one that has been idle for longest first. */
  readonly #idle: Warm[] = [];
  readonly #taken = new Map<BrokerConnection, Warm>();
  #opened = 0;
  #isClosed = false;

  constructor({ connect, maxCapacity = CONSUMER_CACHE_MAX_CAPACITY, now = Date.now }: WarmConnectionsOptions) {
    this.#connect = connect;
    this.#maxCapacity = maxCapacity;
    this.#now = now;
  }

  /** What is opened from now on comes after it (WM5). */
  mark(): number {
    return this.#opened;
  }

  async take(
    address: BrokerAddress,
    { signal, meter, openedAfter = 0 }: ConnectionUse = {},
  ): Promise<BrokerConnection> {
    this.#requireOpen();
    this.#dropStale();
    const found = this.#takeIdle(formatAddress(address), openedAfter);
    const warm = found ?? (await this.#open(address, signal));
    this.#taken.set(warm.connection, warm);
    warm.meter = meter;
    meter?.begin(warm.connection, found === undefined);
    if (this.#isClosed) {
      this.discard(warm.connection, closedError());
      throw closedError();
    }
    warm.connection.setIdle(false);
    return warm.connection;
  }

  /** Hands a connection back that has nothing in flight; one that failed is dropped. */
  give(connection: BrokerConnection): void {
    const warm = this.#release(connection);
    if (warm === undefined || this.#isClosed || !connection.isUsable) {
      connection.close(closedError());
      return;
    }
    warm.idleSince = this.#now();
    connection.setIdle(true);
    this.#idle.push(warm);
    this.#makeRoom(this.#maxCapacity);
  }

  /** Ends a connection that failed or has something in flight. */
  discard(connection: BrokerConnection, reason: unknown): void {
    this.#release(connection);
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

  #takeIdle(key: string, openedAfter: number): Warm | undefined {
    const ofBroker = this.#idle.filter(({ connection }) => formatAddress(connection.address) === key);
    for (const warm of ofBroker.filter(({ serial }) => serial < openedAfter)) {
      this.#drop(warm, "an attempt that failed may have used it");
    }
    const found = ofBroker.find(({ serial }) => serial >= openedAfter);
    if (found !== undefined) {
      this.#idle.splice(this.#idle.indexOf(found), 1);
    }
    return found;
  }

  async #open(address: BrokerAddress, signal: AbortSignal | undefined): Promise<Warm> {
    this.#makeRoom(this.#maxCapacity - 1);
    const connection = await this.#connect(address, signal);
    const serial = this.#opened;
    this.#opened += 1;
    return { connection, openedAt: this.#now(), serial, idleSince: 0 };
  }

  /** Closes idle ones until there are so many connections at most (WM4). */
  #makeRoom(most: number): void {
    while (this.#idle.length > 0 && this.#idle.length + this.#taken.size > most) {
      this.#drop(this.#idle[0], `there are ${this.#maxCapacity} connections at most`);
    }
  }

  #release(connection: BrokerConnection): Warm | undefined {
    const warm = this.#taken.get(connection);
    this.#taken.delete(connection);
    warm?.meter?.end(connection);
    return warm;
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
        this.#drop(warm, "it was idle for too long");
      }
    }
  }

  #drop(warm: Warm | undefined, why: string): void {
    if (warm !== undefined) {
      this.#idle.splice(this.#idle.indexOf(warm), 1);
      warm.connection.close(new RangeReadError(`the connection was closed: ${why}`));
    }
  }
}

function closedError(): ConfigurationError {
  return new ConfigurationError("the Kafka client was closed, and nothing more is read with it");
}
