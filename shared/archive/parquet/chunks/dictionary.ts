// Dictionary
//
// The different values of a column, whose rows are their indexes then. Whether that is less is
// looked at while rows come. Values are told apart by their bytes: as values of JavaScript they would
// live as long as the row group, which is what a young generation grows by.

import { PAGE_BYTES } from "../../format/limits.ts";
import { addRow, type Page, Pages } from "./pages.ts";
import { type PhysicalType, type PlainValue, plainBytes, putValue } from "./plain-values.ts";

/** Its indexes take 16 bits at most. */
const MAX_VALUES = 65_536;
/** By how many rows the first look is due; the next one at twice as many. */
const FIRST_LOOK = 1_024;
/** For how many values there is room at first; the table has twice as many places. */
const FIRST_ROOM = 16;
/** Values of fewer bytes are compared byte by byte. */
const SHORT_BYTES = 32;

export class Dictionary {
  readonly #type: PhysicalType;
  /** One page of all values. */
  readonly #pages = new Pages();
  /** Where on it each of them begins, and the next one would. */
  #starts = new Uint32Array(FIRST_ROOM + 1);
  /** Indexes plus 1, at the place that the value's hash says or the next one that was free; 0 is free. */
  #table = new Uint32Array(2 * FIRST_ROOM);
  #length = 0;
  #rows = 0;
  /** What the rows would have if each had its value, in bytes. */
  #plainBytes = 0;
  #nextLook = FIRST_LOOK;

  constructor(type: PhysicalType) {
    this.#type = type;
  }

  /** The index of a row's value; undefined for what there is no room for. */
  indexOf(value: PlainValue): number | undefined {
    const bytes = plainBytes(this.#type, value);
    if (this.#bytes + bytes > PAGE_BYTES || this.#length === MAX_VALUES) {
      return undefined;
    }
    const page = this.#pages.pageFor(bytes);
    putValue(page, this.#type, value, bytes);
    const place = this.#placeOf(page, bytes);
    const known = this.#table[place] ?? 0;
    this.#rows += 1;
    this.#plainBytes += bytes;
    return known > 0 ? known - 1 : this.#keep(page, bytes, place);
  }

  get length(): number {
    return this.#length;
  }

  /** All values as a page has them; undefined where there is none. */
  get page(): Page | undefined {
    return this.#pages.inUse[0];
  }

  /** In bytes, as a page has the value. */
  sizeAt(index: number): number {
    return this.#start(index + 1) - this.#start(index);
  }

  /** A value as a page has it. */
  bytesAt(index: number): Uint8Array {
    return this.page?.bytes.subarray(this.#start(index), this.#start(index + 1)) ?? new Uint8Array(0);
  }

  /** Of an index, in bits. */
  get bitWidth(): number {
    return 32 - Math.clz32(Math.max(0, this.#length - 1));
  }

  /** Whether it and the indexes take at most half of what the values would. */
  get pays(): boolean {
    return 2 * (this.#bytes + (this.#rows * this.bitWidth) / 8) <= this.#plainBytes;
  }

  /** Whether a look is due, and finds that it does not pay. */
  get isVain(): boolean {
    if (this.#rows < this.#nextLook) {
      return false;
    }
    this.#nextLook = 2 * this.#rows;
    return !this.pays;
  }

  /** Has no value afterwards, and no more memory than at first. */
  clear(): void {
    this.#pages.clear();
    if (this.#starts.length > FIRST_ROOM + 1) {
      this.#starts = new Uint32Array(FIRST_ROOM + 1);
      this.#table = new Uint32Array(2 * FIRST_ROOM);
    } else {
      this.#table.fill(0);
    }
    this.#length = 0;
    this.#rows = 0;
    this.#plainBytes = 0;
    this.#nextLook = FIRST_LOOK;
  }

  get #bytes(): number {
    return this.#start(this.#length);
  }

  #start(index: number): number {
    return this.#starts[index] ?? 0;
  }

  /** Where the value behind the others is in the table, or would be. */
  #placeOf({ bytes: content, length: at }: Page, bytes: number): number {
    const last = this.#table.length - 1;
    let place = hashOf(content, at, at + bytes) & last;
    for (let known = this.#table[place] ?? 0; known > 0; known = this.#table[place] ?? 0) {
      const start = this.#start(known - 1);
      if (this.#start(known) - start === bytes && isSame(content, start, at, bytes)) {
        return place;
      }
      place = (place + 1) & last;
    }
    return place;
  }

  #keep(page: Page, bytes: number, place: number): number {
    const index = this.#length;
    addRow(page, true);
    page.length += bytes;
    this.#length += 1;
    this.#starts[index + 1] = page.length;
    this.#table[place] = index + 1;
    if (this.#length === this.#starts.length - 1) {
      this.#grow(page);
    }
    return index;
  }

  #grow({ bytes: content }: Page): void {
    const starts = new Uint32Array(2 * this.#length + 1);
    starts.set(this.#starts);
    this.#starts = starts;
    this.#table = new Uint32Array(4 * this.#length);
    const last = this.#table.length - 1;
    for (let index = 0; index < this.#length; index += 1) {
      let place = hashOf(content, this.#start(index), this.#start(index + 1)) & last;
      while (this.#table[place] !== 0) {
        place = (place + 1) & last;
      }
      this.#table[place] = index + 1;
    }
  }
}

/** FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv, and the upper bits once more into the lower ones. */
function hashOf(bytes: Uint8Array, from: number, until: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < until; at += 1) {
    hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}

function isSame(bytes: Buffer, one: number, other: number, length: number): boolean {
  if (length >= SHORT_BYTES) {
    return bytes.compare(bytes, one, one + length, other, other + length) === 0;
  }
  for (let at = 0; at < length; at += 1) {
    if (bytes[one + at] !== bytes[other + at]) {
      return false;
    }
  }
  return true;
}
