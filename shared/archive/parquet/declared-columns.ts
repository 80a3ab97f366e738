// Declared columns
//
// Columns that the user has named, with types; a record's row is the JSON of its value, or what
// the user's function makes of the record.

import { inspect } from "node:util";
import type { ColumnSource } from "hyparquet-writer";
import { ConfigurationError, InvalidOutputError } from "../../core/errors.ts";
import { type ArchiveRecord, bytesOf } from "../format/archive-record.ts";
import { PAGE_BYTES } from "../format/limits.ts";
import { COLUMN_TYPES, type ColumnType, type ColumnTypeRules } from "./column-types.ts";
import { FIELD_OVERHEAD_BYTES, type OpenColumns, type ParquetColumns, type ParquetFile } from "./parquet-columns.ts";

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
  /** What a record has in the columns; what is absent or undefined is null. @default - the JSON object that its value is */
  readonly row?: (record: ArchiveRecord) => Readonly<Record<string, unknown>>;
}

export interface Column {
  readonly name: string;
  readonly rules: ColumnTypeRules;
  readonly isRequired: boolean;
}

type RowOf = NonNullable<DeclaredColumnsOptions["row"]>;

/** Throws ConfigurationError for a type that there is not. */
export function declaredColumns({ columns, row = jsonRow }: DeclaredColumnsOptions): ParquetColumns {
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
  return columnsWith(declared, row);
}

/** Columns whose rows are what the function makes of a record. */
export function columnsWith(columns: readonly Column[], row: RowOf): ParquetColumns {
  return {
    schema: columns.map(({ name, rules, isRequired }) => ({
      name,
      ...rules.element,
      repetition_type: isRequired ? "REQUIRED" : "OPTIONAL",
    })),
    childCount: columns.length,
    open: () => new DeclaredRows(columns, row),
  };
}

function jsonRow({ value, offset }: ArchiveRecord): Readonly<Record<string, unknown>> {
  const text = value === null ? "null" : bytesOf(value).toString();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw invalid(offset, "the value is no JSON", cause);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw invalid(offset, "the value is no JSON object");
  }
  return parsed as Readonly<Record<string, unknown>>; // An object has what it has.
}

class DeclaredRows implements OpenColumns {
  readonly #columns: readonly Column[];
  readonly #row: RowOf;
  #data: unknown[][];
  #rows = 0;

  constructor(columns: readonly Column[], row: RowOf) {
    this.#columns = columns;
    this.#row = row;
    this.#data = columns.map(() => []);
  }

  get rows(): number {
    return this.#rows;
  }

  check(record: ArchiveRecord): void {
    this.#fields(record);
  }

  add(record: ArchiveRecord): number {
    // All of them first: a row is taken as a whole or not at all.
    const fields = this.#fields(record);
    let bytes = 0;
    for (const [index, field] of fields.entries()) {
      const isBytes = field instanceof Uint8Array;
      bytes += FIELD_OVERHEAD_BYTES + (isBytes || typeof field === "string" ? 2 * field.length : 0);
      // A view would hold all that was fetched with it.
      this.#data[index]?.push(isBytes ? Buffer.from(field) : field);
    }
    this.#rows += 1;
    return bytes;
  }

  #fields(record: ArchiveRecord): readonly unknown[] {
    const row = this.#row(record);
    return this.#columns.map((column) => fieldOf(column, row[column.name], record.offset));
  }

  write({ footer }: ParquetFile): void {
    const columnData = this.#columns.map(({ name, rules }, index): ColumnSource => {
      const { encoding, hasStatistics } = rules;
      const column = { name, data: this.#data[index] ?? [], statistics: hasStatistics };
      return encoding === undefined ? column : { ...column, encoding };
    });
    void footer.write({ columnData, rowGroupSize: this.#rows, pageSize: PAGE_BYTES });
    this.#data = this.#columns.map(() => []);
    this.#rows = 0;
  }

  free(): void {}
}

function fieldOf({ name, rules, isRequired }: Column, value: unknown, offset: bigint | undefined): unknown {
  if (value == null) {
    if (isRequired) {
      throw invalid(offset, `column ${name} is required, and has no value`);
    }
    return null;
  }
  const field = rules.fieldOf(value);
  if (field === undefined) {
    const shown = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY }).slice(0, 100);
    throw invalid(offset, `column ${name} takes ${rules.takes}, not the ${typeof value} ${shown}`);
  }
  return field;
}

function invalid(offset: bigint | undefined, why: string, cause?: unknown): InvalidOutputError {
  const where = offset === undefined ? "a row" : `the row of offset ${offset}`;
  return new InvalidOutputError(`${where}: ${why}; mend the record's code, or the columns of parquet`, {
    outputIndex: 0,
    cause,
  });
}
