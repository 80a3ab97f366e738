import { ConfigurationError } from "../../shared/core/errors.ts";

/** The table that word-count.ts counts in. Throws ConfigurationError when it is not set. */
export function readWordCountsTable(variables: NodeJS.ProcessEnv = process.env): string {
  const table = variables["WORD_COUNTS_TABLE"];
  if (table === undefined || table === "") {
    throw new ConfigurationError("WORD_COUNTS_TABLE is not set: expected the name of the table to count words in");
  }
  return table;
}
