// PostgreSQL settings: what a connection is made with, by what the options, a secret or the function's role say.

import { ConfigurationError, RangeReadError } from "../../../shared/core/errors.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { unavailable } from "../../../shared/postgres/connection/connection-errors.ts";
import {
  type ConnectionSettings,
  isLocal,
  type SettingsSource,
} from "../../../shared/postgres/connection/connection-settings.ts";
import { signIamToken } from "../../../shared/postgres/connection/iam-token.ts";
import { awsAccessOf, RDS, SECRETS_MANAGER } from "../../aws-access.ts";
import type { PostgresOptions } from "./postgres-options.ts";

const DEFAULT_PORT = 5432;
const DEFAULT_DATABASE = "postgres";

/** What a secret of RDS says; the options come before it. */
interface SecretSettings {
  readonly username: string;
  readonly password: string;
  readonly host?: string;
  readonly port?: number;
  readonly dbname?: string;
}

/** Nothing is read before the first connection. */
export function postgresSettings(options: PostgresOptions): SettingsSource {
  const { secretId, useIam = false } = options;
  if (secretId !== undefined) {
    let secret: ReturnType<typeof openSecret> | undefined;
    return async (question) => {
      secret ??= openSecret(secretId);
      const read = await secret;
      return settingsOf(options, await untilAvailable(() => read(question)));
    };
  }
  return async () => {
    const settings = settingsOf(options);
    return useIam ? { ...settings, password: await signToken(settings) } : settings;
  };
}

/** Throws ConfigurationError where neither says where the database is. */
function settingsOf(options: PostgresOptions, secret?: SecretSettings): ConnectionSettings {
  const host = options.host ?? secret?.host;
  const user = options.user ?? secret?.username;
  const password = options.password ?? secret?.password;
  if (host === undefined || user === undefined) {
    throw new ConfigurationError(
      `postgresOutput: neither host nor the secret ${options.secretId} says where the database is; give host`,
    );
  }
  return {
    host,
    port: options.port ?? secret?.port ?? DEFAULT_PORT,
    database: options.database ?? secret?.dbname ?? DEFAULT_DATABASE,
    user,
    ...omitUndefined({ password }),
    ssl: options.ssl ?? (isLocal(host) ? false : { rejectUnauthorized: true }),
  };
}

async function openSecret(secretId: string) {
  const { createSecretSource } = await import("../../../shared/remote-values/secret-credentials.ts");
  return createSecretSource(awsAccessOf(SECRETS_MANAGER), secretId, secretSettings);
}

function secretSettings(secret: Readonly<Record<string, unknown>> & SecretSettings): SecretSettings {
  const { username, password, host, port, dbname } = secret;
  return {
    username,
    password,
    ...omitUndefined({ host: textOf(host), port: portOf(port), dbname: textOf(dbname) }),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** RDS writes a number, and people a text. */
function portOf(value: unknown): number | undefined {
  const port = Number(value);
  return value !== "" && Number.isInteger(port) && port > 0 ? port : undefined;
}

async function signToken({ host, port, user }: ConnectionSettings): Promise<string> {
  const { region, credentials } = awsAccessOf(RDS);
  const found = await untilAvailable(async () => credentials());
  return signIamToken({ host, port, user, region, credentials: found, now: new Date() });
}

/** What time mends, as an outage of the output. */
async function untilAvailable<Found>(find: () => Promise<Found>): Promise<Found> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof ConfigurationError) {
      throw error;
    }
    const why = error instanceof RangeReadError ? error.message : String(error);
    throw unavailable(`PostgreSQL cannot be entered for now: ${why}`, error);
  }
}
