import { CorruptRecordError } from "../../core/errors.ts";
import { formatOffsetRange, type OffsetRange } from "../../core/range/offset-range.ts";
import type { FetchedPartition } from "../protocol/fetch-v13.ts";
import { type BatchHeader, readBatchHeaders } from "../records/batch-header.ts";
import type { FetchPosition } from "./log-bounds.ts";

/** At least one whole batch; those that lie in the range are verified. */
export interface FetchedBatches {
  readonly headers: readonly BatchHeader[];
  readonly abortedTransactions: FetchedPartition["abortedTransactions"];
  readonly next: FetchPosition;
}

/** Undefined when no records came; throws CorruptRecordError when what came is not what was asked for, or damaged. */
export function readFetchedBatches(
  range: OffsetRange,
  { offset }: FetchPosition,
  { records, abortedTransactions }: FetchedPartition,
): FetchedBatches | undefined {
  const headers = readBatchHeaders(records);
  const last = headers.at(-1);
  if (last === undefined) {
    if (records.length === 0) {
      return undefined;
    }
    throw new CorruptRecordError(
      `${records.length} bytes came for offset ${offset} of ${formatOffsetRange(range)}, but no whole record batch`,
    );
  }
  if (last.nextOffset <= offset) {
    throw new CorruptRecordError(
      `${formatOffsetRange(range)} was fetched at offset ${offset}, and the batches that came end at ${last.nextOffset}`,
    );
  }
  for (const header of headers) {
    if (header.baseOffset < range.untilOffset) {
      header.verify();
    }
  }
  return {
    headers,
    abortedTransactions,
    next: { offset: last.nextOffset, previousLeaderEpoch: last.leaderEpoch },
  };
}
