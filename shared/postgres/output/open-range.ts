// Open range
//
// One attempt's outputs on their way into PostgreSQL. They are kept until a commit, and sent
// then: the code that makes them holds no transaction open, and a transaction that a deadlock
// or a lost connection ended is played again as it was.
//
//   PX1  Outputs take effect with the position, or neither does, as often as they are played (position-table.ts).
//   PX2  A commit whose answer was lost is asked for before it is played again: either the position is at
//        `untilOffset`, where this attempt alone can have moved it, or it is where it was. Then one of the
//        two moves it, the lost one or the one that is played, and the other fails for it.
//   PX3  A commit that fails leaves nothing behind of what was written.
//   PX4  A transaction that took longer than it may is not played again as it is: of several records the next attempts
//        make it of fewer, as of what does not fit an invocation; of one alone it is an outage, and costs no record.

import assert from "node:assert/strict";
import { pauseWithFullJitter } from "../../aws/full-jitter.ts";
import type { BatchProcessorError } from "../../core/errors.ts";
import { overdue } from "../../core/output/overdue.ts";
import type { OutputCommit, OutputPosition, OutputRange, PositionedOutput } from "../../core/output/range-output.ts";
import { formatOffsetRange, largerOf } from "../../core/range/offset-range.ts";
import { unavailable } from "../connection/connection-errors.ts";
import type { PostgresConnection } from "../connection/postgres-connection.ts";
import { remedyOf } from "../connection/sql-state.ts";
import type { WarmConnections } from "../connection/warm-connections.ts";
import { MAX_PLAYS, POSITION_TIMEOUT_MS, REPLAY_BASE_MS, REPLAY_CAP_MS } from "../limits.ts";
import type { KeptOutput } from "../statements/keep-output.ts";
import { KeptOutputs } from "../statements/kept-outputs.ts";
import type { PostgresOutput } from "../statements/postgres-statement.ts";
import { endedBy, refusedOutput, refusedPosition } from "./output-errors.ts";
import { type PlayOutcome, playTransaction, type Transaction } from "./play-transaction.ts";
import { movePosition, type PositionKey, quoteTable, readPosition } from "./position-table.ts";

type PositionedCommit = OutputCommit & { readonly fromPosition: bigint | undefined };
type Refused = Extract<PlayOutcome, { readonly kind: "refused" }>;

export interface OpenRangeOptions {
  readonly range: OutputRange;
  readonly position: OutputPosition | undefined;
  readonly key: PositionKey;
  /** What the position's row is marked with while this attempt has it open. */
  readonly openedBy: string;
  readonly connection: PostgresConnection;
  readonly connections: Pick<WarmConnections, "takeNew" | "giveBack">;
  readonly table: string;
  /** How a transaction begins. */
  readonly begin: string;
  readonly timeoutMs: number;
}

export class OpenPostgresRange implements PositionedOutput<PostgresOutput> {
  readonly kind = "positioned";
  readonly position: OutputPosition | undefined;
  readonly #options: OpenRangeOptions;
  readonly #where: string;
  readonly #kept: KeptOutputs;
  #connection: PostgresConnection | undefined;

  constructor(options: OpenRangeOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#where = `PostgreSQL outputs of ${formatOffsetRange(options.range)}`;
    this.#kept = new KeptOutputs(this.#where);
    this.position = options.position;
  }

  get isFull(): boolean {
    return this.#kept.isFull;
  }

  async write(outputs: readonly PostgresOutput[]): Promise<void> {
    this.#kept.add(outputs);
  }

  async commit(commit: PositionedCommit): Promise<void> {
    const { fromPosition, untilOffset } = commit;
    assert.ok(
      fromPosition === undefined || untilOffset > fromPosition,
      `${this.#where}: a commit up to ${untilOffset} is not above the position ${fromPosition}`,
    );
    await this.#play(commit, this.#kept.take());
  }

  async close(): Promise<void> {
    this.#kept.take();
    if (this.#connection !== undefined) {
      this.#options.connections.giveBack(this.#connection);
      this.#connection = undefined;
    }
  }

  async #play(commit: PositionedCommit, outputs: readonly KeptOutput[]): Promise<void> {
    const transaction = this.#transactionOf(commit, outputs);
    /** Whether an earlier play may have taken effect, or still may. */
    let isOpen = false;
    let last: PlayOutcome | undefined;
    let late: PlayOutcome | undefined;
    for (let plays = 0; plays < MAX_PLAYS; plays += 1) {
      if (last !== undefined) {
        await this.#pause(plays - 1);
      }
      const found: PlayOutcome | undefined = isOpen ? await this.#findEffect(commit) : undefined;
      if (found === undefined && late !== undefined) {
        break;
      }
      const outcome: PlayOutcome = found ?? (await this.#playOnce(transaction));
      if (outcome.kind === "committed") {
        return;
      }
      isOpen ||= outcome.kind === "unknown";
      late ??= outcome.kind === "unknown" && outcome.isLate === true ? outcome : undefined;
      this.#requireWorthwhile(outcome, { commit, isOpen });
      last = outcome;
    }
    if (late !== undefined) {
      throw this.#overdue(commit, `${this.#ownLimit}, or its role's limit`);
    }
    throw unavailable(
      `${this.#where}: a transaction was played ${MAX_PLAYS} times without an effect; at last: ${describe(last)}`,
    );
  }

