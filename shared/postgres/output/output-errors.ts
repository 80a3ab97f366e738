// Output errors: what a refusal of a statement is to the processor.

import { quote } from "../../core/bounded-text.ts";
import { type BatchProcessorError, ConfigurationError, InvalidOutputError } from "../../core/errors.ts";
import { unavailable } from "../connection/connection-errors.ts";
import type { Refusal } from "../connection/postgres-connection.ts";
import { remedyOf } from "../connection/sql-state.ts";
import { postgresSchema } from "./position-table.ts";

/** A statement of the pipeline's own, and the places of the outputs that it is made of. */
interface OwnStatement {
  readonly text: string;
  readonly outputs: readonly number[];
}

export function refusedOutput(
  { state, message, cause }: Refusal,
  { text, outputs }: OwnStatement,
): BatchProcessorError {
  const what = `PostgreSQL refused ${quote(text)} (SQLSTATE ${state}): ${message}`;
  return remedyOf(state) === "schema"
    ? new ConfigurationError(
        `${what}; create or grant what it names, or mend the statement: no record is given up for it meanwhile`,
        { cause },
      )
    : new InvalidOutputError(what, { cause, ...indexOf(outputs) });
}

/** Of a statement that the transaction did not go on after. */
export function endedBy(where: string, { text, outputs }: OwnStatement): BatchProcessorError {
  return new InvalidOutputError(
    `${where}: ${quote(text)} ended the transaction of the outputs and their position, which is begun and ended for them; what is in the database for this commit has to be looked at`,
    indexOf(outputs),
  );
}

/** Of several none is named. */
function indexOf(outputs: readonly number[]): { readonly outputIndex?: number } {
  const [outputIndex, another] = outputs;
  return outputIndex === undefined || another !== undefined ? {} : { outputIndex };
}

/** Of a statement on the table of positions. */
export function refusedPosition({ state, message, cause }: Refusal, table: string): BatchProcessorError {
  if (remedyOf(state) === "schema" || remedyOf(state) === "data") {
    return new ConfigurationError(
      `the table of positions ${table} cannot be used (SQLSTATE ${state}): ${message}; create it once, and GRANT SELECT, INSERT, UPDATE ON ${table} to the function's user:\n${postgresSchema(table)}`,
      { cause },
    );
  }
  return unavailable(`the position cannot be read or written (SQLSTATE ${state}): ${message}`, cause);
}
