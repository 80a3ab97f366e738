// Target log
//
// The topic that outputs go to, as the leaders of its partitions keep it: record batches in
// their order, each producer's epoch and sequence, and the markers that end transactions. As Kafka's
// ProducerAppendInfo and ProducerStateEntry have it: of a producer the last five batches are known again,
// and a marker raises the epoch without a batch.

import { endOffsetOf, type FakeKafkaLog, type FakeTransaction } from "../../../support/kafka/fake-kafka-log.ts";
import type { OutputRow } from "../simulated-output.ts";
import type { ProducedBatch } from "./produced-batch.ts";

export const TARGET = "priced";

const OUT_OF_ORDER_SEQUENCE_NUMBER = 45;
const INVALID_PRODUCER_EPOCH = 47;
const KNOWN_BATCHES = 5;

export interface Marker {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly isCommitted: boolean;
}

interface ProducerState {
  epoch: number;
  /** Of the epoch; −1 where it has none. */
  lastSequence: number;
  /** Of the epoch. */
  batches: readonly (readonly [first: number, last: number])[];
  transaction: FakeTransaction | undefined;
}

interface TargetPartition {
  readonly producers: Map<bigint, ProducerState>;
  /** By offset; none at a marker. */
  readonly rows: (OutputRow | undefined)[];
}

/** Whether a transaction that is open in a partition is committed all the same: its marker is on its way. */
export type IsDecided = (producerId: bigint, partition: number) => boolean;

export class TargetLog {
  readonly #log: FakeKafkaLog;
  readonly #partitions: readonly TargetPartition[];

  constructor(log: FakeKafkaLog, partitionCount: number) {
    this.#log = log;
    log.createTopic(TARGET, partitionCount);
    this.#partitions = Array.from({ length: partitionCount }, () => ({ producers: new Map(), rows: [] }));
  }

  get partitionCount(): number {
    return this.#partitions.length;
  }

  /** Whether the producer has a transaction open there. */
  isOpen(partition: number, producerId: bigint): boolean {
    return this.#at(partition).producers.get(producerId)?.transaction !== undefined;
  }

  /** Whether one of the last batches begins so. */
  isKnown(partition: number, batch: Pick<ProducedBatch, "producerId" | "producerEpoch" | "sequence">): boolean {
    const known = this.#at(partition).producers.get(batch.producerId);
    return known?.epoch === batch.producerEpoch && known.batches.some(([first]) => first === batch.sequence);
  }

  /** An error code, or "known" for a batch that is there already. */
  append(partition: number, { producerId, producerEpoch, sequence, rows }: ProducedBatch): number | "known" {
    const { producers, rows: all } = this.#at(partition);
    const known = producers.get(producerId);
    const last = sequence + rows.length - 1;
    if (known !== undefined && producerEpoch < known.epoch) {
      return INVALID_PRODUCER_EPOCH;
    }
    const isOfEpoch = known?.epoch === producerEpoch;
    if (isOfEpoch && known.batches.some(([first, end]) => first === sequence && end === last)) {
      return "known";
    }
    // Where nothing is known of a producer, its log may have been deleted.
    if (known !== undefined && sequence !== (isOfEpoch ? known.lastSequence + 1 : 0)) {
      return OUT_OF_ORDER_SEQUENCE_NUMBER;
    }
    const transaction = known?.transaction ?? { state: "open", producerId };
    this.#log.appendInTransaction(
      { topic: TARGET, partition },
      rows.map(({ value }) => value),
      transaction,
    );
    all.push(...rows);
    const batches = [...(isOfEpoch ? known.batches : []), [sequence, last] as const].slice(-KNOWN_BATCHES);
    producers.set(producerId, { epoch: producerEpoch, lastSequence: last, batches, transaction });
    return 0;
  }

  /** Ends what the producer has open, and refuses what it still sends under an earlier epoch. */
  mark(partition: number, { producerId, producerEpoch, isCommitted }: Marker): void {
    const { producers, rows } = this.#at(partition);
    const known = producers.get(producerId);
    if (known !== undefined && producerEpoch < known.epoch) {
      throw new Error(`a marker of epoch ${producerEpoch} comes after epoch ${known.epoch}`);
    }
    const transaction = known?.transaction ?? { state: "open", producerId };
    this.#log.endTransaction({ topic: TARGET, partition }, transaction, isCommitted ? "committed" : "aborted");
    rows.push(undefined);
    const isOfEpoch = known?.epoch === producerEpoch;
    producers.set(producerId, {
      ...(isOfEpoch ? known : { lastSequence: -1, batches: [] }),
      ...{ epoch: producerEpoch, transaction: undefined },
    });
  }

  /** What the producer has open in these partitions, in their order. */
  openRows(producerId: bigint, partitions: Iterable<number>): readonly (readonly OutputRow[])[] {
    return [...partitions].map((partition) =>
      this.#rowsWhere(partition, ({ state, producerId: id }) => state === "open" && id === producerId),
    );
  }

  /** What is committed, also where the marker is still on its way; of each partition in its order. */
  decidedRows(isDecided: IsDecided): readonly (readonly OutputRow[])[] {
    return this.#partitions.map((_, partition) =>
      this.#rowsWhere(
        partition,
        ({ state, producerId }) => state === "committed" || (state === "open" && isDecided(producerId, partition)),
      ),
    );
  }

  /** What a consumer of the isolation level read_committed is given. */
  readCommitted(): readonly OutputRow[] {
    return this.#partitions.flatMap((_, partition) => {
      const found = this.#log.partition({ topic: TARGET, partition });
      const end = found === undefined ? 0n : endOffsetOf(found, "read_committed");
      return this.#rowsWhere(partition, ({ state }) => state === "committed", Number(end));
    });
  }

  #rowsWhere(
    partition: number,
    matches: (transaction: FakeTransaction) => boolean,
    until = Number.POSITIVE_INFINITY,
  ): readonly OutputRow[] {
    const stored = this.#log.partition({ topic: TARGET, partition })?.stored ?? [];
    return this.#at(partition)
      .rows.slice(0, until)
      .flatMap((row, offset) => {
        const transaction = stored[offset]?.transaction;
        return row !== undefined && transaction !== undefined && matches(transaction) ? [row] : [];
      });
  }

  #at(partition: number): TargetPartition {
    const found = this.#partitions[partition];
    if (found === undefined) {
      throw new Error(`${TARGET}-${partition} does not exist`);
    }
    return found;
  }
}
