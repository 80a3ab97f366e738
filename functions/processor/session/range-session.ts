// Range session
//
// One piece of a claimed range, mostly all of it: hands the records out, and turns each
// commit of the pipeline's code into a change of the ledger.
//
//   SN1  Nothing is committed that was not delivered, and nothing completed that
//        was not read to its end.
//   SN2  Changes are made one after the other, in the order asked for. One that fails,
//        or that the ledger refuses, ends the attempt: nothing is changed after it.
//        But for outputs that are known by their records: where a change with several
//        records' outputs is refused for them, it is made in several (record-outputs.ts).
//   SN3  A rejected record's dead letter is kept before the change that covers the record.

import { SupersededError } from "../../../shared/core/errors.ts";
import type { DeadLetterTarget } from "../../../shared/core/failure/dead-letter.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { ClaimedRange } from "../../../shared/core/range/lease.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { RangeCounts, RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { RangeRead } from "../../../shared/core/source/range-reader.ts";
import type { InvocationContext } from "../../lambda-handler.ts";
import type { OutputCommits } from "../output/output-commits.ts";
import { takeCommit, takeOutputs } from "./code-arguments.ts";
import { decodeRange } from "./decode-range.ts";
import { Delivery } from "./delivery.ts";
import type { ProcessingRange } from "./processing-range.ts";
import { RangeChanges, type Reached } from "./range-changes.ts";
import { type RecordOutputs, type RecordRefusal, writeInParts } from "./record-outputs.ts";
import type { Taken } from "./record-pool.ts";
import { Rejects } from "./rejects.ts";
import { describe, isCommittable, mixedError, refuseLateOutputs, requireRead } from "./session-rules.ts";
import { WriteEach } from "./write-each.ts";

export interface RangeSession<Output> {
  readonly range: ProcessingRange<Output>;
  /** The record as of the last write. */
  readonly record: RangeRecord;
  /**
   * Commits the piece with the last outputs, and completes the range where the piece ends
   * with it; throws SupersededError when the lease is lost.
   */
  finish(outputs: readonly Output[], now: number, retentionMs: number): Promise<void>;
  /** How far the pipeline's code has come. */
  readonly delivery: Pick<Delivery, "position" | "inHand">;
  /** The record of writeEach whose outputs were refused, which ended the attempt. */
  readonly refused: RecordRefusal | undefined;
  /** Lets no further change begin; resolves once the one under way is over, however it ends. */
  end(): Promise<void>;
}

export interface SessionOptions<Output> {
  readonly ledger: RangeLedger<Output>;
  readonly claimed: ClaimedRange;
  /** Where the piece ends, exclusive. */
  readonly untilOffset: bigint;
  /** Covers the piece from what is committed. */
  readonly read: RangeRead;
  readonly signal: AbortSignal;
  /** Absent: nothing can be rejected. */
  readonly deadLetters?: DeadLetterTarget;
  /** Where outputs go; absent: into the ledger's own transactions. */
  readonly store?: OutputCommits<Output>;
  /** What Lambda says of the invocation. */
  readonly context?: InvocationContext;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function openRangeSession<Output>(options: SessionOptions<Output>): RangeSession<Output> {
  return new Session(options);
}

class Session<Output> implements RangeSession<Output> {
  readonly range: ProcessingRange<Output>;
  readonly delivery: Delivery;
  readonly #claimed: ClaimedRange;
  readonly #untilOffset: bigint;
  readonly #rejects: Rejects;
  readonly #changes: RangeChanges<Output>;
  readonly #each: WriteEach<Output>;
  readonly #store: OutputCommits<Output> | undefined;
  #refused: RecordRefusal | undefined;

  constructor(options: SessionOptions<Output>) {
    const { ledger, claimed, untilOffset, read, signal, deadLetters, store, context, now } = options;
    this.delivery = new Delivery(read);
    this.#claimed = claimed;
    this.#untilOffset = untilOffset;
    this.#rejects = new Rejects(claimed, deadLetters);
    this.#store = store;
    this.#changes = new RangeChanges({ ledger, claimed, rejects: this.#rejects, ...omitUndefined({ store }) });
    this.#each = new WriteEach({
      where: formatOffsetRange(claimed),
      delivery: this.delivery,
      signal,
      ...omitUndefined({ store }),
      isCommitDue: (records) => {
        this.#changes.requireRoom();
        return !this.#rejects.hasRoomFor(records) || store?.isFull === true;
      },
      commit: (offset, records, taken) => this.#commitEach(offset, records, taken),
      onFailed: (failure) => {
        this.#refused ??= failure;
      },
      now,
    });
    this.range = {
      ...describe(claimed),
      untilOffset,
      signal,
      ...omitUndefined({ context }),
      batches: () => this.delivery.batches(),
      records: () => this.delivery.records(),
      writeEach: (outputsOf) => unawaited(this.#each.run(outputsOf)),
      forEach: (rules, outputsOf) => unawaited(this.#each.runSideBySide(rules, outputsOf)),
      writeAll: () => unawaited(this.#each.runWhole()),
      commit: (offset, outputs) => this.#commit(offset, outputs),
      reject: (rejected, reason) => this.#rejects.add(rejected, { reason, position: this.delivery.position }),
      decoded: (how) => decodeRange(this.range, how),
    };
  }

  get record(): RangeRecord {
    return this.#changes.record;
  }

  get refused(): RecordRefusal | undefined {
    return this.#refused;
  }

  finish(returned: readonly Output[], now: number, retentionMs: number): Promise<void> {
    // Code that is not awaited may still be at it: what it rejects now would be committed as processed.
    this.#rejects.close(this.#untilOffset);
    return this.#changes.inTurn(async () => {
      const { record } = this;
      const outputs = takeOutputs("what process returned", returned);
      const rest = this.#each.isUsed ? this.#each.takeRest() : [];
      requireRead(record, this.delivery.position, this.#untilOffset);
      if (this.#each.isUsed && outputs.length > 0) {
        throw mixedError(`what process returned, ${outputs.length} outputs,`, this.#each.name, record);
      }
      refuseLateOutputs(record, {
        offset: this.#untilOffset,
        outputs: outputs.length,
        what: "what process returned",
      });
      const reached = this.#reach(this.#untilOffset);
      const completion = this.#untilOffset === record.untilOffset ? { now, retentionMs } : undefined;
      if (completion !== undefined || this.#untilOffset > record.committedOffset) {
        await this.#writeRecords(rest, (last) => this.#make(reached, [...last, ...outputs], completion));
      }
    });
  }

  end(): Promise<void> {
    const ended = this.#changes.inTurn(() =>
      Promise.reject(new SupersededError(`the attempt at ${formatOffsetRange(this.#claimed)} is over`)),
    );
    return ended.catch(() => undefined);
  }

  #commit(offset: bigint, asked: readonly Output[]): Promise<void> {
    const outputs = takeCommit(this.#claimed, offset, asked);
    if ("refusal" in outputs) {
      return this.#changes.inTurn(() => Promise.reject(outputs.refusal));
    }
    if (this.#each.isUsed) {
      return this.#changes.inTurn(() =>
        Promise.reject(mixedError(`commit(${offset})`, this.#each.name, this.#claimed)),
      );
    }
    const reached = this.#reach(offset);
    this.#rejects.close(offset);
    return this.#changes.inTurn(async () => {
      if (isCommittable(this.record, { ...reached, outputs: outputs.length })) {
        await this.#make(reached, outputs);
      }
    });
  }

  #commitEach(offset: bigint, records: readonly RecordOutputs<Output>[], taken?: Taken): Promise<void> {
    const reached =
      taken === undefined
        ? this.#reach(offset)
        : { ...this.#reach(offset, taken.countsBelow), epoch: omitUndefined({ leaderEpoch: taken.leaderEpoch }) };
    this.#rejects.close(offset);
    return this.#changes.inTurn(async () => {
      if (offset > this.record.committedOffset) {
        await this.#writeRecords(records, (outputs) => this.#make(reached, outputs));
      }
    });
  }

  /** The last part by `last`, what has to be cut off before it by commits of its own. */
  #writeRecords(
    records: readonly RecordOutputs<Output>[],
    last: (outputs: readonly Output[]) => Promise<void>,
  ): Promise<void> {
    const write = (part: readonly RecordOutputs<Output>[], isLast: boolean) => {
      const outputs = part.flatMap((one) => one.outputs);
      const end = part.at(-1);
      return isLast || end === undefined
        ? last(outputs)
        : this.#make(this.#reach(end.offset + 1n, end.countsBelow), outputs);
    };
    return writeInParts(records, write, (refusal) => {
      this.#refused = refusal;
    });
  }

  async #make(...change: Parameters<RangeChanges<Output>["make"]>): Promise<void> {
    try {
      await this.#changes.make(...change);
    } catch (error) {
      // A store names the output that it refuses by its place among all that were written.
      const offset = this.#store?.offsetOf(error);
      this.#refused ??= offset === undefined ? undefined : { error, offset };
      throw error;
    }
  }

  /** Where the pipeline's code stands as it asks for a change. */
  #reach(offset: bigint, counts: RangeCounts = this.delivery.countsBelow(offset)): Reached {
    const { position, leaderEpoch } = this.delivery;
    return { offset, position, counts, epoch: omitUndefined({ leaderEpoch }) };
  }
}

/** A failure that nobody awaits is the completion's. */
function unawaited(run: Promise<void>): Promise<void> {
  run.catch(() => {});
  return run;
}
