// Simulated PostgreSQL
//
// A database at the isolation READ COMMITTED: what a transaction writes is seen once it is committed, and
// a row that one has written is waited for by every other until the first has ended. Of the rows that it
// finds an UPDATE looks at those again that it had to wait for.

import { type Parsed, parseSql, type Row, type Value } from "./sql.ts";

export interface SentText {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** What the server answers to a statement that it does not carry out. */
export class SimulatedRefusal extends Error {
  override readonly name = "SimulatedRefusal";
  readonly state: string;
  readonly isFatal: boolean;

  constructor(state: string, isFatal = false) {
    super(`refused with SQLSTATE ${state}`);
    this.state = state;
    this.isFatal = isFatal;
  }
}

interface Transaction {
  /** By table and key. */
  readonly written: Map<string, Row>;
  readonly inserted: { readonly table: string; readonly row: Row }[];
  readonly locks: Set<string>;
  isFailed: boolean;
  isOver: boolean;
}

/** What the server has of one connection. */
export interface Session {
  transaction: Transaction | undefined;
  isEnded: boolean;
}

const DIVISION_BY_ZERO = "22012";
const IN_FAILED_TRANSACTION = "25P02";
const ADMIN_SHUTDOWN = "57P01";

export class SimulatedPostgres {
  /** Of tables with a key, by table and key, as it is committed. */
  readonly #rows = new Map<string, Row>();
  readonly #inserted: { readonly table: string; readonly row: Row }[] = [];
  readonly #locks = new Map<string, Transaction>();
  readonly #waiting = new Map<string, (() => void)[]>();

  /** What was inserted into a table, in the order of the commits. */
  inserted(table: string): readonly Row[] {
    return this.#inserted.filter((one) => one.table === table).map(({ row }) => row);
  }

  /** What is committed of a table with a key. */
  kept(table: string): readonly Row[] {
    return [...this.#rows].filter(([name]) => name.startsWith(`${table} `)).map(([, row]) => row);
  }

  /** Throws SimulatedRefusal. Resolves once it is carried out, which may have to wait for other transactions. */
  async run(session: Session, { text, values = [] }: SentText): Promise<readonly Row[]> {
    // As the output encodes them.
    const parsed = parseSql(text, values as readonly Value[]);
    if (parsed.kind === "begin") {
      session.transaction = begin();
      return [];
    }
    const { transaction } = session;
    if (parsed.kind === "commit" || parsed.kind === "rollback") {
      this.#end(session, parsed.kind === "commit" && transaction?.isFailed === false);
      return [];
    }
    if (transaction?.isFailed === true) {
      throw new SimulatedRefusal(IN_FAILED_TRANSACTION);
    }
    if (transaction !== undefined) {
      return this.#runIn(transaction, parsed);
    }
    const own = begin();
    session.transaction = own;
    try {
      return await this.#runIn(own, parsed);
    } finally {
      this.#end(session, !own.isFailed && !session.isEnded);
    }
  }

  /** Undoes what is not committed. */
  end(session: Session): void {
    session.isEnded = true;
    this.#end(session, false);
  }

  /** What fails the transaction from now on. */
  fail(session: Session): void {
    if (session.transaction !== undefined) {
      session.transaction.isFailed = true;
    }
  }

  async #runIn(transaction: Transaction, parsed: Parsed): Promise<readonly Row[]> {
    try {
      return await this.#carryOut(transaction, parsed);
    } catch (error) {
      transaction.isFailed = true;
      throw error;
    }
  }

  async #carryOut(transaction: Transaction, parsed: Parsed): Promise<readonly Row[]> {
    switch (parsed.kind) {
      case "insert":
        transaction.inserted.push(parsed);
        return [];
      case "upsert": {
        const name = [parsed.table, ...parsed.key.map((column) => parsed.row[column])].join(" ");
        await this.#lock(transaction, name);
        const present = this.#present(transaction, name);
        const next =
          present === undefined ? { until_offset: null, progress: "", ...parsed.row } : parsed.change(present);
        transaction.written.set(name, next);
        return [next];
      }
      case "select": {
        const found = this.#find(transaction, parsed.table, parsed.matches);
        return parsed.isLocking
          ? (await this.#lockAll(transaction, found, parsed.matches)).map(({ row }) => row)
          : found.map(({ row }) => row);
      }
      case "update": {
        const found = this.#find(transaction, parsed.table, parsed.matches);
        const locked = await this.#lockAll(transaction, found, parsed.matches);
        for (const { name, row } of locked) {
          transaction.written.set(name, parsed.change(row));
        }
        if (parsed.isAsserted && locked.length === 0) {
          throw new SimulatedRefusal(DIVISION_BY_ZERO);
        }
        return [{ count: locked.length }];
      }
      default:
        throw new Error(`${parsed.kind} is no statement of a transaction`);
    }
  }

  #find(transaction: Transaction, table: string, matches: (row: Row) => boolean): readonly FoundRow[] {
    const names = new Set([...this.#rows.keys(), ...transaction.written.keys()]);
    return [...names]
      .filter((name) => name.startsWith(`${table} `))
      .flatMap((name) => {
        const row = this.#present(transaction, name);
        return row !== undefined && matches(row) ? [{ name, row }] : [];
      });
  }

  /** Those that still match once no other transaction has them. */
  async #lockAll(
    transaction: Transaction,
    found: readonly FoundRow[],
    matches: (row: Row) => boolean,
  ): Promise<readonly FoundRow[]> {
    const locked: FoundRow[] = [];
    for (const { name } of found) {
      await this.#lock(transaction, name);
      const row = this.#present(transaction, name);
      if (row !== undefined && matches(row)) {
        locked.push({ name, row });
      }
    }
    return locked;
  }

  #present(transaction: Transaction, name: string): Row | undefined {
    return transaction.written.get(name) ?? this.#rows.get(name);
  }

  async #lock(transaction: Transaction, name: string): Promise<void> {
    for (
      let owner = this.#locks.get(name);
      owner !== undefined && owner !== transaction;
      owner = this.#locks.get(name)
    ) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), resolve]);
      await promise;
      if (transaction.isOver) {
        throw new SimulatedRefusal(ADMIN_SHUTDOWN, true);
      }
    }
    this.#locks.set(name, transaction);
    transaction.locks.add(name);
  }

  #end(session: Session, isCommitted: boolean): void {
    const { transaction } = session;
    session.transaction = undefined;
    if (transaction === undefined) {
      return;
    }
    if (isCommitted) {
      for (const [name, row] of transaction.written) {
        this.#rows.set(name, row);
      }
      this.#inserted.push(...transaction.inserted);
    }
    transaction.isOver = true;
    for (const name of transaction.locks) {
      this.#locks.delete(name);
      const waiting = this.#waiting.get(name) ?? [];
      this.#waiting.delete(name);
      for (const wake of waiting) {
        wake();
      }
    }
  }
}

function begin(): Transaction {
  return { written: new Map(), inserted: [], locks: new Set(), isFailed: false, isOver: false };
}

interface FoundRow {
  readonly name: string;
  readonly row: Row;
}
