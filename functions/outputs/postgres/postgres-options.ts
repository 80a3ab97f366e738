// PostgreSQL options: where a pipeline's database is and who enters it, checked when it is first needed.

import type { ConnectionOptions } from "node:tls";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import {
  BOOLEAN,
  CHECKED_ELSEWHERE,
  type OptionRules,
  requireOptions,
  TEXT,
  wholeNumber,
} from "../../../shared/core/options/require-options.ts";
import { isLocal } from "../../../shared/postgres/connection/connection-settings.ts";
import type { PostgresTransactionOptions } from "../../../shared/postgres/output/postgres-output.ts";

/** Where the database is, and as whom a function enters it. */
export interface PostgresOptions extends PostgresTransactionOptions {
  /** Of the database, of its cluster, or of its RDS Proxy. @default - what the secret says */
  readonly host?: string;
  /** @default - what the secret says, else 5432 */
  readonly port?: number;
  /** @default - what the secret says (`dbname`), else "postgres" */
  readonly database?: string;
  /** @default - what the secret says (`username`) */
  readonly user?: string;
  /**
   * The name or the ARN of a secret of AWS Secrets Manager, in the form that RDS makes: `{"username": …, "password": …}`,
   * with `host`, `port` and `dbname` or without them. It is read when the first connection is made, and again when the
   * database refuses the password. The function needs `secretsmanager:GetSecretValue` on it.
   */
  readonly secretId?: string;
  /**
   * Enters with a token that the function's role signs, for which it needs `rds-db:connect`, and its user `GRANT
   * rds_iam`. A secret is not needed then, and TLS is.
   * @default false
   */
  readonly useIam?: boolean;
  /** For a database of tests. Use `secretId` or `useIam` in AWS. @default - none */
  readonly password?: string;
  /**
   * TLS, as Node.js takes it: `{ ca: readFileSync("rds.pem", "utf8") }`. Without `ca` the authorities are Node's own, which
   * RDS Proxy's certificates are of; those of RDS itself Lambda has in a file that NODE_EXTRA_CA_CERTS names:
   * `/var/runtime/ca-cert.pem`. False is without TLS.
   * @default - the certificate and the host's name are checked; without TLS for a host on this machine
   */
  readonly ssl?: ConnectionOptions | false;
}

const RULES: OptionRules<PostgresOptions> = {
  host: TEXT,
  port: wholeNumber(1, 65_535),
  database: TEXT,
  user: TEXT,
  secretId: TEXT,
  useIam: BOOLEAN,
  password: { ...TEXT, isSecret: true },
  ssl: {
    expected: "false, or an object of Node.js's TLS options",
    takes: (value) => value === false || (typeof value === "object" && value !== null && !Array.isArray(value)),
    isSecret: true,
  },
  table: CHECKED_ELSEWHERE,
  isolation: CHECKED_ELSEWHERE,
  transactionTimeoutMs: CHECKED_ELSEWHERE,
  pipelining: BOOLEAN,
};

/** Throws ConfigurationError that names the option. */
export function checkPostgresOptions(options: PostgresOptions): PostgresOptions {
  requireOptions("postgresOutput", options, RULES);
  const { host, user, secretId, useIam = false, password, ssl } = options;
  if (host !== undefined && !host.startsWith("/") && /[/@]/.test(host)) {
    throw wrong("host is an address with more than a host in it; give host, port, database and user, each by itself");
  }
  const ways = [secretId !== undefined && "secretId", useIam && "useIam", password !== undefined && "password"];
  const given = ways.filter((way) => way !== false);
  if (given.length > 1) {
    throw wrong(`${given.join(" and ")} are given; expected one of them, since a connection has one password`);
  }
  if (secretId === undefined && (host === undefined || user === undefined)) {
    throw wrong(`${host === undefined ? "host" : "user"} is missing; give it, or a secretId whose secret says it`);
  }
  if (useIam && ssl === false && !isLocal(host ?? "")) {
    throw wrong("useIam is given with ssl: false; a token would be sent in clear: leave ssl out");
  }
  return options;
}

function wrong(problem: string): ConfigurationError {
  return new ConfigurationError(`postgresOutput: ${problem}`);
}
