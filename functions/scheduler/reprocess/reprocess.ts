// Reprocess
//
// Runs exact ranges again, beside the live chain. The request is frozen in the
// ledger first; each of its ranges then lives like any other, under a key of its
// own. Which of them is next is plan-reprocess.ts.
//
//   RQ1  The live chain is neither read nor written (G9).
//   RQ2  The same request id twice runs once; another payload under it is refused.
//   RQ3  A run that dies anywhere leaves a request that the next run goes on with.
//   RQ4  What a run reads does not grow with the requests that were completed before,
//        nor with the ranges of one that are settled.

import { LedgerIntegrityError } from "../../../shared/core/errors.ts";
import { findOpenReprocess } from "../../../shared/core/ledger/find-open-reprocess.ts";
import type {
  ReprocessPayload,
  ReprocessProgress,
  ReprocessRequest,
} from "../../../shared/core/ledger/reprocess-request.ts";
import { reprocessShare } from "../../../shared/core/plan/limit-concurrency.ts";
import {
  accountFor,
  isAllProcessed,
  NO_OUTCOMES,
  type OffsetAccount,
  sumOutcomes,
} from "../../../shared/core/range/offset-outcomes.ts";
import { accountRequest } from "../../../shared/core/reprocess/account-request.ts";
import { freezeReprocess } from "../../../shared/core/reprocess/freeze-reprocess.ts";
import { isFinished } from "../../../shared/core/reprocess/plan-reprocess.ts";
import type { PartitionOutcome } from "../deps/partition-outcome.ts";
import type { SchedulerDeps, SchedulerRules } from "../deps/scheduler-deps.ts";
import { type DrivenRequest, driveRequest } from "./drive-request.ts";

export interface ReprocessOutcome {
  readonly requestId: string;
  /** Nothing is done for it any more, whatever became of its offsets: all is settled, or it was cancelled. */
  readonly closed: boolean;
  /** Closed, and every offset was processed or is invisible. */
  readonly completed: boolean;
  readonly cancelled: boolean;
  /** Numbers of ranges; those neither closed nor open wait for their turn. */
  readonly progress: Readonly<Record<"total" | "closed" | "open" | "halted", number>>;
  /** What became of its offsets so far. */
  readonly offsets: OffsetAccount;
  /** What this run did for the ranges that are open. */
  readonly ranges: readonly PartitionOutcome[];
  /** Why nothing could be done for it; absent where it could. */
  readonly failure?: string;
}

/** Throws ConfigurationError, before anything is written, for ranges that cannot be read exactly. */
export async function beginReprocess(
  deps: SchedulerDeps,
  rules: SchedulerRules,
  payload: ReprocessPayload,
): Promise<ReprocessOutcome> {
  const request = await freezeReprocess(deps, rules, payload);
  const progress = await findProgress(deps, request);
  if (progress !== undefined) {
    return goOn(deps, shareConcurrency(rules, 1), request, progress);
  }
  const isClosedSince = request.completion === undefined;
  const closed = isClosedSince ? await deps.ledger.readReprocess(rules.pipeline, request.requestId) : request;
  return closedOutcome(closed ?? request);
}

/** Goes on with every request that is not closed. */
export async function driveReprocessRequests(
  deps: SchedulerDeps,
  rules: SchedulerRules,
): Promise<readonly ReprocessOutcome[]> {
  const outcomes: ReprocessOutcome[] = [];
  const requests = await deps.ledger.openReprocesses(rules.pipeline);
  const shared = shareConcurrency(rules, requests.length);
  for (const progress of requests) {
    outcomes.push(await driveOrReport(deps, shared, progress));
  }
  return outcomes;
}

/** All requests together take what reprocessing may of the pipeline's concurrency (LC4); each of them at least one. */
function shareConcurrency(rules: SchedulerRules, requests: number): SchedulerRules {
  const { maxConcurrency } = rules;
  return maxConcurrency === undefined
    ? rules
    : { ...rules, maxConcurrentRanges: Math.max(1, Math.floor(reprocessShare(maxConcurrency) / requests)) };
}

