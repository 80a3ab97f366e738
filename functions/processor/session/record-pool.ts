// Record pool
//
// The records of a range that are worked on side by side. It knows nothing of commits: what
// becomes of a record that leaves it is its user's business (for-each.ts).
//
//   EP1  Of the records of one key one is worked on at a time, in the order of their offsets. A
//        record without a key has no order.
//   EP2  At most `concurrency` records are worked on at a time; of those that may begin, the
//        lowest offset does.
//   EP3  Records leave in the order of their offsets, once they are finished: everything below the
//        first that is left is done.
//   EP4  What waits is bounded by its number and its bytes, whatever one slow record holds up.
//   EP5  Once one has failed, none above it begins, while all below it are finished, as if they
//        were worked on one after the other. Once the pool is closed, none begins.

import { MAX_BYTES_AHEAD, RECORDS_AHEAD_PER_PLACE } from "../../../shared/core/limits.ts";
import type { RangeCounts } from "../../../shared/core/range/range-record.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import type { RecordOutputs } from "./record-outputs.ts";

export interface PoolRules<Output> {
  readonly concurrency: number;
  readonly by: "key" | "record";
  readonly work: (record: KafkaRecord) => Promise<readonly Output[]>;
}

/** How reading stood when a record was taken. */
export interface Taken {
  /** Of the offsets up to it. */
  readonly countsBelow: RangeCounts;
  readonly leaderEpoch: number | undefined;
}

/** What the work on a record came to. */
export interface Finished<Output> extends RecordOutputs<Output>, Taken {}

interface Entry<Output> extends Taken {
  readonly offset: bigint;
  readonly key: string | undefined;
  /** Let go once the work begins, since a record holds the buffer that it was fetched with. */
  record: KafkaRecord | undefined;
  outputs?: readonly Output[];
  /** In the order of offsets. */
  next?: Entry<Output>;
  nextOfKey?: Entry<Output>;
}

export class RecordPool<Output> {
  readonly #rules: PoolRules<Output>;
  #first: Entry<Output> | undefined;
  #last: Entry<Output> | undefined;
  #size = 0;
  #bytes = 0;
  #running = 0;
  #isClosed = false;
  #failure: { readonly error: unknown; readonly offset: bigint } | undefined;
  /** May begin, by offset. */
  readonly #ready: Entry<Output>[] = [];
  /** The last of each key that is not finished. */
  readonly #ofKey = new Map<string, Entry<Output>>();
  #woken = Promise.withResolvers<void>();

  constructor(rules: PoolRules<Output>) {
    this.#rules = rules;
  }

  /** How many have not left. */
  get size(): number {
    return this.#size;
  }

  /** Whether another may be added (EP4). */
  get hasRoom(): boolean {
    const maxRecords = RECORDS_AHEAD_PER_PLACE * this.#rules.concurrency;
    return this.#size === 0 || (this.#size < maxRecords && this.#bytes < MAX_BYTES_AHEAD);
  }

  /** Everything below it is done, and has left (EP3); undefined where none is left. */
  get first(): (Taken & { readonly offset: bigint }) | undefined {
    return this.#first;
  }

  /** Of the lowest offset that failed. */
  get failure(): { readonly error: unknown; readonly offset: bigint } | undefined {
    return this.#failure;
  }

  /** In the order of offsets. */
  add(record: KafkaRecord, taken: Taken): void {
    const key = this.#rules.by === "key" ? record.key?.toString("latin1") : undefined;
    const entry: Entry<Output> = { ...taken, offset: record.offset, key, record };
    if (this.#last === undefined) {
      this.#first = entry;
    } else {
      this.#last.next = entry;
    }
    this.#last = entry;
    this.#size += 1;
    this.#bytes += bytesOf(record);
    const before = key === undefined ? undefined : this.#ofKey.get(key);
    if (key !== undefined) {
      this.#ofKey.set(key, entry);
    }
    if (before === undefined) {
      this.#ready.push(entry);
      this.#begin();
    } else {
      before.nextOfKey = entry;
    }
  }

  /** The first of all that are left, where it is finished. */
  finished(): Finished<Output> | undefined {
    const { offset, outputs, countsBelow, leaderEpoch } = this.#first ?? {};
    return offset === undefined || outputs === undefined || countsBelow === undefined
      ? undefined
      : { offset, outputs, countsBelow, leaderEpoch };
  }

  /** The first one leaves. */
  shift(): void {
    this.#first = this.#first?.next;
    this.#last = this.#first === undefined ? undefined : this.#last;
    this.#size -= 1;
  }

  /** None begins any more. */
  close(): void {
    this.#isClosed = true;
  }

  /** Resolves the next time that the work on a record ends, or `wake` is called. */
  next(): Promise<void> {
    return this.#woken.promise;
  }

  wake(): void {
    this.#woken.resolve();
    this.#woken = Promise.withResolvers();
  }

  /** Whether any is worked on; none of those that wait begins otherwise. */
  get isAtWork(): boolean {
    return this.#running > 0;
  }

  #begin(): void {
    while (!this.#isClosed && this.#running < this.#rules.concurrency) {
      const [entry] = this.#ready;
      const record = entry?.record;
      if (entry === undefined || record === undefined || this.#isBehindFailure(entry)) {
        return;
      }
      this.#ready.shift();
      entry.record = undefined;
      this.#running += 1;
      void this.#run(entry, record);
    }
  }

  async #run(entry: Entry<Output>, record: KafkaRecord): Promise<void> {
    try {
      entry.outputs = await this.#rules.work(record);
    } catch (error) {
      if (!this.#isBehindFailure(entry)) {
        this.#failure = { error, offset: entry.offset };
      }
    }
    this.#running -= 1;
    this.#bytes -= bytesOf(record);
    this.#freeKey(entry);
    this.#begin();
    this.wake();
  }

  #isBehindFailure({ offset }: Entry<Output>): boolean {
    return this.#failure !== undefined && offset > this.#failure.offset;
  }

  #freeKey({ key, nextOfKey }: Entry<Output>): void {
    if (key === undefined) {
      return;
    }
    if (nextOfKey === undefined) {
      this.#ofKey.delete(key);
      return;
    }
    const at = this.#ready.findIndex(({ offset }) => offset > nextOfKey.offset);
    this.#ready.splice(at < 0 ? this.#ready.length : at, 0, nextOfKey);
  }
}

function bytesOf({ key, value, headers }: KafkaRecord): number {
  const ofHeaders = headers.reduce((sum, header) => sum + header.key.length + (header.value?.length ?? 0), 0);
  return (key?.length ?? 0) + (value?.length ?? 0) + ofHeaders;
}
