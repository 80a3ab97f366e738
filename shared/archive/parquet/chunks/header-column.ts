import { writeColumn } from "hyparquet-writer/src/column.js";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import { encodeNestedValues } from "hyparquet-writer/src/dremel.js";
import { schemaPathResolver } from "hyparquet-writer/src/schema.js";
import { PAGE_BYTES } from "../../format/limits.ts";
import { CODECS } from "./page-writer.ts";
import { varint } from "./pages.ts";
import type { ColumnChunk, Header, OpenColumn, PageSettings, ParquetFile } from "./row-group.ts";

const FIELDS = ["key", "value"] as const;
/** Below it the library packs bits instead of counting a run. */
const LEAST_RUN = 8;

/** The two columns that a list of headers is in a file. */
export class HeaderColumn implements OpenColumn {
  readonly #name: string;
  #rows: (readonly Header[] | null)[] = [];

  /** As the schema has the list. */
  constructor(name: string) {
    this.#name = name;
  }

  get rows(): number {
    return this.#rows.length;
  }

  add(headers: readonly Header[] | null): number {
    this.#rows.push(headers);
    return headers?.reduce((sum, { key, value }) => sum + 100 + key.length + (value?.length ?? 0), 0) ?? 1;
  }

  write(file: ParquetFile): readonly ColumnChunk[] {
    const chunks = writeHeaders(file, this.#name, this.#rows);
    this.#rows = [];
    return chunks;
  }
}

/** By the library unless no row has one. */
function writeHeaders(
  file: ParquetFile,
  list: string,
  rows: readonly (readonly Header[] | null)[],
): readonly ColumnChunk[] {
  if (rows.length >= LEAST_RUN && rows.every((headers) => headers === null)) {
    return FIELDS.map((name) => writeAbsent(file, pathOf(list, name), rows.length));
  }
  const { writer, compression, compress, footer } = file;
  const codec = CODECS[compression];
  const resolve = schemaPathResolver(footer.schema);
  return FIELDS.map((name) => {
    const path = resolve(pathOf(list, name));
    const schemaPath = path.map(({ element }) => element);
    const element = schemaPath.at(-1);
    if (element === undefined) {
      throw new TypeError(`the schema has no ${name} of ${list}`);
    }
    const pageData = encodeNestedValues(path, [...rows]);
    const column = {
      ...{ columnName: pathOf(list, name).join("."), element, schemaPath, codec, pageSize: PAGE_BYTES },
      ...{ compressors: { [codec]: compress }, stats: false, columnIndex: false, offsetIndex: false },
      encoding: "PLAIN" as const,
    };
    return writeColumn({ writer, column, pageData }).chunk;
  });
}

/**
 * One page that has no value, as most records have no header: the library, which writes the same bytes, walks each
 * row's levels a dozen times.
 */
function writeAbsent({ writer, compression, compress }: PageSettings, path: string[], rows: number): ColumnChunk {
  const start = writer.offset;
  // One run of level 0: repetition and definition are the same.
  const levels = Uint8Array.from([...varint(rows << 1), 0]);
  const compressed = compress(new Uint8Array(0));
  writePageHeader(writer, {
    type: "DATA_PAGE_V2",
    uncompressed_page_size: 2 * levels.length,
    compressed_page_size: 2 * levels.length + compressed.length,
    data_page_header_v2: {
      num_values: rows,
      num_nulls: rows,
      num_rows: rows,
      encoding: "PLAIN",
      definition_levels_byte_length: levels.length,
      repetition_levels_byte_length: levels.length,
      is_compressed: true,
    },
  });
  const uncompressed = writer.offset - start + 2 * levels.length;
  for (const bytes of [levels, levels, compressed]) {
    writer.appendBytes(bytes);
  }
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: "BYTE_ARRAY",
      encodings: ["PLAIN"],
      path_in_schema: path,
      codec: CODECS[compression],
      num_values: BigInt(rows),
      total_compressed_size: BigInt(writer.offset - start),
      total_uncompressed_size: BigInt(uncompressed),
      data_page_offset: BigInt(start),
    },
  };
}

function pathOf(list: string, name: string): string[] {
  return [list, "list", "element", name];
}
