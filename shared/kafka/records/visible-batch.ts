// Visible batch
//
// The records of one stored batch that lie in a window of offsets.
//
//   VB1  Iterating yields exactly `count` records, in ascending offset order, or throws
//        CorruptRecordError: what the header says and what is stored are held against each other.

import { CorruptRecordError } from "../../core/errors.ts";
import type { KafkaRecord, RecordBatch } from "../../core/source/range-reader.ts";
import type { BatchHeader } from "./batch-header.ts";
import { LazyRecord } from "./lazy-record.ts";
import type { StoredRecords } from "./stored-records.ts";
import { VarintReader } from "./varint.ts";

/** Half-open, as deltas to the batch's base offset. */
export interface DeltaWindow {
  readonly fromDelta: number;
  readonly untilDelta: number;
}

/** The whole of a batch. */
export function wholeWindow({ lastOffsetDelta }: BatchHeader): DeltaWindow {
  return { fromDelta: 0, untilDelta: lastOffsetDelta + 1 };
}

export class VisibleBatch implements RecordBatch {
  readonly count: number;
  readonly untilOffset: bigint;
  readonly #stored: StoredRecords;
  readonly #window: DeltaWindow;

  constructor(stored: StoredRecords, window: DeltaWindow) {
    this.#stored = stored;
    this.#window = window;
    this.count = countRecords(stored.header, window, () => stored);
    this.untilOffset = stored.header.baseOffset + BigInt(window.untilDelta);
  }

  [Symbol.iterator](): Iterator<KafkaRecord> {
    return new RecordIterator(this.#stored, this.#window, this.count);
  }

  countBelow(offset: bigint): number {
    const { header } = this.#stored;
    const { fromDelta, untilDelta } = this.#window;
    const delta = offset - header.baseOffset;
    const below = delta >= BigInt(untilDelta) ? untilDelta : delta < BigInt(fromDelta) ? fromDelta : Number(delta);
    return countRecords(header, { fromDelta, untilDelta: below }, () => this.#stored);
  }
}

/** By arithmetic where every offset has its record; where compaction left holes, by reading the records. */
export function countRecords(header: BatchHeader, window: DeltaWindow, read: () => StoredRecords): number {
  const { fromDelta, untilDelta } = window;
  if (header.isDense) {
    return untilDelta - fromDelta;
  }
  if (fromDelta === 0 && untilDelta === header.lastOffsetDelta + 1) {
    return header.recordCount;
  }
  const stored = read();
  const reader = new VarintReader(stored.buffer, stored.start);
  let count = 0;
  for (let left = header.recordCount; left > 0; left--) {
    const { offsetDelta } = new LazyRecord(stored, reader);
    count += offsetDelta >= fromDelta && offsetDelta < untilDelta ? 1 : 0;
  }
  return count;
}

/** Is its own result object: per record, nothing but the record is allocated. */
class RecordIterator implements Iterator<KafkaRecord> {
  // Plain properties for the same reason as in lazy-record.ts.
  done = false;
  value: KafkaRecord | undefined = undefined;
  private readonly stored: StoredRecords;
  private readonly reader: VarintReader;
  private readonly fromDelta: number;
  private readonly untilDelta: number;
  private previousDelta = -1;
  private storedLeft: number;
  private visibleLeft: number;

  constructor(stored: StoredRecords, { fromDelta, untilDelta }: DeltaWindow, count: number) {
    this.stored = stored;
    this.reader = new VarintReader(stored.buffer, stored.start);
    this.fromDelta = fromDelta;
    this.untilDelta = untilDelta;
    this.storedLeft = stored.header.recordCount;
    this.visibleLeft = count;
  }

  next(): IteratorResult<KafkaRecord> {
    while (this.storedLeft > 0) {
      this.storedLeft -= 1;
      const record = new LazyRecord(this.stored, this.reader);
      const { offsetDelta } = record;
      if (offsetDelta <= this.previousDelta) {
        throw this.#contradiction(`offset delta ${offsetDelta} follows ${this.previousDelta}`);
      }
      this.previousDelta = offsetDelta;
      if (offsetDelta >= this.untilDelta) {
        break;
      }
      if (offsetDelta >= this.fromDelta) {
        this.visibleLeft -= 1;
        this.value = record;
        return this as IteratorYieldResult<KafkaRecord>; // `done` is false and `value` a record.
      }
    }
    return this.#finish();
  }

  #finish(): IteratorReturnResult<undefined> {
    if (!this.done) {
      const isWhole = this.storedLeft === 0 && this.previousDelta < this.untilDelta;
      if (this.visibleLeft !== 0 || (isWhole && this.reader.position !== this.stored.end)) {
        throw this.#contradiction(`${this.visibleLeft} records are missing, or bytes are left over`);
      }
    }
    this.done = true;
    this.value = undefined;
    this.storedLeft = 0;
    return this as IteratorReturnResult<undefined>; // `done` is true and `value` undefined.
  }

  #contradiction(what: string): CorruptRecordError {
    const { baseOffset } = this.stored.header;
    return new CorruptRecordError(`the batch at offset ${baseOffset} contradicts its header: ${what}`);
  }
}
