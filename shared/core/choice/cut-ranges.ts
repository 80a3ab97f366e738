import { omitUndefined } from "../omit-undefined.ts";
import type { OffsetRange } from "../range/offset-range.ts";
import { formatTopicPartition, type TopicPartition } from "../range/topic-partition.ts";
import { type SplitRules, splitRanges } from "./cut-pieces.ts";

/** What one partition takes of a batch. */
export interface TakenRange extends OffsetRange {
  /** Longest piece of it; undefined for no limit but the rules'. */
  readonly longest: bigint | undefined;
}

/** Looks up the pieces that a partition's range is cut into, by Spark's rule over all of them: lengths first, then the least number. */
export function cutRanges(
  taken: readonly TakenRange[],
  { minPartitions }: Pick<SplitRules, "minPartitions">,
): (partition: TopicPartition) => readonly OffsetRange[] {
  const byLength = taken.flatMap(({ longest, ...range }) =>
    splitRanges([range], omitUndefined({ maxRecordsPerRange: longest })),
  );
  const pieces = splitRanges(byLength, omitUndefined({ minPartitions }));
  const byPartition = Map.groupBy(pieces, formatTopicPartition);
  return (partition) => byPartition.get(formatTopicPartition(partition)) ?? [];
}
