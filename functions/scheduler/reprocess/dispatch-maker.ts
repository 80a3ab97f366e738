import type { RangeDispatch } from "../../../shared/core/ledger/range-dispatcher.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { formatTopicPartition, type TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type { PartitionLeader } from "../../../shared/core/source/offset-source.ts";
import type { SchedulerDeps, SchedulerRules } from "../deps/scheduler-deps.ts";

/** What a processor gets for a range of a reprocess request. */
export type MakeDispatch = (record: RangeRecord) => Promise<RangeDispatch>;

/**
 * The leaders of the ranges' partitions are asked for at most once, and only where ranges are routed by them. A Kafka
 * that does not answer leaves them unknown: the range is dispatched all the same.
 */
export function createDispatchMaker(
  { source }: Pick<SchedulerDeps, "source">,
  { routing }: Pick<SchedulerRules, "routing">,
  ranges: readonly TopicPartition[],
): MakeDispatch {
  if (routing === undefined || routing.byRack.size === 0) {
    return async (record) => ({ record });
  }
  let known: Promise<ReadonlyMap<string, PartitionLeader>> | undefined;
  return async (record) => {
    known ??= describeLeaders(source, ranges);
    const leader = (await known).get(formatTopicPartition(record));
    return { record, ...omitUndefined({ leader }) };
  };
}

async function describeLeaders(
  source: SchedulerDeps["source"],
  ranges: readonly TopicPartition[],
): Promise<ReadonlyMap<string, PartitionLeader>> {
  try {
    const { partitions } = await source.describe({ topics: [...new Set(ranges.map(({ topic }) => topic))] });
    return new Map(
      partitions.flatMap(({ leader, ...partition }) =>
        leader === undefined ? [] : [[formatTopicPartition(partition), leader] as const],
      ),
    );
  } catch {
    // The processor asks Kafka itself, and its range says what is wrong.
    return new Map();
  }
}
