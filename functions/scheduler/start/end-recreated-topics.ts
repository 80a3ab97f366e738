// End re-created topics
//
// What becomes of a topic's chains once the topic was deleted and another one of its
// name is read instead (`onTopicRecreated: restart`).
//
//   RT1  What the old topic still owed is recorded as LOST, with its offsets, before the
//        topic counts as ended; a lease that is live is waited for (G6).
//   RT2  A run that slept since before the end may wake up and plan at the start that it has
//        frozen, whatever the policy is by then: what it plans is closed as well, until a run
//        has looked when no such run can be there any more (ENDED_TOPIC_WATCH_MS).

import { changePipelineFrom } from "../../../shared/core/ledger/change-pipeline.ts";
import type { PipelineRecord, StartedTopic } from "../../../shared/core/ledger/pipeline-record.ts";
import { readGroup } from "../../../shared/core/ledger/range-group.ts";
import { ENDED_TOPIC_WATCH_MS, MAX_CONCURRENT_LEDGER_CALLS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { unprocessedPart } from "../../../shared/core/range/offset-outcomes.ts";
import { isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { PartitionMetadata } from "../../../shared/core/source/offset-source.ts";
import type { PartitionOutcome } from "../deps/partition-outcome.ts";
import type { SchedulerDeps, SchedulerRules } from "../deps/scheduler-deps.ts";
import { recreatedTopics, watchedTopics } from "../observe/started-topics.ts";

/** What it recorded as LOST, and what it could not close. Neither reads nor writes while nothing is to be ended. */
export async function endRecreatedTopics(
  deps: SchedulerDeps,
  rules: Pick<SchedulerRules, "pipeline" | "retentionMs" | "onTopicRecreated">,
  {
    record,
    present,
  }: {
    readonly record: PipelineRecord | undefined;
    readonly present: readonly PartitionMetadata[];
  },
): Promise<readonly PartitionOutcome[]> {
  const replaced = rules.onTopicRecreated === "restart" ? recreatedTopics(record, present) : [];
  const gone = [...replaced, ...watchedTopics(record)];
  if (gone.length === 0) {
    return [];
  }
  const lookedAt = deps.now();
  const settled = new Set<string>();
  const outcomes: PartitionOutcome[] = [];
  for (const topic of gone) {
    const chains = await mapConcurrently(topic.partitions, MAX_CONCURRENT_LEDGER_CALLS, (partition) =>
      closeChain(deps, rules, topic, partition),
    );
    outcomes.push(...chains.flatMap((chain) => chain.outcomes));
    if (chains.every(({ isSettled }) => isSettled)) {
      settled.add(topic.topicId);
    }
  }
  await changePipelineFrom(deps.ledger, { pipeline: rules.pipeline, seen: record }, (now) => {
    const before = now?.topics ?? [];
    const topics = before.map((topic) => (settled.has(topic.topicId) ? noteSettled(topic, lookedAt) : topic));
    return now !== undefined && topics.some((topic, index) => topic !== before[index]) ? { ...now, topics } : undefined;
  });
  return outcomes;
}

/** Of a topic with nothing open: that it has ended, and later that nothing of it can be planned any more. */
function noteSettled(topic: StartedTopic, lookedAt: number): StartedTopic {
  const { endedAt, leftAt } = topic;
  if (endedAt === undefined) {
    return { ...topic, endedAt: lookedAt };
  }
  return leftAt === undefined && lookedAt - endedAt >= ENDED_TOPIC_WATCH_MS ? { ...topic, leftAt: lookedAt } : topic;
}

interface ClosedChain {
  /** Whether nothing of it is open any more. */
  readonly isSettled: boolean;
  readonly outcomes: readonly PartitionOutcome[];
}

/** What cannot be read, or closed, is its chain's trouble: the next run tries again. */
async function closeChain(
  { ledger, now }: SchedulerDeps,
  { pipeline, retentionMs }: Pick<SchedulerRules, "pipeline" | "retentionMs">,
  { topic, topicId }: StartedTopic,
  partition: number,
): Promise<ClosedChain> {
  const error = { name: "TopicRecreated", message: `topic ${topic} was deleted and re-created: ${topicId} is gone` };
  try {
    const newest = await ledger.newestRange({ pipeline, topicId, partition });
    const group = newest === undefined ? [] : await readGroup(ledger, newest);
    const open = group.filter((record) => !isClosed(record));
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
      outcomes: lost.map((range) => ({ ...range, kind: "lost", reason: error.message })),
    };
  } catch (failure) {
    const reason = `${error.message}, and its chain was not closed: ${String(failure)}`;
    return { isSettled: false, outcomes: [{ topic, partition, kind: "failed", reason }] };
  }
}
