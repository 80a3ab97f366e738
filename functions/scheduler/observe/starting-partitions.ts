// Starting partitions
//
// What a pipeline's record says of chains that do not exist yet. It is what makes
// overlapping runs begin one chain.
//
//   ST1  A partition's start is frozen before its first range is planned, and never
//        changes: whoever plans that range takes the same key of the ledger (G2).
//   ST2  The partitions of the first run start where the pipeline is told to, also
//        when that is known only later ("pending"); others at their log's beginning.
//   ST3  A frozen start goes in the very write that counts the partition as started:
//        a run that wakes up late finds the one or the other, never neither.

import type { PipelineFacts } from "../../../shared/core/ledger/change-pipeline.ts";
import type { PipelineRecord, StartingPartition, StartingTopic } from "../../../shared/core/ledger/pipeline-record.ts";
import type { PartitionMetadata } from "../../../shared/core/source/offset-source.ts";

type PartitionKey = Pick<PartitionMetadata, "topicId" | "partition">;

/** Where a run would begin a chain; which of the two holds is the record's to say (ST2). Undefined while unknown. */
export interface StartWish {
  readonly partition: PartitionMetadata;
  readonly first: bigint | undefined;
  readonly later: bigint | undefined;
}

/** Looks up where a partition starts; undefined where nothing is said of it. */
export function startsOf(
  record: PipelineRecord | undefined,
): (partition: PartitionKey) => StartingPartition["start"] | undefined {
  const starts = new Map(
    record?.starting?.map(({ topicId, partitions }) => [
      topicId,
      new Map(partitions.map(({ partition, start }) => [partition, start])),
    ]),
  );
  return ({ topicId, partition }) => starts.get(topicId)?.get(partition);
}

/** The record with the wishes frozen that it leaves open; undefined when there is none. The partitions are not started. */
export function freezeWishes(
  record: PipelineRecord | undefined,
  wishes: readonly StartWish[],
  startedAt: number,
): PipelineFacts | undefined {
  const startOf = startsOf(record);
  const fresh = wishes.flatMap((wish) => {
    const start = startFor(wish, { isFirstRun: record === undefined, present: startOf(wish.partition) });
    return start === undefined ? [] : [{ ...wish.partition, start }];
  });
  if (fresh.length === 0 && record !== undefined) {
    return undefined;
  }
  return withStarting({ startedAt, topics: [], ...record }, mergeStarting(record?.starting ?? [], fresh));
}

function startFor(
  { first, later }: StartWish,
  { isFirstRun, present }: { readonly isFirstRun: boolean; readonly present: StartingPartition["start"] | undefined },
): StartingPartition["start"] | undefined {
  if (isFirstRun) {
    return first ?? "pending";
  }
  if (present === undefined) {
    return later;
  }
  return present === "pending" ? first : undefined;
}

/** The record's facts without the starts of these partitions. */
export function withoutStarts<Facts extends Pick<PipelineRecord, "starting">>(
  record: Facts | undefined,
  partitions: readonly PartitionKey[],
): Facts | undefined {
  if (record?.starting === undefined) {
    return record;
  }
  const numbers = Map.groupBy(partitions, ({ topicId }) => topicId);
  const starting = record.starting.flatMap((topic) => {
    const gone = new Set(numbers.get(topic.topicId)?.map(({ partition }) => partition));
    const left = topic.partitions.filter(({ partition }) => !gone.has(partition));
    return left.length === 0 ? [] : [{ ...topic, partitions: left }];
  });
  return withStarting(record, starting);
}

function withStarting<Facts extends Pick<PipelineRecord, "starting">>(
  facts: Facts,
  starting: readonly StartingTopic[],
): Facts {
  const { starting: _before, ...rest } = facts;
  // What `Facts` says beside the optional field is in `rest`.
  return (starting.length === 0 ? rest : { ...rest, starting }) as Facts;
}

function mergeStarting(
  starting: readonly StartingTopic[],
  fresh: readonly (PartitionMetadata & StartingPartition)[],
): readonly StartingTopic[] {
  const merged = new Map(
    starting.map(({ topicId, topic, partitions }) => [
      topicId,
      { topic, starts: new Map(partitions.map(({ partition, start }) => [partition, start])) },
    ]),
  );
  for (const { topicId, topic, partition, start } of fresh) {
    const { starts } = merged.get(topicId) ?? { starts: new Map<number, StartingPartition["start"]>() };
    starts.set(partition, start);
    merged.set(topicId, { topic, starts });
  }
  return [...merged].map(([topicId, { topic, starts }]) => ({
    topicId,
    topic,
    partitions: [...starts].sort(([a], [b]) => a - b).map(([partition, start]) => ({ partition, start })),
  }));
}
