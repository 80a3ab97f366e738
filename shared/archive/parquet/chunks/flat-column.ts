// Flat column
//
// A column of a row group that has one value or none in each row, laid down as its pages have
// it while rows come. Parts of the library write the headers of pages, and indexes.
//
//   PQF2  A row has the same value whichever way its column has it, by its bytes or by a dictionary: -0, NaN and nulls too.

import { ByteWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import { writeRleBitPackedHybrid } from "hyparquet-writer/src/encoding.js";
import { ColumnBounds } from "./column-bounds.ts";
import { Dictionary } from "./dictionary.ts";
import { CODECS } from "./page-writer.ts";
import { definitionLevels, hasValue, type Page, Pages } from "./pages.ts";
import { layDown, type PhysicalType, type PlainValue, plainBytes, plainContent } from "./plain-values.ts";
import type { ColumnChunk, OpenColumn, PageSettings } from "./row-group.ts";

export interface FlatColumnOptions {
  readonly name: string;
  readonly type: PhysicalType;
  /** No row is without a value. */
  readonly isRequired: boolean;
  /** The least and the greatest are told; of numbers and booleans. */
  readonly hasBounds: boolean;
  /** Values may be indexes of a dictionary, where that is less; of numbers and texts. */
  readonly hasDictionary: boolean;
}

const INDEX_BYTES = 4;

export class FlatColumn implements OpenColumn {
  readonly #options: FlatColumnOptions;
  readonly #values = new Pages();
  /** Of the dictionary, as long as there is one. */
  readonly #indexes = new Pages();
  readonly #bounds = new ColumnBounds();
  readonly #dictionary: Dictionary | undefined;
  /** Rows have indexes, so far. */
  #isIndexed: boolean;

  constructor(options: FlatColumnOptions) {
    this.#options = options;
    this.#dictionary = options.hasDictionary ? new Dictionary(options.type) : undefined;
    this.#isIndexed = options.hasDictionary;
  }

  get #usedDictionary(): Dictionary | undefined {
    return this.#isIndexed ? this.#dictionary : undefined;
  }

  add(value: PlainValue | null): number {
    const dictionary = this.#usedDictionary;
    if (value === null) {
      (dictionary === undefined ? this.#values : this.#indexes).addNull();
      return 1; // A bit or less: but rows of nothing must not be without end.
    }
    return dictionary === undefined ? this.#addPlain(value) : this.#addIndex(dictionary, value);
  }

  write(settings: PageSettings): readonly ColumnChunk[] {
    const start = settings.writer.offset;
    if (this.#usedDictionary?.pays === false) {
      this.#giveUp(this.#usedDictionary);
    }
    const dictionary = this.#usedDictionary;
    const written = dictionary === undefined ? this.#writeValues(settings) : this.#writeIndexes(settings, dictionary);
    const chunk = this.#chunk(settings, start, written);
    this.#begin();
    return [chunk];
  }

  #begin(): void {
    this.#values.clear();
    this.#indexes.clear();
    this.#bounds.clear();
    this.#dictionary?.clear();
    this.#isIndexed = this.#dictionary !== undefined;
  }

  #addPlain(value: PlainValue): number {
    const { type, hasBounds } = this.#options;
    const bytes = plainBytes(type, value);
    layDown(this.#values, type, value, bytes);
    if (hasBounds) {
      this.#bounds.add(value);
    }
    return bytes;
  }

  #addIndex(dictionary: Dictionary, value: PlainValue): number {
    const known = dictionary.length;
    const index = dictionary.indexOf(value);
    if (index === undefined) {
      this.#giveUp(dictionary);
      return this.#addPlain(value);
    }
    if (this.#options.hasBounds && dictionary.length > known) {
      this.#bounds.add(value);
    }
    layDown(this.#indexes, "INT32", index, INDEX_BYTES);
    const bytes = dictionary.sizeAt(index);
    if (dictionary.isVain) {
      this.#giveUp(dictionary);
    }
    return bytes;
  }

  /** The rows have their values from here on. */
  #giveUp(dictionary: Dictionary): void {
    for (const page of this.#indexes.inUse) {
      let at = 0;
      for (let row = 0; row < page.rows; row += 1) {
        if (hasValue(page, row)) {
          this.#values.addBytes(dictionary.bytesAt(page.view.getUint32(at, true)));
          at += INDEX_BYTES;
        } else {
          this.#values.addNull();
        }
      }
    }
    this.#indexes.clear();
    dictionary.clear();
    this.#isIndexed = false;
  }

  #writeValues(settings: PageSettings): WrittenPages {
    const pages = this.#values.inUse;
    const { type } = this.#options;
    const sizes = pages.map((page) => this.#writePage(settings, page, plainContent(type, page), "PLAIN"));
    return { pages, uncompressed: sum(sizes) };
  }

  #writeIndexes(settings: PageSettings, dictionary: Dictionary): WrittenPages {
    const { writer } = settings;
    const pages = this.#indexes.inUse;
    const ofDictionary = writeDictionary(settings, dictionary);
    const dataStart = writer.offset;
    const sizes = pages.map((page) =>
      this.#writePage(settings, page, indexContent(page, dictionary.bitWidth), "RLE_DICTIONARY"),
    );
    return { pages, dataStart, uncompressed: ofDictionary + sum(sizes) };
  }

  /** Answers its size before compression. */
  #writePage({ writer, compress }: PageSettings, page: Page, content: Uint8Array, encoding: Encoding): number {
    const levels = this.#options.isRequired ? new Uint8Array(0) : definitionLevels(page);
    const compressed = compress(content);
    const before = writer.offset;
    writePageHeader(writer, {
      type: "DATA_PAGE_V2",
      uncompressed_page_size: levels.length + content.length,
      compressed_page_size: levels.length + compressed.length,
      data_page_header_v2: {
        num_values: page.rows,
        num_nulls: page.nulls,
        num_rows: page.rows,
        encoding,
        definition_levels_byte_length: levels.length,
        repetition_levels_byte_length: 0,
        is_compressed: true,
      },
    });
    const uncompressed = writer.offset - before + levels.length + content.length;
    writer.appendBytes(levels);
    writer.appendBytes(compressed);
    return uncompressed;
  }

  #chunk({ writer, compression }: PageSettings, start: number, written: WrittenPages): ColumnChunk {
    const { name, type } = this.#options;
    const { pages, dataStart, uncompressed } = written;
    const dictionary = dataStart === undefined ? {} : { dictionary_page_offset: BigInt(start) };
    return {
      file_offset: BigInt(start),
      meta_data: {
        type,
        encodings: ["RLE", "PLAIN", ...(dataStart === undefined ? [] : ["RLE_DICTIONARY" as const])],
        path_in_schema: [name],
        codec: CODECS[compression],
        num_values: BigInt(sum(pages.map(({ rows }) => rows))),
        total_compressed_size: BigInt(writer.offset - start),
        total_uncompressed_size: BigInt(uncompressed),
        data_page_offset: BigInt(dataStart ?? start),
        ...dictionary,
        statistics: { null_count: BigInt(sum(pages.map(({ nulls }) => nulls))), ...this.#bounds.statistics },
      },
    };
  }
}

