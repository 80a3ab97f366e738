// Range session
//
// One piece of a claimed range, mostly all of it: hands the records out, and turns each
// commit of the pipeline's code into a change of the ledger.
//
//   SN1  Nothing is committed that was not delivered, and nothing completed that
//        was not read to its end.
//   SN2  Changes are made one after the other, in the order asked for. One that fails,
//        or that the ledger refuses, ends the attempt: nothing is changed after it.
//   SN3  A rejected record's dead letter is kept before the change that covers the record.

import { BatchProcessorError, MisuseError, SupersededError } from "../../../shared/core/errors.ts";
import type { DeadLetterTarget } from "../../../shared/core/failure/dead-letter.ts";
import type { ChangeOutcome, RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { ClaimedRange } from "../../../shared/core/range/lease.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { CommitEvent, CompleteEvent } from "../../../shared/core/range/range-event.ts";
import {
  NO_COUNTS,
  type RangeCounts,
  type RangeRecord,
  subtractCounts,
} from "../../../shared/core/range/range-record.ts";
import type { RangeRead } from "../../../shared/core/source/range-reader.ts";
import { takeCommit, takeOutputs } from "./code-arguments.ts";
import { Delivery } from "./delivery.ts";
import type { ProcessingRange } from "./processing-range.ts";
import { Rejects } from "./rejects.ts";

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
}

export function openRangeSession<Output>(options: SessionOptions<Output>): RangeSession<Output> {
  const { ledger, claimed, untilOffset, read, signal, deadLetters } = options;
  const { lease } = claimed;
  const delivery = new Delivery(read);
  const rejects = new Rejects(claimed, deadLetters);
  let record: RangeRecord = claimed;
  let accounted = NO_COUNTS;

  /** The dead letters of what the change covers are kept first (SN3). */
  const change = async (untilOffset: bigint, event: CommitEvent | CompleteEvent, outputs: readonly Output[]) => {
    const rejected = await rejects.settleBelow(untilOffset);
    const counts = rejected === 0 ? event.counts : { ...event.counts, rejected: BigInt(rejected) };
    const outcome = await ledger.changeRange(record, { ...event, counts }, outputs);
    if (outcome.kind !== "changed") {
      throw lostLeaseError(record, outcome);
    }
    record = outcome.record;
  };

  /** Where the pipeline's code stands as it asks for a change. */
  const reach = (offset: bigint) => ({
    offset,
    position: delivery.position,
    counts: delivery.countsBelow(offset),
    epoch: delivery.leaderEpoch === undefined ? {} : { leaderEpoch: delivery.leaderEpoch },
  });

  /** What is new below the offset since the last commit. */
  const progressTo = ({ counts, epoch }: ReturnType<typeof reach>) => {
    const before = accounted;
    // DV1 may answer less than was accounted for already; then the rest waits for a later commit.
    accounted = coveredOffsets(counts) < coveredOffsets(before) ? before : counts;
    return { lease, fromOffset: record.committedOffset, counts: subtractCounts(accounted, before), ...epoch };
  };

  const inTurn = takeTurns();
  const commit = (offset: bigint, asked: readonly Output[]) => {
    const outputs = takeCommit(claimed, offset, asked);
    if ("refusal" in outputs) {
      return inTurn(() => Promise.reject(outputs.refusal));
    }
    const reached = reach(offset);
    rejects.close(offset);
    return inTurn(async () => {
      if (isCommittable(record, { ...reached, outputs: outputs.length })) {
        await change(offset, { kind: "commit", ...progressTo(reached), untilOffset: offset }, outputs);
      }
    });
  };

  const finish = (returned: readonly Output[], now: number, retentionMs: number) =>
    inTurn(async () => {
      const outputs = takeOutputs("what process returned", returned);
      if (delivery.position !== untilOffset) {
        throw new UnreadRangeError(
          `the pipeline returned at offset ${delivery.position} of ${formatOffsetRange(record)}; read the range to its end, or throw to fail the attempt`,
        );
      }
      refuseLateOutputs(record, { offset: untilOffset, outputs: outputs.length, what: "what process returned" });
      const progress = progressTo(reach(untilOffset));
      if (untilOffset === record.untilOffset) {
        await change(untilOffset, { kind: "complete", ...progress, now, retentionMs }, outputs);
      } else if (untilOffset > record.committedOffset) {
        await change(untilOffset, { kind: "commit", ...progress, untilOffset }, outputs);
      }
    });

  return {
    range: {
      ...describe(claimed),
      untilOffset,
      signal,
      batches: () => delivery.batches(),
      records: () => delivery.records(),
      commit,
      reject: (rejected, reason) => rejects.add(rejected, { reason, position: delivery.position }),
    },
    get record() {
      return record;
    },
    finish,
    delivery,
    end: () =>
      inTurn(async () => {
        throw new SupersededError(`the attempt at ${formatOffsetRange(record)} is over`);
      }).catch(() => undefined),
  };
}

/** Runs writes one after the other, none after one that failed. */
function takeTurns(): (write: () => Promise<void>) => Promise<void> {
  let last = Promise.resolve();
  return (write) => {
    last = last.then(write);
    // A failure that nobody awaits is the completion's.
    last.catch(() => {});
    return last;
  };
}

function lostLeaseError(
  record: RangeRecord,
  outcome: Exclude<ChangeOutcome, { readonly kind: "changed" }>,
): SupersededError {
  const why = outcome.kind === "refused" ? outcome.refusal.kind : "the record is gone";
  return new SupersededError(`lease ${record.leaseCounter} of ${formatOffsetRange(record)} is lost (${why})`);
}

function describe({ chain, lease, ...claimed }: ClaimedRange) {
  const { pipeline, topicId, requestId } = chain;
  const { topic, partition, fromOffset, committedOffset, attempt, batchId } = claimed;
  const mode = requestId === undefined ? ({ mode: "live" } as const) : ({ mode: "reprocess", requestId } as const);
  const place = { pipeline, topicId, topic, partition, fromOffset, committedOffset };
  return { ...place, ...mode, attempt, batchId, leaseCounter: lease.counter };
}

/** The pipeline's code returned before it had read its range: completing would lose the rest. */
class UnreadRangeError extends BatchProcessorError {
  override readonly name = "UnreadRangeError";
  readonly retryable = false;
}

interface CommitCall {
  readonly offset: bigint;
  /** Everything below was delivered. */
  readonly position: bigint;
  readonly outputs: number;
}

/** Whether there is anything to commit; throws MisuseError for what can never be committed. */
function isCommittable(record: RangeRecord, { offset, position, outputs }: CommitCall): boolean {
  const { committedOffset } = record;
  const where = `commit(${offset}) of ${formatOffsetRange(record)}`;
  if (offset < committedOffset || offset > position) {
    throw new MisuseError(
      `${where} lies outside [${committedOffset}, ${position}], from the last commit to the last record delivered`,
    );
  }
  refuseLateOutputs(record, { offset, outputs, what: where });
  return offset > committedOffset;
}

/** Outputs at an offset that is committed already: an attempt that died before them would never write them. */
function refuseLateOutputs(
  { committedOffset }: RangeRecord,
  { offset, outputs, what }: { readonly offset: bigint; readonly outputs: number; readonly what: string },
): void {
  if (offset === committedOffset && outputs > 0) {
    throw new MisuseError(
      `${what} has ${outputs} outputs but no offset of its own: everything below ${offset} is committed already; commit them with the records they are of`,
    );
  }
}

/** How many offsets are accounted for. */
function coveredOffsets({ delivered, aborted, control }: RangeCounts): bigint {
  return delivered + aborted + control;
}
