// Resolve reprocess
//
// Holds the ranges of a reprocess payload against the log as it is now. Every
// problem is collected, so that one answer names them all, before anything is
// written.

import { ConfigurationError } from "../../shared/core/errors.ts";
import {
  compareOffsetRanges,
  formatOffsetRange,
  type OffsetRange,
  recordCount,
} from "../../shared/core/offset-range.ts";
import type { ListedOffset, OffsetSource, PartitionMetadata } from "../../shared/core/offset-source.ts";
import type { ReprocessRange } from "../../shared/core/range-ledger.ts";
import { compareTopicPartitions, distinctPartitions, formatTopicPartition } from "../../shared/core/topic-partition.ts";
import type { SchedulerRules } from "./scheduler-deps.ts";

/** Throws ConfigurationError that lists every range that cannot be read exactly. */
export async function resolveReprocess(
  source: OffsetSource,
  { isolationLevel }: Pick<SchedulerRules, "isolationLevel">,
  ranges: readonly OffsetRange[],
): Promise<readonly ReprocessRange[]> {
  refuse(problemsAmong(ranges));
  const { partitions, missing } = await source.describe({ assign: distinctPartitions(ranges) });
  refuse(missing.map((name) => `${name} does not exist`));
  const [beginnings, ends] = await Promise.all([
    source.listOffsets(partitions, "earliest", isolationLevel),
    source.listOffsets(partitions, "latest", isolationLevel),
  ]);
  const logs = new Map(
    partitions.map((partition, index) => [
      formatTopicPartition(partition),
      { partition, beginning: beginnings[index], end: ends[index] },
    ]),
  );
  const resolved = ranges.map((range) => resolveRange(range, logs.get(formatTopicPartition(range))));
  refuse(resolved.flatMap((outcome) => ("problem" in outcome ? [outcome.problem] : [])));
  return resolved.flatMap((outcome) => ("problem" in outcome ? [] : [outcome]));
}

function problemsAmong(ranges: readonly OffsetRange[]): readonly string[] {
  const problems: string[] = [];
  let furthest: OffsetRange | undefined;
  for (const range of ranges.toSorted(compareOffsetRanges)) {
    if (recordCount(range) <= 0n) {
      problems.push(`${formatOffsetRange(range)} is empty: untilOffset is exclusive and must exceed fromOffset`);
      continue;
    }
    const before = furthest !== undefined && compareTopicPartitions(furthest, range) === 0 ? furthest : undefined;
    if (before !== undefined && before.untilOffset > range.fromOffset) {
      problems.push(`${formatOffsetRange(before)} and ${formatOffsetRange(range)} overlap; join or separate them`);
    }
    // A long range may overlap several that follow it.
    furthest = before !== undefined && before.untilOffset > range.untilOffset ? before : range;
  }
  return problems;
}

interface PartitionLog {
  readonly partition: PartitionMetadata;
  readonly beginning: ListedOffset | undefined;
  readonly end: ListedOffset | undefined;
}

function resolveRange(
  range: OffsetRange,
  log: PartitionLog | undefined,
): ReprocessRange | { readonly problem: string } {
  const what = formatOffsetRange(range);
  if (log === undefined) {
    return { problem: `${what}: the partition does not exist` };
  }
  const { beginning, end, partition } = log;
  if (beginning?.kind !== "listed" || end?.kind !== "listed") {
    const failed = [beginning, end].find((listed) => listed?.kind === "failed");
    return { problem: `${what}: its log's bounds are unknown: ${failed?.error.message ?? "no answer"}` };
  }
  if (beginning.offset === undefined || end.offset === undefined) {
    return { problem: `${what}: the broker listed no bounds of its log` };
  }
  if (range.fromOffset < beginning.offset) {
    return { problem: `${what} begins below the log's first offset ${beginning.offset}: those records are gone` };
  }
  if (range.untilOffset > end.offset) {
    return { problem: `${what} ends above the log's end ${end.offset}` };
  }
  const { topicId, topic } = partition;
  return { topicId, topic, partition: range.partition, fromOffset: range.fromOffset, untilOffset: range.untilOffset };
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) {
    throw new ConfigurationError(`nothing was reprocessed: ${problems.join("; ")}`);
  }
}
