// Held partitions
//
// Where open transactions hold records back from a pipeline that reads committed
// ones: to its lag such a partition looks idle. It is looked for now and then, at the
// cost of one ListOffsets per broker, beside the run: it delays and fails none.

import { MAX_TRANSACTIONS_NAMED } from "../../../shared/core/limits.ts";
import type { ObservedPartition } from "../../../shared/core/plan/plan-partition.ts";
import { formatTopicPartition, type TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import { findHeldBack, type HeldBack, type LogEnds } from "../../../shared/core/source/held-back.ts";
import {
  type ListedOffset,
  listedOffset,
  type OffsetSource,
  type PartitionMetadata,
} from "../../../shared/core/source/offset-source.ts";
import type { SchedulerRules } from "../deps/scheduler-deps.ts";

export interface HeldPartition extends TopicPartition, HeldBack {
  /**
   * Since when nothing has moved, in ms since the epoch: neither has the transaction written, by its producer's clock,
   * nor the partition been planned. Absent where neither is known.
   */
  readonly since?: number;
}

export interface HeldPartitions {
  /** In all held partitions together. */
  readonly records: bigint;
  /** The longest held ones, at most MAX_TRANSACTIONS_NAMED of them, oldest first. */
  readonly partitions: readonly HeldPartition[];
}

/**
 * Where this run looks, lists at once where the logs end whatever is committed: before the ends that the run plans by, so
 * that what is written in between does not count as held back. The rest is found from what the run then observes.
 */
export function lookForHeld(
  source: OffsetSource,
  rules: SchedulerRules,
  partitions: readonly PartitionMetadata[],
  now: number,
): ((observed: readonly ObservedPartition[]) => Promise<HeldPartitions>) | undefined {
  if (!isCheckDue(rules, now)) {
    return undefined;
  }
  const listing = source.listOffsets(partitions, "latest", "read_uncommitted");
  const find = async (observed: readonly ObservedPartition[]) => {
    const listed = await listing;
    const names = partitions.map(formatTopicPartition);
    return findHeld(source, observed, { watermarks: new Map(names.map((name, index) => [name, listed[index]])), now });
  };
  // A run that fails before it gets there leaves both unheard.
  listing.catch(() => undefined);
  return (observed) => {
    const finding = find(observed);
    finding.catch(() => undefined);
    return finding;
  };
}

/** Whether a run that begins now is the first since the last check was due; the clock alone says so. */
function isCheckDue({ isolationLevel, transactionCheckMs, batchIntervalMs }: SchedulerRules, now: number): boolean {
  return (
    isolationLevel === "read_committed" &&
    transactionCheckMs !== undefined &&
    Math.floor(now / transactionCheckMs) > Math.floor((now - batchIntervalMs) / transactionCheckMs)
  );
}

interface Known {
  readonly watermarks: ReadonlyMap<string, ListedOffset | undefined>;
  readonly now: number;
}

async function findHeld(
  source: OffsetSource,
  observed: readonly ObservedPartition[],
  { watermarks, now }: Known,
): Promise<HeldPartitions> {
  const unstable = [...lastPlanned(observed)]
    .map(([one, plannedAt]) => ({ ends: endsOf(one, watermarks), plannedAt }))
    .filter(({ ends }) => recordsBetween(ends) > 0n)
    .sort((a, b) => a.plannedAt - b.plannedAt);
  const asked = unstable.slice(0, MAX_TRANSACTIONS_NAMED);
  const held = await findHeldBack(
    source,
    asked.map(({ ends }) => ends),
  );
  const partitions = asked.flatMap(({ ends, plannedAt }, index) => {
    const found = held[index];
    return found === undefined ? [] : [heldPartition(ends.partition, found, { plannedAt, now })];
  });
  const others = unstable.slice(asked.length).map(({ ends }) => recordsBetween(ends));
  const records = [...partitions.map(({ stableOffset, highWatermark }) => highWatermark - stableOffset), ...others];
  return {
    records: records.reduce((sum, count) => sum + count, 0n),
    partitions: partitions.toSorted((a, b) => (a.since ?? now) - (b.since ?? now)),
  };
}

/** Each partition once, with the time when its newest range was planned; 0 where it has none. */
function lastPlanned(observed: readonly ObservedPartition[]): ReadonlyMap<ObservedPartition, number> {
  const byName = Map.groupBy(observed, ({ partition }) => formatTopicPartition(partition));
  return new Map(
    [...byName.values()].flatMap((states) => {
      const [first] = states;
      const plannedAt = Math.max(...states.map(({ newest }) => newest?.plannedAt ?? 0));
      return first === undefined ? [] : [[first, plannedAt] as const];
    }),
  );
}

function endsOf({ partition, end }: ObservedPartition, watermarks: Known["watermarks"]): LogEnds {
  const watermark = watermarks.get(formatTopicPartition(partition));
  return { partition, stableOffset: listedOffset(end), highWatermark: listedOffset(watermark) };
}

function recordsBetween({ stableOffset, highWatermark }: LogEnds): bigint {
  return stableOffset === undefined || highWatermark === undefined ? 0n : highWatermark - stableOffset;
}

function heldPartition(
  { topic, partition }: PartitionMetadata,
  held: HeldBack,
  { plannedAt, now }: { readonly plannedAt: number; readonly now: number },
): HeldPartition {
  const { transaction } = held;
  const { lastTimestamp = 0 } = typeof transaction === "string" ? {} : transaction;
  // A producer may write any time; one to come says nothing.
  const since = Math.max(lastTimestamp > now ? 0 : lastTimestamp, plannedAt);
  return { topic, partition, ...held, ...(since === 0 ? {} : { since }) };
}
