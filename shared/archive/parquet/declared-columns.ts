// Declared columns
//
// Columns that the user has named, with types; a record's row is the JSON of its value, or what
// the user's function makes of the record.

import { ConfigurationError } from "../../core/errors.ts";
import { parseJson } from "../../schemas/json-schema/exact-json.ts";
import { type ArchiveRecord, bytesOf } from "../format/archive-record.ts";
import type { EnvelopeFields } from "../format/envelope-fields.ts";
import { COLUMN_TYPES, type ColumnType } from "./column-types.ts";
import type { ParquetColumns } from "./parquet-columns.ts";
import { type RecordColumnsOptions, recordColumns } from "./record-columns.ts";
import { type Column, invalidRow, rowColumns } from "./row-columns.ts";

/** A type, or one whose column has no nulls. */
export type ColumnDeclaration = ColumnType | RequiredColumn;

/** A column that every row has a value in. */
export interface RequiredColumn {
  /** What it holds. */
  readonly type: ColumnType;
  /** A row without a value is refused. */
  readonly required: true;
}

/** Columns of one's own. */
export interface DeclaredColumnsOptions {
  /** By name, in their order. */
  readonly columns: Readonly<Record<string, ColumnDeclaration>>;
  /** What a record has in the columns; what is absent or undefined is null. @default - the JSON object that its value is, whose whole numbers beyond 2^53 are bigints */
  readonly row?: (record: ArchiveRecord) => Readonly<Record<string, unknown>>;
  /** Columns of the record itself in front of the others; no name may be one of theirs. @default - none */
  readonly envelope?: EnvelopeFields<RecordColumnsOptions>;
}

/** Throws ConfigurationError for a type that there is not, and for columns of one name. */
export function declaredColumns({ columns, row = jsonRow, envelope }: DeclaredColumnsOptions): ParquetColumns {
  const declared = Object.entries(columns).map(([name, given]): Column => {
    const { type, isRequired } =
      typeof given === "string" ? { type: given, isRequired: false } : { type: given.type, isRequired: given.required };
    if (COLUMN_TYPES[type] === undefined) {
      throw new ConfigurationError(
        `column ${name} has the type ${JSON.stringify(type)}; known are ${Object.keys(COLUMN_TYPES).join(", ")}`,
      );
    }
    return { name, rules: COLUMN_TYPES[type], isRequired };
  });
  if (declared.length === 0) {
    throw new ConfigurationError("columns names no column: leave it out for those of the envelope");
  }
  return rowColumns({ columns: declared, row, ofRecord: recordColumns(envelope), whose: "columns" });
}

const TOMBSTONE =
  "the record is a tombstone, whose value has no fields; write nothing for it (writeEach: value === null ? [] : …), or give columns a row that makes one of it";

function jsonRow({ value, offset }: ArchiveRecord): Readonly<Record<string, unknown>> {
  if (value === null) {
    throw invalidRow(offset, TOMBSTONE);
  }
  let parsed: unknown;
  try {
    parsed = parseJson(bytesOf(value).toString());
  } catch (cause) {
    throw invalidRow(offset, "the value is no JSON", cause);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw invalidRow(offset, "the value is no JSON object");
  }
  return parsed as Readonly<Record<string, unknown>>; // An object has what it has.
}
