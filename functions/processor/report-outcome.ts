import type { Logger } from "@aws-lambda-powertools/logger";
import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { NO_COUNTS, type RangeRecord, subtractCounts } from "../../shared/core/range/range-record.ts";
import { toJson } from "../../shared/wire/json/json.ts";
import type { ProcessOutcome } from "./attempt/processor-deps.ts";
import { copyOf, readableError } from "./errors/readable-error.ts";

/** One log line and the metrics of each attempt of an invocation; `dispatched` is what the first one was of. */
export function reportOutcomes(
  logger: Logger,
  metrics: Metrics,
  dispatched: RangeRecord,
  outcomes: readonly ProcessOutcome[],
): void {
  let before = dispatched;
  for (const outcome of outcomes) {
    reportOutcome(logger, metrics, before, outcome);
    before = "record" in outcome ? outcome.record : before;
  }
}

const METRICS = {
  completed: "RangesCompleted",
  released: "RangesReleased",
  failed: "RangesFailed",
  narrowed: "RangesNarrowed",
  halted: "RangesHalted",
  lost: "RangesLost",
  skipped: "RecordsSkipped",
  quarantined: "RecordsQuarantined",
} as const;

function reportOutcome(logger: Logger, metrics: Metrics, before: RangeRecord, outcome: ProcessOutcome): void {
  if (outcome.kind === "notClaimed" || outcome.kind === "superseded") {
    const { topic, partition, fromOffset, untilOffset } = before;
    logger.info(`range ${outcome.kind}`, { range: toJson({ topic, partition, fromOffset, untilOffset }), ...outcome });
    metrics.addMetric("RangesNotClaimed", MetricUnit.Count, 1);
    return;
  }
  const { topic, partition, fromOffset, untilOffset, committedOffset, attempt, counts } = outcome.record;
  const range = toJson({ topic, partition, fromOffset, untilOffset });
  const details = { range, attempt, committedOffset: committedOffset.toString() };
  // What is left of a split begins with no counts.
  const {
    delivered,
    bytes,
    rejected = 0n,
  } = subtractCounts(counts, fromOffset === before.fromOffset ? before.counts : NO_COUNTS);
  metrics.addMetric("RecordsProcessed", MetricUnit.Count, Number(delivered));
  metrics.addMetric("RecordsRejected", MetricUnit.Count, Number(rejected));
  metrics.addMetric("BytesRead", MetricUnit.Bytes, Number(bytes));
  metrics.addMetric(METRICS[outcome.kind], MetricUnit.Count, 1);
  if (outcome.kind === "lost") {
    metrics.addMetric("OffsetsLost", MetricUnit.Count, Number(untilOffset - committedOffset));
  }
  if ("error" in outcome) {
    const { inHand } = outcome.record.error ?? {};
    logFailure(logger, `range ${outcome.kind}`, {
      ...details,
      ...(inHand === undefined ? {} : { inHand: toJson(inHand) }),
      error: readableError(outcome.error),
    });
  } else {
    logger.info(`range ${outcome.kind}`, { ...details, counts: toJson(counts) });
  }
}

/** An attribute of somebody's error may throw when the logger reads it: the outcome is logged all the same. */
function logFailure(logger: Logger, message: string, { error, ...details }: { readonly error: Error }): void {
  try {
    logger.error(message, { ...details, error });
  } catch {
    logger.error(message, { ...details, error: copyOf(error) });
  }
}
