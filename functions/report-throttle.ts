import type { Logger } from "@aws-lambda-powertools/logger";
import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";

/** What Kafka's quotas made an invocation wait, in ms of all its calls together. */
export function reportThrottle(logger: Logger, metrics: Metrics, throttleTimeMs: number, clientId: string): void {
  metrics.addMetric("ThrottleTime", MetricUnit.Milliseconds, throttleTimeMs);
  if (throttleTimeMs > 0) {
    logger.warn("Kafka throttled this client by a quota", { throttleTimeMs, clientId });
  }
}
