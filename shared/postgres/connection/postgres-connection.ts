// PostgreSQL connection
//
// One connection of the library `pg`, which is loaded with the first one. Statements are
// written one behind the other without waiting for their answers, so that a transaction is
// one way to the server and back, and is not left open halfway by a function that is frozen.
//
//   PC1  Statements have no names, and settings are neither set nor sent at the start: nothing binds a client of
//        a pooling proxy to one connection behind it.
//   PC2  Every flight ends within its time and CANCEL_GRACE_MS: the connection is of no more use then, and what the server
//        has of it is carried out or not.
//   PC3  Whose time is up is cancelled on the server, so that nobody waits for its locks; a COMMIT is not, which may
//        wait for a replica. What is carried out nevertheless is not believed: it may have been cancelled in that wait.

import type { Client, QueryResult } from "pg";
import { CANCEL_GRACE_MS, CONNECT_TIMEOUT_MS, KEEP_ALIVE_DELAY_MS } from "../limits.ts";
import { type BackendKey, requestCancel } from "./cancel-request.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { loadPg } from "./load-pg.ts";
import { remedyOf } from "./sql-state.ts";

export interface SqlStatement {
  readonly text: string;
  /** Present where it is sent with parameters, and then it is one statement alone. */
  readonly values?: readonly unknown[];
  /** Whether it is not cancelled (PC3). @default false */
  readonly isCommit?: boolean;
}

/** What became of a statement: its result and whether a transaction was open behind it, the server's refusal, or that the connection broke. */
export type StatementOutcome =
  | { readonly kind: "done"; readonly result: QueryResult; readonly isInTransaction: boolean }
  | {
      readonly kind: "refused";
      readonly refusal: Refusal;
      /** Whether it was cancelled since its time was up here. */
      readonly isLate?: boolean;
    }
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
    const flight: Flight = { isLate: false, unanswered: statements.filter(({ isCommit }) => isCommit !== true).length };
    let grace: NodeJS.Timeout | undefined;
    const timer = setTimeout(
      () => {
        flight.isLate = true;
        grace = this.#giveUp(flight);
      },
      Math.max(1, timeoutMs),
    );
    try {
      return this.#rules.isPipelined
        ? await Promise.all(statements.map((statement) => this.#send(statement, flight)))
        : await this.#sendInTurn(statements, flight);
    } finally {
      clearTimeout(timer);
      clearTimeout(grace);
    }
  }

  /** PC3: a cancel that comes late would be of what is sent next, so that nothing else is. */
  #giveUp({ unanswered }: Flight): NodeJS.Timeout | undefined {
    const { cancel } = this.#rules;
    if (cancel === undefined || unanswered === 0) {
      this.drop();
      return undefined;
    }
    this.#isBroken = true;
    void cancel();
    return setTimeout(() => this.drop(), CANCEL_GRACE_MS);
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

  async #sendInTurn(statements: readonly SqlStatement[], flight: Flight): Promise<readonly StatementOutcome[]> {
    const outcomes: StatementOutcome[] = [];
    for (const statement of statements) {
      outcomes.push(await this.#send(statement, flight));
    }
    return outcomes;
  }

  async #send({ text, values, isCommit = false }: SqlStatement, flight: Flight): Promise<StatementOutcome> {
    try {
      const outcome = await this.#query(
        values === undefined ? { text } : { text, values: [...values], queryMode: "extended" },
      );
      return flight.isLate ? { kind: "broken", cause: new Error("its time was up"), isLate: true } : outcome;
    } catch (error) {
      const refusal = this.#rules.refusalOf(error);
      const isEnded = refusal !== undefined && remedyOf(refusal.state) === "less";
      if (refusal !== undefined && !refusal.isFatal) {
        return { kind: "refused", refusal, isLate: flight.isLate && isEnded };
      }
      this.#isBroken = true;
      return { kind: "broken", cause: error, isLate: flight.isLate || isEnded };
    } finally {
      flight.unanswered -= isCommit ? 0 : 1;
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

interface Flight {
  isLate: boolean;
  /** Statements, but for a COMMIT. */
  unanswered: number;
}

interface ConnectionRules {
  readonly isPipelined: boolean;
  /** Asks the server to end what is under way; never rejects. @default - it cannot be asked */
  readonly cancel?: () => Promise<void>;
  /** Undefined for what is not the server's answer. */
  readonly refusalOf: (error: unknown) => Refusal | undefined;
}

interface ClientInternals extends BackendKey {
  readonly connection: { readonly stream: { destroy(): void } };
  ref(): void;
  unref(): void;
}

export type ConnectOutcome =
  | { readonly kind: "connected"; readonly connection: PostgresConnection }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "broken"; readonly cause: unknown };

/** Rejects with ConfigurationError where the library is not installed. */
export async function connectPostgres(
  settings: ConnectionSettings,
  { isPipelined }: { readonly isPipelined: boolean },
): Promise<ConnectOutcome> {
  const { Client: PgClient, DatabaseError } = await loadPg();
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
  const cancel = () => requestCancel(settings, client as unknown as ClientInternals);
  const connection = new PostgresConnection(client, { isPipelined, refusalOf, cancel });
  try {
    await client.connect();
    return { kind: "connected", connection };
  } catch (error) {
    connection.drop();
    const refusal = refusalOf(error);
    return refusal === undefined ? { kind: "broken", cause: error } : { kind: "refused", refusal };
  }
}
