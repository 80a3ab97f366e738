// PostgreSQL output
//
// Outputs that are statements of SQL, in one transaction with the position of their chain: the
// database that has the outputs says how far they are, and nothing else has to be believed.

import { randomUUID } from "node:crypto";
import { ConfigurationError } from "../../core/errors.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import type { OutputRange, PositionedOutput, RangeOutput } from "../../core/output/range-output.ts";
import { formatOffsetRange } from "../../core/range/offset-range.ts";
import { unavailable } from "../connection/connection-errors.ts";
import type { SettingsSource } from "../connection/connection-settings.ts";
import { remedyOf } from "../connection/sql-state.ts";
import { type ConnectionsOptions, WarmConnections } from "../connection/warm-connections.ts";
import {
  DEFAULT_TRANSACTION_TIMEOUT_MS,
  MAX_OPEN_TRIES,
  MAX_TRANSACTION_TIMEOUT_MS,
  POSITION_TIMEOUT_MS,
} from "../limits.ts";
import type { PostgresOutput } from "../statements/postgres-statement.ts";
import { OpenPostgresRange } from "./open-range.ts";
import { refusedPosition } from "./output-errors.ts";
import { claimPosition, DEFAULT_TABLE, positionKeyOf, positionOf, quoteTable } from "./position-table.ts";

/** How outputs are written, wherever the database is. */
export interface PostgresTransactionOptions {
  /** Of the positions, as `postgresSchema` creates it. @default kafka_offset_ranges */
  readonly table?: string;
  /** @default read committed */
  readonly isolation?: "read committed" | "repeatable read" | "serializable";
  /** From 1,000 to 840,000 milliseconds, for a transaction as a whole. @default 60,000 */
  readonly transactionTimeoutMs?: number;
  /**
   * Whether the statements of a transaction are sent without waiting for each one's answer: one way to the database
   * and back instead of one for each.
   * @default true
   */
  readonly pipelining?: boolean;
}

/** Throws ConfigurationError for options that are none. Nothing is connected to before a range is opened. */
export function createPostgresOutput(
  settings: SettingsSource,
  options: PostgresTransactionOptions & Pick<ConnectionsOptions, "connect"> = {},
): RangeOutput<PostgresOutput> {
  const { table = DEFAULT_TABLE, pipelining = true, connect } = options;
  const connections = new WarmConnections(settings, { isPipelined: pipelining, ...omitUndefined({ connect }) });
  const sql = quoteTable(table);
  const rules = { table, begin: beginOf(options), timeoutMs: timeoutOf(options) };
  const open = async (range: OutputRange): Promise<PositionedOutput<PostgresOutput>> => {
    const key = positionKeyOf(range);
    const openedBy = randomUUID();
    const claim = claimPosition(sql, key, { topic: range.topic, openedBy });
    let cause: unknown;
    for (let tries = 0; tries < MAX_OPEN_TRIES; tries += 1) {
      range.signal.throwIfAborted();
      // What was kept warm may have been closed by the other side, unnoticed by a function that was frozen.
      const connection = await (tries === 0 ? connections.take() : connections.takeNew());
      const [outcome] = await connection.send([claim], POSITION_TIMEOUT_MS);
      if (outcome?.kind === "done") {
        const position = positionOf(outcome.result.rows[0]);
        return new OpenPostgresRange({ range, position, key, openedBy, connection, connections, ...rules });
      }
      connection.drop();
      cause = outcome?.kind === "refused" ? outcome.refusal.cause : outcome?.cause;
      if (outcome?.kind === "refused" && !["again", "less", "reconnect"].includes(remedyOf(outcome.refusal.state))) {
        throw refusedPosition(outcome.refusal, table);
      }
    }
    throw unavailable(
      `PostgreSQL did not tell the position of ${formatOffsetRange(range)} in ${MAX_OPEN_TRIES} tries of ${POSITION_TIMEOUT_MS} ms, or a transaction of an earlier attempt still has it: ${String(cause)}`,
      cause,
    );
  };
  return { name: "PostgreSQL", open };
}

const isolations = ["read committed", "repeatable read", "serializable"];

function beginOf({ isolation = "read committed" }: PostgresTransactionOptions): string {
  if (!isolations.includes(isolation)) {
    throw new ConfigurationError(`isolation is ${JSON.stringify(isolation)}; expected one of ${isolations.join(", ")}`);
  }
  return `BEGIN ISOLATION LEVEL ${isolation.toUpperCase()} READ WRITE`;
}

function timeoutOf({ transactionTimeoutMs = DEFAULT_TRANSACTION_TIMEOUT_MS }: PostgresTransactionOptions): number {
  const isBounded = transactionTimeoutMs >= 1_000 && transactionTimeoutMs <= MAX_TRANSACTION_TIMEOUT_MS;
  if (!Number.isInteger(transactionTimeoutMs) || !isBounded) {
    throw new ConfigurationError(
      `transactionTimeoutMs is ${transactionTimeoutMs}; expected a whole number from 1000 to ${MAX_TRANSACTION_TIMEOUT_MS}`,
    );
  }
  return transactionTimeoutMs;
}
