import type { ParquetWriter } from "hyparquet-writer";
import type { PageCompressor, PageWriter, ParquetCompression } from "./page-writer.ts";
import type { PlainValue } from "./plain-values.ts";

export type ColumnChunk = ParquetWriter["row_groups"][number]["columns"][number];

/** How pages are written. */
export interface PageSettings {
  readonly writer: PageWriter;
  readonly compression: ParquetCompression;
  readonly compress: PageCompressor;
}

export interface ParquetFile extends PageSettings {
  readonly footer: ParquetWriter;
}

/** Of a record. */
export interface Header {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** What a row has in a column. */
export type ColumnField = PlainValue | readonly Header[];

/** A column of the row group that is being made. */
export interface OpenColumn {
  /** Puts a row behind the others, and answers what it takes of memory, in bytes. */
  add(field: ColumnField | null): number;
  /** Writes its rows, and is empty afterwards: one chunk for each column that it is in the file. */
  write(file: ParquetFile): readonly ColumnChunk[];
}

/** Columns of as many rows each become a row group of the file. */
export function writeRowGroup(file: ParquetFile, rows: number, open: readonly OpenColumn[]): void {
  const { writer, footer } = file;
  const start = writer.offset;
  const columns = open.flatMap((column) => column.write(file));
  footer.num_rows += BigInt(rows);
  footer.row_groups.push({
    columns,
    num_rows: BigInt(rows),
    total_byte_size: columns.reduce((sum, { meta_data: data }) => sum + (data?.total_uncompressed_size ?? 0n), 0n),
    total_compressed_size: BigInt(writer.offset - start),
  });
}
