// Find replaced
//
// Kafka lists offsets by a topic's name, and the ledger keeps them by its id. Between
// the two a topic may be deleted and created again, the longer the sleepier the run.
//
//   FP1  What is planned, begun or given up belongs to the topic id that it is written
//        for: the id is asked for again once the offsets are listed.

import { RangeReadError } from "../../../shared/core/errors.ts";
import type { PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import type { ObservedPartition } from "../../../shared/core/plan/plan-partition.ts";
import { isClosed } from "../../../shared/core/range/range-record.ts";
import { listedOffset, type OffsetSource } from "../../../shared/core/source/offset-source.ts";

/**
 * Why nothing may be planned by the offsets of these partitions; of those with nothing to plan none is asked for.
 * Throws RangeReadError in a pipeline's first run: it starts on all partitions or on none.
 */
export async function findReplaced(
  source: Pick<OffsetSource, "describe">,
  observed: readonly ObservedPartition[],
  seen: PipelineRecord | undefined,
): Promise<ReadonlyMap<ObservedPartition, string>> {
  const doubtful = observed.filter(mayBePlanned);
  const topics = [...new Set(doubtful.map(({ partition }) => partition.topic))];
  const { partitions } = topics.length === 0 ? { partitions: [] } : await source.describe({ topics });
  const present = new Set(partitions.map(({ topicId }) => topicId));
  const replaced = doubtful.filter(({ partition }) => !present.has(partition.topicId));
  const [first] = replaced;
  if (seen === undefined && first !== undefined) {
    throw new RangeReadError(`${whyReplaced(first)}; the next run starts`);
  }
  return new Map(replaced.map((one) => [one, `${whyReplaced(one)}; the next run decides`]));
}

function whyReplaced({ partition: { topic } }: ObservedPartition): string {
  return `topic ${topic} was deleted or re-created, or is not shown any more, since its offsets were listed`;
}

/** Whether a chain may begin or go on, or lose what is gone: an idle one, and one with an open range, do neither. */
function mayBePlanned({ newest, problem, end, beginning }: ObservedPartition): boolean {
  if (problem !== undefined || (newest !== undefined && !isClosed(newest))) {
    return false;
  }
  const next = newest?.untilOffset;
  const hasLost = next !== undefined && (listedOffset(beginning) ?? 0n) > next;
  return next === undefined || hasLost || listedOffset(end) !== next;
}
