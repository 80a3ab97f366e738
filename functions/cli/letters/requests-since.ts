// Requests since
//
// The reprocess requests that have asked for a letter's record after its attempt failed, in their order.
//
// A redrive asks only for what was rejected or given up, so that one that has a record of the live chain comes after its
// letter, whatever the clocks say. Beside the letter of a request it is told by when both were requested; of any other
// request only the clocks know.

import type { ReprocessRequest } from "../../../shared/core/ledger/reprocess-request.ts";
import type { OffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { OpenLetter } from "./gather-letters.ts";

/** What the id of each redrive's request begins with. */
export const REDRIVE_PREFIX = "redrive-";

export interface RequestSince {
  readonly request: ReprocessRequest;
  /** The one that has the record. */
  readonly range: OffsetRange;
}

export function requestsSince(letter: OpenLetter, requests: readonly ReprocessRequest[]): readonly RequestSince[] {
  const ownId = letter.chain.requestId;
  const own = requests.find(({ requestId }) => requestId === ownId);
  const isSince = (request: ReprocessRequest) => {
    const isRedrive = isOfRedrive(request);
    return ownId === undefined && isRedrive
      ? true
      : request.requestedAt >= ((isRedrive ? own?.requestedAt : undefined) ?? letter.at);
  };
  return requests
    .filter((request) => request.requestId !== ownId && isSince(request))
    .toSorted((a, b) => a.requestedAt - b.requestedAt)
    .flatMap((request) => {
      const range = rangeIn(request, letter);
      return range === undefined ? [] : [{ request, range }];
    });
}

/** Not an operator's own. */
export function isOfRedrive({ requestId }: Pick<ReprocessRequest, "requestId">): boolean {
  return requestId.startsWith(REDRIVE_PREFIX);
}

/** The request's range that has the letter's record. */
export function rangeIn({ ranges }: Pick<ReprocessRequest, "ranges">, letter: OpenLetter): OffsetRange | undefined {
  return ranges.find(
    ({ topicId, partition, fromOffset, untilOffset }) =>
      topicId === letter.chain.topicId &&
      partition === letter.partition &&
      fromOffset <= letter.offset &&
      letter.offset < untilOffset,
  );
}
