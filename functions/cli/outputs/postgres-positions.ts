// PostgreSQL positions: where outputs in a database stand, as the table of positions says.

import { showName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { type ConnectionSettings, isLocal } from "../../../shared/postgres/connection/connection-settings.ts";
import { connectPostgres, type PostgresConnection } from "../../../shared/postgres/connection/postgres-connection.ts";
import { POSITION_TIMEOUT_MS } from "../../../shared/postgres/limits.ts";
import { DEFAULT_TABLE, quoteTable } from "../../../shared/postgres/output/position-table.ts";
import { positionName } from "./position-names.ts";
import type { PositionKey, PositionStore, StoredPosition } from "./verify-positions.ts";

interface PositionRow {
  readonly topic_id: string;
  readonly topic: string;
  readonly partition: number;
  readonly request_id: string;
  readonly range_from: string;
  readonly from_offset: string | null;
  readonly until_offset: string | null;
}

/** Throws ConfigurationError for a URL that names no database, and where it cannot be entered. */
export async function openPostgresPositions(
  url: string,
  password: string | undefined,
  open: typeof connectPostgres = connectPostgres,
): Promise<PositionStore> {
  const { settings, table } = readUrl(url, password);
  const place = `${settings.host}:${settings.port}/${settings.database}`;
  const connection = await connect(settings, place, open);
  const text = `SELECT topic_id, topic, partition, request_id, range_from, from_offset, until_offset FROM ${quoteTable(table)} WHERE pipeline = $1`;
  return {
    name: "PostgreSQL",
    place,
    async read({ record: { pipeline } }) {
      const [outcome] = await connection.send([{ text, values: [pipeline] }], POSITION_TIMEOUT_MS);
      if (outcome?.kind !== "done") {
        const why = outcome?.kind === "refused" ? outcome.refusal.message : String(outcome?.cause);
        throw new ConfigurationError(
          `PostgreSQL at ${place} did not tell the positions in ${table}: ${why}; check table in the URL of --outputs, and GRANT SELECT on it`,
        );
      }
      // As the statement asks for them.
      const rows = outcome.result.rows as readonly PositionRow[];
      const keyed = rows.flatMap((row) =>
        row.until_offset === null ? [] : [[keyOf(row, pipeline), row.until_offset] as const],
      );
      const found = new Map(keyed.map(([key, offset]) => [positionName(key), BigInt(offset)]));
      return {
        of: (key) => found.get(positionName(key)),
        all: rows.flatMap((row) => (row.until_offset === null ? [] : [storedOf(row, pipeline)])),
      };
    },
    close: () => connection.end(),
  };
}

function storedOf(row: PositionRow, pipeline: string): StoredPosition {
  const firstOffset = row.from_offset === null ? undefined : BigInt(row.from_offset);
  return { ...keyOf(row, pipeline), ...omitUndefined({ firstOffset }) };
}

function keyOf(row: PositionRow, pipeline: string): PositionKey {
  const { topic_id: topicId, topic, partition } = row;
  const request = row.request_id === "" ? undefined : readRequestKey(row.request_id);
  const rangeFrom = row.range_from === "-1" ? undefined : BigInt(row.range_from);
  return { pipeline, topicId, topic, partition, ...request, ...omitUndefined({ rangeFrom }) };
}

/** As `requestKey` makes it. */
function readRequestKey(text: string): { readonly requestId: string; readonly plannedAt: number } {
  const [requestId = "", plannedAt] = text.split("@");
  return { requestId, plannedAt: Number(plannedAt) };
}

const FORM = "expected postgres://USER@HOST:PORT/DATABASE, with ?table=NAME and &sslmode=disable if need be";

function readUrl(
  text: string,
  password: string | undefined,
): { readonly settings: ConnectionSettings; readonly table: string } {
  const url = URL.parse(text);
  if (url === null || !isDecodable(url.username + url.hostname + url.pathname)) {
    throw new ConfigurationError(`--outputs postgres://… is no URL; ${FORM}`);
  }
  const { table = DEFAULT_TABLE, sslmode = "verify-full", ...others } = Object.fromEntries(url.searchParams);
  const database = decodeURIComponent(url.pathname.slice(1));
  const host = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1");
  if (url.password !== "" || "password" in others) {
    throw new ConfigurationError(
      "--outputs postgres://… has a password, which everybody on this machine could see; put it into the variable PGPASSWORD",
    );
  }
  if (url.username === "" || host === "" || database === "") {
    throw new ConfigurationError(`--outputs postgres://… lacks a user, a host or a database; ${FORM}`);
  }
  if (Object.keys(others).length > 0 || !["disable", "verify-full"].includes(sslmode)) {
    const wrong = showName(Object.keys(others)[0] ?? `sslmode=${sslmode}`);
    throw new ConfigurationError(
      `--outputs postgres://… has ${wrong}; known are table, and sslmode with disable or verify-full`,
    );
  }
  const isPlain = sslmode === "disable" || (isLocal(host) && !url.searchParams.has("sslmode"));
  return {
    table,
    settings: {
      ...{ host, database, user: decodeURIComponent(url.username), port: url.port === "" ? 5432 : Number(url.port) },
      ...omitUndefined({ password }),
      ssl: isPlain ? false : { rejectUnauthorized: true },
    },
  };
}

function isDecodable(part: string): boolean {
  try {
    return typeof decodeURIComponent(part) === "string";
  } catch {
    return false;
  }
}

async function connect(
  settings: ConnectionSettings,
  place: string,
  open: typeof connectPostgres,
): Promise<PostgresConnection> {
  const outcome = await open(settings, { isPipelined: false });
  if (outcome.kind === "connected") {
    return outcome.connection;
  }
  const cause = outcome.kind === "refused" ? outcome.refusal.cause : outcome.cause;
  const why =
    outcome.kind === "refused" ? `${outcome.refusal.message} (SQLSTATE ${outcome.refusal.state})` : String(cause);
  throw new ConfigurationError(
    `PostgreSQL at ${place} cannot be entered as ${settings.user}: ${why}; check the URL of --outputs, PGPASSWORD, and NODE_EXTRA_CA_CERTS for the authority of its certificate`,
    { cause },
  );
}
