// For each
//
// The code of a pipeline that works on several records at a time (record-pool.ts), and the
// commits that follow it.
//
//   FE1  A commit ends below the lowest offset that is not finished, and has all outputs of the
//        records that it covers, in the order of their offsets.
//   FE2  A record that fails ends the attempt as it would if records were taken one after the
//        other: all below it are done and committed, no other is begun, those under way are waited
//        for, and of several that fail the lowest offset's error is what the attempt fails with.
//   FE3  Nothing is committed before its time for the clock's sake where an output says itself when it
//        wants a commit: what it writes does not depend on how fast records were.

import { MAX_OUTPUTS_PER_COMMIT } from "../../../shared/core/limits.ts";
import { NO_COUNTS } from "../../../shared/core/range/range-record.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import type { OutputCommits } from "../output/output-commits.ts";
import type { Delivery } from "./delivery.ts";
import type { ForEachRules } from "./processing-range.ts";
import type { RecordOutputs, RecordRefusal } from "./record-outputs.ts";
import { type Finished, RecordPool, type Taken } from "./record-pool.ts";

export interface ForEachOptions<Output> {
  readonly rules: Required<ForEachRules>;
  readonly work: (record: KafkaRecord) => Promise<readonly Output[]>;
  readonly delivery: Pick<Delivery, "records" | "position" | "countsInHand" | "leaderEpoch">;
  readonly signal: AbortSignal;
  readonly store?: Pick<OutputCommits<Output>, "write">;
  /** Whether a commit has to come before so many more records. */
  readonly isCommitDue: (records: number) => boolean;
  /** Commits everything below the offset, with what these records have. */
  readonly commit: (untilOffset: bigint, records: readonly RecordOutputs<Output>[], taken: Taken) => Promise<void>;
  /** The record that the attempt failed at, where it is known. */
  readonly onFailed: (failure: RecordRefusal) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Of one range, once. */
export class ForEach<Output> {
  readonly #options: ForEachOptions<Output>;
  readonly #pool: RecordPool<Output>;
  #pending: RecordOutputs<Output>[] = [];
  #outputs = 0;
  /** Everything below is done. */
  #reached: bigint;
  #committedOffset: bigint;
  #taken: Taken = { countsBelow: NO_COUNTS, leaderEpoch: undefined };
  #committedAt: number;
  /** What a commit failed with: none follows. */
  #broken: { readonly by: unknown } | undefined;
  /** The record whose outputs the store did not take: none after it is given to it. */
  #refused: RecordRefusal | undefined;

  constructor(options: ForEachOptions<Output>) {
    const { rules, work, delivery, now } = options;
    this.#options = options;
    this.#pool = new RecordPool({ ...rules, work });
    this.#reached = delivery.position;
    this.#committedOffset = this.#reached;
    this.#committedAt = now();
  }

  /** Resolves to what is left for the completion. */
  async run(): Promise<readonly RecordOutputs<Output>[]> {
    const { signal } = this.#options;
    const wake = () => this.#pool.wake();
    signal.addEventListener("abort", wake);
    try {
      await this.#takeRecords();
      return this.#takePending();
    } catch (error) {
      throw await this.#settle(error);
    } finally {
      signal.removeEventListener("abort", wake);
    }
  }

  async #takeRecords(): Promise<void> {
    const { delivery, signal, isCommitDue } = this.#options;
    const pool = this.#pool;
    for await (const record of delivery.records()) {
      signal.throwIfAborted();
      await this.#takeFinished();
      while (!pool.hasRoom || isCommitDue(pool.size + 1)) {
        await (pool.size === 0 ? this.#commit() : this.#waitForNext());
      }
      pool.add(record, { countsBelow: delivery.countsInHand, leaderEpoch: delivery.leaderEpoch });
    }
    while (pool.size > 0) {
      await this.#waitForNext();
    }
  }

  async #waitForNext(): Promise<void> {
    const ended = this.#pool.next();
    if (this.#pool.finished() === undefined && this.#pool.failure === undefined) {
      await ended;
    }
    this.#options.signal.throwIfAborted();
    await this.#takeFinished();
  }

