// Transaction coordinator
//
// The transactional ids and what is under way of each, as Kafka's TransactionCoordinator moves them for clients
// that speak EndTxn up to v4: an end is decided by the coordinator alone and answered then; the markers
// follow, and until they are all written the id takes nothing new. Who begins anew, and a
// transaction whose time is up, raise the epoch and abort what is open.

import type { ProducerIdentity } from "../../../../shared/kafka/protocol/transactions/producer-identity.ts";
import type { World } from "../../world/world.ts";
import type { Marker } from "./target-log.ts";

const INVALID_TXN_STATE = 48;
const INVALID_PRODUCER_ID_MAPPING = 49;
const INVALID_TRANSACTION_TIMEOUT = 50;
const CONCURRENT_TRANSACTIONS = 51;
const PRODUCER_FENCED = 90;

/** Above it an id gets another producer. */
const LAST_EPOCH = 32_766;
/** transaction.max.timeout.ms, by default. */
const MAX_TIMEOUT_MS = 900_000;
/** How often the coordinator looks for transactions whose time is up. */
const LOOK_MS = 10_000;
const MARKER_MS = 10;
const SLOW_MARKER_MS = 1_500;
const SLOW = 0.05;
const FIRST_PRODUCER = 1_000n;

/** A partition of the topic, or a group. */
export type Place = number | string;

interface Entry {
  readonly transactionalId: string;
  producerId: bigint;
  epoch: number;
  timeoutMs: number;
  state: "empty" | "ongoing" | "preparing" | "complete";
  /** Of the last end. */
  isCommitted: boolean;
  /** What the transaction has taken in, without what its marker is written to. */
  readonly places: Set<Place>;
  /** Of the transactions that were begun. */
  count: number;
}

interface CoordinatorParts {
  readonly world: World;
  readonly writeMarker: (place: Place, marker: Marker) => void;
  /** A transaction is committed from here on. */
  readonly onCommit: (identity: ProducerIdentity, places: ReadonlySet<Place>) => void;
}

