// Schema columns: columns that a schema names, in words that neither a library of schemas nor one of files has.

import type { ArchiveRecord } from "./archive-record.ts";

/** What a column holds, and how its rows have it; times are numbers since the epoch, or since midnight, and JSON is its text. */
export type SchemaColumnType =
  | {
      readonly kind: "boolean" | "bytes" | "date" | "double" | "float" | "int32" | "int64" | "json" | "string" | "uuid";
    }
  /** Text with all digits of its scale: "12.30". */
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  /** MILLIS of a time are a number, all others bigints. */
  | { readonly kind: "time"; readonly unit: "MICROS" | "MILLIS" }
  | { readonly kind: "timestamp"; readonly unit: "MICROS" | "MILLIS" | "NANOS"; readonly isUtc: boolean };

/** A column that a schema names. */
export interface SchemaColumn {
  /** Of the schema's field. */
  readonly name: string;
  /** What it holds. */
  readonly type: SchemaColumnType;
  /** Whether the schema has no null for it. */
  readonly isRequired: boolean;
}

/** The columns of one object, and what its records have in them. */
export interface SchemaRows {
  /** In the order of the schema's fields. */
  readonly columns: readonly SchemaColumn[];
  /** Throws InvalidOutputError for a record that has no place in them. */
  readonly row: (record: ArchiveRecord) => Readonly<Record<string, unknown>>;
}

/** Columns of an object by the schema of its first record: made by `avroColumns`, `protobufColumns` or `jsonSchemaColumns`. */
export interface SchemaColumns {
  /** Throws InvalidOutputError for a record that has no schema, or one of no columns. */
  rowsFor(first: ArchiveRecord): SchemaRows;
}
