// Processed since
//
// Which offsets reprocess requests have processed, so that what a range gave up is told apart from what a redrive
// has made good.
//
//   MG1  Only what a request's range has committed and not rejected counts, and nothing of one whose list is not whole.

import { isListWhole } from "../../../shared/core/offsets/rejected-offsets.ts";
import type { OffsetOutcomes } from "../../../shared/core/range/offset-outcomes.ts";
import { recordCount } from "../../../shared/core/range/offset-range.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { UnprocessedRange } from "./unprocessed-range.ts";

/** [fromOffset, untilOffset), processed by a request. */
export interface ProcessedPart {
  readonly requestId: string;
  readonly topicId: string;
  readonly partition: number;
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
}

/** What a request's range has processed, in order. */
export function processedParts(requestId: string, record: RangeRecord): readonly ProcessedPart[] {
  const { chain, fromOffset, committedOffset, rejectedOffsets = [] } = record;
  if (!isListWhole(record)) {
    return [];
  }
  const { topicId, partition } = chain;
  const begins = [fromOffset, ...rejectedOffsets.map(({ untilOffset }) => untilOffset)];
  const ends = [...rejectedOffsets.map((interval) => interval.fromOffset), committedOffset];
  return begins.flatMap((begin, index) => {
    const untilOffset = ends[index] ?? committedOffset;
    return begin < untilOffset ? [{ requestId, topicId, partition, fromOffset: begin, untilOffset }] : [];
  });
}

/** With the requests that have processed all of it, where others than its own have. */
export function withProcessed(range: UnprocessedRange, parts: readonly ProcessedPart[]): UnprocessedRange {
  const ofIt = parts
    .filter(
      ({ requestId, topicId, partition, fromOffset, untilOffset }) =>
        requestId !== range.requestId &&
        topicId === range.topicId &&
        partition === range.partition &&
        fromOffset < range.untilOffset &&
        range.fromOffset < untilOffset,
    )
    .toSorted((a, b) => (a.fromOffset < b.fromOffset ? -1 : 1));
  let reached = range.fromOffset;
  const by = new Set<string>();
  for (const { requestId, fromOffset, untilOffset } of ofIt) {
    if (fromOffset <= reached && reached < untilOffset) {
      reached = untilOffset;
      by.add(requestId);
    }
  }
  return reached < range.untilOffset ? range : { ...range, processedBy: [...by] };
}

interface AccountedRequest {
  readonly pipeline: string;
  readonly requestId: string;
  readonly offsets: OffsetOutcomes;
}

/** Whether all that a request has given up was processed by another one. */
export function isMadeGood(
  { pipeline, requestId, offsets }: AccountedRequest,
  unprocessed: readonly UnprocessedRange[],
): boolean {
  const { quarantined, skipped, lost } = offsets;
  const good = unprocessed.filter(
    (range) => range.pipeline === pipeline && range.requestId === requestId && range.processedBy !== undefined,
  );
  return good.reduce((sum, range) => sum + recordCount(range), 0n) >= quarantined + skipped + lost;
}
