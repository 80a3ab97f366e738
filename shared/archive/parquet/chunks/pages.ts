// Pages
//
// The rows of a column, laid down while they come: a value of JavaScript for each until the row
// group is whole would be more work to collect than to write.

import { PAGE_BYTES } from "../../format/limits.ts";
import { type Memory, pageMemory } from "./page-memory.ts";

/** A part of a column, of one value at least, and of which values it has rows. */
export interface Page {
  bytes: Buffer;
  /** Of the same memory. */
  view: DataView;
  /** Of what is laid down, in bytes. */
  length: number;
  rows: number;
  nulls: number;
  /** Which rows have a value, by bits; undefined while all have one. */
  present: Buffer | undefined;
}

const NO_MEMORY: Memory = { bytes: Buffer.alloc(0), view: new DataView(new ArrayBuffer(0)) };

/** Pages of PAGE_BYTES, but for the last, and for one of a single value that has more. */
export class Pages {
  readonly #pages: Page[] = [];

  /** The page that the next row goes to, with room for so many bytes of its value. */
  pageFor(bytes: number): Page {
    const last = this.#pages.at(-1);
    if (last !== undefined && (last.rows === 0 || last.length + bytes <= PAGE_BYTES)) {
      makeRoom(last, bytes);
      return last;
    }
    const page = { ...NO_MEMORY, length: 0, rows: 0, nulls: 0, present: undefined };
    this.#pages.push(page);
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
    return this.#pages;
  }

  /** The memory is used again, here or elsewhere. */
  clear(): void {
    for (const page of this.#pages) {
      pageMemory.giveBack({ bytes: page.bytes, view: page.view });
    }
    this.#pages.length = 0;
  }
}

/** A page is larger than the others for one value that is. */
function makeRoom(page: Page, bytes: number): void {
  const needed = page.length + bytes;
  if (needed > page.bytes.length) {
    const { bytes, view } = pageMemory.take(needed);
    page.bytes.copy(bytes, 0, 0, page.length);
    pageMemory.giveBack({ bytes: page.bytes, view: page.view });
    page.bytes = bytes;
    page.view = view;
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
