// End re-created topics
//
// What becomes of a topic's chains once the topic was deleted and another one of its
// name is read instead (`onTopicRecreated: restart`).
//
//   Z1  What the old topic still owed is recorded as LOST, with its offsets, before the
//       topic counts as ended; a lease that is live is waited for (G6).
//   Z2  A run that slept since before the end may wake up and plan at the start that it has
//       frozen: for ENDED_TOPIC_WATCH_MS after the end what it plans is closed as well.

import { changePipeline, type PipelineFacts } from "../../shared/core/change-pipeline.ts";
import { ENDED_TOPIC_WATCH_MS, MAX_CONCURRENT_LEDGER_CALLS } from "../../shared/core/limits.ts";
import { mapConcurrently } from "../../shared/core/map-concurrently.ts";
import type { PartitionMetadata } from "../../shared/core/offset-source.ts";
import { readGroup } from "../../shared/core/range-group.ts";
import type { PipelineRecord, StartedTopic } from "../../shared/core/range-ledger.ts";
import { isClosed, type RangeRecord, unprocessedPart } from "../../shared/core/range-record.ts";
import type { PartitionOutcome } from "./partition-outcome.ts";
import type { SchedulerDeps, SchedulerRules } from "./scheduler-deps.ts";
import { recreatedTopics } from "./started-topics.ts";

/** What it recorded as LOST. Neither reads nor writes while no started topic was re-created, or has been for long. */
export async function endRecreatedTopics(
  deps: SchedulerDeps,
  rules: Pick<SchedulerRules, "pipeline" | "retentionMs" | "onTopicRecreated">,
  record: PipelineRecord | undefined,
  present: readonly PartitionMetadata[],
): Promise<readonly PartitionOutcome[]> {
  const gone = recreatedTopics(record, present).filter(
    ({ endedAt }) => endedAt === undefined || deps.now() - endedAt < ENDED_TOPIC_WATCH_MS,
  );
  if (rules.onTopicRecreated !== "restart" || gone.length === 0) {
    return [];
  }
  const ended = new Set<string>();
  const lost: PartitionOutcome[] = [];
  for (const topic of gone) {
    const chains = await mapConcurrently(topic.partitions, MAX_CONCURRENT_LEDGER_CALLS, (partition) =>
      closeChain(deps, rules, topic, partition),
    );
    lost.push(...chains.flatMap((chain) => chain.lost));
    void (chains.every(({ isSettled }) => isSettled) && ended.add(topic.topicId));
  }
  const endedAt = deps.now();
  const change = (now: PipelineRecord | undefined): PipelineFacts | undefined =>
    now?.topics.some(({ topicId, endedAt: before }) => before === undefined && ended.has(topicId))
      ? { ...now, topics: now.topics.map((topic) => (ended.has(topic.topicId) ? { ...topic, endedAt } : topic)) }
      : undefined;
  await changePipeline(deps.ledger, rules.pipeline, change);
  return lost;
}

interface ClosedChain {
  /** Whether nothing of it is open any more. */
  readonly isSettled: boolean;
  readonly lost: readonly PartitionOutcome[];
}

async function closeChain(
  { ledger, now }: SchedulerDeps,
  { pipeline, retentionMs }: Pick<SchedulerRules, "pipeline" | "retentionMs">,
  { topic, topicId }: StartedTopic,
  partition: number,
): Promise<ClosedChain> {
  const newest = await ledger.newestRange({ pipeline, topicId, partition });
  const group = newest === undefined ? [] : await readGroup(ledger, newest);
  const open = group.filter((record) => !isClosed(record));
  const error = { name: "TopicRecreated", message: `topic ${topic} was deleted and re-created: ${topicId} is gone` };
  const closed: RangeRecord[] = [];
  for (const record of open) {
    const { committedOffset, untilOffset: at } = record;
    const first = committedOffset === at ? "COMPLETED" : "LOST";
    const outcome = await ledger.splitRange(record, { at, first, error, now: now(), retentionMs });
    closed.push(...(outcome.kind === "split" ? [outcome.first] : []));
  }
  const lost = closed.flatMap((record) => unprocessedPart(record) ?? []);
  return {
    isSettled: closed.length === open.length,
    lost: lost.map((range) => ({ ...range, kind: "lost", reason: error.message })),
  };
}
