import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { newProgress, type ReprocessRequest } from "../../../shared/core/ledger/reprocess-request.ts";
import type { OffsetAccount } from "../../../shared/core/range/offset-outcomes.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import { isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { accountRequest } from "../../../shared/core/reprocess/account-request.ts";
import { type ChainRemark, reviewChain } from "../../../shared/core/verify/review-chain.ts";
import { type ChainProblem, type Finding, findingAt, verifyChain } from "../../../shared/core/verify/verify-chain.ts";
import { type ProcessedPart, processedParts } from "./processed-since.ts";
import { type UnprocessedRange, unprocessedOf } from "./unprocessed-range.ts";

export type RequestRemark = Finding<"requestIncomplete">;

/** What became of the offsets of its settled ranges; all others count as left. */
export interface RequestAccount {
  readonly pipeline: string;
  readonly requestId: string;
  readonly closed: boolean;
  readonly offsets: OffsetAccount;
}

type OfRequest<Found> = Found & { readonly requestId: string };

export interface RequestFindings {
  readonly problems: readonly OfRequest<ChainProblem>[];
  readonly warnings: readonly OfRequest<ChainRemark | RequestRemark>[];
  readonly unprocessed: readonly UnprocessedRange[];
  readonly requests: readonly RequestAccount[];
  readonly processed: readonly ProcessedPart[];
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
  const requests: RequestAccount[] = [];
  const processed: ProcessedPart[] = [];
  const open = new Map((await ledger.openReprocesses(pipeline)).map((progress) => [progress.requestId, progress]));
  for await (const request of ledger.reprocessRequests(pipeline)) {
    const { requestId, completion } = request;
    const progress = open.get(requestId) ?? newProgress(requestId);
    const offsets = accountRequest(request, { ...progress, ...completion });
    requests.push({ pipeline, requestId, closed: completion !== undefined, offsets });
    const records = await Array.fromAsync(ledger.reprocessRanges(pipeline, requestId));
    unprocessed.push(...records.flatMap(unprocessedOf));
    processed.push(...records.flatMap((record) => processedParts(requestId, record)));
    const chains = Map.groupBy(records, ({ chain }) => `${chain.topicId}#${chain.partition}`);
    for (const chain of chains.values()) {
      const found = verifyChain(chain, { now, mode: "reprocess", stuckAfterMs });
      const told = reviewChain(chain, { now, openLongAfterMs: stuckAfterMs });
      problems.push(...found.map((problem) => ({ ...problem, requestId })));
      warnings.push(...told.map((remark) => ({ ...remark, requestId })));
    }
    if (completion === undefined && request.requestedAt + stuckAfterMs < now) {
      const remarks = incomplete(request, records, progress.settled);
      warnings.push(...remarks.map((remark) => ({ ...remark, requestId })));
    }
  }
  return { problems, warnings, unprocessed, requests, processed };
}

/** Records of closed ranges may be forgotten; which they were, the request's progress knows. */
function incomplete(
  { requestedAt, ranges }: ReprocessRequest,
  records: readonly RangeRecord[],
  settled: readonly number[],
): readonly RequestRemark[] {
  const since = new Date(requestedAt).toISOString();
  const closed = new Set(records.filter(isClosed).map(formatOffsetRange));
  return ranges
    .filter((range, index) => !settled.includes(index) && !closed.has(formatOffsetRange(range)))
    .map((range) => findingAt("requestIncomplete", range, `is not completed since ${since}`));
}
