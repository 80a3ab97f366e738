import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS } from "../limits.ts";
import { VarintWriter } from "./encoding/varint-writer.ts";
import type { CheckedRecord } from "./output-record.ts";

/** What a record takes at most besides its key, value and headers: lengths, attributes, differences. */
const RECORD_OVERHEAD_BYTES = 40;
const HEADER_OVERHEAD_BYTES = 10;

/** Some of a buffer's records, which go into one batch: [from, until). */
export interface BufferSlice {
  readonly from: number;
  readonly until: number;
}

/**
 * Records for one partition, copied: what the caller gave may change. Of each, everything is encoded that does not
 * depend on its place in a batch, so that batches may be cut anew.
 */
export class RecordBuffer {
  readonly #tails = new VarintWriter();
  readonly #ends: number[] = [];
  readonly #timestamps: bigint[] = [];
  /** What each record is called in errors. */
  readonly #indexes: number[] = [];

  get count(): number {
    return this.#ends.length;
  }

  /** About as many as the batch will have before it is compressed. */
  get byteLength(): number {
    return this.#tails.length + this.#ends.length * RECORD_OVERHEAD_BYTES;
  }

  /** Whether the record belongs into the next batch. An empty one takes any. */
  isFullFor(record: CheckedRecord): boolean {
    const bytes = this.byteLength + bytesOf(record);
    return this.count > 0 && (bytes > MAX_BATCH_BYTES || this.count >= MAX_BATCH_RECORDS);
  }

  /** `index` is what `indexAt` answers for it. */
  add({ key, value, headers, timestamp }: CheckedRecord, index: number): void {
    const tails = this.#tails;
    tails.sized(key);
    tails.sized(value);
    tails.varint(headers.length);
    for (const header of headers) {
      tails.sized(header.key);
      tails.sized(header.value);
    }
    this.#ends.push(tails.length);
    this.#timestamps.push(timestamp);
    this.#indexes.push(index);
  }

  indexAt(record: number): number | undefined {
    return this.#indexes[record];
  }

  timestampAt(record: number): bigint {
    return this.#timestamps[record] ?? 0n;
  }

  /** Key, value and headers, encoded: a view. */
  tailAt(record: number): Buffer {
    return this.#tails.view(this.#ends[record - 1] ?? 0, this.#ends[record] ?? 0);
  }
}

function bytesOf({ byteLength, headers }: CheckedRecord): number {
  return byteLength + headers.length * HEADER_OVERHEAD_BYTES + RECORD_OVERHEAD_BYTES;
}
