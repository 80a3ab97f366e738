// What a test of the PostgreSQL output is made of: a database of its own, attempts at a range, and what is in the table.

import { randomUUID } from "node:crypto";
import { Client } from "pg";
import type { OutputRange, PositionedOutput } from "../../../shared/core/output/range-output.ts";
import type { ConnectionSettings } from "../../../shared/postgres/connection/connection-settings.ts";
import { postgresSchema } from "../../../shared/postgres/output/position-table.ts";
import {
  createPostgresOutput,
  type PostgresTransactionOptions,
} from "../../../shared/postgres/output/postgres-output.ts";
import { bulkStatement, type PostgresOutput } from "../../../shared/postgres/statements/postgres-statement.ts";
import { POSTGRES_PASSWORD, POSTGRES_USER } from "../../local/servers/postgres.ts";
import { ORDERS_ID } from "../builders/builders.ts";
import { waitUntil } from "../wait-until.ts";

export interface PostgresBench extends AsyncDisposable {
  readonly settings: ConnectionSettings;
  readonly client: Client;
  query(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
}

/** The tables: `orders` takes an id once, `lines` any number of times, `totals` sums. */
const TABLES = `CREATE TABLE orders (id bigint PRIMARY KEY, content text CHECK (content <> 'bad'));
CREATE TABLE lines (order_id bigint, line text);
CREATE TABLE totals (name text PRIMARY KEY, total bigint NOT NULL);`;

export async function openPostgresBench(port: number): Promise<PostgresBench> {
  const database = `test_${randomUUID().replaceAll("-", "")}`;
  const server = { host: "127.0.0.1", port, user: POSTGRES_USER, password: POSTGRES_PASSWORD, ssl: false as const };
  await inDatabase({ ...server, database: "postgres" }, (client) => client.query(`CREATE DATABASE ${database}`));
  const settings = { ...server, database };
  const client = new Client(settings);
  await client.connect();
  await client.query(postgresSchema());
  await client.query(TABLES);
  return {
    settings,
    client,
    query: async (text, values = []) => (await client.query(text, [...values])).rows,
    [Symbol.asyncDispose]: () => client.end(),
  };
}

async function inDatabase(settings: ConnectionSettings, act: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client(settings);
  await client.connect();
  try {
    await act(client);
  } finally {
    await client.end();
  }
}

/** The attempt at offsets [0, 10) of partition 3 of the live chain. */
export function anOutputRange(overrides: Partial<OutputRange> = {}): OutputRange {
  return {
    topic: "orders",
    partition: 3,
    fromOffset: 0n,
    untilOffset: 10n,
    pipeline: "orders",
    topicId: ORDERS_ID,
    batchId: "batch-1",
    attempt: 1,
    leaseCounter: 1,
    plannedAt: 0,
    rangeFrom: 0n,
    isSequential: true,
    remainingMs: 60_000,
    signal: new AbortController().signal,
    ...overrides,
  };
}

export function outputTo(settings: ConnectionSettings, options: PostgresTransactionOptions = {}) {
  return createPostgresOutput(async () => settings, options);
}

/** An attempt's own output, as a process of its own has it. */
export async function openAttempt(
  settings: ConnectionSettings,
  overrides: Partial<OutputRange> = {},
  options: PostgresTransactionOptions = {},
): Promise<PositionedOutput<PostgresOutput>> {
  const open = await outputTo(settings, options).open(anOutputRange(overrides));
  if (open.kind !== "positioned") {
    throw new Error("PostgreSQL keeps its positions");
  }
  return open;
}

export const insertOrder = bulkStatement<[id: number, content: string | null]>(
  "INSERT INTO orders (id, content) SELECT * FROM unnest($1::bigint[], $2::text[])",
);
export const insertLine = bulkStatement<[orderId: number, line: string]>(
  "INSERT INTO lines (order_id, line) SELECT * FROM unnest($1::bigint[], $2::text[])",
);

/** Adds to a sum: done twice, it shows. */
export function addToTotal(name: string, amount: number): PostgresOutput {
  return {
    text: "INSERT INTO totals (name, total) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET total = totals.total + $2",
    values: [name, amount],
  };
}

/** What the records of [from, until) write, each in all of the ways. */
function outputsOf(from: bigint, until: bigint): readonly PostgresOutput[] {
  return Array.from({ length: Number(until - from) }, (_, index) => Number(from) + index).flatMap((id) => [
    insertOrder(id, `order ${id}`),
    insertLine(id, "first"),
    insertLine(id, "second"),
    ...(id % 4 === 0 ? [addToTotal("fourths", 1)] : []),
  ]);
}

/** The records that an attempt of `writeRest` is about. */
const RECORDS = 4;

/** Writes what is missing of [0, RECORDS), in commits of two records. */
async function writeRest(open: PositionedOutput<PostgresOutput>): Promise<void> {
  let position = open.position?.untilOffset;
  for (let from = position ?? 0n; from < RECORDS; from += 2n) {
    const next = from + 2n;
    await open.write(outputsOf(from, next));
    await open.commit({ fromPosition: position, untilOffset: next, progress: `up to ${next}` });
    position = next;
  }
}

export interface TableContents {
  readonly orders: readonly unknown[];
  readonly lines: number;
  readonly total: number;
  readonly position: string | null;
}

/** Of all records, each once. */
export const EACH_ONCE: TableContents = {
  orders: Array.from({ length: RECORDS }, (_, id) => ({ id: String(id), content: `order ${id}` })),
  lines: 2 * RECORDS,
  total: 1,
  position: String(RECORDS),
};

/** Opens, writes what is missing, and closes, as a process of its own would. */
export async function attempt(settings: ConnectionSettings, options: PostgresTransactionOptions = {}): Promise<void> {
  const open = await openAttempt(settings, {}, options);
  try {
    await writeRest(open);
  } finally {
    await open.close();
  }
}

/** Until it has an outcome, or waits for another transaction's lock. */
export async function untilSettledOrBlocked(bench: PostgresBench, work: Promise<unknown>): Promise<void> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  work.then(settle, settle);
  await waitUntil(
    "the work is done, or waits for a lock",
    async () => isSettled || (await countBlocked(bench)) > 0,
    20_000,
  );
}

/** How many connections wait for another transaction's lock. */
export async function countBlocked(bench: PostgresBench): Promise<number> {
  const waiting = await bench.query(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return waiting.length;
}

/** Nothing of an earlier attempt is left, not even a connection that is about to end. */
export async function clear(bench: PostgresBench): Promise<void> {
  await bench.query(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
  await bench.query("TRUNCATE orders, lines, totals, kafka_offset_ranges");
}

export async function readContents(bench: PostgresBench): Promise<TableContents> {
  const [orders, lines, totals, positions] = [
    await bench.query("SELECT id, content FROM orders ORDER BY id"),
    await bench.query("SELECT count(*)::int AS lines FROM lines"),
    await bench.query("SELECT coalesce(sum(total), 0)::int AS total FROM totals"),
    await bench.query("SELECT until_offset FROM kafka_offset_ranges"),
  ];
  return {
    orders,
    lines: Number(lines[0]?.["lines"]),
    total: Number(totals[0]?.["total"]),
    position: (positions[0]?.["until_offset"] as string | null | undefined) ?? null, // A bigint, as pg gives it.
  };
}
