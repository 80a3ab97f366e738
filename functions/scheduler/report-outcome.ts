// Report outcome
//
// What one scheduler run tells an operator: one log line with what every
// partition did, an error per partition that does not move, and the metrics that
// the alarms watch.

import type { Logger } from "@aws-lambda-powertools/logger";
import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { toJson } from "../../shared/wire/json.ts";
import type { HeldPartitions } from "./held-partitions.ts";
import type { PartitionOutcome } from "./partition-outcome.ts";
import type { SchedulerOutcome } from "./run-scheduler.ts";

/** What keeps a partition from moving on until somebody acts. */
const STUCK: ReadonlySet<PartitionOutcome["kind"]> = new Set(["halted", "held", "failed"]);

export function reportOutcome(logger: Logger, metrics: Metrics, outcome: SchedulerOutcome, now: number): void {
  const partitions = outcome.batch?.partitions ?? [];
  const ranges = [...partitions, ...outcome.reprocess.flatMap((request) => request.ranges)];
  const stuck = ranges.filter(({ kind }) => STUCK.has(kind));
  for (const partition of stuck) {
    logger.error("partition is stuck", { partition: toJson(partition) });
  }
  const kinds = countKinds(ranges);
  if (outcome.drain !== undefined) {
    logger.info(outcome.drain.isDone ? "drain is done" : "drain goes on", { drain: toJson(outcome.drain) });
  }
  logger.info("scheduler run", { batchId: outcome.batch?.batchId, missing: outcome.batch?.missing, kinds });
  metrics.addMetric("RangesPlanned", MetricUnit.Count, kinds["planned"] ?? 0);
  metrics.addMetric("RangesRedispatched", MetricUnit.Count, kinds["redispatched"] ?? 0);
  metrics.addMetric("OffsetsLost", MetricUnit.Count, offsetsLost(ranges));
  metrics.addMetric("RangesLimited", MetricUnit.Count, ranges.filter(isLimited).length);
  metrics.addMetric("BatchesDelayed", MetricUnit.Count, kinds["delayed"] === undefined ? 0 : 1);
  metrics.addMetric("PartitionsStuck", MetricUnit.Count, stuck.length);
  if (outcome.batch?.rate !== undefined) {
    metrics.addMetric("BackpressureRate", MetricUnit.CountPerSecond, outcome.batch.rate);
  }
  metrics.addMetric("PartitionsPaused", MetricUnit.Count, kinds["paused"] ?? 0);
  if (outcome.batch !== undefined) {
    reportLag(metrics, partitions, now);
  }
  if (outcome.batch?.heldBack !== undefined) {
    reportHeldBack(logger, metrics, outcome.batch.heldBack, now);
  }
}

function offsetsLost(ranges: readonly PartitionOutcome[]): number {
  return ranges
    .filter(({ kind }) => kind === "lost")
    .reduce((sum, { fromOffset = 0n, untilOffset = 0n }) => sum + Number(untilOffset - fromOffset), 0);
}

function isLimited({ limitedBy }: PartitionOutcome): boolean {
  return limitedBy !== undefined;
}

function reportLag(metrics: Metrics, partitions: readonly PartitionOutcome[], now: number): void {
  const lags = partitions.flatMap(({ lag }) => (lag === undefined ? [] : [Number(lag)]));
  const ages = partitions.flatMap(({ openSince }) => (openSince === undefined ? [] : [now - openSince]));
  metrics.addMetric(
    "SumOffsetLag",
    MetricUnit.Count,
    lags.reduce((sum, lag) => sum + lag, 0),
  );
  metrics.addMetric("MaxOffsetLag", MetricUnit.Count, Math.max(0, ...lags));
  metrics.addMetric("OldestOpenRangeAge", MetricUnit.Milliseconds, Math.max(0, ...ages));
}

function reportHeldBack(
  logger: Logger,
  metrics: Metrics,
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

function countKinds(ranges: readonly PartitionOutcome[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kind } of ranges) {
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
