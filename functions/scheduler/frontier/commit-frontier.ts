// Commit frontier
//
// Tells a consumer group of Kafka's how far the pipeline is, for the tools that watch groups
// (`commitGroupId`). It goes by what the run has read of the ledger anyway, and the pipeline
// never by the group.
//
//   COF1  An offset is committed only once the ledger says that everything below it has taken effect.
//   COF2  What a run finds is committed by that run, also where it plans nothing; what the group has
//        already is not written again (G8).
//   COF3  Whatever goes wrong is told with the run's outcome: planning never fails for it, and goes
//        on beside it.

import { BatchProcessorError } from "../../../shared/core/errors.ts";
import { GROUP_CHECK_MS, GROUP_COMMIT_MS } from "../../../shared/core/limits.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { ObservedPartition } from "../../../shared/core/plan/plan-partition.ts";
import { checkpointOf } from "../../../shared/core/range/chain-lag.ts";
import { formatTopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type { GroupOffset, GroupOffsets, RefusedOffset } from "../../../shared/core/source/group-offsets.ts";

export interface FrontierOutcome {
  readonly groupId: string;
  /** Partitions whose offset in the group was moved. */
  readonly committed: number;
  /** Why nothing was committed, or not all. */
  readonly failure?: string;
  /** Partitions that the group did not take. */
  readonly refused?: readonly RefusedOffset[];
}

/** Never rejects. */
export type CommitFrontier = (observed: readonly ObservedPartition[]) => Promise<FrontierOutcome>;

interface Known {
  readonly offsets: Map<string, bigint>;
  readonly readAt: number;
}

/** Remembers between runs what the group has, and reads it now and then: somebody may have moved it. */
export function createFrontierCommitter(group: GroupOffsets, now: () => number): CommitFrontier {
  const { groupId } = group;
  let known: Known | undefined;
  return async (observed) => {
    const frontier = frontierOf(observed);
    if (frontier.length === 0) {
      return { groupId, committed: 0 };
    }
    const signal = AbortSignal.timeout(GROUP_COMMIT_MS);
    try {
      known = isFresh(known, now()) ? known : { offsets: new Map(await group.fetch(frontier, signal)), readAt: now() };
      const { offsets } = known;
      const moved = frontier.filter((one) => offsets.get(formatTopicPartition(one)) !== one.offset);
      const refused = moved.length === 0 ? [] : await group.commit(moved, signal);
      const untaken = new Set(refused.map(formatTopicPartition));
      const taken = moved.filter((one) => !untaken.has(formatTopicPartition(one)));
      for (const one of taken) {
        offsets.set(formatTopicPartition(one), one.offset);
      }
      return { groupId, committed: taken.length, ...(refused.length === 0 ? {} : toldOf(refused)) };
    } catch (error) {
      known = undefined;
      return { groupId, committed: 0, failure: describe(error, signal) };
    }
  };
}

/** The live chains' checkpoints; of several open ranges of a partition that of the first. */
function frontierOf(observed: readonly ObservedPartition[]): readonly GroupOffset[] {
  return observed.flatMap(({ partition: { topic, partition }, newest, isFollowing }) =>
    newest === undefined || isFollowing ? [] : [{ topic, partition, offset: checkpointOf(newest) }],
  );
}

function isFresh(known: Known | undefined, now: number): known is Known {
  return known !== undefined && now >= known.readAt && now - known.readAt < GROUP_CHECK_MS;
}

function toldOf(refused: readonly RefusedOffset[]): Pick<FrontierOutcome, "failure" | "refused"> {
  const [first] = refused;
  const failure = first === undefined ? undefined : `${formatTopicPartition(first)} was refused: ${first.reason}`;
  return { refused, ...omitUndefined({ failure }) };
}

function describe(error: unknown, signal: AbortSignal): string {
  if (error instanceof BatchProcessorError) {
    return error.message;
  }
  return signal.aborted ? `it took longer than ${GROUP_COMMIT_MS} ms` : String(error);
}
