// Write each
//
// The code of a pipeline that says of each record what it writes, and leaves the commits to
// the session: they come when a transaction is full, and never between the outputs of one
// record (record-outputs.ts). A store that is not the ledger is given outputs as they are made, or
// the records themselves, and says when it wants a commit.
//
//   WE1  A record is covered by a commit only once its code has settled and its outputs are in
//        that commit or in one before it.
//   WE2  When the code fails, or the time is up, what is done so far is committed: the next
//        attempt begins at the record that was in hand.

import { MisuseError } from "../../../shared/core/errors.ts";
import { MAX_OUTPUTS_PER_COMMIT } from "../../../shared/core/limits.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import type { OutputCommits } from "../output/output-commits.ts";
import { requireOutputsOf, takeForEachRules, takeRecordOutputs } from "./code-arguments.ts";
import type { Delivery } from "./delivery.ts";
import { ForEach } from "./for-each.ts";
import type { ForEachRules, OutputsOfRecord } from "./processing-range.ts";
import type { RecordOutputs, RecordRefusal } from "./record-outputs.ts";
import type { Taken } from "./record-pool.ts";

export interface WriteEachOptions<Output> {
  /** For messages: of which range. */
  readonly where: string;
  readonly delivery: Pick<Delivery, "batches" | "records" | "position" | "countsInHand" | "isBegun" | "leaderEpoch">;
  readonly signal: AbortSignal;
  /** Absent: outputs are kept for the ledger's own transactions. */
  readonly store?: Pick<OutputCommits<Output>, "write" | "writeBatch">;
  /** Whether so many more records may not be rejected before a commit, or the store is full. */
  readonly isCommitDue: (records: number) => boolean;
  /** Commits everything below the offset, with what these records have; `taken` where the read has gone beyond it. */
  readonly commit: (untilOffset: bigint, records: readonly RecordOutputs<Output>[], taken?: Taken) => Promise<void>;
  /** The record that the attempt failed at, where it is not the one handed out last. */
  readonly onFailed: (failure: RecordRefusal) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

type EachName = "writeEach" | "writeAll" | "forEach";

export class WriteEach<Output> {
  readonly #options: WriteEachOptions<Output>;
  #name: EachName = "writeEach";
  #pending: RecordOutputs<Output>[] = [];
  #outputs = 0;
  #state: "unused" | "running" | "failed" | "done" = "unused";
  /** What it failed with. */
  #failure: unknown;
  /** Of a call that did not begin; code that looks away from it must not be completed either. */
  #refusal: { readonly error: unknown } | undefined;

  constructor(options: WriteEachOptions<Output>) {
    this.#options = options;
  }

  /** What the code calls. */
  get name(): EachName {
    return this.#name;
  }

  get isUsed(): boolean {
    return this.#state !== "unused" || this.#refusal !== undefined;
  }

  run(outputsOf: OutputsOfRecord<Output>): Promise<void> {
    return this.#runOnly("writeEach", async () => {
      requireOutputsOf(`writeEach of ${this.#options.where}`, outputsOf);
      return () => this.#takeRecords(outputsOf);
    });
  }

  runSideBySide(given: ForEachRules, outputsOf: OutputsOfRecord<Output>): Promise<void> {
    return this.#runOnly("forEach", async () => {
      const where = `forEach of ${this.#options.where}`;
      const rules = takeForEachRules(where, given);
      requireOutputsOf(where, outputsOf);
      const work = async (record: KafkaRecord) =>
        takeRecordOutputs<Output>(where, record.offset, await outputsOf(record));
      return async () => {
        this.#pending = [...(await new ForEach({ ...this.#options, rules, work }).run())];
      };
    });
  }

  runWhole(): Promise<void> {
    return this.#runOnly("writeAll", async () => {
      const { store, where } = this.#options;
      if (store === undefined) {
        throw new MisuseError(
          `writeAll of ${where}: the pipeline has no output that takes records as they are; give createRangeProcessor one, or use writeEach`,
        );
      }
      return () => this.#takeBatches(store);
    });
  }

  async #runOnly(name: EachName, prepare: () => Promise<() => Promise<void>>): Promise<void> {
    let take: () => Promise<void>;
    try {
      this.#requireFirst(name);
      take = await prepare();
    } catch (error) {
      this.#refusal ??= { error };
      throw error;
    }
    this.#state = "running";
    try {
      await take();
      this.#state = "done";
    } catch (error) {
      // Also for code that looks away from the failure: what is missing must not be completed.
      this.#state = "failed";
      this.#failure = error;
      throw error;
    }
  }

  /** What is left for the completion. Throws MisuseError unless every record was taken. */
  takeRest(): readonly RecordOutputs<Output>[] {
    const { where } = this.#options;
    if (this.#refusal !== undefined) {
      throw this.#refusal.error;
    }
    if (this.#state === "running") {
      throw new MisuseError(`process returned while ${this.#name} of ${where} goes on; await it`);
    }
    if (this.#state === "failed") {
      throw new MisuseError(
        `process returned although ${this.#name} of ${where} failed; await it, and let its error pass`,
        {
          cause: this.#failure,
        },
      );
    }
    return this.#takePending();
  }

  /** What was handed out before would be covered by its commits, without outputs (WE1). */
  #requireFirst(name: EachName): void {
    const { where, delivery } = this.#options;
    if (this.isUsed) {
      const what = name === this.#name ? "is called twice" : `comes after ${this.#name}`;
      throw new MisuseError(`${name} of ${where} ${what}; it takes the range to its end`);
    }
    this.#name = name;
    if (delivery.isBegun) {
      throw new MisuseError(
        `${name} of ${where} comes after records() or batches(); a range is read once: use it alone`,
      );
    }
  }

  async #takeRecords(outputsOf: OutputsOfRecord<Output>): Promise<void> {
    const { delivery, signal, isCommitDue, where, store } = this.#options;
    let inHand: KafkaRecord | undefined;
    const flush = () => this.#options.commit(inHand?.offset ?? delivery.position, this.#takePending());
    try {
      for await (const record of delivery.records()) {
        inHand = record;
        signal.throwIfAborted();
        const { offset } = record;
        const outputs = takeRecordOutputs<Output>(`writeEach of ${where}`, offset, await outputsOf(record));
        if (store !== undefined) {
          await store.write(outputs, offset);
          inHand = undefined;
          await (isCommitDue(1) ? flush() : undefined);
          continue;
        }
        const isFull = this.#outputs > 0 && this.#outputs + outputs.length > MAX_OUTPUTS_PER_COMMIT;
        if (isFull || isCommitDue(1)) {
          await flush();
        }
        if (outputs.length > 0) {
          this.#pending.push({ offset, outputs, countsBelow: delivery.countsInHand });
          this.#outputs += outputs.length;
        }
        inHand = undefined;
      }
    } catch (error) {
      await flush();
      throw error;
    }
  }

  async #takeBatches(store: Pick<OutputCommits<Output>, "writeBatch">): Promise<void> {
    const { delivery, signal, isCommitDue, commit } = this.#options;
    let { position } = delivery;
    try {
      for await (const batch of delivery.batches()) {
        signal.throwIfAborted();
        while (position < batch.untilOffset) {
          position = await store.writeBatch(batch, position);
          await (isCommitDue(1) || position < batch.untilOffset ? commit(position, []) : undefined);
        }
      }
    } catch (error) {
      await commit(position, []);
      throw error;
    }
  }

  #takePending(): readonly RecordOutputs<Output>[] {
    const taken = this.#pending;
    this.#pending = [];
    this.#outputs = 0;
    return taken;
  }
}
