import { parquetMetadata, parquetReadObjects } from "hyparquet";
import type { ArchiveFormat } from "../../../shared/archive/format/archive-format.ts";
import type { ArchiveRecord } from "../../../shared/archive/format/archive-record.ts";
import { objectOf } from "./object-of.ts";

/** The file that a format makes of records, as another library reads it. */
export async function parquetOf(format: ArchiveFormat, records: readonly ArchiveRecord[]) {
  const { bytes } = await objectOf(format, records);
  return { bytes, ...(await readParquet(bytes)) };
}

/** Bytes are text; JSON is its text, in which numbers have all their digits. */
export async function readParquet(bytes: Buffer) {
  const file = new Uint8Array(bytes).buffer; // From its beginning.
  const metadata = parquetMetadata(file);
  const schema = metadata.schema.slice(1).map((element) => ({ ...element }));
  for (const element of metadata.schema) {
    if (element.converted_type === "JSON") {
      element.converted_type = "UTF8";
    }
  }
  const rows = (await parquetReadObjects({ file, metadata })).map(withoutAbsent);
  return { rows, schema };
}

/** The library has undefined for some nulls; bytes are text here. */
function withoutAbsent(row: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? Buffer.from(value).toString() : (value ?? null),
    ]),
  );
}
