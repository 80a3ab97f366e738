// Reprocess
//
// Runs exact ranges again, beside the live chain. The request is frozen in the
// ledger first; each of its ranges then lives like any other, under a key of its
// own. Which of them is next is plan-reprocess.ts.
//
//   N1  The live chain is neither read nor written (G9).
//   N2  The same request id twice runs once; another payload under it is refused.
//   N3  A run that dies anywhere leaves a request that the next run goes on with.
//   N4  What a run reads does not grow with the requests that were completed before,
//       nor with the ranges of one that are settled.

import { LedgerIntegrityError } from "../../shared/core/errors.ts";
import { freezeReprocess } from "../../shared/core/freeze-reprocess.ts";
import { reprocessShare } from "../../shared/core/limit-concurrency.ts";
import { isFinished } from "../../shared/core/plan-reprocess.ts";
import type { ReprocessPayload, ReprocessProgress, ReprocessRequest } from "../../shared/core/reprocess-request.ts";
import { type DrivenRequest, driveRequest } from "./drive-request.ts";
import type { PartitionOutcome } from "./partition-outcome.ts";
import type { SchedulerDeps, SchedulerRules } from "./scheduler-deps.ts";

export interface ReprocessOutcome {
  readonly requestId: string;
  readonly completed: boolean;
  readonly cancelled: boolean;
  /** Numbers of ranges; those neither done nor open wait for their turn. */
  readonly progress: { readonly total: number; readonly done: number; readonly open: number; readonly halted: number };
  /** What this run did for the ranges that are open. */
  readonly ranges: readonly PartitionOutcome[];
}

/** Throws ConfigurationError, before anything is written, for ranges that cannot be read exactly. */
export async function requestReprocess(
  deps: SchedulerDeps,
  rules: SchedulerRules,
  payload: ReprocessPayload,
): Promise<ReprocessOutcome> {
  const request = await freezeReprocess(deps, rules, payload);
  const progress = await findProgress(deps, request);
  return progress === undefined ? completedOutcome(request) : goOn(deps, shareConcurrency(rules, 1), request, progress);
}

/** Goes on with every request that is not completed. */
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

/** Undefined for a request that is completed. */
async function findProgress(
  { ledger }: SchedulerDeps,
  request: ReprocessRequest,
): Promise<ReprocessProgress | undefined> {
  if (request.completion !== undefined) {
    return undefined;
  }
  const find = async () =>
    (await ledger.openReprocesses(request.pipeline)).find(({ requestId }) => requestId === request.requestId);
  const found = await find();
  if (found !== undefined) {
    return found;
  }
  // Completed meanwhile, or stored by code that listed no open requests: storing it again tells, and lists it.
  const stored = await ledger.requestReprocess(request);
  return stored.completion === undefined ? find() : undefined;
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
    const { settled, open, cancelled } = progress;
    const counts = { total: settled.length + open.length, done: settled.length, open: open.length, halted: 0 };
    const failed = { topic: requestId, partition: 0, kind: "failed" as const, reason: error.message };
    return { requestId, completed: false, cancelled: cancelled !== undefined, progress: counts, ranges: [failed] };
  }
}

async function goOn(
  deps: SchedulerDeps,
  rules: SchedulerRules,
  request: ReprocessRequest,
  seen: ReprocessProgress,
): Promise<ReprocessOutcome> {
  const driven = await driveRequest(deps, rules, request, seen);
  const completed = isFinished(request, driven.progress);
  if (completed) {
    await deps.ledger.completeReprocess(request, deps.now(), rules.retentionMs);
  }
  return outcomeOf(request, driven, completed);
}

function outcomeOf(request: ReprocessRequest, driven: DrivenRequest, completed: boolean): ReprocessOutcome {
  const { settled, open, cancelled } = driven.progress;
  return {
    requestId: request.requestId,
    completed,
    cancelled: cancelled !== undefined,
    progress: {
      total: request.ranges.length,
      done: settled.length,
      open: open.length,
      halted: driven.ranges.filter(({ kind }) => kind === "halted").length,
    },
    ranges: driven.ranges,
  };
}

function completedOutcome({ requestId, ranges, completion }: ReprocessRequest): ReprocessOutcome {
  const total = ranges.length;
  const done = completion?.settled.length ?? total;
  const cancelled = completion?.cancelled !== undefined;
  return { requestId, completed: true, cancelled, progress: { total, done, open: 0, halted: 0 }, ranges: [] };
}
