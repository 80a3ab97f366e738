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
//   COF4  A group never goes back: where it is ahead of the ledger, as behind a consumer that took over, it is
//        left there, and that is told. It is read right before each commit; Kafka itself compares nothing.
//   COF5  Of what is paused nothing is committed: somebody else may have taken over.

import { BatchProcessorError } from "../../../shared/core/errors.ts";
import { GROUP_CHECK_MS, GROUP_COMMIT_MS, MAX_LOGGED_PARTITIONS } from "../../../shared/core/limits.ts";
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
  /** Where the group is ahead of the ledger, and was left; absent where it is nowhere. */
  readonly ahead?: AheadOfLedger;
}

export interface AheadOfLedger {
  readonly count: number;
  /** Whether there is a partition among them that the run before did not find. */
  readonly isNew: boolean;
  /** At most MAX_LOGGED_PARTITIONS. */
  readonly partitions: readonly AheadOffset[];
}

/** `offset` is the group's. */
export interface AheadOffset extends GroupOffset {
  readonly checkpoint: bigint;
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
  let told: ReadonlySet<string> = new Set();

  const refresh = async (of: readonly GroupOffset[], offsets: Known["offsets"], signal: AbortSignal) => {
    const fetched = await group.fetch(of, signal);
    for (const key of of.map(formatTopicPartition)) {
      const offset = fetched.get(key);
      if (offset === undefined) {
        offsets.delete(key);
      } else {
        offsets.set(key, offset);
      }
    }
  };

  return async (observed) => {
    const frontier = frontierOf(observed);
    if (frontier.length === 0) {
      return { groupId, committed: 0 };
    }
    const signal = AbortSignal.timeout(GROUP_COMMIT_MS);
    try {
      const kept = isFresh(known, now()) ? known : undefined;
      known = kept ?? { offsets: new Map(), readAt: now() };
      const { offsets } = known;
      const stale = kept === undefined ? frontier : behindOf(frontier, offsets);
      if (stale.length > 0) {
        await refresh(stale, offsets, signal);
      }
      const moved = behindOf(frontier, offsets);
      const refused = moved.length === 0 ? [] : await group.commit(moved, signal);
      const untaken = new Set(refused.map(formatTopicPartition));
      const taken = moved.filter((one) => !untaken.has(formatTopicPartition(one)));
      for (const one of taken) {
        offsets.set(formatTopicPartition(one), one.offset);
      }
      const ahead = aheadOf(frontier, offsets);
      const isNew = ahead.some((one) => !told.has(formatTopicPartition(one)));
      told = new Set(ahead.map(formatTopicPartition));
      const left = { count: ahead.length, isNew, partitions: ahead.slice(0, MAX_LOGGED_PARTITIONS) };
      return {
        groupId,
        committed: taken.length,
        ...(refused.length === 0 ? {} : toldOf(refused)),
        ...(ahead.length === 0 ? {} : { ahead: left }),
      };
    } catch (error) {
      known = undefined;
      return { groupId, committed: 0, failure: describe(error, signal) };
    }
  };
}

type Offsets = ReadonlyMap<string, bigint>;

function behindOf(frontier: readonly GroupOffset[], offsets: Offsets): readonly GroupOffset[] {
  return frontier.filter((one) => {
    const offset = offsets.get(formatTopicPartition(one));
    return offset === undefined || offset < one.offset;
  });
}

function aheadOf(frontier: readonly GroupOffset[], offsets: Offsets): readonly AheadOffset[] {
  return frontier.flatMap(({ topic, partition, offset: checkpoint }) => {
    const offset = offsets.get(formatTopicPartition({ topic, partition }));
    return offset === undefined || offset <= checkpoint ? [] : [{ topic, partition, offset, checkpoint }];
  });
}

/** The live chains' checkpoints; of several open ranges of a partition that of the first. */
function frontierOf(observed: readonly ObservedPartition[]): readonly GroupOffset[] {
  return observed.flatMap(({ partition: { topic, partition }, newest, isFollowing, pause }) =>
    newest === undefined || isFollowing || pause !== undefined
      ? []
      : [{ topic, partition, offset: checkpointOf(newest) }],
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
