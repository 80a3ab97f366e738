import { formatOffsetRange } from "../../shared/core/offset-range.ts";
import type { RangeLedger, ReprocessRequest } from "../../shared/core/range-ledger.ts";
import { isClosed, type RangeRecord } from "../../shared/core/range-record.ts";
import { type ChainRemark, reviewChain } from "../../shared/core/review-chain.ts";
import { type ChainProblem, type Finding, findingAt, verifyChain } from "../../shared/core/verify-chain.ts";

export type RequestRemark = Finding<"requestIncomplete">;

type OfRequest<Found> = Found & { readonly requestId: string };

export interface RequestFindings {
  readonly problems: readonly OfRequest<ChainProblem>[];
  readonly warnings: readonly OfRequest<ChainRemark | RequestRemark>[];
}

/** Holds each reprocess request of a pipeline against its ranges. */
export async function verifyRequests(
  ledger: RangeLedger<never>,
  pipeline: string,
  { now, stuckAfterMs }: { readonly now: number; readonly stuckAfterMs: number },
): Promise<RequestFindings> {
  const problems: RequestFindings["problems"][number][] = [];
  const warnings: RequestFindings["warnings"][number][] = [];
  for await (const request of ledger.reprocessRequests(pipeline)) {
    const { requestId } = request;
    const records = await Array.fromAsync(ledger.reprocessRanges(pipeline, requestId));
    const chains = Map.groupBy(records, ({ chain }) => `${chain.topicId}#${chain.partition}`);
    for (const chain of chains.values()) {
      const found = verifyChain(chain, { now, mode: "reprocess", stuckAfterMs });
      const told = reviewChain(chain, { now, openLongAfterMs: stuckAfterMs });
      problems.push(...found.map((problem) => ({ ...problem, requestId })));
      warnings.push(...told.map((remark) => ({ ...remark, requestId })));
    }
    if (request.requestedAt + stuckAfterMs < now) {
      warnings.push(...incomplete(request, records).map((remark) => ({ ...remark, requestId })));
    }
  }
  return { problems, warnings };
}

/** A completed request's records may be forgotten before it is. */
function incomplete(request: ReprocessRequest, records: readonly RangeRecord[]): readonly RequestRemark[] {
  if (request.completedAt !== undefined) {
    return [];
  }
  const since = new Date(request.requestedAt).toISOString();
  const closed = new Set(records.filter(isClosed).map(formatOffsetRange));
  return request.ranges
    .filter((range) => !closed.has(formatOffsetRange(range)))
    .map((range) =>
      findingAt("requestIncomplete", range, `of request ${request.requestId} is not completed since ${since}`),
    );
}
