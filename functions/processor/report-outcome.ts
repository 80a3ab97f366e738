import type { Logger } from "@aws-lambda-powertools/logger";
import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { RangeDispatch } from "../../shared/core/range-dispatcher.ts";
import { subtractCounts } from "../../shared/core/range-record.ts";
import { toJson } from "../../shared/wire/json.ts";
import type { ProcessOutcome } from "./process-range.ts";

/** One log line and the metrics of one attempt. */
export function reportOutcome(
  logger: Logger,
  metrics: Metrics,
  { record: before }: RangeDispatch,
  outcome: ProcessOutcome,
): void {
  const { topic, partition, fromOffset, untilOffset } = before;
  const range = toJson({ topic, partition, fromOffset, untilOffset });
  if (outcome.kind === "notClaimed" || outcome.kind === "superseded") {
    logger.info(`range ${outcome.kind}`, { range, ...outcome });
    metrics.addMetric("RangesNotClaimed", MetricUnit.Count, 1);
    return;
  }
  const { committedOffset, attempt, counts } = outcome.record;
  const details = { range, attempt, committedOffset: committedOffset.toString() };
  const { delivered, bytes } = subtractCounts(counts, before.counts);
  metrics.addMetric("RecordsProcessed", MetricUnit.Count, Number(delivered));
  metrics.addMetric("BytesRead", MetricUnit.Bytes, Number(bytes));
  if (outcome.kind === "failed" || outcome.kind === "halted") {
    const error = outcome.error instanceof Error ? outcome.error : new Error(String(outcome.error));
    logger.error(`range ${outcome.kind}`, { ...details, error });
    metrics.addMetric(outcome.kind === "failed" ? "RangesFailed" : "RangesHalted", MetricUnit.Count, 1);
    return;
  }
  logger.info(`range ${outcome.kind}`, { ...details, counts: toJson(counts) });
  metrics.addMetric(outcome.kind === "completed" ? "RangesCompleted" : "RangesReleased", MetricUnit.Count, 1);
}
