// Process direct
//
// One range, reprocessed in this very invocation without the scheduler's help. It is
// frozen as a reprocess request like any other, so the scheduler goes on with what
// this invocation does not finish, and status and cancel know it.
//
//   PD1  The same request id twice is processed once; another range under it is refused.
//   PD2  Nothing is written for a range that cannot be read exactly.
//   PD3  The range is claimed like any other: what another invocation holds is left to it.
//   PD4  The answer says what became of every offset: an attempt that ends well may have
//        followed one that gave records up.

import { ConfigurationError } from "../../shared/core/errors.ts";
import { findOpenReprocess } from "../../shared/core/ledger/find-open-reprocess.ts";
import type { RangeDispatch } from "../../shared/core/ledger/range-dispatcher.ts";
import {
  newProgress,
  type ReprocessPayload,
  type ReprocessProgress,
  type ReprocessRequest,
} from "../../shared/core/ledger/reprocess-request.ts";
import { newRange } from "../../shared/core/range/new-range.ts";
import { isAllProcessed, type OffsetAccount } from "../../shared/core/range/offset-outcomes.ts";
import { MAX_OFFSET } from "../../shared/core/range/offset-range.ts";
import type { RangeRecord } from "../../shared/core/range/range-record.ts";
import { accountRequest } from "../../shared/core/reprocess/account-request.ts";
import { freezeReprocess } from "../../shared/core/reprocess/freeze-reprocess.ts";
import { mergeProgress, plannedStateOf } from "../../shared/core/reprocess/plan-reprocess.ts";
import type { OffsetSource } from "../../shared/core/source/offset-source.ts";
import type { Invocation, ProcessOutcome, ProcessorDeps, ProcessorRules } from "./attempt/processor-deps.ts";
import { processAttempts } from "./process-attempts.ts";

export interface DirectDeps<Output> extends ProcessorDeps<Output> {
  readonly source: OffsetSource;
  /** A unique id for a batch or a write. */
  readonly newId: () => string;
}

export interface DirectRules extends ProcessorRules {
  readonly pipeline: string;
}

export interface DirectOutcome {
  readonly dispatch: RangeDispatch;
  /** Of each attempt, in order. */
  readonly outcomes: readonly ProcessOutcome[];
  /** What the range was asked for as; absent for a range that the scheduler dispatched. */
  readonly request?: ReprocessRequest;
}

/** Where a request of one range stands. */
export interface DirectAnswer {
  readonly requestId: string;
  /** Nothing is done for it any more, whatever became of its offsets. */
  readonly closed: boolean;
  /** Closed, and every offset was processed or is invisible. */
  readonly completed: boolean;
  readonly offsets: OffsetAccount;
}

/** Throws ConfigurationError for a range that cannot be read exactly, or that the request id does not stand for. */
export async function processDirect<Output>(
  deps: DirectDeps<Output>,
  rules: DirectRules,
  payload: ReprocessPayload,
  invocation: Invocation,
): Promise<DirectOutcome> {
  // Whole, whatever its size: the caller wants this range in one invocation, or what of it fits.
  const whole = { ...rules, selection: { topics: [] }, maxRecordsPerPartition: MAX_OFFSET };
  const request = await freezeReprocess(deps, whole, payload);
  const progress = await findProgress(deps, request);
  const first = firstRevision(deps, request);
  const record = await findOrPlan(deps, first, progress);
  if (record === undefined) {
    return { dispatch: { record: first }, outcomes: [{ kind: "notClaimed", reason: "closed" }], request };
  }
  await deps.ledger.changeReprocess(rules.pipeline, payload.requestId, (present) =>
    present.open.includes(0) || present.settled.includes(0)
      ? undefined
      : mergeProgress(present, { settled: [], open: [0] }),
  );
  return { dispatch: { record }, outcomes: await processAttempts(deps, rules, { record }, invocation), request };
}

/** What became of the range by now; the table may have forgotten its records. */
export async function answerDirect<Output>(
  { ledger, now }: Pick<DirectDeps<Output>, "ledger" | "now">,
  request: ReprocessRequest,
): Promise<DirectAnswer> {
  const { requestId } = request;
  const progress = await readProgress(ledger, request);
  const [range] = request.ranges;
  if (range === undefined || progress.settled.includes(0)) {
    const offsets = accountRequest(request, progress);
    return { requestId, closed: true, completed: isAllProcessed(offsets), offsets };
  }
  const { topicId, partition } = range;
  const chain = { pipeline: request.pipeline, topicId, partition, requestId };
  const records = await Array.fromAsync(ledger.rangesWithin(chain, range));
  const offsets = accountRequest(request, { ...progress, open: [0] }, () => records);
  const closed = plannedStateOf(range, records, now()).kind === "settled";
  return { requestId, closed, completed: closed && isAllProcessed(offsets), offsets };
}

/** Throws ConfigurationError for a request that was cancelled. */
async function findProgress<Output>(
  { ledger }: DirectDeps<Output>,
  request: ReprocessRequest,
): Promise<ReprocessProgress> {
  const { requestId } = request;
  const progress = await readProgress(ledger, request);
  const { cancelled } = progress;
  if (cancelled !== undefined) {
    throw new ConfigurationError(
      `request ${requestId} was cancelled by ${cancelled.by}: ${cancelled.reason}; choose another requestId`,
    );
  }
  return progress;
}

async function readProgress<Output>(
  ledger: DirectDeps<Output>["ledger"],
  { pipeline, requestId }: ReprocessRequest,
): Promise<ReprocessProgress> {
  const open = await findOpenReprocess(ledger, { pipeline, requestId });
  if (open !== undefined) {
    return open;
  }
  const stored = await ledger.readReprocess(pipeline, requestId);
  return { ...newProgress(requestId), ...stored?.completion };
}

/** Undefined for a range that was closed; the table may have forgotten it since. */
async function findOrPlan<Output>(
  { ledger }: DirectDeps<Output>,
  first: RangeRecord,
  { settled, open }: Pick<ReprocessProgress, "settled" | "open">,
): Promise<RangeRecord | undefined> {
  if (settled.includes(0)) {
    return undefined;
  }
  return open.includes(0) ? ledger.newestRange(first.chain) : (await ledger.planRange(first)).record;
}

function firstRevision<Output>({ now, newId }: DirectDeps<Output>, request: ReprocessRequest): RangeRecord {
  const { pipeline, requestId, ranges } = request;
  const [range, ...others] = ranges;
  if (range === undefined || others.length > 0) {
    throw new ConfigurationError(
      `request ${requestId} was split into ${ranges.length} ranges by the scheduler, which goes on with them; choose another requestId`,
    );
  }
  const { topicId, topic, partition, fromOffset, untilOffset } = range;
  const chain = { pipeline, topicId, partition, requestId };
  return newRange({ chain, topic, fromOffset, untilOffset, batchId: newId(), writeId: newId(), now: now() });
}
