import type { PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import { compileTopicPattern } from "../../../shared/core/pattern/topic-pattern.ts";
import { formatTopicPartition, type TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type { SourceMetadata, SourceSelection } from "../../../shared/core/source/offset-source.ts";
import type { PartitionOutcome } from "../deps/partition-outcome.ts";

/** The started partitions that the source still asks for and Kafka does not have, or does not show (G6): each is held. */
export function findVanished(
  record: PipelineRecord | undefined,
  selection: SourceSelection,
  { partitions: present, forbidden = [] }: SourceMetadata,
): readonly PartitionOutcome[] {
  const isSelected = selects(selection);
  const forbiddenReasons = new Map(forbidden.map(({ topic, reason }) => [topic, reason]));
  const known = new Set(present.map(formatTopicPartition));
  const started = (record?.topics ?? []).filter(({ endedAt }) => endedAt === undefined);
  return started
    .flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))
    .filter((one) => isSelected(one) && !known.has(formatTopicPartition(one)))
    .map((one) => ({
      ...one,
      kind: "held",
      reason:
        forbiddenReasons.get(one.topic) ??
        `${formatTopicPartition(one)} was started but does not exist any more, or may not be described: create it again and decide on onTopicRecreated, grant Describe on it, or take it out of the source`,
    }));
}

function selects(selection: SourceSelection): (partition: TopicPartition) => boolean {
  if ("topics" in selection) {
    const topics = new Set(selection.topics);
    return ({ topic }) => topics.has(topic);
  }
  if ("assign" in selection) {
    const assigned = new Set(selection.assign.map(formatTopicPartition));
    return (partition) => assigned.has(formatTopicPartition(partition));
  }
  const matches = compileTopicPattern(selection.topicPattern);
  return ({ topic }) => matches(topic);
}
