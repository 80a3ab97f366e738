// Pages
//
// The rows of a column, laid down while they come: a value of JavaScript for each until the row
// group is whole would be more work to collect than to write.

import { PAGE_BYTES } from "../../format/limits.ts";

/** A part of a column, of one value at least, and of which values it has rows. */
export interface Page {
  bytes: Buffer;
  /** Of the same memory: a Buffer's own ways to write numbers take several times as long. */
  view: DataView;
  /** Of what is laid down, in bytes. */
  length: number;
  rows: number;
  nulls: number;
  /** Which rows have a value, by bits; undefined while all have one. */
  present: Buffer | undefined;
}

const EMPTY_VIEW = new DataView(new ArrayBuffer(0));
/** In bytes; a column of short values, or of an object with few records, needs no more. */
const FIRST_PAGE_BYTES = 1_024;

/** Pages of PAGE_BYTES, but for the last, and for one of a single value that has more. */
export class Pages {
  /** Those that are in use come first: the others are used again. */
  readonly #pages: Page[] = [];
  #used = 0;

  /** The page that the next row goes to, with room for so many bytes of its value. */
  pageFor(bytes: number): Page {
    const last = this.#used === 0 ? undefined : this.#pages[this.#used - 1];
    if (last !== undefined && (last.rows === 0 || last.length + bytes <= PAGE_BYTES)) {
      makeRoom(last, bytes);
      return last;
    }
    const page = this.#pages[this.#used] ?? emptyPage();
    this.#pages[this.#used] = page;
    this.#used += 1;
    Object.assign(page, { length: 0, rows: 0, nulls: 0, present: undefined });
    makeRoom(page, bytes);
    return page;
  }

  addNull(): void {
    addRow(this.pageFor(0), false);
  }

  /** A row whose value has these bytes. */
  addBytes(value: Uint8Array): void {
    const page = this.pageFor(value.length);
    addRow(page, true);
    page.bytes.set(value, page.length);
    page.length += value.length;
  }

  get inUse(): readonly Page[] {
    return this.#pages.slice(0, this.#used);
  }

  /** The memory is used again. */
  clear(): void {
    this.#used = 0;
  }

  /** Gives the memory back. */
  free(): void {
    this.#pages.length = 0;
    this.#used = 0;
  }
}

function emptyPage(): Page {
  return { bytes: Buffer.alloc(0), view: EMPTY_VIEW, length: 0, rows: 0, nulls: 0, present: undefined };
}

/** A page is larger than the others for one value that is. */
function makeRoom(page: Page, bytes: number): void {
  const needed = page.length + bytes;
  if (needed > page.bytes.length) {
    const usual = Math.min(PAGE_BYTES, Math.max(FIRST_PAGE_BYTES, 2 * page.bytes.length));
    const larger = Buffer.allocUnsafeSlow(Math.max(usual, needed));
    page.bytes.copy(larger, 0, 0, page.length);
    page.bytes = larger;
    page.view = new DataView(larger.buffer, larger.byteOffset, larger.byteLength);
  }
}

/** A row whose value, where it has one, is laid down by whoever calls. */
export function addRow(page: Page, isPresent: boolean): void {
  const row = page.rows;
  page.rows += 1;
  if (!isPresent) {
    page.nulls += 1;
    // Those before had one, unless one of them had not.
    page.present ??= Buffer.alloc((row >> 3) + 1, 0xff);
  }
  if (page.present === undefined) {
    return;
  }
  if (row >> 3 >= page.present.length) {
    page.present = Buffer.concat([page.present, Buffer.alloc(page.present.length)]);
  }
  const bit = 1 << (row & 7);
  const byte = page.present[row >> 3] ?? 0;
  page.present[row >> 3] = isPresent ? byte | bit : byte & ~bit;
}

export function hasValue({ present }: Page, row: number): boolean {
  return present === undefined || ((present[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}

/** In Parquet's hybrid of runs and packed bits, one bit each. */
export function definitionLevels({ rows, nulls, present }: Page): Uint8Array {
  if (present === undefined || nulls === rows) {
    return Uint8Array.from([...varint(rows << 1), nulls === 0 ? 1 : 0]);
  }
  const groups = (rows + 7) >> 3;
  return Buffer.concat([Uint8Array.from(varint((groups << 1) | 1)), present.subarray(0, groups)]);
}

/** As Parquet has unsigned numbers of variable length. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) {
    bytes.push((rest & 0x7f) | 0x80);
  }
  return [...bytes, rest];
}
