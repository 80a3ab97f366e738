import { writeColumn } from "hyparquet-writer/src/column.js";
import { encodeNestedValues } from "hyparquet-writer/src/dremel.js";
import { schemaPathResolver } from "hyparquet-writer/src/schema.js";
import { PAGE_BYTES } from "../format/limits.ts";
import { CODECS } from "./page-writer.ts";
import type { ParquetFile } from "./parquet-columns.ts";
import type { ColumnChunk } from "./plain-column.ts";

export interface Header {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** The two columns that a list of headers is in a file, by the library: most records have none. */
export function writeHeaders(
  { writer, compression, compress, footer }: ParquetFile,
  rows: readonly (readonly Header[] | null)[],
): readonly ColumnChunk[] {
  const codec = CODECS[compression];
  const resolve = schemaPathResolver(footer.schema);
  return ["key", "value"].map((name) => {
    const path = resolve(["headers", "list", "element", name]);
    const schemaPath = path.map(({ element }) => element);
    const element = schemaPath.at(-1);
    if (element === undefined) {
      throw new TypeError(`the schema has no ${name} of headers`);
    }
    const pageData = encodeNestedValues(path, [...rows]);
    const column = {
      ...{ columnName: `headers.list.element.${name}`, element, schemaPath, codec, pageSize: PAGE_BYTES },
      ...{ compressors: { [codec]: compress }, stats: false, columnIndex: false, offsetIndex: false },
      encoding: "PLAIN" as const,
    };
    return writeColumn({ writer, column, pageData }).chunk;
  });
}
