// PostgreSQL statement
//
// What a pipeline's code gives for a record: a statement with its values, or a row of a bulk
// statement, of which many rows are sent as one.

import { quote } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { requireOptions } from "../../core/options/require-options.ts";

/** What a parameter takes: a Date as a point of time, bytes as `bytea`, an array as PostgreSQL's, another object as JSON. */
export type PostgresValue = string | number | bigint | boolean | null | object;

/** One statement, for one record: `{ text: "INSERT INTO orders (id) VALUES ($1)", values: [id] }`. */
export interface PostgresStatement {
  /** One statement of SQL, which neither begins nor ends a transaction, and is no COPY. */
  readonly text: string;
  /** Of `$1`, `$2` and so on. @default - none */
  readonly values?: readonly PostgresValue[];
}

/** A row of a bulk statement, as the function that `bulkStatement` returned makes it. */
export interface PostgresRow {
  /** Rows of the same text are sent together. */
  readonly bulk: BulkStatement;
  /** Of `$1`, `$2` and so on, one of the row each; no arrays. */
  readonly row: readonly PostgresValue[];
}

/** What is written to PostgreSQL for a record. */
export type PostgresOutput = PostgresStatement | PostgresRow;

/** A statement of which many rows are sent as one. */
export interface BulkStatement {
  /** One statement of SQL, whose parameters are arrays. */
  readonly text: string;
  /** As BulkOptions has it; empty without. */
  readonly key: readonly number[];
}

/** How the rows of a bulk statement are put together. */
export interface BulkOptions {
  /**
   * The numbers of the parameters that say which row of the table is written, from 1. PostgreSQL's `ON CONFLICT DO
   * UPDATE` takes a row of the table once per statement: a second one of the same key begins another statement, so that
   * the last one wins, as it would alone.
   * @default - rows are put together whatever they are
   */
  readonly key?: readonly number[];
}

/**
 * A statement that takes columns, each parameter an array of one value per row: `INSERT INTO orders (id, total) SELECT *
 * FROM unnest($1::bigint[], $2::numeric[])`. The function that it returns makes a row of it, to be given as an output.
 * The rows of one text that are written between two commits, or between two single statements, are sent as one.
 * Throws ConfigurationError for a text or options that are none.
 */
export function bulkStatement<Row extends readonly PostgresValue[] = readonly PostgresValue[]>(
  text: string,
  options: BulkOptions = {},
): (...row: Row) => PostgresRow {
  if (typeof text !== "string" || text.trim() === "") {
    throw new ConfigurationError(`bulkStatement: its text is ${quote(text)}; expected one statement of SQL`);
  }
  requireOptions("bulkStatement", options, {
    key: {
      expected: "an array of parameters' numbers, from 1",
      takes: (value) => Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 1),
    },
  });
  const { key = [] } = options;
  const bulk = { text, key: [...key] };
  return (...row) => ({ bulk, row });
}
