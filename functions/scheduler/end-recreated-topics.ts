// End re-created topics
//
// What becomes of a topic's chains once the topic was deleted and another one of its
// name is read instead (`onTopicRecreated: restart`).
//
//   Z1  What the old topic still owed is recorded as LOST, with its offsets, before the
//       topic counts as ended; a lease that is live is waited for (G6).

import { changePipeline, type PipelineFacts } from "../../shared/core/change-pipeline.ts";
import { MAX_CONCURRENT_LEDGER_CALLS } from "../../shared/core/limits.ts";
import { mapConcurrently } from "../../shared/core/map-concurrently.ts";
import type { PartitionMetadata } from "../../shared/core/offset-source.ts";
import type { PipelineRecord, StartedTopic } from "../../shared/core/range-ledger.ts";
import { isClosed } from "../../shared/core/range-record.ts";
import type { SchedulerDeps, SchedulerRules } from "./scheduler-deps.ts";
import { recreatedTopics } from "./started-topics.ts";

/** Neither reads nor writes while no started topic was re-created. */
export async function endRecreatedTopics(
  deps: SchedulerDeps,
  rules: Pick<SchedulerRules, "pipeline" | "retentionMs" | "onTopicRecreated">,
  record: PipelineRecord | undefined,
  present: readonly PartitionMetadata[],
): Promise<void> {
  const gone = recreatedTopics(record, present);
  if (rules.onTopicRecreated !== "restart" || gone.length === 0) {
    return;
  }
  const ended = new Set<string>();
  for (const topic of gone) {
    const isSettled = await mapConcurrently(topic.partitions, MAX_CONCURRENT_LEDGER_CALLS, (partition) =>
      closeChain(deps, rules, topic, partition),
    );
    void (isSettled.every(Boolean) && ended.add(topic.topicId));
  }
  const endedAt = deps.now();
  const change = (now: PipelineRecord | undefined): PipelineFacts | undefined =>
    now?.topics.some(({ topicId, endedAt: before }) => before === undefined && ended.has(topicId))
      ? { ...now, topics: now.topics.map((topic) => (ended.has(topic.topicId) ? { ...topic, endedAt } : topic)) }
      : undefined;
  await changePipeline(deps.ledger, rules.pipeline, change);
}

/** Whether nothing of the chain is open any more. */
async function closeChain(
  { ledger, now }: SchedulerDeps,
  { pipeline, retentionMs }: Pick<SchedulerRules, "pipeline" | "retentionMs">,
  { topic, topicId }: StartedTopic,
  partition: number,
): Promise<boolean> {
  const newest = await ledger.newestRange({ pipeline, topicId, partition });
  if (newest === undefined || isClosed(newest)) {
    return true;
  }
  const { committedOffset, untilOffset } = newest;
  const error = { name: "TopicRecreated", message: `topic ${topic} was deleted and re-created: ${topicId} is gone` };
  const first = committedOffset === untilOffset ? "COMPLETED" : "LOST";
  const outcome = await ledger.splitRange(newest, { at: untilOffset, first, error, now: now(), retentionMs });
  return outcome.kind === "split";
}
