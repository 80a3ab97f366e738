// Observe partitions
//
// Reads what Kafka and the ledger say of each partition, for plan-partition.ts to
// judge.
//
//   OP1  The ledger is read before the ends are listed: an end that lies below what
//        is planned is a contradiction, not a scheduler that was overtaken.
//   OP2  A few partitions whose records the ledger does not give wait for the next run;
//        where it gives none, or many are missing, the run fails. So it does in a
//        pipeline's first run, which says where each of its partitions starts (ST2).

import { LedgerIntegrityError, LedgerUnavailableError } from "../../../shared/core/errors.ts";
import { pausesOf } from "../../../shared/core/ledger/pauses.ts";
import type { Pause, PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import { leadingRanges, readGroup } from "../../../shared/core/ledger/range-group.ts";
import { MAX_CONCURRENT_LEDGER_CALLS, MAX_UNREAD_CHAINS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { ObservedPartition } from "../../../shared/core/plan/plan-partition.ts";
import type { ChainKey, RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { PartitionMetadata } from "../../../shared/core/source/offset-source.ts";
import type { SchedulerDeps, SchedulerRules } from "../deps/scheduler-deps.ts";
import { listEnds } from "./list-ends.ts";
import { startedBy, topicProblems } from "./started-topics.ts";

/**
 * One state per partition, in their order, or one per open range of it where several are; log
 * beginnings only where the ledger knows nothing, or a loss.
 */
export async function observePartitions(
  { source, ledger }: SchedulerDeps,
  rules: SchedulerRules,
  partitions: readonly PartitionMetadata[],
  record: PipelineRecord | undefined,
): Promise<readonly ObservedPartition[]> {
  const { pipeline, isolationLevel } = rules;
  const maxUnread = record === undefined ? 0 : Math.min(MAX_UNREAD_CHAINS, partitions.length - 1);
  const read = chainReader(ledger, maxUnread);
  const chains = await mapConcurrently(partitions, MAX_CONCURRENT_LEDGER_CALLS, ({ topicId, partition }) =>
    read({ pipeline, topicId, partition }),
  );
  const known = partitions.map((partition, index) => ({ partition, newest: chains[index]?.group.at(-1) }));
  const unknown = known.flatMap(({ partition, newest }) => (needsBeginning(newest) ? [partition] : []));
  const [ends, answers] = await Promise.all([
    listEnds(source, known, isolationLevel),
    source.listOffsets(unknown, "earliest", isolationLevel),
  ]);
  const beginnings = new Map(unknown.map((partition, index) => [partition, answers[index]]));
  const isStarted = startedBy(record);
  const problemOf = topicProblems(record, rules.onTopicRecreated);
  const pauseOf = pausesOf(record);
  return partitions.flatMap((partition, index): readonly ObservedPartition[] => {
    const { group = [], problem } = chains[index] ?? {};
    const state = {
      ...presentPause(pauseOf(partition)),
      partition,
      newest: undefined,
      ...(ends[index] ?? { end: undefined }),
      beginning: beginnings.get(partition),
      partitionStarted: isStarted(partition),
      problem: problem ?? problemOf(partition),
    };
    const leading = leadingRanges(group);
    const siblings = group.filter((one) => !leading.includes(one));
    const states = leading.map((newest, at) =>
      at === 0 ? { ...state, newest, siblings } : { ...state, newest, isFollowing: true as const },
    );
    return states.length === 0 ? [state] : states;
  });
}

/** What lost a part of its log may have lost more of it. */
function needsBeginning(newest: RangeRecord | undefined): boolean {
  return newest === undefined || newest.status === "LOST";
}

function presentPause(pause: Pause | undefined): Pick<ObservedPartition, "pause"> {
  return omitUndefined({ pause });
}

/** What cannot be read is its partition's problem; beyond `maxUnread` a ledger that does not answer is the run's. */
function chainReader(ledger: SchedulerDeps["ledger"], maxUnread: number) {
  let unread = 0;
  return async (chain: ChainKey) => {
    try {
      const newest = await ledger.newestRange(chain);
      return { group: newest === undefined ? [] : await readGroup(ledger, newest), problem: undefined };
    } catch (error) {
      if (error instanceof LedgerIntegrityError) {
        return { group: [], problem: error.message };
      }
      unread += 1;
      if (!(error instanceof LedgerUnavailableError) || unread > maxUnread) {
        throw error;
      }
      return { group: [], problem: `the next run asks again: ${error.message}` };
    }
  };
}
