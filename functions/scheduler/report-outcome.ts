// Report outcome
//
// What one scheduler run tells an operator: one log line with what every
// partition did, an error per partition that does not move, and the metrics that
// the alarms watch.
//
//   RO1  A run that did its batch says so (`SchedulerRuns`): its absence is an alarm.
//   RO2  What was not dispatched is logged with its reason and counted (`DispatchesFailed`).

import type { Logger } from "@aws-lambda-powertools/logger";
import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { MAX_LOGGED_PARTITIONS } from "../../shared/core/limits.ts";
import type { ForbiddenTopic } from "../../shared/core/source/offset-source.ts";
import { toJson } from "../../shared/wire/json/json.ts";
import { countKinds, isStuck, type PartitionOutcome } from "./deps/partition-outcome.ts";
import type { DrainOutcome } from "./drain/drain-pipeline.ts";
import type { FrontierOutcome } from "./frontier/commit-frontier.ts";
import type { HeldPartitions } from "./observe/held-partitions.ts";
import type { SchedulerOutcome } from "./run-scheduler.ts";
import type { BatchOutcome } from "./schedule-batch.ts";

const GROUP_AHEAD_REMEDY =
  "pause the pipeline where somebody else has processed what lies between; else leave the group until the pipeline has passed it, or set it back by kafka-consumer-groups.sh --reset-offsets";

/** Powertools' Metrics, or what a test reads. */
export interface MetricSink {
  addMetric(...measured: Parameters<Metrics["addMetric"]>): unknown;
}

export function reportOutcome(
  logger: Pick<Logger, "error" | "warn" | "info">,
  metrics: MetricSink,
  outcome: SchedulerOutcome,
  now: number,
): void {
  const partitions = outcome.batch?.partitions ?? [];
  const ranges = [...partitions, ...outcome.reprocess.flatMap((request) => request.ranges)];
  const stuck = ranges.filter(isStuck);
  logEach(logger, "partition is stuck", stuck);
  const undispatched = ranges.filter(({ kind }) => kind === "dispatchFailed");
  logEach(logger, "range was not dispatched", undispatched);
  const failed = outcome.reprocess.filter(({ failure }) => failure !== undefined);
  for (const { requestId, failure } of failed.slice(0, MAX_LOGGED_PARTITIONS)) {
    logger.error("reprocess request is stuck", { requestId, reason: failure });
  }
  reportMisplaced(logger, metrics, ranges);
  const unseen = unseenTopics(outcome);
  for (const topic of unseen.slice(0, MAX_LOGGED_PARTITIONS)) {
    logger.error("topic may not be described", { ...topic });
  }
  const kinds = countKinds(ranges);
  if (outcome.drain !== undefined) {
    logger.info(describeDrain(outcome.drain), { drain: toJson(outcome.drain) });
  }
  if (outcome.batch !== undefined) {
    reportEmptySource(logger, outcome.batch);
  }
  logger.info("scheduler run", { batchId: outcome.batch?.batchId, missing: outcome.batch?.missing, kinds });
  metrics.addMetric("SchedulerRuns", MetricUnit.Count, outcome.batch === undefined ? 0 : 1);
  metrics.addMetric("DispatchesFailed", MetricUnit.Count, undispatched.length);
  metrics.addMetric("RangesPlanned", MetricUnit.Count, kinds["planned"] ?? 0);
  metrics.addMetric("RangesRedispatched", MetricUnit.Count, kinds["redispatched"] ?? 0);
  metrics.addMetric("OffsetsLost", MetricUnit.Count, offsetsLost(ranges));
  metrics.addMetric("RangesLimited", MetricUnit.Count, ranges.filter(isLimited).length);
  metrics.addMetric("RangesQueued", MetricUnit.Count, kinds["queued"] ?? 0);
  metrics.addMetric("BatchesDelayed", MetricUnit.Count, kinds["delayed"] === undefined ? 0 : 1);
  metrics.addMetric("PartitionsStuck", MetricUnit.Count, stuck.length + failed.length + unseen.length);
  if (outcome.batch?.rate !== undefined) {
    metrics.addMetric("BackpressureRate", MetricUnit.CountPerSecond, outcome.batch.rate);
  }
  metrics.addMetric("PartitionsPaused", MetricUnit.Count, kinds["paused"] ?? 0);
  if (outcome.batch !== undefined) {
    reportLag(metrics, partitions, now);
  }
  if (outcome.batch?.frontier !== undefined) {
    reportFrontier(logger, metrics, outcome.batch.frontier);
  }
  if (outcome.batch?.heldBack !== undefined) {
    reportHeldBack(logger, metrics, outcome.batch.heldBack, now);
  }
}

