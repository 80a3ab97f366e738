// Session rules: what the pipeline's code may ask of its range, and what it is told of it.

import { BatchProcessorError, MisuseError } from "../../../shared/core/errors.ts";
import type { ClaimedRange } from "../../../shared/core/range/lease.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";

export function requireRead(record: RangeRecord, position: bigint, untilOffset: bigint): void {
  if (position !== untilOffset) {
    throw new UnreadRangeError(
      `the pipeline returned at offset ${position} of ${formatOffsetRange(record)}; read the range to its end, or throw to fail the attempt`,
    );
  }
}

export function describe({ chain, lease, ...claimed }: ClaimedRange) {
  const { pipeline, topicId, requestId } = chain;
  const { topic, partition, fromOffset, committedOffset, attempt, batchId } = claimed;
  const mode = requestId === undefined ? ({ mode: "live" } as const) : ({ mode: "reprocess", requestId } as const);
  const place = { pipeline, topicId, topic, partition, fromOffset, committedOffset };
  return { ...place, ...mode, attempt, batchId, leaseCounter: lease.counter };
}

/** `each`: what the code calls that commits by itself. */
export function mixedError(what: string, each: string, record: RangeRecord): MisuseError {
  return new MisuseError(
    `${what} beside ${each} of ${formatOffsetRange(record)}: it commits by itself; return all outputs for the records that they are of`,
  );
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
export function isCommittable(record: RangeRecord, { offset, position, outputs }: CommitCall): boolean {
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
export function refuseLateOutputs(
  { committedOffset }: RangeRecord,
  { offset, outputs, what }: { readonly offset: bigint; readonly outputs: number; readonly what: string },
): void {
  if (offset === committedOffset && outputs > 0) {
    throw new MisuseError(
      `${what} has ${outputs} outputs but no offset of its own: everything below ${offset} is committed already; commit them with the records they are of`,
    );
  }
}
