import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { RangeOutput } from "../../../shared/core/output/range-output.ts";
import { createPostgresOutput } from "../../../shared/postgres/output/postgres-output.ts";
import type { PostgresOutput } from "../../../shared/postgres/statements/postgres-statement.ts";
import { checkPostgresOptions, type PostgresOptions } from "./postgres-options.ts";
import { postgresSettings } from "./postgres-settings.ts";

/**
 * Outputs that are statements of SQL, each exactly once: they take effect in one transaction with the range's progress, in
 * the table that `postgresSchema` creates. Options that are read of the environment are given by a function, which is
 * called when the first range is opened.
 */
export function postgresOutput(options: PostgresOptions | (() => PostgresOptions)): RangeOutput<PostgresOutput> {
  let opened: RangeOutput<PostgresOutput> | undefined;
  const output = () => {
    opened ??= create(typeof options === "function" ? options() : options);
    return opened;
  };
  if (typeof options !== "function") {
    output();
  }
  return { name: "PostgreSQL", open: async (range) => output().open(range) };
}

function create(options: PostgresOptions): RangeOutput<PostgresOutput> {
  const checked = checkPostgresOptions(options);
  const { table, isolation, transactionTimeoutMs, pipelining } = checked;
  return createPostgresOutput(
    postgresSettings(checked),
    omitUndefined({ table, isolation, transactionTimeoutMs, pipelining }),
  );
}
