// Delivery
//
// Hands a read's batches to the pipeline's code and remembers where its counts
// stood, so that a commit anywhere below the read's position can be counted.
//
//   DV1  The counts below an offset cover the offsets below it, or fewer where it
//        lies among invisible ones or inside a batch that was left behind; never
//        more, since an offset that a retry reads again would then count twice.
//   DV2  What is in hand was given to the code last, and the code has not asked for more:
//        a record of `records`, or a whole batch of `batches`. Nothing is while it waits for more.
//   DV3  A record that `records` holds back still is not delivered, although its
//        batch was read.

import type { OffsetsInHand } from "../../../shared/core/attempt-error.ts";
import { NO_COUNTS, type RangeCounts } from "../../../shared/core/range/range-record.ts";
import type { KafkaRecord, RangeRead, RecordBatch } from "../../../shared/core/source/range-reader.ts";

/** Where reading stood when a batch had been handed out. */
interface Mark {
  readonly untilOffset: bigint;
  readonly counts: RangeCounts;
}

export class Delivery {
  readonly #read: RangeRead;
  #previous: Mark;
  #current: (Mark & { readonly batch: RecordBatch }) | undefined;
  /** Within a batch that is handed out record by record: the offset after the last one. */
  #nextOffset: bigint | undefined;
  /** While a batch is handed out record by record: where it was taken. */
  #heldFrom: bigint | undefined;
  #isBegun = false;
  #isBatchInHand = false;
  #isRecordInHand = false;
  /** Of the batch that is handed out record by record: how many are not yet. */
  #left = 0;

  constructor(read: RangeRead) {
    this.#read = read;
    this.#previous = { untilOffset: read.position, counts: NO_COUNTS };
  }

  /** Everything below was handed out or is invisible. */
  get position(): bigint {
    return this.#nextOffset ?? this.#heldFrom ?? this.#read.position;
  }

  /** Whether the code has asked for a first batch or record. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** As DV2 says. */
  get inHand(): OffsetsInHand | undefined {
    if (this.#nextOffset !== undefined) {
      // The one after it may be one that cannot be read.
      return this.#isRecordInHand ? { fromOffset: this.#nextOffset - 1n, untilOffset: this.#nextOffset } : undefined;
    }
    if (!this.#isBatchInHand || this.#current === undefined) {
      return undefined;
    }
    const { batch, untilOffset } = this.#current;
    return { fromOffset: firstOffsetOf(batch) ?? this.#previous.untilOffset, untilOffset };
  }

  get leaderEpoch(): number | undefined {
    return this.#read.leaderEpoch;
  }

  async *batches(): AsyncGenerator<RecordBatch, void, undefined> {
    this.#isBegun = true;
    for await (const batch of this.#read.batches()) {
      this.#previous = this.#current ?? this.#previous;
      this.#current = { untilOffset: batch.untilOffset, counts: this.#read.counts, batch };
      this.#isBatchInHand = true;
      yield batch;
      this.#isBatchInHand = false;
    }
  }

  async *records(): AsyncGenerator<KafkaRecord, void, undefined> {
    for await (const batch of this.batches()) {
      this.#left = batch.count;
      // Its first record may be one that cannot be read (DV3).
      this.#heldFrom = this.#previous.untilOffset;
      for (const record of batch) {
        this.#nextOffset = record.offset + 1n;
        this.#left -= 1;
        this.#isRecordInHand = true;
        yield record;
        this.#isRecordInHand = false;
      }
      this.#nextOffset = undefined;
      this.#heldFrom = undefined;
    }
  }

  /** Where the offsets up to the record in hand went, of those that `records` handed out. */
  get countsInHand(): RangeCounts {
    const { counts } = this.#current ?? this.#previous;
    return { ...counts, delivered: counts.delivered - BigInt(this.#left) };
  }

  /** Where the offsets below `untilOffset` went, as DV1 says; `untilOffset` is at most the position. */
  countsBelow(untilOffset: bigint): RangeCounts {
    if (untilOffset === this.#read.position) {
      return this.#read.counts;
    }
    if (untilOffset === this.#heldFrom) {
      return this.#previous.counts;
    }
    if (untilOffset < this.#previous.untilOffset || this.#current === undefined) {
      return NO_COUNTS;
    }
    const { batch, counts } = this.#current;
    // What is invisible before a batch lies below its first record.
    const reachesFirstRecord = batch.countBelow(untilOffset + 1n) > 0;
    return reachesFirstRecord
      ? { ...counts, delivered: counts.delivered - BigInt(batch.count - batch.countBelow(untilOffset)) }
      : this.#previous.counts;
  }
}

/** Undefined where it cannot be read. */
function firstOffsetOf(batch: RecordBatch): bigint | undefined {
  try {
    const [first] = batch;
    return first?.offset;
  } catch {
    return undefined;
  }
}
