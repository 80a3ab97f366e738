// Drain
//
// Processing what is there now, and then nothing more, as Spark's AvailableNow
// does: the ends of all partitions are pinned first, in the pipeline's record; the
// batches that follow plan up to them, on the same chains as any other batch.
//
//   DN1  Once pinned, an end never changes, whatever the log gains and however many
//        runs it takes.
//   DN2  A drained pipeline has closed every range below the pinned ends; what was
//        not there when they were pinned is left for later.
//   DN3  A pin lowers an end and nothing else: where the log is shorter than that,
//        or than the ledger, it is for plan-partition.ts to say (G6).

import type { DrainRecord, PinnedPartition, PinnedTopic } from "../ledger/pipeline-record.ts";
import { checkpointOf } from "../range/chain-lag.ts";
import { largerOf, smallerOf } from "../range/offset-range.ts";
import { isClosed } from "../range/range-record.ts";
import { formatTopicPartition, partitionKeyOf } from "../range/topic-partition.ts";
import type { PartitionMetadata } from "../source/offset-source.ts";
import type { PartitionState } from "./plan-partition.ts";

export interface DrainProgress {
  readonly isDone: boolean;
  /** Partitions that are not at their pinned end yet. */
  readonly openPartitions: number;
  /** Offsets below the pinned ends that have not taken effect yet. */
  readonly openRecords: bigint;
  /** Pinned partitions that Kafka has no longer: nothing is left there to wait for. */
  readonly gone: readonly string[];
}

/** What each partition's end is now; `unknown` are those whose end Kafka did not say. */
export function pinEnds(states: readonly PartitionState[]): {
  readonly topics: readonly PinnedTopic[];
  readonly unknown: readonly string[];
} {
  const topics = new Map<string, { topic: string; partitions: PinnedPartition[] }>();
  const unknown: string[] = [];
  for (const state of states.filter(({ isFollowing }) => isFollowing === undefined)) {
    const { partition: of, end } = state;
    const untilOffset = end?.kind === "listed" ? end.offset : undefined;
    if (untilOffset === undefined) {
      unknown.push(formatTopicPartition(of));
      continue;
    }
    const pinned = topics.get(of.topicId) ?? { topic: of.topic, partitions: [] };
    pinned.partitions.push({
      partition: of.partition,
      fromOffset: smallerOf(firstOpen(state), untilOffset),
      untilOffset,
    });
    topics.set(of.topicId, pinned);
  }
  return {
    topics: [...topics].map(([topicId, { topic, partitions }]) => ({
      topicId,
      topic,
      partitions: partitions.toSorted((a, b) => a.partition - b.partition),
    })),
    unknown,
  };
}

/** The partitions as if their logs ended where they were pinned; what was not there then has nothing to plan. */
export function lowerToPins(states: readonly PartitionState[], drain: DrainRecord): readonly PartitionState[] {
  const pinOf = pinsOf(drain);
  return states.map((state) => {
    const { end, newest, start, partition } = state;
    if (end?.kind !== "listed" || end.offset === undefined) {
      return state;
    }
    const reached = newest?.untilOffset ?? (start?.kind === "frozen" ? start.offset : 0n);
    const pinned = largerOf(pinOf(partition) ?? 0n, reached);
    return { ...state, end: { ...end, offset: smallerOf(end.offset, pinned) } };
  });
}

export function progressOf(states: readonly PartitionState[], drain: DrainRecord): DrainProgress {
  // Of several open ranges the first one is the least.
  const present = new Map(states.toReversed().map((state) => [partitionKeyOf(state.partition), state]));
  const pins = drain.topics.flatMap(({ topicId, topic, partitions }) =>
    partitions.map((pin) => ({
      ...pin,
      topic,
      state: present.get(partitionKeyOf({ topicId, partition: pin.partition })),
    })),
  );
  const gone = pins.filter(({ state }) => state === undefined).map(formatTopicPartition);
  const open = pins.filter(({ state, untilOffset }) => state !== undefined && !isAt(state, untilOffset));
  const openRecords = open.reduce(
    (sum, { state, untilOffset }) => sum + largerOf(untilOffset - checkpoint(state), 0n),
    0n,
  );
  return { isDone: open.length === 0, openPartitions: open.length, openRecords, gone };
}

function isAt({ newest }: PartitionState, untilOffset: bigint): boolean {
  return (
    newest !== undefined && newest.untilOffset >= untilOffset && (isClosed(newest) || newest.fromOffset >= untilOffset)
  );
}

function firstOpen({ newest, start, beginning }: PartitionState): bigint {
  if (newest !== undefined) {
    return isClosed(newest) ? newest.untilOffset : newest.fromOffset;
  }
  const logBegin = beginning?.kind === "listed" ? beginning.offset : undefined;
  return start?.kind === "frozen" ? start.offset : (logBegin ?? 0n);
}

function checkpoint(state: PartitionState | undefined): bigint {
  if (state?.newest !== undefined) {
    return checkpointOf(state.newest);
  }
  return state?.start?.kind === "frozen" ? state.start.offset : 0n;
}

function pinsOf({ topics }: DrainRecord): (partition: PartitionMetadata) => bigint | undefined {
  const pins = new Map(
    topics.flatMap(({ topicId, partitions }) =>
      partitions.map(({ partition, untilOffset }) => [partitionKeyOf({ topicId, partition }), untilOffset]),
    ),
  );
  return (partition) => pins.get(partitionKeyOf(partition));
}
