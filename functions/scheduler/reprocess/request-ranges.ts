import type { ResolvedRange } from "../../../shared/core/choice/resolve-choice.ts";
import { LedgerIntegrityError } from "../../../shared/core/errors.ts";
import type { ReprocessRequest } from "../../../shared/core/ledger/reprocess-request.ts";
import type { ChainKey } from "../../../shared/core/range/range-record.ts";

/** Throws LedgerIntegrityError where the request has no such range. */
export function rangeAt({ requestId, ranges }: ReprocessRequest, index: number): ResolvedRange {
  const range = ranges[index];
  if (range === undefined) {
    throw new LedgerIntegrityError(`request ${requestId} has ${ranges.length} ranges, but range ${index} is open`);
  }
  return range;
}

export function chainOf({ pipeline, requestId }: ReprocessRequest, { topicId, partition }: ResolvedRange): ChainKey {
  return { pipeline, topicId, partition, requestId };
}
