import { partitionOfKey } from "./murmur2.ts";

/** What of a record says where it goes. */
export interface Placeable {
  readonly topic: string;
  readonly key: Uint8Array | null;
  readonly partition: number | undefined;
}

/**
 * Chooses partitions as Kafka's Java client does: a record's own, else by its key, else one for a whole batch.
 * Batches without keys begin at `first`, so that the processors of several partitions begin at several.
 */
export class PartitionChooser {
  readonly #first: number;
  /** Batches so far, by topic. */
  readonly #turns = new Map<string, number>();

  constructor(first: number) {
    this.#first = first;
  }

  choose({ topic, key, partition }: Placeable, count: number): number {
    return partition ?? (key === null ? this.#inTurn(topic, count) : partitionOfKey(key, count));
  }

  /** The topic's next records without a key go elsewhere. */
  turn(topic: string): void {
    this.#turns.set(topic, (this.#turns.get(topic) ?? 0) + 1);
  }

  #inTurn(topic: string, count: number): number {
    return (this.#first + (this.#turns.get(topic) ?? 0)) % count;
  }
}
