// PostgreSQL connection
//
// One connection of the library `pg`, which is loaded with the first one. Statements are
// written one behind the other without waiting for their answers, so that a transaction is
// one way to the server and back, and is not left open halfway by a function that is frozen.
//
//   PC1  Statements have no names, and settings are neither set nor sent at the start: nothing binds a client of
//        a pooling proxy to one connection behind it.
//   PC2  Every flight ends within its time: the connection is dropped then, and what the server has of it
//        is carried out or not.

import type { Client, QueryResult } from "pg";
import { CONNECT_TIMEOUT_MS, KEEP_ALIVE_DELAY_MS } from "../limits.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { remedyOf } from "./sql-state.ts";

export interface SqlStatement {
  readonly text: string;
  /** Present where it is sent with parameters, and then it is one statement alone. */
  readonly values?: readonly unknown[];
}

/** What became of a statement: its result and whether a transaction was open behind it, the server's refusal, or that the connection broke. */
export type StatementOutcome =
  | { readonly kind: "done"; readonly result: QueryResult; readonly isInTransaction: boolean }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | Broken;

export interface Broken {
  readonly kind: "broken";
  readonly cause: unknown;
  /** Whether its time was up, here or by the server's own limit. */
  readonly isLate?: boolean;
}

export interface Refusal {
  /** SQLSTATE. */
  readonly state: string;
  readonly message: string;
  /** The server closes the connection after it. */
  readonly isFatal: boolean;
  readonly cause: Error;
}

export class PostgresConnection {
  readonly #client: Client;
  readonly #rules: ConnectionRules;
  #isBroken = false;

  constructor(client: Client, rules: ConnectionRules) {
    this.#client = client;
    this.#rules = rules;
    // Said of a connection that nothing is sent on; what is sent is told by its own promise.
    client.on("error", () => {
      this.#isBroken = true;
    });
    client.on("end", () => {
      this.#isBroken = true;
    });
  }

  /** Whether it may be used, and no transaction is open in it. */
  get isIdle(): boolean {
    return !this.#isBroken && this.#client.getTransactionStatus() === "I";
  }

  /** What became of each statement, in their order. */
  async send(statements: readonly SqlStatement[], timeoutMs: number): Promise<readonly StatementOutcome[]> {
    let isLate = false;
    const timer = setTimeout(
      () => {
        isLate = true;
        this.drop();
      },
      Math.max(1, timeoutMs),
    );
    try {
      const outcomes = this.#rules.isPipelined
        ? await Promise.all(statements.map((statement) => this.#send(statement)))
        : await this.#sendInTurn(statements);
      return isLate ? outcomes.map((one) => (one.kind === "broken" ? { ...one, isLate } : one)) : outcomes;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it without a word; what waits for an answer is told that it is broken. */
  drop(): void {
    this.#isBroken = true;
    this.#internals.connection.stream.destroy();
  }

  async end(): Promise<void> {
    this.#isBroken = true;
    await this.#client.end();
  }

  /** Lets the process end although the connection stands. */
  release(): void {
    this.#internals.unref();
  }

  /** Keeps the process alive. */
  hold(): void {
    this.#internals.ref();
  }

  /** What the types of the client leave out. */
  get #internals(): ClientInternals {
    return this.#client as unknown as ClientInternals;
  }

  async #sendInTurn(statements: readonly SqlStatement[]): Promise<readonly StatementOutcome[]> {
    const outcomes: StatementOutcome[] = [];
    for (const statement of statements) {
      outcomes.push(await this.#send(statement));
    }
    return outcomes;
  }

  async #send({ text, values }: SqlStatement): Promise<StatementOutcome> {
    try {
      return await this.#query(values === undefined ? { text } : { text, values: [...values], queryMode: "extended" });
    } catch (error) {
      const refusal = this.#rules.refusalOf(error);
      if (refusal !== undefined && !refusal.isFatal) {
        return { kind: "refused", refusal };
      }
      this.#isBroken = true;
      return { kind: "broken", cause: error, isLate: refusal !== undefined && remedyOf(refusal.state) === "less" };
    }
  }

  /** The status is the client's own only in the call: further answers are read before a promise is. */
  #query(query: SqlStatement & { readonly queryMode?: string }): Promise<StatementOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<StatementOutcome>();
    const onAnswer = (error: Error | null, result: QueryResult) => {
      const isInTransaction = this.#client.getTransactionStatus() === "T";
      if (error === null) {
        resolve({ kind: "done", result, isInTransaction });
      } else {
        reject(error);
      }
    };
    // biome-ignore lint/nursery/noFloatingPromises: given a function it returns nothing.
    this.#client.query({ ...query, values: query.values as unknown[] }, onAnswer);
    return promise;
  }
}

interface ConnectionRules {
  readonly isPipelined: boolean;
  /** Undefined for what is not the server's answer. */
  readonly refusalOf: (error: unknown) => Refusal | undefined;
}

interface ClientInternals {
  readonly connection: { readonly stream: { destroy(): void } };
  ref(): void;
  unref(): void;
}

export type ConnectOutcome =
  | { readonly kind: "connected"; readonly connection: PostgresConnection }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "broken"; readonly cause: unknown };

export async function connectPostgres(
  settings: ConnectionSettings,
  { isPipelined }: { readonly isPipelined: boolean },
): Promise<ConnectOutcome> {
  const { Client: PgClient, DatabaseError } = await import("pg");
  const refusalOf = (error: unknown): Refusal | undefined =>
    error instanceof DatabaseError
      ? {
          state: error.code ?? "",
          message: error.message,
          isFatal: error.severity === "FATAL" || error.severity === "PANIC",
          cause: error,
        }
      : undefined;
  const client = new PgClient({
    ...settings,
    // Not what the environment says: PGPASSWORD, .pgpass.
    password: settings.password ?? "",
    pipeline: isPipelined,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  const connection = new PostgresConnection(client, { isPipelined, refusalOf });
  try {
    await client.connect();
    return { kind: "connected", connection };
  } catch (error) {
    connection.drop();
    const refusal = refusalOf(error);
    return refusal === undefined ? { kind: "broken", cause: error } : { kind: "refused", refusal };
  }
}