  async #playOnce(transaction: Transaction): Promise<PlayOutcome> {
    return playTransaction(await this.#connected(), transaction);
  }

  async #pause(pauses: number): Promise<void> {
    this.#options.range.signal.throwIfAborted();
    await pauseWithFullJitter({ baseMs: REPLAY_BASE_MS, capMs: REPLAY_CAP_MS, pauses, random: Math.random });
  }

  #transactionOf(commit: PositionedCommit, outputs: readonly KeptOutput[]): Transaction {
    const { begin, timeoutMs, table, key, openedBy, range } = this.#options;
    const move = movePosition(quoteTable(table), key, { ...commit, openedBy, fromOffset: range.fromOffset });
    return { begin, move, outputs, timeoutMs };
  }

  /** "committed" as PX2 says, undefined where the transaction is to be played. Throws where another attempt went on. */
  async #findEffect({ fromPosition, untilOffset }: PositionedCommit): Promise<PlayOutcome | undefined> {
    const { table, key, openedBy } = this.#options;
    const connection = await this.#connected();
    const [outcome] = await connection.send([readPosition(quoteTable(table), key)], POSITION_TIMEOUT_MS);
    if (outcome?.kind !== "done") {
      return outcome?.kind === "refused" && remedyOf(outcome.refusal.state) !== "less"
        ? { kind: "refused", refusal: outcome.refusal, by: "position" }
        : { kind: "unknown", cause: outcome?.kind === "refused" ? outcome.refusal.cause : outcome?.cause };
    }
    const row: { readonly until_offset: string | null; readonly opened_by: string } | undefined =
      outcome.result.rows[0];
    const found = row?.until_offset ?? undefined;
    if (row?.opened_by === openedBy && found === untilOffset.toString()) {
      return { kind: "committed" };
    }
    if (row?.opened_by === openedBy && found === fromPosition?.toString()) {
      return undefined;
    }
    throw unavailable(
      `${this.#where}: whether a commit took effect is not to be seen: another attempt has opened the position, which is at ${found ?? "its beginning"}`,
    );
  }

  /** Throws unless the transaction may take effect when it is played again. */
  #requireWorthwhile(
    outcome: PlayOutcome,
    play: { readonly commit: PositionedCommit; readonly isOpen: boolean },
  ): void {
    if (outcome.kind === "elsewhere" && !play.isOpen) {
      throw unavailable(
        `${this.#where}: the position is not at ${play.commit.fromPosition ?? "its beginning"}, or another attempt has opened it since; nothing was written`,
      );
    }
    if (outcome.kind === "ended") {
      throw endedBy(this.#where, outcome);
    }
    if (outcome.kind === "refused") {
      const { state, message, cause } = outcome.refusal;
      const remedy = remedyOf(state);
      if (outcome.by === "output" && outcome.isLate === true) {
        throw this.#overdue(play.commit, this.#ownLimit, cause);
      }
      if (remedy === "less" && outcome.by !== "position") {
        throw this.#overdue(play.commit, `PostgreSQL lets it (SQLSTATE ${state}): ${message}`, cause);
      }
      if (remedy === "reconnect") {
        this.#drop();
      } else if (remedy !== "again") {
        throw this.#errorOf(outcome);
      }
    }
  }

  get #ownLimit(): string {
    return `transactionTimeoutMs, ${this.#options.timeoutMs} ms`;
  }

  /** PX4. */
  #overdue({ fromPosition = 0n, untilOffset }: PositionedCommit, limit: string, cause?: unknown): BatchProcessorError {
    const offsets = untilOffset - largerOf(fromPosition, this.#options.range.fromOffset);
    const remedy = "see what the statements of that one record wait for, or raise the limit";
    const what = `${this.#where}: a transaction of ${offsets} offsets took longer than ${limit}`;
    return overdue(what, { offsets, remedy, cause });
  }

  #errorOf(outcome: Refused): BatchProcessorError {
    const { refusal } = outcome;
    const remedy = remedyOf(refusal.state);
    if (outcome.by === "position") {
      return refusedPosition(refusal, this.#options.table);
    }
    if (remedy === "later" || remedy === "settings") {
      return unavailable(`${this.#where} (SQLSTATE ${refusal.state}): ${refusal.message}`, refusal.cause);
    }
    return outcome.by === "commit"
      ? refusedOutput(refusal, { text: "COMMIT", outputs: [] })
      : refusedOutput(refusal, outcome);
  }

  async #connected(): Promise<PostgresConnection> {
    if (this.#connection?.isIdle === false) {
      this.#drop();
    }
    this.#connection ??= await this.#options.connections.takeNew();
    return this.#connection;
  }

  #drop(): void {
    this.#connection?.drop();
    this.#connection = undefined;
  }
}

function describe(outcome: PlayOutcome | undefined): string {
  switch (outcome?.kind) {
    case "refused":
      return outcome.refusal.message;
    case "unknown":
      return String(outcome.cause);
    case "committed":
    case "ended":
    case "elsewhere":
    case undefined:
      return "the position was elsewhere";
  }
}
