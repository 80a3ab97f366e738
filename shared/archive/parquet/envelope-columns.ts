// Envelope columns
//
// offset, timestamp, key, value, headers: all that a record is, but topic and partition, which
// are in the object's key.

import { isUtf8 } from "node:buffer";
import { quote } from "../../core/bounded-text.ts";
import { InvalidOutputError } from "../../core/errors.ts";
import { oneOf } from "../../core/options/require-options.ts";
import { type ArchiveRecord, bytesOf } from "../format/archive-record.ts";
import { FlatColumn } from "./chunks/flat-column.ts";
import { HeaderColumn } from "./chunks/header-column.ts";
import { type Header, type ParquetFile, writeRowGroup } from "./chunks/row-group.ts";
import { COLUMN_TYPES } from "./column-types.ts";
import type { OpenColumns, ParquetColumns, SchemaElement } from "./parquet-columns.ts";

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

const FLAT = { isRequired: false, hasDictionary: false };

class EnvelopeRows implements OpenColumns {
  readonly #as: Required<EnvelopeColumnsOptions>;
  readonly #offsets = new FlatColumn({ ...FLAT, name: "offset", type: "INT64", hasBounds: true });
  readonly #timestamps = new FlatColumn({ ...FLAT, name: "timestamp", type: "INT64", hasBounds: true });
  readonly #keys = new FlatColumn({ ...FLAT, name: "key", type: "BYTE_ARRAY", hasBounds: false });
  readonly #values = new FlatColumn({ ...FLAT, name: "value", type: "BYTE_ARRAY", hasBounds: false });
  readonly #headers = new HeaderColumn("headers");
  readonly #all = [this.#offsets, this.#timestamps, this.#keys, this.#values, this.#headers];

  constructor(as: Required<EnvelopeColumnsOptions>) {
    this.#as = as;
  }

  get rows(): number {
    return this.#headers.rows;
  }

  check(record: ArchiveRecord): void {
    int64Of(record, "offset");
    int64Of(record, "timestamp");
    this.#bytes(record, "key");
    this.#bytes(record, "value");
  }

  add(record: ArchiveRecord): number {
    // All of them first: a row is taken as a whole or not at all.
    const offset = int64Of(record, "offset");
    const timestamp = int64Of(record, "timestamp");
    const headers = keptHeaders(record.headers);
    const key = this.#bytes(record, "key");
    const value = this.#bytes(record, "value");
    return (
      this.#offsets.add(offset) +
      this.#timestamps.add(timestamp) +
      this.#keys.add(key) +
      this.#values.add(value) +
      this.#headers.add(headers)
    );
  }

  write(file: ParquetFile): void {
    writeRowGroup(file, this.rows, this.#all);
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

/** What code without types has made may be anything, and a column of 64 bits would cut it. */
function int64Of(record: ArchiveRecord, name: "offset" | "timestamp"): bigint | null {
  const given = record[name];
  if (given === undefined || given === null) {
    return null;
  }
  const rules = COLUMN_TYPES.int64;
  const whole = rules.fieldOf(given);
  if (typeof whole !== "bigint") {
    throw new InvalidOutputError(`the ${name} ${quote(given)} of a record is not ${rules.takes}, of 64 bits`, {
      outputIndex: 0,
    });
  }
  return whole;
}

/** Null where there is none; a view would hold all that was fetched with it. */
export function keptHeaders(headers: ArchiveRecord["headers"]): readonly Header[] | null {
  return headers === undefined || headers.length === 0
    ? null
    : headers.map(({ key, value }) => ({ key, value: value === null ? null : Buffer.from(bytesOf(value)) }));
}
