// Row columns: columns of which each has one field of a record's row, or of the record itself.

import { inspect } from "node:util";
import { InvalidOutputError } from "../../core/errors.ts";
import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { ArchiveRecord } from "../format/archive-record.ts";
import { type NamedField, requireApart } from "../format/envelope-fields.ts";
import { FlatColumn } from "./chunks/flat-column.ts";
import { HeaderColumn } from "./chunks/header-column.ts";
import { type ColumnField, type OpenColumn, type ParquetFile, writeRowGroup } from "./chunks/row-group.ts";
import type { ColumnTypeRules } from "./column-types.ts";
import type { OpenColumns, ParquetColumns, SchemaElement } from "./parquet-columns.ts";

export interface Column {
  readonly name: string;
  readonly rules: ColumnTypeRules;
  readonly isRequired: boolean;
}

/** A column of the record itself. */
export interface RecordColumn extends Column, NamedField {
  readonly of: (record: ArchiveRecord, place: TopicPartition) => unknown;
}

/** What a record has in the columns, by name; what is absent is null. */
export type RowOf = (record: ArchiveRecord) => Readonly<Record<string, unknown>>;

export interface RowColumns {
  /** Of rows. */
  readonly columns: readonly Column[];
  readonly row: RowOf;
  /** In front of them. */
  readonly ofRecord: readonly RecordColumn[];
  /** Who has the columns of rows, for messages. */
  readonly whose: string;
}

/** Throws ConfigurationError where a record's column has the name of a row's. */
export function rowColumns({ columns, row, ofRecord, whose }: RowColumns): ParquetColumns {
  requireApart(
    ofRecord,
    columns.map(({ name }) => name),
    whose,
  );
  const all = [...ofRecord, ...columns];
  return {
    schema: all.flatMap(({ name, rules, isRequired }): readonly SchemaElement[] => [
      { name, ...rules.element, repetition_type: isRequired ? "REQUIRED" : "OPTIONAL" },
      ...(rules.children ?? []),
    ]),
    childCount: all.length,
    open: (place) => new Rows({ all, columns, ofRecord, row, place }),
  };
}

interface RowsOptions extends Omit<RowColumns, "whose"> {
  /** In the order of the file. */
  readonly all: readonly Column[];
  readonly place: TopicPartition;
}

class Rows implements OpenColumns {
  readonly #options: RowsOptions;
  readonly #open: readonly OpenColumn[];
  /** Of the row in hand; one list for all of them. */
  readonly #fields: (ColumnField | null)[] = [];
  #rows = 0;

  constructor(options: RowsOptions) {
    this.#options = options;
    this.#open = options.all.map(openColumn);
  }

  get rows(): number {
    return this.#rows;
  }

  check(record: ArchiveRecord): void {
    const { columns, ofRecord, row: rowOf, place } = this.#options;
    const { offset } = record;
    const row = rowOf(record);
    let index = 0;
    for (const column of ofRecord) {
      this.#fields[index] = fieldOf(column, column.of(record, place), offset);
      index += 1;
    }
    for (const column of columns) {
      this.#fields[index] = fieldOf(column, givenOf(row, column.name), offset);
      index += 1;
    }
  }

  add(record: ArchiveRecord): number {
    // All of them first: a row is taken as a whole or not at all.
    this.check(record);
    let bytes = 0;
    let index = 0;
    for (const column of this.#open) {
      bytes += column.add(this.#fields[index] ?? null);
      index += 1;
    }
    this.#rows += 1;
    return bytes;
  }

  write(file: ParquetFile): void {
    writeRowGroup(file, this.#rows, this.#open);
    this.#rows = 0;
  }
}

function openColumn({ name, rules, isRequired }: Column): OpenColumn {
  const { element, hasBounds, hasDictionary } = rules;
  return element.type === undefined
    ? new HeaderColumn(name)
    : new FlatColumn({ name, type: element.type, isRequired, hasBounds, hasDictionary });
}

/** Not what every object has, as `constructor`. */
function givenOf(row: Readonly<Record<string, unknown>>, name: string): unknown {
  return name in Object.prototype && !Object.hasOwn(row, name) ? null : row[name];
}

function fieldOf({ name, rules, isRequired }: Column, value: unknown, offset: bigint | undefined): ColumnField | null {
  if (value == null) {
    if (isRequired) {
      throw invalidRow(offset, `column ${name} is required, and has no value`);
    }
    return null;
  }
  const field = rules.fieldOf(value);
  if (field === undefined) {
    const shown = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY }).slice(0, 100);
    throw invalidRow(offset, `column ${name} takes ${rules.takes}, not the ${typeof value} ${shown}`);
  }
  return field;
}

export function invalidRow(offset: bigint | undefined, why: string, cause?: unknown): InvalidOutputError {
  const where = offset === undefined ? "a row" : `the row of offset ${offset}`;
  return new InvalidOutputError(`${where}: ${why}; mend the record's code, or the columns of parquet`, {
    outputIndex: 0,
    cause,
  });
}
