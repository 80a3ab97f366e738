// Envelope columns
//
// offset, timestamp, key, value, headers: all that a record is, but topic and partition, which
// are in the object's key.

import { isUtf8 } from "node:buffer";
import { InvalidOutputError } from "../../core/errors.ts";
import { oneOf } from "../../core/options/require-options.ts";
import { type ArchiveRecord, bytesOf } from "../format/archive-record.ts";
import { type Header, writeHeaders } from "./header-column.ts";
import {
  FIELD_OVERHEAD_BYTES,
  type OpenColumns,
  type ParquetColumns,
  type ParquetFile,
  type SchemaElement,
} from "./parquet-columns.ts";
import { PlainColumn } from "./plain-column.ts";

/** How the bytes of keys or values are declared: text has to be UTF-8. */
export type BytesAs = "bytes" | "text";

export const BYTES_AS = oneOf("bytes", "text");

/** How the columns of a record itself are declared. */
export interface EnvelopeColumnsOptions {
  /** @default "bytes" */
  readonly key?: BytesAs;
  /** @default "bytes" */
  readonly value?: BytesAs;
}

export function envelopeColumns({ key = "bytes", value = "bytes" }: EnvelopeColumnsOptions): ParquetColumns {
  const optional = { repetition_type: "OPTIONAL" } as const;
  const time = { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" } as const;
  const schema: SchemaElement[] = [
    { name: "offset", type: "INT64", ...optional },
    { name: "timestamp", type: "INT64", converted_type: "TIMESTAMP_MILLIS", logical_type: time, ...optional },
    { name: "key", ...bytesElement(key), ...optional },
    { name: "value", ...bytesElement(value), ...optional },
    { name: "headers", converted_type: "LIST", num_children: 1, ...optional },
    ...HEADER_ELEMENTS,
  ];
  return { schema, childCount: 5, open: () => new EnvelopeRows({ key, value }) };
}

function bytesElement(as: BytesAs) {
  return as === "text"
    ? ({ type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } } as const)
    : ({ type: "BYTE_ARRAY" } as const);
}

/** What a list of headers has in it. */
export const HEADER_ELEMENTS: readonly SchemaElement[] = [
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  { name: "element", repetition_type: "REQUIRED", num_children: 2 },
  { name: "key", ...bytesElement("text"), repetition_type: "REQUIRED" },
  { name: "value", ...bytesElement("bytes"), repetition_type: "OPTIONAL" },
];

class EnvelopeRows implements OpenColumns {
  readonly #as: Required<EnvelopeColumnsOptions>;
  readonly #offsets = new PlainColumn("offset", "INT64");
  readonly #timestamps = new PlainColumn("timestamp", "INT64");
  readonly #keys = new PlainColumn("key", "BYTE_ARRAY");
  readonly #values = new PlainColumn("value", "BYTE_ARRAY");
  #headers: (readonly Header[] | null)[] = [];

  constructor(as: Required<EnvelopeColumnsOptions>) {
    this.#as = as;
  }

  get rows(): number {
    return this.#headers.length;
  }

  check(record: ArchiveRecord): void {
    this.#bytes(record, "key");
    this.#bytes(record, "value");
  }

  add(record: ArchiveRecord): number {
    const { offset, timestamp, headers } = record;
    const key = this.#bytes(record, "key");
    const value = this.#bytes(record, "value");
    const kept = keptHeaders(headers);
    this.#offsets.addInt64(offset ?? null);
    this.#timestamps.addInt64(timestamp ?? null);
    this.#keys.addBytes(key);
    this.#values.addBytes(value);
    this.#headers.push(kept);
    return 3 * FIELD_OVERHEAD_BYTES + headersBytes(kept) + (key?.length ?? 0) + (value?.length ?? 0);
  }

  write(file: ParquetFile): void {
    const { writer, footer } = file;
    const { rows } = this;
    const start = writer.offset;
    const flat = [this.#offsets, this.#timestamps, this.#keys, this.#values].map((column) => column.write(file));
    const columns = [...flat, ...writeHeaders(file, this.#headers)];
    this.#headers = [];
    footer.num_rows += BigInt(rows);
    footer.row_groups.push({
      columns,
      num_rows: BigInt(rows),
      total_byte_size: columns.reduce((sum, { meta_data: data }) => sum + (data?.total_uncompressed_size ?? 0n), 0n),
      total_compressed_size: BigInt(writer.offset - start),
    });
  }

  free(): void {
    for (const column of [this.#offsets, this.#timestamps, this.#keys, this.#values]) {
      column.free();
    }
  }

  #bytes(record: ArchiveRecord, name: "key" | "value"): Uint8Array | null {
    const content = record[name];
    if (content == null) {
      return null;
    }
    const bytes = bytesOf(content);
    if (this.#as[name] === "text" && !isUtf8(bytes)) {
      const where = record.offset === undefined ? "" : ` at offset ${record.offset}`;
      throw new InvalidOutputError(`the ${name}${where} is no UTF-8: give parquet ${name}: "bytes"`, {
        outputIndex: 0,
      });
    }
    return bytes;
  }
}

/** Null where there is none; a view would hold all that was fetched with it. */
export function keptHeaders(headers: ArchiveRecord["headers"]): readonly Header[] | null {
  return headers === undefined || headers.length === 0
    ? null
    : headers.map(({ key, value }) => ({ key, value: value === null ? null : Buffer.from(bytesOf(value)) }));
}

/** Of memory, of a list of them. */
export function headersBytes(headers: readonly Header[] | null): number {
  return headers?.reduce((sum, { key, value }) => sum + 100 + key.length + (value?.length ?? 0), 0) ?? 0;
}
