// Reprocess
//
// Runs exact ranges again, beside the live chain. The request is frozen in the
// ledger first; each of its ranges then lives like any other, under a key of its
// own.
//
//   N1  The live chain is neither read nor written (G9).
//   N2  The same request id twice runs once; another payload under it is refused.
//   N3  A run that dies anywhere leaves a request that the next run goes on with.

import { ConfigurationError, LedgerIntegrityError } from "../../shared/core/errors.ts";
import { MAX_CONCURRENT_DISPATCHES } from "../../shared/core/limits.ts";
import { mapConcurrently } from "../../shared/core/map-concurrently.ts";
import { newRange } from "../../shared/core/new-range.ts";
import { driveRange } from "../../shared/core/plan-partition.ts";
import type { ReprocessRange, ReprocessRequest } from "../../shared/core/range-ledger.ts";
import { isClosed, type RangeRecord } from "../../shared/core/range-record.ts";
import type { ReprocessPayload } from "../../shared/core/reprocess-request.ts";
import { resolveReprocess } from "../../shared/core/resolve-reprocess.ts";
import { dispatchRange, driveOpenRange } from "./drive-range.ts";
import type { PartitionAction, PartitionOutcome } from "./partition-outcome.ts";
import type { SchedulerDeps, SchedulerRules } from "./scheduler-deps.ts";

export interface ReprocessOutcome {
  readonly requestId: string;
  readonly completed: boolean;
  readonly ranges: readonly PartitionOutcome[];
}

/** Throws ConfigurationError, before anything is written, for ranges that cannot be read exactly. */
export async function requestReprocess(
  deps: SchedulerDeps,
  rules: SchedulerRules,
  payload: ReprocessPayload,
): Promise<ReprocessOutcome> {
  const { requestId, fingerprint } = payload;
  const known = await deps.ledger.readReprocess(rules.pipeline, requestId);
  const request =
    known ??
    (await deps.ledger.requestReprocess({
      pipeline: rules.pipeline,
      requestId,
      requestedAt: deps.now(),
      payload: fingerprint,
      ranges: await resolveReprocess(deps.source, rules, payload),
    }));
  if (request.payload !== fingerprint) {
    throw new ConfigurationError(
      `requestId ${requestId} was used on ${new Date(request.requestedAt).toISOString()} for other ranges; choose another requestId`,
    );
  }
  return driveRequest(deps, rules, request);
}

/** Goes on with every request that is not completed. */
export async function driveReprocessRequests(
  deps: SchedulerDeps,
  rules: SchedulerRules,
): Promise<readonly ReprocessOutcome[]> {
  const outcomes: ReprocessOutcome[] = [];
  for await (const request of deps.ledger.reprocessRequests(rules.pipeline)) {
    if (request.completedAt === undefined) {
      outcomes.push(await driveOrReport(deps, rules, request));
    }
  }
  return outcomes;
}

/** A request whose records cannot be read is its own trouble; a ledger that does not answer is the run's. */
async function driveOrReport(
  deps: SchedulerDeps,
  rules: SchedulerRules,
  request: ReprocessRequest,
): Promise<ReprocessOutcome> {
  try {
    return await driveRequest(deps, rules, request);
  } catch (error) {
    if (!(error instanceof LedgerIntegrityError)) {
      throw error;
    }
    const { requestId, ranges } = request;
    const reason = error.message;
    return {
      requestId,
      completed: false,
      ranges: ranges.map(({ topic, partition }) => ({ topic, partition, kind: "failed", reason })),
    };
  }
}

async function driveRequest(
  deps: SchedulerDeps,
  rules: SchedulerRules,
  request: ReprocessRequest,
): Promise<ReprocessOutcome> {
  const { requestId, pipeline } = request;
  if (request.completedAt !== undefined) {
    return { requestId, completed: true, ranges: [] };
  }
  const records = new Map<string, RangeRecord>();
  for await (const record of deps.ledger.reprocessRanges(pipeline, requestId)) {
    records.set(keyOf({ ...record, topicId: record.chain.topicId }), record);
  }
  // What was split off from a range stands beside it.
  const requested = new Set(request.ranges.map(keyOf));
  const splitOff = [...records].flatMap(([key, record]) => (requested.has(key) ? [] : [record]));
  const isDone = request.ranges.every((range) => records.has(keyOf(range))) && [...records.values()].every(isClosed);
  if (isDone) {
    await deps.ledger.completeReprocess(request, deps.now(), rules.retentionMs);
    return { requestId, completed: true, ranges: [] };
  }
  const batchId = deps.newId();
  const pieces = [
    ...request.ranges.map((range) => ({ range, record: records.get(keyOf(range)) })),
    ...splitOff.map((record) => ({ range: { ...record, topicId: record.chain.topicId }, record })),
  ];
  const ranges = await mapConcurrently(pieces, MAX_CONCURRENT_DISPATCHES, async ({ range, record }) => {
    const { topic, partition } = range;
    try {
      const action = await (record === undefined
        ? planOnce(deps, request, range, batchId)
        : drive(deps, rules, record));
      return { topic, partition, ...action };
    } catch (error) {
      return { topic, partition, kind: "failed" as const, reason: String(error) };
    }
  });
  return { requestId, completed: false, ranges };
}

async function planOnce(
  deps: SchedulerDeps,
  { pipeline, requestId }: ReprocessRequest,
  { topicId, topic, partition, fromOffset, untilOffset }: ReprocessRange,
  batchId: string,
): Promise<PartitionAction> {
  const chain = { pipeline, topicId, partition, requestId };
  const record = newRange({ chain, topic, fromOffset, untilOffset, batchId, writeId: deps.newId(), now: deps.now() });
  const outcome = await deps.ledger.planRange(record);
  return outcome.kind === "collided"
    ? { kind: "collided" }
    : dispatchRange(deps.dispatcher, { record: outcome.record }, "planned");
}

async function drive(deps: SchedulerDeps, rules: SchedulerRules, record: RangeRecord): Promise<PartitionAction> {
  if (isClosed(record)) {
    return { kind: "idle" };
  }
  const now = deps.now();
  return driveOpenRange(deps, rules, { decision: driveRange(record, rules, now), dispatch: { record }, now });
}

function keyOf({
  topicId,
  partition,
  fromOffset,
}: Pick<ReprocessRange, "topicId" | "partition" | "fromOffset">): string {
  return `${topicId}#${partition}#${fromOffset}`;
}