/** A line each, so that one can be searched for by its partition; a fault of all partitions is told by the first ones. */
function logEach(logger: Pick<Logger, "error">, message: string, ranges: readonly PartitionOutcome[]): void {
  for (const partition of ranges.slice(0, MAX_LOGGED_PARTITIONS)) {
    logger.error(message, { partition: toJson(partition) });
  }
  if (ranges.length > MAX_LOGGED_PARTITIONS) {
    logger.error(`${message}: there are more`, { count: ranges.length, logged: MAX_LOGGED_PARTITIONS });
  }
}

/** One line for all of them, by reason: a rack without a processor concerns every partition that is led there. */
function reportMisplaced(logger: Pick<Logger, "warn">, metrics: MetricSink, ranges: readonly PartitionOutcome[]): void {
  const misplaced = ranges.flatMap((range) => (range.misplaced === undefined ? [] : [{ kind: range.misplaced }]));
  if (misplaced.length > 0) {
    const reasons = Object.entries(countKinds(misplaced)).slice(0, MAX_LOGGED_PARTITIONS);
    logger.warn("ranges went to the default processor, not to that of their leader's rack", {
      count: misplaced.length,
      reasons: Object.fromEntries(reasons),
    });
    metrics.addMetric("RangesMisplaced", MetricUnit.Count, misplaced.length);
  }
}

/** Topics that may not be described, and have no partition that says so: how many it has is not known. */
function unseenTopics({ batch }: SchedulerOutcome): readonly ForbiddenTopic[] {
  const held = new Set(batch?.partitions.map(({ topic }) => topic));
  return (batch?.forbidden ?? []).filter(({ topic }) => !held.has(topic));
}

/** Where each topic may not be described, that is told already, with the ACL. */
function reportEmptySource(
  logger: Pick<Logger, "error">,
  { emptySource, missing, forbidden = [] }: BatchOutcome,
): void {
  if (emptySource !== undefined && (forbidden.length === 0 || missing.length > 0)) {
    logger.error("the source selects nothing", { reason: emptySource });
  }
}

function describeDrain({ isDone, isCompleted }: DrainOutcome): string {
  if (!isDone) {
    return "drain goes on";
  }
  return isCompleted ? "drain is done" : "drain is done, not every offset was processed";
}

function offsetsLost(ranges: readonly PartitionOutcome[]): number {
  return ranges
    .filter(({ kind }) => kind === "lost")
    .reduce((sum, { fromOffset = 0n, untilOffset = 0n }) => sum + Number(untilOffset - fromOffset), 0);
}

function isLimited({ limitedBy }: PartitionOutcome): boolean {
  return limitedBy !== undefined;
}

function reportLag(metrics: MetricSink, partitions: readonly PartitionOutcome[], now: number): void {
  const lags = partitions.flatMap(({ lag }) => (lag === undefined ? [] : [Number(lag)]));
  // What an operator has paused is open for as long as they like.
  const ages = partitions.flatMap(({ kind, openSince }) =>
    openSince === undefined || kind === "paused" ? [] : [now - openSince],
  );
  metrics.addMetric(
    "SumOffsetLag",
    MetricUnit.Count,
    lags.reduce((sum, lag) => sum + lag, 0),
  );
  metrics.addMetric("MaxOffsetLag", MetricUnit.Count, Math.max(0, ...lags));
  metrics.addMetric("OldestOpenRangeAge", MetricUnit.Milliseconds, Math.max(0, ...ages));
}

function reportFrontier(
  logger: Pick<Logger, "error" | "warn">,
  metrics: MetricSink,
  { groupId, failure, refused = [], ahead }: FrontierOutcome,
): void {
  if (failure !== undefined) {
    const details = { groupId, reason: failure, ...(refused.length === 0 ? {} : { partitions: refused.length }) };
    logger.error("the pipeline's progress was not committed to its group", details);
  }
  if (ahead?.isNew === true) {
    logger.warn("the pipeline's group is ahead of it and was left there", {
      groupId,
      count: ahead.count,
      partitions: toJson(ahead.partitions),
      remedy: GROUP_AHEAD_REMEDY,
    });
  }
  metrics.addMetric("GroupCommitsFailed", MetricUnit.Count, failure === undefined ? 0 : 1);
  metrics.addMetric("GroupPartitionsAhead", MetricUnit.Count, ahead?.count ?? 0);
}

function reportHeldBack(
  logger: Pick<Logger, "info">,
  metrics: MetricSink,
  { records, partitions: [oldest] }: HeldPartitions,
  now: number,
): void {
  const ageMs = oldest?.since === undefined ? 0 : Math.max(0, now - oldest.since);
  if (records > 0n) {
    const details = { records: records.toString(), ageMs, oldest: toJson(oldest) };
    logger.info("records are held back by open transactions", details);
  }
  metrics.addMetric("RecordsHeldByTransactions", MetricUnit.Count, Number(records));
  metrics.addMetric("OldestOpenTransactionAge", MetricUnit.Milliseconds, ageMs);
}