type Encoding = "PLAIN" | "RLE_DICTIONARY";

interface WrittenPages {
  readonly pages: readonly Page[];
  /** Where they begin behind a dictionary. */
  readonly dataStart?: number;
  /** With their headers, in bytes. */
  readonly uncompressed: number;
}

/** Answers its size before compression. */
function writeDictionary({ writer, compress }: PageSettings, dictionary: Dictionary): number {
  const { page } = dictionary;
  const content = page?.bytes.subarray(0, page.length) ?? new Uint8Array(0);
  const compressed = compress(content);
  const before = writer.offset;
  writePageHeader(writer, {
    type: "DICTIONARY_PAGE",
    uncompressed_page_size: content.length,
    compressed_page_size: compressed.length,
    dictionary_page_header: { num_values: dictionary.length, encoding: "PLAIN" },
  });
  const uncompressed = writer.offset - before + content.length;
  writer.appendBytes(compressed);
  return uncompressed;
}

function indexContent({ bytes, length }: Page, bitWidth: number): Uint8Array {
  const writer = new ByteWriter();
  writer.appendUint8(bitWidth);
  // The memory of a page begins with itself.
  writeRleBitPackedHybrid(writer, new Uint32Array(bytes.buffer, 0, length / INDEX_BYTES), bitWidth);
  return writer.getBytes();
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
