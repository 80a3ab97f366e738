// Page memory
//
// Memory of pages, used again by whichever column of whichever file needs it next: memory that each open object kept
// for its own next row group would be a row group for each of them, of which nobody knows.

import { MAX_KEPT_PAGE_BYTES, PAGE_BYTES } from "../../format/limits.ts";

/** In bytes; a column of short values, or of an object with few records, needs no more. */
const LEAST_BYTES = 1_024;

export interface Memory {
  readonly bytes: Buffer;
  /** Of the same memory: a Buffer's own ways to write numbers take several times as long. */
  readonly view: DataView;
}

export class PageMemory {
  readonly #maxKeptBytes: number;
  /** By its size: powers of two, from LEAST_BYTES to PAGE_BYTES. */
  readonly #kept = new Map<number, Memory[]>();
  #keptBytes = 0;

  constructor(maxKeptBytes: number) {
    this.#maxKeptBytes = maxKeptBytes;
  }

  /** Of so many bytes at least, with whatever it held last. */
  take(bytes: number): Memory {
    const size = sizeFor(bytes);
    const known = this.#kept.get(size)?.pop();
    if (known !== undefined) {
      this.#keptBytes -= size;
      return known;
    }
    const made = Buffer.allocUnsafeSlow(size);
    return { bytes: made, view: new DataView(made.buffer) };
  }

  /** What nobody reads or writes any more. */
  giveBack(memory: Memory): void {
    const size = memory.bytes.length;
    if (size < LEAST_BYTES || size > PAGE_BYTES || this.#keptBytes + size > this.#maxKeptBytes) {
      return;
    }
    const ofSize = this.#kept.get(size) ?? [];
    this.#kept.set(size, ofSize);
    ofSize.push(memory);
    this.#keptBytes += size;
  }
}

/** Of all columns. */
export const pageMemory = new PageMemory(MAX_KEPT_PAGE_BYTES);

/** Of a single value that has more than a page, just that. */
function sizeFor(bytes: number): number {
  return bytes > PAGE_BYTES ? bytes : Math.max(LEAST_BYTES, 2 ** (32 - Math.clz32(bytes - 1)));
}