/** Undefined for a request that is closed. */
async function findProgress(
  { ledger }: SchedulerDeps,
  request: ReprocessRequest,
): Promise<ReprocessProgress | undefined> {
  if (request.completion !== undefined) {
    return undefined;
  }
  const found = await findOpenReprocess(ledger, request);
  if (found !== undefined) {
    return found;
  }
  // Closed meanwhile, or stored by code that listed no open requests: storing it again tells, and lists it.
  const stored = await ledger.requestReprocess(request);
  return stored.completion === undefined ? findOpenReprocess(ledger, request) : undefined;
}

/** A request whose records cannot be read is its own trouble; a ledger that does not answer is the run's. */
async function driveOrReport(
  deps: SchedulerDeps,
  rules: SchedulerRules,
  progress: ReprocessProgress,
): Promise<ReprocessOutcome> {
  const { requestId } = progress;
  try {
    const request = await deps.ledger.readReprocess(rules.pipeline, requestId);
    if (request === undefined && progress.cancelled !== undefined) {
      await deps.ledger.completeReprocess({ pipeline: rules.pipeline, requestId }, deps.now(), rules.retentionMs);
    }
    if (request === undefined) {
      throw new LedgerIntegrityError(`request ${requestId} is open but the ledger has no ranges of it; cancel it`);
    }
    return await goOn(deps, rules, request, progress);
  } catch (error) {
    if (!(error instanceof LedgerIntegrityError)) {
      throw error;
    }
    return failedOutcome(progress, error.message);
  }
}

async function goOn(
  deps: SchedulerDeps,
  rules: SchedulerRules,
  request: ReprocessRequest,
  seen: ReprocessProgress,
): Promise<ReprocessOutcome> {
  const driven = await driveRequest(deps, rules, request, seen);
  const isClosed = isFinished(request, driven.progress);
  if (isClosed) {
    await deps.ledger.completeReprocess(request, deps.now(), rules.retentionMs);
  }
  return outcomeOf(request, driven, isClosed);
}

function outcomeOf(request: ReprocessRequest, driven: DrivenRequest, isClosed: boolean): ReprocessOutcome {
  const { settled, open, cancelled } = driven.progress;
  const offsets = accountRequest(request, driven.progress, (index) => driven.records.get(index));
  return {
    requestId: request.requestId,
    closed: isClosed,
    completed: isClosed && isAllProcessed(offsets),
    cancelled: cancelled !== undefined,
    progress: {
      total: request.ranges.length,
      closed: settled.length,
      open: open.length,
      halted: driven.ranges.filter(({ kind }) => kind === "halted").length,
    },
    offsets,
    ranges: driven.ranges,
  };
}

/** The table may have forgotten every range of it: what became of them is kept with the request. */
function closedOutcome(request: ReprocessRequest): ReprocessOutcome {
  const { requestId, ranges, completion } = request;
  const forgotten = { settled: [...ranges.keys()], outcomes: NO_OUTCOMES };
  const progress = { requestId, open: [], ...(completion ?? forgotten) };
  return outcomeOf(request, { progress, records: new Map(), ranges: [] }, true);
}

/** Of a request whose ranges cannot be read: what is open of it has an unknown length. */
function failedOutcome(
  { requestId, settled, outcomes, open, cancelled }: ReprocessProgress,
  reason: string,
): ReprocessOutcome {
  return {
    requestId,
    closed: false,
    completed: false,
    cancelled: cancelled !== undefined,
    progress: { total: settled.length + open.length, closed: settled.length, open: open.length, halted: 0 },
    offsets: accountFor(sumOutcomes(outcomes), outcomes, 0n),
    ranges: [],
    failure: reason,
  };
}
