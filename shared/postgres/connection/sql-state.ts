// SQL state
//
// What a refusal of PostgreSQL means to whoever sent the statement, by its five characters
// alone: https://www.postgresql.org/docs/current/errcodes-appendix.html

/** What of it helps. */
export type Remedy =
  /** The same transaction, once more: it lost against another one. */
  | "again"
  /** A transaction of less: this one took longer than it may. */
  | "less"
  /** Another connection: this one is of no more use. */
  | "reconnect"
  /** Other data, or other code: the statement can never be taken. */
  | "data"
  /** A table, a column or a grant that somebody has to make. */
  | "schema"
  /** Somebody has to change how the function connects. */
  | "settings"
  /** Time. */
  | "later";

const ofState: Readonly<Record<string, Remedy>> = {
  "40001": "again",
  "40P01": "again",
  // A server that ends, or one that became read-only because another one took its place.
  "57P01": "reconnect",
  "57P02": "reconnect",
  "57P05": "reconnect",
  "25P03": "reconnect",
  "25006": "reconnect",
  // The transaction, or the unnamed statement that was sent just before, is gone: what a pooler may do to them.
  "25P01": "later",
  "25P02": "later",
  "26000": "later",
  // Limits of the role: statement_timeout, transaction_timeout. Somebody may have ended a statement, too.
  "57014": "less",
  "25P04": "less",
  // To a statement, this is that its parameters are not as many as its values. What a pooler says so is fatal.
  "08P01": "data",
  // A value of an enum that the same transaction added.
  "55P04": "data",
  "42501": "schema",
  "42703": "schema",
  "42704": "schema",
  "42883": "schema",
  "42P01": "schema",
  "42P10": "schema",
};

/**
 * Of the classes that PostgreSQL defines, those that are not the statement's or its data's. HV is what a foreign server
 * does, 72 and XX what goes wrong inside.
 */
const ofClass: Readonly<Record<string, Remedy>> = {
  "08": "reconnect",
  "28": "settings",
  "3D": "settings",
  "3F": "schema",
  "40": "later",
  "53": "later",
  "55": "later",
  "57": "later",
  "58": "later",
  "72": "later",
  F0: "later",
  HV: "later",
  XX: "later",
};

/** A class that PostgreSQL does not define is of the database's own code: `RAISE … USING ERRCODE = 'OR001'`. */
export function remedyOf(state: string): Remedy {
  return ofState[state] ?? ofClass[state.slice(0, 2)] ?? (/^[\dA-Z]{5}$/.test(state) ? "data" : "later");
}

/** Of the statement that moves the position (position-table.ts): it stands elsewhere. */
export const DIVISION_BY_ZERO = "22012";
/** The password, or the user, is not taken. */
export const REFUSED_LOGINS: ReadonlySet<string> = new Set(["28000", "28P01"]);
