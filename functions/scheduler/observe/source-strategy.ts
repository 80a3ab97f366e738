// Source strategy
//
// A pipeline's own choice of what to read, as Spark's ConsumerStrategy can be
// extended: asked in each run, with what Kafka has at that time. What it answers
// takes the place of the configured selection.

import { DeadlineError } from "../../../shared/core/errors.ts";
import { STRATEGY_TIMEOUT_MS } from "../../../shared/core/limits.ts";
import type { PartitionMetadata } from "../../../shared/core/source/offset-source.ts";
import { decodeStrategyAnswer } from "../../../shared/wire/events/strategy-answer.ts";
import type { SchedulerDeps, SchedulerRules, SourceStrategy } from "../deps/scheduler-deps.ts";

/** The rules of one run. Throws what the strategy throws, and ConfigurationError for an answer that is not one. */
export async function applyStrategy(
  { source, strategy }: Pick<SchedulerDeps, "source" | "strategy">,
  rules: SchedulerRules,
): Promise<SchedulerRules> {
  if (strategy === undefined) {
    return rules;
  }
  const { partitions } = await source.describe({ topicPattern: ".*" });
  const answer = await answerInTime(strategy, partitions);
  const { selection, startingOffsets } = decodeStrategyAnswer(answer);
  return { ...rules, selection, strategyOffsets: startingOffsets };
}

async function answerInTime(strategy: SourceStrategy, partitions: readonly PartitionMetadata[]): Promise<unknown> {
  const late = new AbortController();
  const { promise: outOfTime, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new DeadlineError(`the strategy did not answer within ${STRATEGY_TIMEOUT_MS} ms`);
    reject(error);
    late.abort(error);
  }, STRATEGY_TIMEOUT_MS);
  try {
    return await Promise.race([strategy({ partitions, signal: late.signal }), outOfTime]);
  } finally {
    clearTimeout(timer);
  }
}
