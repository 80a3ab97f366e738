// Range session
//
// One attempt's view of its claimed range: hands the records out, and turns each
// commit of the pipeline's code into a change of the ledger.
//
//   Q2  Nothing is committed that was not delivered, and nothing completed that
//       was not read to its end.
//   Q3  Changes are made one after the other, in the order asked for. One that fails,
//       or that the ledger refuses, ends the attempt: nothing is changed after it.

import { BatchProcessorError, ConfigurationError, SupersededError } from "../../shared/core/errors.ts";
import { formatOffsetRange } from "../../shared/core/offset-range.ts";
import type { RangeEvent } from "../../shared/core/range-event.ts";
import type { RangeLedger } from "../../shared/core/range-ledger.ts";
import type { RangeRead } from "../../shared/core/range-reader.ts";
import {
  type Lease,
  NO_COUNTS,
  type RangeCounts,
  type RangeRecord,
  subtractCounts,
} from "../../shared/core/range-record.ts";
import { Delivery } from "./delivery.ts";
import type { ProcessingRange } from "./processing-range.ts";

export interface RangeSession<Output> {
  readonly range: ProcessingRange<Output>;
  /** The record as of the last write. */
  readonly record: RangeRecord;
  /** Completes the range with the last outputs; throws SupersededError when the lease is lost. */
  complete(outputs: readonly Output[], now: number, retentionMs: number): Promise<void>;
}

/** `claimed` holds the lease; `read` covers what it has not committed yet. */
export function openRangeSession<Output>(
  ledger: RangeLedger<Output>,
  claimed: RangeRecord & { readonly lease: Lease },
  read: RangeRead,
  signal: AbortSignal,
): RangeSession<Output> {
  const { lease, untilOffset } = claimed;
  const delivery = new Delivery(read);
  let record: RangeRecord = claimed;
  let accounted = NO_COUNTS;

  const change = async (event: RangeEvent, outputs: readonly Output[]) => {
    const outcome = await ledger.changeRange(record, event, outputs);
    if (outcome.kind !== "changed") {
      const why = outcome.kind === "refused" ? outcome.refusal.kind : "the record is gone";
      throw new SupersededError(`lease ${lease.counter} of ${formatOffsetRange(record)} is lost (${why})`);
    }
    record = outcome.record;
  };

  /** Where the pipeline's code stands as it asks for a change. */
  const reach = (offset: bigint) => ({
    offset,
    position: delivery.position,
    counts: delivery.countsBelow(offset),
    ...(delivery.leaderEpoch === undefined ? {} : { leaderEpoch: delivery.leaderEpoch }),
  });

  /** What is new below the offset since the last commit. */
  const progressTo = ({ counts, leaderEpoch }: ReturnType<typeof reach>) => {
    const before = accounted;
    // Q1 may answer less than was accounted for already; then the rest waits for a later commit.
    accounted = coveredOffsets(counts) < coveredOffsets(before) ? before : counts;
    const epoch = leaderEpoch === undefined ? {} : { leaderEpoch };
    return { lease, fromOffset: record.committedOffset, counts: subtractCounts(accounted, before), ...epoch };
  };

  let last = Promise.resolve();
  const inTurn = (write: () => Promise<void>) => {
    last = last.then(write);
    // A failure that nobody awaits is the completion's.
    last.catch(() => {});
    return last;
  };

  const commit = (offset: bigint, outputs: readonly Output[]) => {
    const reached = reach(offset);
    return inTurn(async () => {
      if (isCommittable(record, { ...reached, outputs: outputs.length })) {
        await change({ kind: "commit", ...progressTo(reached), untilOffset: offset }, outputs);
      }
    });
  };

  const complete = (outputs: readonly Output[], now: number, retentionMs: number) =>
    inTurn(async () => {
      if (delivery.position !== untilOffset) {
        throw new UnreadRangeError(
          `the pipeline returned at offset ${delivery.position} of ${formatOffsetRange(record)}; read the range to its end, or throw to fail the attempt`,
        );
      }
      refuseLateOutputs(record, { offset: untilOffset, outputs: outputs.length, what: "what the pipeline returned" });
      await change({ kind: "complete", ...progressTo(reach(untilOffset)), now, retentionMs }, outputs);
    });

  return {
    range: {
      ...describe(claimed),
      signal,
      batches: () => delivery.batches(),
      records: () => delivery.records(),
      commit,
    },
    get record() {
      return record;
    },
    complete,
  };
}

function describe({ chain, lease, ...claimed }: RangeRecord & { readonly lease: Lease }) {
  const { pipeline, topicId, requestId } = chain;
  const { topic, partition, fromOffset, untilOffset, committedOffset, attempt, batchId } = claimed;
  const mode = requestId === undefined ? ({ mode: "live" } as const) : ({ mode: "reprocess", requestId } as const);
  const place = { pipeline, topicId, topic, partition, fromOffset, untilOffset, committedOffset };
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

/** Whether there is anything to commit; throws ConfigurationError for what can never be committed. */
function isCommittable(record: RangeRecord, { offset, position, outputs }: CommitCall): boolean {
  const { committedOffset } = record;
  const where = `commit(${offset}) of ${formatOffsetRange(record)}`;
  if (offset < committedOffset || offset > position) {
    throw new ConfigurationError(
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
    throw new ConfigurationError(
      `${what} has ${outputs} outputs but no offset of its own: everything below ${offset} is committed already; commit them with the records they are of`,
    );
  }
}

/** How many offsets are accounted for. */
function coveredOffsets({ delivered, aborted, control }: RangeCounts): bigint {
  return delivered + aborted + control;
}
