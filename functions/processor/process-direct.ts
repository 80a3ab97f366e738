// Process direct
//
// One range, reprocessed in this very invocation without the scheduler's help. It is
// frozen as a reprocess request like any other, so the scheduler goes on with what
// this invocation does not finish, and status and cancel know it.
//
//   Y1  The same request id twice is processed once; another range under it is refused.
//   Y2  Nothing is written for a range that cannot be read exactly.
//   Y3  The range is claimed like any other: what another invocation holds is left to it.

import { ConfigurationError } from "../../shared/core/errors.ts";
import { freezeReprocess } from "../../shared/core/freeze-reprocess.ts";
import { newRange } from "../../shared/core/new-range.ts";
import { MAX_OFFSET } from "../../shared/core/offset-range.ts";
import type { OffsetSource } from "../../shared/core/offset-source.ts";
import { mergeProgress } from "../../shared/core/plan-reprocess.ts";
import type { RangeDispatch } from "../../shared/core/range-dispatcher.ts";
import type { RangeRecord } from "../../shared/core/range-record.ts";
import type { ReprocessPayload, ReprocessProgress, ReprocessRequest } from "../../shared/core/reprocess-request.ts";
import {
  type Invocation,
  type ProcessOutcome,
  type ProcessorDeps,
  type ProcessorRules,
  processAttempts,
} from "./process-range.ts";

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
    return { dispatch: { record: first }, outcomes: [{ kind: "notClaimed", reason: "closed" }] };
  }
  await deps.ledger.changeReprocess(rules.pipeline, payload.requestId, (present) =>
    present.open.includes(0) || present.settled.includes(0)
      ? undefined
      : mergeProgress(present, { settled: [], open: [0] }),
  );
  return { dispatch: { record }, outcomes: await processAttempts(deps, rules, { record }, invocation) };
}

/** Throws ConfigurationError for a request that was cancelled. */
async function findProgress<Output>(
  { ledger }: DirectDeps<Output>,
  { pipeline, requestId, completion }: ReprocessRequest,
): Promise<Pick<ReprocessProgress, "settled" | "open">> {
  const open = (await ledger.openReprocesses(pipeline)).find((one) => one.requestId === requestId);
  const cancelled = open?.cancelled ?? completion?.cancelled;
  if (cancelled !== undefined) {
    throw new ConfigurationError(
      `request ${requestId} was cancelled by ${cancelled.by}: ${cancelled.reason}; choose another requestId`,
    );
  }
  return open ?? { settled: completion === undefined ? [] : [0], open: [] };
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
