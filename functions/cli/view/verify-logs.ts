// Verify logs
//
// Holds the newest checkpoint of each chain against the log as it is now: only
// Kafka can tell that what comes next is gone, or is of another log.

import type { PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import { checkpointOf } from "../../../shared/core/range/chain-lag.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { formatTopicPartition } from "../../../shared/core/range/topic-partition.ts";
import {
  type ListedOffset,
  listedOffset,
  type OffsetSource,
  type PartitionMetadata,
} from "../../../shared/core/source/offset-source.ts";
import type { Finding } from "../../../shared/core/verify/verify-chain.ts";

export type LogProblem = Finding<"topicGone" | "topicRecreated" | "belowLog" | "beyondLog" | "logUnknown">;

export interface VerifyLog {
  readonly source: OffsetSource;
}

/** A chain's newest range. */
export type CheckpointHolder = RangeRecord;

export async function verifyLogs(
  { source }: VerifyLog,
  { topics }: PipelineRecord,
  holders: readonly CheckpointHolder[],
): Promise<readonly LogProblem[]> {
  if (holders.length === 0) {
    return [];
  }
  const { partitions, forbidden = [] } = await source.describe({ assign: holders });
  const whyUnseen = new Map(forbidden.map(({ topic, reason }) => [topic, reason]));
  const found = new Map(partitions.map((partition) => [formatTopicPartition(partition), partition]));
  const startedIds = new Set(topics.map(({ topicId }) => topicId));
  const problems: LogProblem[] = [];
  const present: { readonly holder: CheckpointHolder; readonly log: PartitionMetadata }[] = [];
  for (const holder of holders) {
    const log = found.get(formatTopicPartition(holder));
    if (log?.topicId === holder.chain.topicId) {
      present.push({ holder, log });
    } else if (whyUnseen.has(holder.topic)) {
      problems.push(unknownLog(holder, whyUnseen.get(holder.topic)));
    } else if (log === undefined) {
      problems.push(problemOf("topicGone", holder, "does not exist in Kafka any more"));
    } else if (!startedIds.has(log.topicId)) {
      // A chain of an old id is history once the pipeline has started on the present one.
      const ids = `its chain is of topic id ${holder.chain.topicId}, Kafka's is ${log.topicId}`;
      problems.push(problemOf("topicRecreated", holder, `was deleted and re-created: ${ids}`));
    }
  }
  const logs = present.map(({ log }) => log);
  // The high watermark: what was planned below it may lie behind an open transaction by now.
  const [beginnings, ends] = await Promise.all([
    source.listOffsets(logs, "earliest", "read_uncommitted"),
    source.listOffsets(logs, "latest", "read_uncommitted"),
  ]);
  const judged = present.flatMap(({ holder }, index) => judge(holder, beginnings[index], ends[index]) ?? []);
  return [...problems, ...judged];
}

function judge(
  holder: CheckpointHolder,
  beginning: ListedOffset | undefined,
  end: ListedOffset | undefined,
): LogProblem | undefined {
  const beginningOffset = listedOffset(beginning);
  const endOffset = listedOffset(end);
  if (beginningOffset === undefined || endOffset === undefined) {
    const failed = [beginning, end].find((listed) => listed?.kind === "failed");
    return unknownLog(holder, failed?.kind === "failed" ? failed.error.message : undefined);
  }
  const checkpoint = checkpointOf(holder);
  if (checkpoint < beginningOffset) {
    return problemOf(
      "belowLog",
      holder,
      `is processed up to ${checkpoint}, but its log begins at ${beginningOffset}: the records between are gone`,
    );
  }
  return holder.untilOffset > endOffset
    ? problemOf(
        "beyondLog",
        holder,
        `has a range up to ${holder.untilOffset}, but its log ends at ${endOffset}: it was truncated, or a stale leader answered`,
      )
    : undefined;
}

function unknownLog(holder: CheckpointHolder, why = "no broker answered"): LogProblem {
  return problemOf("logUnknown", holder, `could not be held against its log: ${why}`);
}

function problemOf(kind: LogProblem["kind"], holder: CheckpointHolder, what: string): LogProblem {
  const { topic, partition, fromOffset, untilOffset } = holder;
  return { kind, topic, partition, fromOffset, untilOffset, message: `${formatTopicPartition(holder)} ${what}` };
}
