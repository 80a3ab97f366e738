// Write each
//
// The code of a pipeline that says of each record what it writes, and leaves the commits to
// the session: they come when a transaction is full, and never between the outputs of one
// record (record-outputs.ts).
//
//   WE1  A record is covered by a commit only once its code has settled and its outputs are in
//        that commit or in one before it.
//   WE2  When the code fails, or the time is up, what is done so far is committed: the next
//        attempt begins at the record that was in hand.

import { MisuseError } from "../../../shared/core/errors.ts";
import { MAX_OUTPUTS_PER_COMMIT } from "../../../shared/core/limits.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import { requireOutputsOf, takeRecordOutputs } from "./code-arguments.ts";
import type { Delivery } from "./delivery.ts";
import type { OutputsOfRecord } from "./processing-range.ts";
import type { RecordOutputs } from "./record-outputs.ts";

export interface WriteEachOptions<Output> {
  /** For messages: of which range. */
  readonly where: string;
  readonly delivery: Pick<Delivery, "records" | "position" | "countsInHand" | "isBegun">;
  readonly signal: AbortSignal;
  /** Whether as many records are rejected as may be between two commits. */
  readonly isCommitDue: () => boolean;
  /** Commits everything below the offset, with what these records have. */
  readonly commit: (untilOffset: bigint, records: readonly RecordOutputs<Output>[]) => Promise<void>;
}

export class WriteEach<Output> {
  readonly #options: WriteEachOptions<Output>;
  #pending: RecordOutputs<Output>[] = [];
  #outputs = 0;
  #state: "unused" | "running" | "failed" | "done" = "unused";
  /** Of a call that did not begin; code that looks away from it must not be completed either. */
  #refusal: { readonly error: unknown } | undefined;

  constructor(options: WriteEachOptions<Output>) {
    this.#options = options;
  }

  get isUsed(): boolean {
    return this.#state !== "unused" || this.#refusal !== undefined;
  }

  async run(outputsOf: OutputsOfRecord<Output>): Promise<void> {
    try {
      this.#requireFirst(outputsOf);
    } catch (error) {
      this.#refusal ??= { error };
      throw error;
    }
    this.#state = "running";
    try {
      await this.#takeRecords(outputsOf);
      this.#state = "done";
    } finally {
      // Also for code that looks away from the failure: what is missing must not be completed.
      this.#state = this.#state === "done" ? "done" : "failed";
    }
  }

  /** What is left for the completion. Throws MisuseError unless every record was taken. */
  takeRest(): readonly RecordOutputs<Output>[] {
    const { where } = this.#options;
    if (this.#refusal !== undefined) {
      throw this.#refusal.error;
    }
    if (this.#state === "running") {
      throw new MisuseError(`process returned while writeEach of ${where} goes on; await it`);
    }
    if (this.#state === "failed") {
      throw new MisuseError(`process returned although writeEach of ${where} failed; let its error pass`);
    }
    return this.#takePending();
  }

  /** What was handed out before would be covered by its commits, without outputs (WE1). */
  #requireFirst(outputsOf: unknown): void {
    const { where, delivery } = this.#options;
    requireOutputsOf(`writeEach of ${where}`, outputsOf);
    if (this.isUsed) {
      throw new MisuseError(`writeEach of ${where} is called twice; it takes the range to its end`);
    }
    if (delivery.isBegun) {
      throw new MisuseError(
        `writeEach of ${where} comes after records() or batches(); a range is read once: use it alone`,
      );
    }
  }

  async #takeRecords(outputsOf: OutputsOfRecord<Output>): Promise<void> {
    const { delivery, signal, isCommitDue, where } = this.#options;
    let inHand: KafkaRecord | undefined;
    const flush = () => this.#options.commit(inHand?.offset ?? delivery.position, this.#takePending());
    try {
      for await (const record of delivery.records()) {
        inHand = record;
        signal.throwIfAborted();
        const { offset } = record;
        const outputs = takeRecordOutputs<Output>(`writeEach of ${where}`, offset, await outputsOf(record));
        const isFull = this.#outputs > 0 && this.#outputs + outputs.length > MAX_OUTPUTS_PER_COMMIT;
        if (isFull || isCommitDue()) {
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

  #takePending(): readonly RecordOutputs<Output>[] {
    const taken = this.#pending;
    this.#pending = [];
    this.#outputs = 0;
    return taken;
  }
}
