// Output commits
//
// The commits of one piece to a store that is not the ledger, in the order that makes them
// take effect exactly once:
//
//   OC1  A positioned store commits first, and tells its progress; the ledger follows. Who dies
//        in between leaves the store ahead, which the next attempt sees (follow-position.ts).
//   OC2  Prepared work is remembered by the ledger, under the lease, before it takes effect. Who dies
//        after that leaves it to the next attempt (settle-prepared.ts); who lost the lease has nothing
//        that ever takes effect.

import {
  InvalidOutputError,
  MisuseError,
  OutputUnavailableError,
  SupersededError,
} from "../../../shared/core/errors.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { OpenOutput, OutputRange, RangeOutput } from "../../../shared/core/output/range-output.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { CommitEvent, LeaseProof, RangeProgress } from "../../../shared/core/range/range-event.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { RecordBatch } from "../../../shared/core/source/range-reader.ts";
import { encodeProgress } from "./output-progress.ts";

export interface OutputCommitsOptions<Output> {
  readonly output: RangeOutput<Output>;
  readonly open: OpenOutput<Output>;
  /** What it was opened for. */
  readonly range: OutputRange;
  readonly ledger: RangeLedger<Output>;
  readonly lease: LeaseProof;
}

export interface Reaching extends RangeProgress {
  readonly untilOffset: bigint;
}

/** What took effect, for the ledger's own commit. */
export interface OutputEffect extends Pick<CommitEvent, "receipt" | "isSettled"> {
  /** As of the last write. */
  readonly record: RangeRecord;
}

export class OutputCommits<Output> {
  readonly #options: OutputCommitsOptions<Output>;
  /** Where a positioned store stands. */
  #position: bigint | undefined;
  /** Since the last commit, for a store that may refuse one of them by its index: how many each record has. */
  #sources: { readonly offset: bigint | undefined; readonly outputs: number }[] = [];

  #broken: { readonly by: unknown } | undefined;

  constructor(options: OutputCommitsOptions<Output>) {
    this.#options = options;
    this.#position = options.open.kind === "positioned" ? options.open.position?.untilOffset : undefined;
  }

  /** Whether a commit is due before more is written. */
  get isFull(): boolean {
    return this.#options.open.isFull;
  }

  /** `offset` is that of the record which they are of, where that is known. */
  async write(outputs: readonly Output[], offset?: bigint): Promise<void> {
    if (outputs.length === 0) {
      return;
    }
    const { open } = this.#options;
    await this.#give(() => open.write(outputs));
    if (open.kind === "positioned") {
      this.#sources.push({ offset, outputs: outputs.length });
    }
  }

  /** Resolves to the offset below which it took them. Throws MisuseError where the output takes no records as they are. */
  async writeBatch(batch: RecordBatch, fromOffset: bigint): Promise<bigint> {
    const { open, output } = this.#options;
    const writeBatch = open.writeBatch?.bind(open);
    if (writeBatch === undefined) {
      throw new MisuseError(
        `${output.name} takes what the pipeline's code makes of records; use writeEach instead of writeAll`,
      );
    }
    return this.#give(() => writeBatch(batch, fromOffset));
  }

  /** What was taken in part must never take effect. */
  async #give<Result>(write: () => Promise<Result>): Promise<Result> {
    this.#requireWhole();
    try {
      return await write();
    } catch (error) {
      // An output that it can never take is refused before any is taken.
      this.#broken ??= error instanceof InvalidOutputError ? undefined : { by: error };
      throw error;
    }
  }

  #requireWhole(): void {
    if (this.#broken !== undefined) {
      throw this.#broken.by;
    }
  }

  /** Makes everything written since the last commit take effect. Throws SupersededError when the lease is lost. */
  async takeEffect(record: RangeRecord, reaching: Reaching): Promise<OutputEffect> {
    this.#requireWhole();
    const { open, range } = this.#options;
    const { untilOffset, counts, rejectedOffsets, leaderEpoch } = reaching;
    const { committedOffset: fromOffset } = record;
    const progress = encodeProgress({
      rangeFrom: range.rangeFrom,
      fromOffset,
      counts,
      ...omitUndefined({ rejectedOffsets, leaderEpoch }),
    });
    if (open.kind === "prepared") {
      const prepared = await open.prepare({ untilOffset, progress });
      return prepared === "nothing" ? { record } : this.#settle(record, reaching, prepared.memo);
    }
    await open.commit({ fromPosition: this.#position, untilOffset, progress });
    this.#position = untilOffset;
    this.#sources = [];
    return { record, isSettled: true };
  }

  /** The record whose output was refused; undefined where that is not known. */
  offsetOf(error: unknown): bigint | undefined {
    if (!(error instanceof InvalidOutputError) || error.outputIndex === undefined) {
      return undefined;
    }
    let end = 0;
    for (const { offset, outputs } of this.#sources) {
      end += outputs;
      if (error.outputIndex < end) {
        return offset;
      }
    }
    return undefined;
  }

  async #settle(record: RangeRecord, reaching: Reaching, memo: string) {
    const { output, range, ledger, lease } = this.#options;
    const work = { ...reaching, output: output.name, memo };
    const { committedOffset: fromOffset } = record;
    const remembered = await ledger.changeRange(record, { kind: "prepare", lease, fromOffset, work });
    if (remembered.kind !== "changed") {
      throw new SupersededError(`lease ${range.leaseCounter} of ${formatOffsetRange(record)} is lost`);
    }
    const settled = await output.settle?.(memo, range);
    if (settled === undefined || settled === "nothing") {
      throw new OutputUnavailableError(
        `what ${output.name} had prepared for ${formatOffsetRange(record)} is gone; it is done again`,
      );
    }
    return { record: remembered.record, receipt: settled.receipt, isSettled: true } as const;
  }
}
