// Arrange statements
//
// Which statements a transaction sends for its outputs, and in which order.
//
//   GB1  A single statement comes after everything that was written before it, and before everything after it.
//   GB2  Between two single statements the rows of one bulk statement are sent together, in their order; the bulk
//        statements come in the order in which each was first used.
//   GB3  Two rows of the same key are never in one statement: the later one is in a later statement.

import { arrayOf, type EncodedValue } from "./encode-value.ts";
import type { KeptOutput, KeptRow } from "./keep-output.ts";

export interface SentStatement {
  readonly text: string;
  readonly values: readonly EncodedValue[];
  /** Which outputs it is made of, by their places among those that were given. */
  readonly outputs: readonly number[];
  /** Those of a bulk statement, which can be cut. */
  readonly rows: readonly PlacedRow[];
}

export interface PlacedRow {
  readonly output: number;
  readonly row: KeptRow;
}

export function arrangeStatements(outputs: readonly KeptOutput[]): readonly SentStatement[] {
  const arranged: SentStatement[] = [];
  let gathered = new Map<string, PlacedRow[]>();
  const flush = () => {
    arranged.push(...[...gathered.values()].flatMap(cutAtKeys).map(bulkOf));
    gathered = new Map();
  };
  for (const [output, kept] of outputs.entries()) {
    if (kept.kind === "row") {
      // Rows of another length are for the server to refuse, and no others with them.
      const kind = `${kept.elements.length} ${kept.text}`;
      const rows = gathered.get(kind) ?? [];
      rows.push({ output, row: kept });
      gathered.set(kind, rows);
    } else {
      flush();
      arranged.push({ text: kept.text, values: kept.values, outputs: [output], rows: [] });
    }
  }
  flush();
  return arranged;
}

/** Both halves of a bulk statement of several rows; together they do what it does. */
export function halve({ rows }: SentStatement): readonly [SentStatement, SentStatement] {
  const middle = Math.ceil(rows.length / 2);
  return [bulkOf(rows.slice(0, middle)), bulkOf(rows.slice(middle))];
}

function cutAtKeys(rows: readonly PlacedRow[]): readonly (readonly PlacedRow[])[] {
  const parts: PlacedRow[][] = [];
  let keys = new Set<string>();
  let part: PlacedRow[] | undefined;
  for (const placed of rows) {
    const { key } = placed.row;
    if (part === undefined || (key !== undefined && keys.has(key))) {
      part = [];
      parts.push(part);
      keys = new Set();
    }
    part.push(placed);
    if (key !== undefined) {
      keys.add(key);
    }
  }
  return parts;
}

function bulkOf(rows: readonly PlacedRow[]): SentStatement {
  const [first] = rows;
  const columns = first?.row.elements.map((_, column) =>
    arrayOf(rows.map(({ row }) => row.elements[column] ?? "NULL")),
  );
  return { text: first?.row.text ?? "", values: columns ?? [], outputs: rows.map(({ output }) => output), rows };
}
