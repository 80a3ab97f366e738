// Plain column
//
// A flat column of a row group, laid down as its pages have it while rows come: the library
// would keep an object per value until the row group is whole, which at gigabytes is more
// work to collect than to write. Its own parts write the headers of the pages.

import type { ParquetWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import { PAGE_BYTES } from "../format/limits.ts";
import type { ParquetCompression } from "./page-writer.ts";
import { CODECS, type PageCompressor, type PageWriter } from "./page-writer.ts";

export type ColumnChunk = ParquetWriter["row_groups"][number]["columns"][number];

export interface PageSettings {
  readonly writer: PageWriter;
  readonly compression: ParquetCompression;
  readonly compress: PageCompressor;
}

const EMPTY_VIEW = new DataView(new ArrayBuffer(0));
const LENGTH_BYTES = 4;
const INT64_BYTES = 8;
/** In bytes; a column of short values, or of a bucket with few records, needs no more. */
const FIRST_PAGE_BYTES = 16_384;

interface Page {
  bytes: Buffer;
  /** Of the same memory: a Buffer's own ways to write numbers take several times as long. */
  view: DataView;
  length: number;
  rows: number;
  nulls: number;
  /** Which rows have a value, by bits; undefined while all have one. */
  present: Buffer | undefined;
}

/** Optional bytes, or optional whole numbers of 64 bits. */
export class PlainColumn {
  readonly #name: string;
  readonly #type: "BYTE_ARRAY" | "INT64";
  /** Those that are in use come first: the others are used again. */
  readonly #pages: Page[] = [];
  #used = 0;
  #min: bigint | undefined;
  #max: bigint | undefined;

  constructor(name: string, type: "BYTE_ARRAY" | "INT64") {
    this.#name = name;
    this.#type = type;
  }

  addBytes(value: Uint8Array | null): void {
    const page = this.#pageFor(value === null ? 0 : LENGTH_BYTES + value.length);
    addRow(page, value !== null);
    if (value !== null) {
      page.view.setUint32(page.length, value.length, true);
      page.bytes.set(value, page.length + LENGTH_BYTES);
      page.length += LENGTH_BYTES + value.length;
    }
  }

  addInt64(value: bigint | null): void {
    const page = this.#pageFor(value === null ? 0 : INT64_BYTES);
    addRow(page, value !== null);
    if (value !== null) {
      page.view.setBigInt64(page.length, value, true);
      page.length += INT64_BYTES;
      this.#min = this.#min === undefined || value < this.#min ? value : this.#min;
      this.#max = this.#max === undefined || value > this.#max ? value : this.#max;
    }
  }

  /** Writes its pages, and is empty afterwards. */
  write({ writer, compression, compress }: PageSettings): ColumnChunk {
    const start = writer.offset;
    const pages = this.#pages.slice(0, this.#used);
    let uncompressed = 0;
    for (const page of pages) {
      const levels = definitionLevels(page);
      const data = page.bytes.subarray(0, page.length);
      const compressed = compress(data);
      const before = writer.offset;
      writePageHeader(writer, {
        type: "DATA_PAGE_V2",
        uncompressed_page_size: levels.length + data.length,
        compressed_page_size: levels.length + compressed.length,
        data_page_header_v2: {
          num_values: page.rows,
          num_nulls: page.nulls,
          num_rows: page.rows,
          encoding: "PLAIN",
          definition_levels_byte_length: levels.length,
          repetition_levels_byte_length: 0,
          is_compressed: true,
        },
      });
      uncompressed += writer.offset - before + levels.length + data.length;
      writer.appendBytes(levels);
      writer.appendBytes(compressed);
    }
    const sum = (what: "nulls" | "rows") => BigInt(pages.reduce((total, page) => total + page[what], 0));
    const bounds =
      this.#min === undefined || this.#max === undefined ? {} : { min_value: this.#min, max_value: this.#max };
    const chunk: ColumnChunk = {
      file_offset: BigInt(start),
      meta_data: {
        type: this.#type,
        encodings: ["RLE", "PLAIN"],
        path_in_schema: [this.#name],
        codec: CODECS[compression],
        num_values: sum("rows"),
        total_compressed_size: BigInt(writer.offset - start),
        total_uncompressed_size: BigInt(uncompressed),
        data_page_offset: BigInt(start),
        statistics: { null_count: sum("nulls"), ...bounds },
      },
    };
    this.#empty();
    return chunk;
  }

  /** Gives its memory back. */
  free(): void {
    this.#pages.length = 0;
    this.#used = 0;
  }

  #empty(): void {
    this.#used = 0;
    this.#min = undefined;
    this.#max = undefined;
  }

  #pageFor(bytes: number): Page {
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

function addRow(page: Page, isPresent: boolean): void {
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

/** In Parquet's hybrid of runs and packed bits, one bit each. */
function definitionLevels({ rows, nulls, present }: Page): Uint8Array {
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
