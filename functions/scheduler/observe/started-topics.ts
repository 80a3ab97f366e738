// Started topics
//
// What a pipeline remembers of the partitions that it has begun with, so that a
// lost checkpoint is not taken for a partition found later, nor a re-created
// topic for the old one.

import { changePipelineFrom, type PipelineFacts } from "../../../shared/core/ledger/change-pipeline.ts";
import type { PipelineRecord, StartedTopic } from "../../../shared/core/ledger/pipeline-record.ts";
import type { PartitionMetadata } from "../../../shared/core/source/offset-source.ts";
import type { SchedulerDeps } from "../deps/scheduler-deps.ts";
import { withoutStarts } from "./starting-partitions.ts";

/** Tells whether the pipeline has started on a partition, by topic id and number. */
export function startedBy(record: PipelineRecord | undefined): (partition: PartitionMetadata) => boolean {
  const started = new Map(record?.topics.map(({ topicId, partitions }) => [topicId, new Set(partitions)]));
  return ({ topicId, partition }) => started.get(topicId)?.has(partition) ?? false;
}

/** Tells why a partition's topic is not the one to read; undefined when it is. */
export function topicProblems(
  record: PipelineRecord | undefined,
  onTopicRecreated: "fail" | "restart",
): (partition: PartitionMetadata) => string | undefined {
  const topicsOf = topicsByName(record);
  return (partition) => {
    const { topic, topicId } = partition;
    const known = topicsOf.get(topic) ?? [];
    const last = known.at(-1)?.topicId;
    if (last !== topicId && isAmong(known, topicId)) {
      return `topic ${topic} has the id ${last} since it was re-created, and a broker that lags behind answered ${topicId}; the next run asks again; if it stays so, read the topic with a pipeline of another name`;
    }
    return onTopicRecreated === "restart" ? undefined : recreationProblem(known, partition);
  };
}

/**
 * Tells why a topic that the record does not know is not begun: since this run read the record, and Kafka's metadata
 * after it, another run began one of that name. Which of the two is the newer only a later run can tell.
 */
export function overtakenProblems(
  seen: PipelineRecord | undefined,
  record: PipelineRecord | undefined,
): (partition: PartitionMetadata) => string | undefined {
  const before = topicsByName(seen);
  const after = topicsByName(record);
  return ({ topic, topicId }) => {
    const known = after.get(topic) ?? [];
    const begun = known.find((one) => !isAmong(before.get(topic) ?? [], one.topicId));
    return begun === undefined || isAmong(known, topicId)
      ? undefined
      : `another run began topic ${topic} as ${begun.topicId} while this one was about to begin it as ${topicId}; the next run decides`;
  };
}

/** The topics that were begun under the names of these before them, and are not ended yet; of one that is not begun none. */
export function recreatedTopics(
  record: PipelineRecord | undefined,
  present: readonly PartitionMetadata[],
): readonly StartedTopic[] {
  const topicsOf = topicsByName(record);
  const isCurrent = ({ topic, topicId }: PartitionMetadata) => topicsOf.get(topic)?.at(-1)?.topicId === topicId;
  const current = new Map(present.filter(isCurrent).map(({ topic, topicId }) => [topic, topicId]));
  return (record?.topics ?? []).filter(
    ({ topic, topicId, endedAt }) => endedAt === undefined && current.has(topic) && current.get(topic) !== topicId,
  );
}

/** The topics that have ended, and of which a run that began before may plan something still. */
export function watchedTopics(record: PipelineRecord | undefined): readonly StartedTopic[] {
  return (record?.topics ?? []).filter(({ endedAt, leftAt }) => endedAt !== undefined && leftAt === undefined);
}

type KnownTopic = Pick<StartedTopic, "topic" | "topicId" | "endedAt">;

/** Oldest first: topics are recorded in the order of their beginning. */
function topicsByName(record: PipelineRecord | undefined): ReadonlyMap<string, readonly KnownTopic[]> {
  const known: readonly KnownTopic[] = [...(record?.topics ?? []), ...(record?.starting ?? [])];
  return Map.groupBy(known, ({ topic }) => topic);
}

function isAmong(topics: readonly KnownTopic[], topicId: string): boolean {
  return topics.some((one) => one.topicId === topicId);
}

/** What is wrong when a topic of this name was started under another id. */
function recreationProblem(known: readonly KnownTopic[], { topic, topicId }: PartitionMetadata): string | undefined {
  const sameName = known.filter(({ endedAt }) => endedAt === undefined);
  if (sameName.length === 0 || isAmong(sameName, topicId)) {
    return undefined;
  }
  const ids = [...new Set(sameName.map((started) => started.topicId))].join(", ");
  return `topic ${topic} was deleted and re-created: started as ${ids}, is now ${topicId}; to read the topic that exists now from its beginning, set onTopicRecreated: "restart", which records what the old one still owed as LOST, or start a pipeline of another name`;
}

/** Adds the partitions to the pipeline's record; neither reads nor writes when that has them all. */
export async function recordStarted(
  { ledger, now }: Pick<SchedulerDeps, "ledger" | "now">,
  pipeline: string,
  {
    record: seen,
    partitions,
  }: {
    readonly record: PipelineRecord | undefined;
    readonly partitions: readonly PartitionMetadata[];
  },
): Promise<void> {
  const startedAt = now();
  await changePipelineFrom(ledger, { pipeline, seen }, (record) => {
    const isStarted = startedBy(record);
    const fresh = partitions.filter((partition) => !isStarted(partition));
    return fresh.length === 0 && record !== undefined
      ? undefined
      : { startedAt, ...withoutStarts(record, fresh), topics: mergeStarted(record?.topics ?? [], fresh) };
  });
}

/**
 * Once these partitions begin, what was about to begin under their topics' names before counts as started: a run that
 * died may have begun it already, and it ends with its topic. So the last topic of a name is the one to read.
 */
export function supersedeStarts(facts: PipelineFacts, begun: readonly PartitionMetadata[]): PipelineFacts {
  const idOf = new Map(begun.map(({ topic, topicId }) => [topic, topicId]));
  const old = (facts.starting ?? [])
    .filter(({ topic, topicId }) => idOf.has(topic) && idOf.get(topic) !== topicId)
    .flatMap(({ partitions, ...names }) => partitions.map((one) => ({ ...names, ...one })));
  const frozen = old.filter(({ start }) => start !== "pending");
  const { startedAt } = facts;
  return old.length === 0
    ? facts
    : { startedAt, ...withoutStarts(facts, old), topics: mergeStarted(facts.topics, frozen) };
}

function mergeStarted(topics: readonly StartedTopic[], fresh: readonly PartitionMetadata[]): readonly StartedTopic[] {
  const merged = new Map(topics.map((topic) => [topic.topicId, { ...topic, partitions: [...topic.partitions] }]));
  for (const { topicId, topic, partition } of fresh) {
    const known = merged.get(topicId) ?? { topicId, topic, partitions: [] };
    known.partitions.push(partition);
    merged.set(topicId, known);
  }
  return [...merged.values()].map((topic) => ({ ...topic, partitions: topic.partitions.toSorted((a, b) => a - b) }));
}
