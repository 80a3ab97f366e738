// Play transaction
//
// One try to let outputs and the position that they lead to take effect together.
//
//   PY1  The position is moved first: a transaction that may not be, fails before it does anything.
//   PY2  What the data of one row of a bulk statement is refused for is found by halves, inside of the transaction:
//        the other rows take effect, or the index of the one that cannot is told.
//   PY3  A commit that got no answer is told as such: it may have taken effect.
//   PY4  What the server answers is believed, not what was sent: every statement has to leave the transaction open,
//        and COMMIT be answered by COMMIT: it is by ROLLBACK where the transaction had failed.

import type {
  Broken,
  PostgresConnection,
  Refusal,
  SqlStatement,
  StatementOutcome,
} from "../connection/postgres-connection.ts";
import { DIVISION_BY_ZERO, remedyOf } from "../connection/sql-state.ts";
import { arrangeStatements, halve, type SentStatement } from "../statements/arrange-statements.ts";
import type { KeptOutput } from "../statements/keep-output.ts";
import type { TableStatement } from "./position-table.ts";

/** What became of a transaction: "elsewhere" and "refused" left no trace, of "unknown" the position tells. */
export type PlayOutcome =
  | { readonly kind: "committed" }
  /** The position is not where it was to be moved from, or another attempt has it open. */
  | { readonly kind: "elsewhere" }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly by: "position" }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly by: "commit" }
  | {
      readonly kind: "refused";
      readonly refusal: Refusal;
      /** Whether it was cancelled since the transaction's time was up. */
      readonly isLate?: boolean;
      readonly by: "output";
      readonly text: string;
      readonly outputs: readonly number[];
    }
  /** A statement of the outputs has ended the transaction (PY4). */
  | { readonly kind: "ended"; readonly text: string; readonly outputs: readonly number[] }
  | Unknown;

interface Unknown {
  readonly kind: "unknown";
  readonly cause: unknown;
  /** Whether the transaction's time was up. */
  readonly isLate?: boolean;
}

export interface Transaction {
  readonly begin: string;
  readonly move: TableStatement;
  readonly outputs: readonly KeptOutput[];
  readonly timeoutMs: number;
}

/** All in one flight; where a bulk statement is refused for what is in it, once more, and in halves as far as need be. */
export async function playTransaction(connection: PostgresConnection, transaction: Transaction): Promise<PlayOutcome> {
  const { begin, move, outputs, timeoutMs } = transaction;
  const statements = arrangeStatements(outputs);
  const sent = [{ text: begin }, move, ...statements, COMMIT];
  const outcome = judgeFlight(await connection.send(sent, timeoutMs), statements);
  return canBeCut(outcome) ? playInTurn(connection, transaction, statements) : outcome;
}

/** Of BEGIN, the move, the statements, and COMMIT where it is there. The first one that failed says why. */
function judgeFlight(outcomes: readonly StatementOutcome[], statements: readonly SentStatement[]): PlayOutcome {
  const [began, moved, ...others] = outcomes;
  const failures = [
    failureOfMove(began),
    failureOfMove(moved),
    ...statements.map((statement, index) => failureOf(statement, others[index])),
  ];
  return failures.find((failure) => failure !== undefined) ?? judgeCommit(others.slice(statements.length));
}

function failureOfMove(outcome: StatementOutcome | undefined): PlayOutcome | undefined {
  switch (outcome?.kind) {
    case "refused":
      return judgeMove(outcome.refusal);
    case "broken":
      return unknown(outcome);
    case "done":
      return outcome.isInTransaction ? undefined : { kind: "unknown", cause: new Error("no transaction is open") };
    case undefined:
      return undefined;
  }
}

function failureOf(statement: SentStatement, outcome: StatementOutcome | undefined): PlayOutcome | undefined {
  const { text, outputs } = statement;
  switch (outcome?.kind) {
    case "refused":
      return { ...outcome, by: "output", text, outputs };
    case "broken":
      return unknown(outcome);
    case "done":
      return outcome.isInTransaction && !ENDS.has(outcome.result.command)
        ? undefined
        : { kind: "ended", text, outputs };
    case undefined:
      return undefined;
  }
}

/** As the server says it did; with AND CHAIN another transaction is open behind it. */
const ENDS: ReadonlySet<string | null> = new Set(["COMMIT", "ROLLBACK"]);

function judgeMove(refusal: Refusal): PlayOutcome {
  return refusal.state === DIVISION_BY_ZERO ? { kind: "elsewhere" } : { kind: "refused", refusal, by: "position" };
}

function canBeCut(outcome: PlayOutcome): boolean {
  return (
    outcome.kind === "refused" &&
    outcome.by === "output" &&
    outcome.outputs.length > 1 &&
    remedyOf(outcome.refusal.state) === "data"
  );
}

const COMMIT: SqlStatement = { text: "COMMIT", isCommit: true };
const SAVE: SqlStatement = { text: "SAVEPOINT before_rows" };
const KEEP: SqlStatement = { text: "RELEASE SAVEPOINT before_rows" };
const UNDO: SqlStatement = { text: "ROLLBACK TO SAVEPOINT before_rows" };

/** Each statement alone, and each of several rows so that it can be undone. */
async function playInTurn(
  connection: PostgresConnection,
  { begin, move, timeoutMs }: Transaction,
  statements: readonly SentStatement[],
): Promise<PlayOutcome> {
  const endsAt = performance.now() + timeoutMs;
  const send = (...sent: readonly SqlStatement[]) => connection.send(sent, endsAt - performance.now());
  let outcome = judgeFlight(await send({ text: begin }, move), []);
  const waiting = [...statements];
  // Each half is shorter than the statement that it is of, so that there is an end to them.
  for (let next = waiting.shift(); next !== undefined && outcome.kind === "committed"; next = waiting.shift()) {
    outcome = await playUndoable(send, next);
    if (canBeCut(outcome)) {
      waiting.unshift(...halve(next));
      outcome = judgeFlight(await send(UNDO, KEEP), []);
    }
  }
  if (outcome.kind === "committed") {
    return judgeCommit(await send(COMMIT));
  }
  await send({ text: "ROLLBACK" });
  return outcome;
}

type Send = (...sent: readonly SqlStatement[]) => Promise<readonly StatementOutcome[]>;

/** As "committed" where it was carried out. */
async function playUndoable(send: Send, statement: SentStatement): Promise<PlayOutcome> {
  const outcomes = statement.rows.length > 1 ? await send(SAVE, statement, KEEP) : await send(statement);
  return outcomes.map((outcome) => failureOf(statement, outcome)).find((failure) => failure !== undefined) ?? DONE;
}

function unknown({ cause, isLate = false }: Broken): PlayOutcome {
  return { kind: "unknown", cause, isLate };
}

const DONE: PlayOutcome = { kind: "committed" };

function judgeCommit([outcome]: readonly StatementOutcome[]): PlayOutcome {
  switch (outcome?.kind) {
    case "refused":
      return { kind: "refused", refusal: outcome.refusal, by: "commit" };
    case "broken":
      return unknown(outcome);
    case "done":
      return outcome.result.command === "COMMIT"
        ? DONE
        : { kind: "unknown", cause: new Error(`COMMIT was answered by ${outcome.result.command}`) };
    case undefined:
      return DONE;
  }
}
