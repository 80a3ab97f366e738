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
import { readGroup } from "../../shared/core/range-group.ts";
import type { PipelineRecord, StartedTopic } from "../../shared/core/range-ledger.ts";
import { type AttemptError, isClosed, type RangeRecord } from "../../shared/core/range-record.ts";
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

type CloseRules = Pick<SchedulerRules, "pipeline" | "retentionMs">;

/** Whether nothing of the chain is open any more. */
async function closeChain(
  deps: SchedulerDeps,
  rules: CloseRules,
  { topic, topicId }: StartedTopic,
  partition: number,
): Promise<boolean> {
  const newest = await deps.ledger.newestRange({ pipeline: rules.pipeline, topicId, partition });
  const group = newest === undefined ? [] : await readGroup(deps.ledger, newest);
  const error = { name: "TopicRecreated", message: `topic ${topic} was deleted and re-created: ${topicId} is gone` };
  const isLost: boolean[] = [];
  for (const record of group.filter((one) => !isClosed(one))) {
    isLost.push(await loseRange(deps, rules, { record, error }));
  }
  return isLost.every(Boolean);
}

async function loseRange(
  { ledger, now }: SchedulerDeps,
  { retentionMs }: CloseRules,
  { record, error }: { readonly record: RangeRecord; readonly error: AttemptError },
): Promise<boolean> {
  const { committedOffset, untilOffset } = record;
  const first = committedOffset === untilOffset ? "COMPLETED" : "LOST";
  const outcome = await ledger.splitRange(record, { at: untilOffset, first, error, now: now(), retentionMs });
  return outcome.kind === "split";
}
