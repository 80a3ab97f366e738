// Outputs to PostgreSQL: `kafka-offset-ranges/postgres`. Installs beside it: `npm install pg`.

export { postgresSchema } from "../../shared/postgres/output/position-table.ts";
export {
  type BulkOptions,
  type BulkStatement,
  bulkStatement,
  type PostgresOutput,
  type PostgresRow,
  type PostgresStatement,
  type PostgresValue,
} from "../../shared/postgres/statements/postgres-statement.ts";
export type { PostgresOptions } from "../outputs/postgres/postgres-options.ts";
export { postgresOutput } from "../outputs/postgres/postgres-output.ts";
