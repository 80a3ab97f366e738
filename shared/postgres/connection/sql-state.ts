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
  // Limits of the role: statement_timeout, transaction_timeout. Somebody may have ended a statement, too.
  "57014": "less",
  "25P04": "less",
  "25006": "reconnect",
  // To a statement, this is that its parameters are not as many as its values.
  "08P01": "data",
  // An index entry too large, a statement too complex.
  "54000": "data",
  "54001": "data",
  "54011": "data",
  "54023": "data",
  "42501": "schema",
  "42703": "schema",
  "42704": "schema",
  "42883": "schema",
  "42P01": "schema",
  "42P10": "schema",
  "3D000": "settings",
  "3F000": "schema",
};

const ofClass: Readonly<Record<string, Remedy>> = {
  "08": "reconnect",
  "0A": "data",
  "21": "data",
  "22": "data",
  "23": "data",
  "28": "settings",
  "2D": "data",
  "2F": "data",
  "38": "data",
  "39": "data",
  "42": "data",
  "44": "data",
  P0: "data",
};

export function remedyOf(state: string): Remedy {
  return ofState[state] ?? ofClass[state.slice(0, 2)] ?? "later";
}

/** Of the statement that moves the position (position-table.ts): it stands elsewhere. */
export const DIVISION_BY_ZERO = "22012";
/** The password, or the user, is not taken. */
export const REFUSED_LOGINS: ReadonlySet<string> = new Set(["28000", "28P01"]);
