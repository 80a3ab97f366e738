import { formatOffsetRange } from "../../shared/core/offset-range.ts";
import type { RangeLedger } from "../../shared/core/range-ledger.ts";
import { isClosed, type RangeRecord } from "../../shared/core/range-record.ts";
import type { ReprocessRequest } from "../../shared/core/reprocess-request.ts";
import { type ChainRemark, reviewChain } from "../../shared/core/review-chain.ts";
import { type ChainProblem, type Finding, findingAt, verifyChain } from "../../shared/core/verify-chain.ts";
import { type UnprocessedRange, unprocessedOf } from "./unprocessed-range.ts";

export type RequestRemark = Finding<"requestIncomplete">;

type OfRequest<Found> = Found & { readonly requestId: string };

export interface RequestFindings {
  readonly problems: readonly OfRequest<ChainProblem>[];
  readonly warnings: readonly OfRequest<ChainRemark | RequestRemark>[];
  readonly unprocessed: readonly UnprocessedRange[];
}

/** Holds each reprocess request of a pipeline against its ranges. */
export async function verifyRequests(
  ledger: RangeLedger<never>,
  pipeline: string,
  { now, stuckAfterMs }: { readonly now: number; readonly stuckAfterMs: number },
): Promise<RequestFindings> {
  const problems: RequestFindings["problems"][number][] = [];
  const warnings: RequestFindings["warnings"][number][] = [];
  const unprocessed: UnprocessedRange[] = [];
  const open = await ledger.openReprocesses(pipeline);
  const settledOf = new Map(open.map(({ requestId, settled }) => [requestId, settled]));
  for await (const request of ledger.reprocessRequests(pipeline)) {
    const { requestId } = request;
    const records = await Array.fromAsync(ledger.reprocessRanges(pipeline, requestId));
    unprocessed.push(...records.flatMap(unprocessedOf));
    const chains = Map.groupBy(records, ({ chain }) => `${chain.topicId}#${chain.partition}`);
    for (const chain of chains.values()) {
      const found = verifyChain(chain, { now, mode: "reprocess", stuckAfterMs });
      const told = reviewChain(chain, { now, openLongAfterMs: stuckAfterMs });
      problems.push(...found.map((problem) => ({ ...problem, requestId })));
      warnings.push(...told.map((remark) => ({ ...remark, requestId })));
    }
    if (request.completion === undefined && request.requestedAt + stuckAfterMs < now) {
      const remarks = incomplete(request, records, settledOf.get(requestId) ?? []);
      warnings.push(...remarks.map((remark) => ({ ...remark, requestId })));
    }
  }
  return { problems, warnings, unprocessed };
}

/** Records of closed ranges may be forgotten; which they were, the request's progress knows. */
function incomplete(
  { requestId, requestedAt, ranges }: ReprocessRequest,
  records: readonly RangeRecord[],
  settled: readonly number[],
): readonly RequestRemark[] {
  const since = new Date(requestedAt).toISOString();
  const closed = new Set(records.filter(isClosed).map(formatOffsetRange));
  return ranges
    .filter((range, index) => !settled.includes(index) && !closed.has(formatOffsetRange(range)))
    .map((range) => findingAt("requestIncomplete", range, `of request ${requestId} is not completed since ${since}`));
}
