// Dictionary
//
// The different values of a column, whose rows are their indexes then. Whether that is less is
// looked at while rows come, so that a column of ever new values keeps few of them.

import { PAGE_BYTES } from "../../format/limits.ts";
import { type Page, Pages } from "./pages.ts";
import { layDown, type PhysicalType, type PlainValue, plainBytes } from "./plain-values.ts";

/** Its indexes take 16 bits at most. */
const MAX_VALUES = 65_536;
/** By how many rows the first look is due; the next one at twice as many. */
const FIRST_LOOK = 1_024;
/** 0 and -0 are one key of a map. */
const NEGATIVE_ZERO = Symbol("-0");

export class Dictionary {
  readonly #type: PhysicalType;
  readonly #indexes = new Map<PlainValue | symbol, number>();
  /** One page of all values, and where each of them begins. */
  readonly #pages = new Pages();
  readonly #starts: number[] = [0];
  #rows = 0;
  /** What the rows would have if each had its value, in bytes. */
  #plainBytes = 0;
  #nextLook = FIRST_LOOK;

  constructor(type: PhysicalType) {
    this.#type = type;
  }

  /** Undefined for what it does not have. */
  find(value: PlainValue): number | undefined {
    return this.#indexes.get(keyOf(value));
  }

  /** Undefined for what it has no room for. */
  add(value: PlainValue): number | undefined {
    const bytes = plainBytes(this.#type, value);
    const index = this.length;
    if (index === MAX_VALUES || this.#bytes + bytes > PAGE_BYTES) {
      return undefined;
    }
    layDown(this.#pages, this.#type, value, bytes);
    this.#starts.push(this.#bytes + bytes);
    this.#indexes.set(keyOf(value), index);
    return index;
  }

  /** Another row has the value; what that takes as a value, in bytes. */
  count(index: number): number {
    const { start, end } = this.#place(index);
    this.#rows += 1;
    this.#plainBytes += end - start;
    return end - start;
  }

  get length(): number {
    return this.#indexes.size;
  }

  /** All values as a page has them; undefined where there is none. */
  get page(): Page | undefined {
    return this.#pages.inUse[0];
  }

  /** A value as a page has it. */
  bytesAt(index: number): Uint8Array {
    const { start, end } = this.#place(index);
    return this.page?.bytes.subarray(start, end) ?? new Uint8Array(0);
  }

  /** Of an index, in bits. */
  get bitWidth(): number {
    return 32 - Math.clz32(Math.max(0, this.length - 1));
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

  get #bytes(): number {
    return this.#starts[this.length] ?? 0;
  }

  #place(index: number) {
    return { start: this.#starts[index] ?? 0, end: this.#starts[index + 1] ?? 0 };
  }
}

function keyOf(value: PlainValue): PlainValue | symbol {
  return value === 0 && Object.is(value, -0) ? NEGATIVE_ZERO : value;
}
