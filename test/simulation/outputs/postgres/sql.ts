// SQL
//
// As much of the language as the output speaks: conditions and assignments are evaluated as they
// stand in the text, so that another text means something else.

export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/** What a statement does, by its text and its values. */
export type Parsed =
  | { readonly kind: "begin" | "commit" | "rollback" }
  | { readonly kind: "insert"; readonly table: string; readonly row: Row }
  /** Into a table with a key: what is there is updated. */
  | ({ readonly kind: "upsert"; readonly table: string; readonly key: readonly string[]; readonly row: Row } & Changing)
  | ({ readonly kind: "update"; readonly table: string; readonly isAsserted: boolean } & Finding & Changing)
  | ({ readonly kind: "select"; readonly table: string; readonly isLocking: boolean } & Finding);

interface Finding {
  readonly matches: (row: Row) => boolean;
}

interface Changing {
  /** The row as it is afterwards. */
  readonly change: (row: Row) => Row;
}

const UPSERT =
  /^INSERT INTO "(\w+)" \(([\w, ]+)\)\nVALUES \([$\d, ]+\)\nON CONFLICT \(([\w, ]+)\)\nDO UPDATE SET (.+)\nRETURNING [\w, ]+$/;
const MOVE =
  /^WITH moved AS \(\s*UPDATE "(\w+)" SET (.+?)\s+WHERE (.+?)\s+RETURNING 1\s*\) SELECT (1 \/ )?count\(\*\) FROM moved$/s;
const SELECT = /^SELECT [\w, ]+ FROM "(\w+)" WHERE (.+?)( FOR UPDATE)?$/;
const INSERT = /^INSERT INTO (\w+) \(([\w, ]+)\) VALUES \([$\d, ]+\)$/;

/** Throws for a text that is none of those. */
export function parseSql(text: string, values: readonly Value[]): Parsed {
  if (/^BEGIN\b/.test(text)) {
    return { kind: "begin" };
  }
  if (text === "COMMIT" || text === "ROLLBACK") {
    return { kind: text === "COMMIT" ? "commit" : "rollback" };
  }
  const [, upserted, columns = "", key = "", set = ""] = UPSERT.exec(text) ?? [];
  if (upserted !== undefined) {
    const row = rowOf(columns, values);
    return { kind: "upsert", table: upserted, key: key.split(", "), row, change: changeOf(set, values, row) };
  }
  const [, moved, assigned = "", where = "", asserted] = MOVE.exec(text) ?? [];
  if (moved !== undefined) {
    const isAsserted = asserted !== undefined;
    return { kind: "update", table: moved, isAsserted, ...finding(where, values), change: changeOf(assigned, values) };
  }
  const [, selected, condition = "", lock] = SELECT.exec(text) ?? [];
  if (selected !== undefined) {
    return { kind: "select", table: selected, isLocking: lock !== undefined, ...finding(condition, values) };
  }
  const [, inserted, names = ""] = INSERT.exec(text) ?? [];
  if (inserted !== undefined) {
    return { kind: "insert", table: inserted, row: rowOf(names, values) };
  }
  throw new Error(`the simulated PostgreSQL cannot run ${text}`);
}

function rowOf(columns: string, values: readonly Value[]): Row {
  return Object.fromEntries(columns.split(", ").map((name, index) => [name, values[index] ?? null]));
}

function finding(where: string, values: readonly Value[]): Finding {
  const terms = where.split(/\s+AND\s+/).map((term) => {
    const [, column = "", operator, number] = /^(\w+) (=|IS NOT DISTINCT FROM) \$(\d+)(?:::bigint)?$/.exec(term) ?? [];
    if (operator === undefined) {
      throw new Error(`the simulated PostgreSQL cannot evaluate ${term}`);
    }
    const value = values[Number(number) - 1] ?? null;
    return (row: Row) => {
      const present = row[column] ?? null;
      const isEqual = present !== null && value !== null && String(present) === String(value);
      return isEqual || (operator !== "=" && present === value);
    };
  });
  return { matches: (row) => terms.every((holds) => holds(row)) };
}

function changeOf(set: string, values: readonly Value[], excluded: Row = {}): Changing["change"] {
  const assignments = set.split(/,\s+(?=\w+ =)/).map((assignment) => {
    const [, column = "", expression = ""] = /^(\w+) = (.+)$/.exec(assignment) ?? [];
    return { column, value: (row: Row) => evaluate(expression, { row, values, excluded }) };
  });
  return (row) => ({ ...row, ...Object.fromEntries(assignments.map(({ column, value }) => [column, value(row)])) });
}

interface Scope {
  readonly row: Row;
  readonly values: readonly Value[];
  readonly excluded: Row;
}

function evaluate(expression: string, { row, values, excluded }: Scope): Value {
  const [, number] = /^\$(\d+)$/.exec(expression) ?? [];
  const [, given] = /^excluded\.(\w+)$/.exec(expression) ?? [];
  const [, column, fallback] = /^coalesce\((\w+), \$(\d+)\)$/.exec(expression) ?? [];
  if (number !== undefined) {
    return values[Number(number) - 1] ?? null;
  }
  if (given !== undefined) {
    return excluded[given] ?? null;
  }
  if (column !== undefined) {
    return row[column] ?? values[Number(fallback) - 1] ?? null;
  }
  if (expression === "now()") {
    return "now";
  }
  throw new Error(`the simulated PostgreSQL cannot evaluate ${expression}`);
}
