// Row columns: columns of which each has one field of a record's row, or of the record itself.

import { inspect } from "node:util";
import type { ColumnSource } from "hyparquet-writer";
import { InvalidOutputError } from "../../core/errors.ts";
import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { ArchiveRecord } from "../format/archive-record.ts";
import { type NamedField, requireApart } from "../format/envelope-fields.ts";
import { PAGE_BYTES } from "../format/limits.ts";
import type { ColumnTypeRules } from "./column-types.ts";
import { headersBytes } from "./envelope-columns.ts";
import type { Header } from "./header-column.ts";
import {
  FIELD_OVERHEAD_BYTES,
  type OpenColumns,
  type ParquetColumns,
  type ParquetFile,
  type SchemaElement,
} from "./parquet-columns.ts";

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
  #data: unknown[][];
  #rows = 0;

  constructor(options: RowsOptions) {
    this.#options = options;
    this.#data = options.all.map(() => []);
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
      bytes += FIELD_OVERHEAD_BYTES + bytesIn(field);
      // A view would hold all that was fetched with it.
      this.#data[index]?.push(field instanceof Uint8Array ? Buffer.from(field) : field);
    }
    this.#rows += 1;
    return bytes;
  }

  #fields(record: ArchiveRecord): readonly unknown[] {
    const { columns, ofRecord, row: rowOf, place } = this.#options;
    const { offset } = record;
    const row = rowOf(record);
    return [
      ...ofRecord.map((column) => fieldOf(column, column.of(record, place), offset)),
      ...columns.map((column) => fieldOf(column, givenOf(row, column.name), offset)),
    ];
  }

  write({ footer }: ParquetFile): void {
    const { all } = this.#options;
    const columnData = all.map(({ name, rules }, index): ColumnSource => {
      const { encoding, hasStatistics } = rules;
      const column = { name, data: this.#data[index] ?? [], statistics: hasStatistics };
      return encoding === undefined ? column : { ...column, encoding };
    });
    void footer.write({ columnData, rowGroupSize: this.#rows, pageSize: PAGE_BYTES });
    this.#data = all.map(() => []);
    this.#rows = 0;
  }

  free(): void {}
}

/** Not what every object has, as `constructor`. */
function givenOf(row: Readonly<Record<string, unknown>>, name: string): unknown {
  return name in Object.prototype && !Object.hasOwn(row, name) ? null : row[name];
}

/** Of memory, of what is no number. */
function bytesIn(field: unknown): number {
  if (Array.isArray(field)) {
    return headersBytes(field as readonly Header[]); // No other column has lists.
  }
  return field instanceof Uint8Array || typeof field === "string" ? 2 * field.length : 0;
}

function fieldOf({ name, rules, isRequired }: Column, value: unknown, offset: bigint | undefined): unknown {
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