export class TransactionCoordinator {
  readonly #parts: CoordinatorParts;
  readonly #entries = new Map<string, Entry>();
  readonly #byProducer = new Map<bigint, Entry>();
  #nextProducer = FIRST_PRODUCER;
  /** Of new ids: some have used up nearly all of their epochs. */
  readonly #firstEpoch: number;
  #isCalm = false;

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
    this.#firstEpoch = parts.world.choose(0, 0, LAST_EPOCH - 3);
  }

  begin(transactionalId: string, timeoutMs: number): Pick<ProducerIdentity, "producerId" | "producerEpoch"> | number {
    const { trace } = this.#parts.world;
    if (timeoutMs > MAX_TIMEOUT_MS || timeoutMs <= 0) {
      return INVALID_TRANSACTION_TIMEOUT;
    }
    const entry = this.#entries.get(transactionalId) ?? this.#create(transactionalId);
    if (entry.state === "ongoing") {
      trace.count("kafka transaction fenced");
      this.#fence(entry);
    }
    if (entry.state === "preparing") {
      return CONCURRENT_TRANSACTIONS;
    }
    if (entry.epoch >= LAST_EPOCH) {
      trace.count("kafka epochs used up");
      this.#giveProducer(entry);
      entry.epoch = -1;
    }
    entry.epoch += 1;
    entry.state = "empty";
    entry.timeoutMs = timeoutMs;
    return { producerId: entry.producerId, producerEpoch: entry.epoch };
  }

  /** Markers are written at once. */
  heal(): void {
    this.#isCalm = true;
  }

  /** An error code. */
  add(identity: ProducerIdentity, places: readonly Place[]): number {
    const entry = this.#entries.get(identity.transactionalId);
    const refusal = refusalOf(entry, identity);
    if (entry === undefined || refusal !== 0) {
      return refusal;
    }
    if (entry.state === "preparing") {
      return CONCURRENT_TRANSACTIONS;
    }
    if (entry.state !== "ongoing") {
      entry.state = "ongoing";
      entry.count += 1;
      this.#watch(entry);
    }
    for (const place of places) {
      entry.places.add(place);
    }
    return 0;
  }

  /** An error code. */
  end(identity: ProducerIdentity, isCommitted: boolean): number {
    const entry = this.#entries.get(identity.transactionalId);
    const refusal = refusalOf(entry, identity);
    if (entry === undefined || refusal !== 0) {
      return refusal;
    }
    if (entry.state === "ongoing") {
      this.#end(entry, isCommitted);
      return 0;
    }
    if (entry.state === "empty" || entry.isCommitted !== isCommitted) {
      return INVALID_TXN_STATE;
    }
    return entry.state === "preparing" ? CONCURRENT_TRANSACTIONS : 0;
  }

  /** What a broker that writes for a transaction is told when it asks whether it is in it (KIP-890). */
  verify(identity: ProducerIdentity, place: Place): number {
    const entry = this.#entries.get(identity.transactionalId);
    const refusal = refusalOf(entry, identity);
    if (refusal !== 0) {
      return refusal;
    }
    if (entry?.state === "preparing") {
      return CONCURRENT_TRANSACTIONS;
    }
    return entry?.state === "ongoing" && entry.places.has(place) ? 0 : INVALID_TXN_STATE;
  }

  /** Whether the producer's transaction is committed, and the place has no marker of it yet. */
  isDecided(producerId: bigint, place: Place): boolean {
    const entry = this.#byProducer.get(producerId);
    return entry?.state === "preparing" && entry.isCommitted && entry.places.has(place);
  }

  #create(transactionalId: string): Entry {
    const entry: Entry = {
      transactionalId,
      producerId: -1n,
      epoch: this.#firstEpoch - 1,
      timeoutMs: 0,
      state: "empty",
      isCommitted: false,
      places: new Set(),
      count: 0,
    };
    this.#entries.set(transactionalId, entry);
    this.#giveProducer(entry);
    return entry;
  }

  #giveProducer(entry: Entry): void {
    entry.producerId = this.#nextProducer;
    this.#nextProducer += 1n;
    this.#byProducer.set(entry.producerId, entry);
  }

  #fence(entry: Entry): void {
    entry.epoch += 1;
    this.#end(entry, false);
  }

  /** Aborts what is not ended in its time. */
  #watch(entry: Entry): void {
    const { world } = this.#parts;
    const { count } = entry;
    world.after(entry.timeoutMs + world.integer(LOOK_MS), () => {
      if (entry.state === "ongoing" && entry.count === count) {
        world.trace.count("kafka transaction timed out");
        world.log("cluster", `${entry.transactionalId} is out of time`);
        this.#fence(entry);
      }
    });
  }

  #markerMs(): number {
    const { world } = this.#parts;
    return this.#isCalm ? 0 : world.interval(world.chance(SLOW) ? SLOW_MARKER_MS : MARKER_MS);
  }

  #end(entry: Entry, isCommitted: boolean): void {
    const { world, onCommit, writeMarker } = this.#parts;
    const { transactionalId, producerId, epoch: producerEpoch, places } = entry;
    world.trace.count(`kafka transaction ${isCommitted ? "committed" : "aborted"}`);
    if (isCommitted) {
      onCommit({ transactionalId, producerId, producerEpoch }, places);
    }
    entry.state = "preparing";
    entry.isCommitted = isCommitted;
    for (const place of [...places]) {
      world.after(this.#markerMs(), () => {
        writeMarker(place, { producerId, producerEpoch, isCommitted });
        places.delete(place);
        entry.state = places.size === 0 ? "complete" : entry.state;
      });
    }
  }
}

function refusalOf(entry: Entry | undefined, { producerId, producerEpoch }: ProducerIdentity): number {
  if (entry?.producerId !== producerId) {
    return INVALID_PRODUCER_ID_MAPPING;
  }
  return entry.epoch === producerEpoch ? 0 : PRODUCER_FENCED;
}
