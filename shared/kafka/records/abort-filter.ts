// Abort filter
//
// Which record batches of one fetch read_committed hides, as the Java client
// decides it (CompletedFetch.java): batch by batch, before decompression.
//
// The broker lists aborted transactions in the order in which they ended; the
// filter needs the order in which they began. A producer is in an aborted
// transaction from its first offset up to its abort marker.
//
//   AF1  A listed transaction becomes active with the first batch that ends at or
//        above its first offset.
//   AF2  An abort marker ends its producer's transaction, known or not: an empty
//        aborted transaction, or one that began before this fetch, is not listed.
//   AF3  Only transactional batches are hidden.

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

export class AbortFilter {
  /** By first offset. */
  readonly #listed: readonly AbortedTransaction[];
  readonly #active = new Set<bigint>();
  #next = 0;

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#listed = aborted.toSorted((a, b) =>
      a.firstOffset < b.firstOffset ? -1 : a.firstOffset > b.firstOffset ? 1 : 0,
    );
  }

  /** Whether a data batch is hidden. Every batch of the fetch must be shown to the filter, in order. */
  isAborted({ producerId, lastOffset, isTransactional }: BatchOrigin): boolean {
    this.#activateUpTo(lastOffset);
    return isTransactional && this.#active.has(producerId);
  }

  /** Takes note of a transaction marker's batch. */
  passMarker({ producerId, lastOffset }: BatchOrigin, isAbortMarker: boolean): void {
    this.#activateUpTo(lastOffset);
    if (isAbortMarker) {
      this.#active.delete(producerId);
    }
  }

  #activateUpTo(lastOffset: bigint): void {
    for (
      let transaction = this.#listed[this.#next];
      transaction !== undefined && transaction.firstOffset <= lastOffset;
      transaction = this.#listed[this.#next]
    ) {
      this.#active.add(transaction.producerId);
      this.#next += 1;
    }
  }
}

export interface BatchOrigin {
  readonly producerId: bigint;
  readonly lastOffset: bigint;
  readonly isTransactional: boolean;
}