  /** Those that are finished, up to the first that is not; throws what one has failed with. */
  async #takeFinished(): Promise<void> {
    for (let done = this.#pool.finished(); done !== undefined; done = this.#pool.finished()) {
      await this.#take(done);
    }
    if (this.#pool.failure !== undefined) {
      throw this.#pool.failure.error;
    }
    if (this.#isTimeToCommit()) {
      await this.#commit();
    }
  }

  async #take(done: Finished<Output>): Promise<void> {
    const { store, isCommitDue } = this.#options;
    const { offset, outputs } = done;
    if (store !== undefined) {
      await this.#writeTo(store, done);
    } else if (outputs.length > 0) {
      if (this.#outputs > 0 && this.#outputs + outputs.length > MAX_OUTPUTS_PER_COMMIT) {
        await this.#commit();
      }
      this.#pending.push(done);
      this.#outputs += outputs.length;
    }
    this.#pool.shift();
    this.#reached = offset + 1n;
    this.#taken = done;
    if (store !== undefined && isCommitDue(0)) {
      await this.#commit();
    }
  }

  async #writeTo(store: Pick<OutputCommits<Output>, "write">, { offset, outputs }: Finished<Output>): Promise<void> {
    try {
      await store.write(outputs, offset);
    } catch (error) {
      this.#refused = { error, offset };
      throw error;
    }
  }

  #isTimeToCommit(): boolean {
    const { store, now, rules } = this.#options;
    const hasProgress = this.#reached > this.#committedOffset;
    return store === undefined && hasProgress && now() - this.#committedAt >= rules.commitIntervalMs;
  }

  async #commit(): Promise<void> {
    const { commit, now } = this.#options;
    const { first } = this.#pool;
    const untilOffset = first?.offset ?? this.#reached;
    this.#committedAt = now();
    this.#committedOffset = untilOffset;
    try {
      await commit(untilOffset, this.#takePending(), first === undefined ? this.#taken : this.#before(first));
    } catch (error) {
      this.#broken ??= { by: error };
      throw error;
    }
  }

  /**
   * How reading stood below the record, with what is invisible there: that may be of a later epoch than the last record
   * below, and an epoch that ends below the commit would look like a truncated log.
   */
  #before({ offset, countsBelow, leaderEpoch }: Taken & { readonly offset: bigint }): Taken {
    const isNext = offset === this.#reached;
    return {
      countsBelow: { ...countsBelow, delivered: countsBelow.delivered - 1n },
      leaderEpoch: isNext ? this.#taken.leaderEpoch : leaderEpoch,
    };
  }

  /** Finishes what is below the failure (FE2), unless there is no time or no way to commit it; the error that decides. */
  async #settle(error: unknown): Promise<unknown> {
    const { signal, onFailed } = this.#options;
    const pool = this.#pool;
    // At once: another moment may not come.
    await this.#save();
    while (pool.isAtWork) {
      if (signal.aborted || this.#isStopped) {
        pool.close();
      }
      await pool.next();
      await (signal.aborted || this.#isTimeToCommit() ? this.#save() : undefined);
    }
    await this.#save();
    const failure = this.#refused ?? pool.failure;
    if (this.#broken !== undefined || failure === undefined) {
      return this.#broken?.by ?? error;
    }
    onFailed(failure);
    return failure.error;
  }

  get #isStopped(): boolean {
    return this.#broken !== undefined || this.#refused !== undefined;
  }

  /** Commits what is done, as far as it can be. */
  async #save(): Promise<void> {
    try {
      for (let done = this.#pool.finished(); done !== undefined && !this.#isStopped; done = this.#pool.finished()) {
        await this.#take(done);
      }
    } catch {
      // Kept where it came up, and what #settle answers.
    }
    try {
      await (this.#broken === undefined ? this.#commit() : undefined);
    } catch {
      // As above.
    }
  }

  #takePending(): readonly RecordOutputs<Output>[] {
    const taken = this.#pending;
    this.#pending = [];
    this.#outputs = 0;
    return taken;
  }
}
