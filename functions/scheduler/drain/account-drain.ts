// Account drain
//
// What became of a drain's offsets, read off the chains once nothing of it is open:
// ranges below the pins may have been closed without being processed.

import type { DrainRecord, PinnedPartition, PinnedTopic } from "../../../shared/core/ledger/pipeline-record.ts";
import { DRAIN_ACCOUNT_MS, MAX_CONCURRENT_LEDGER_CALLS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import {
  accountFor,
  addAccounts,
  NO_OUTCOMES,
  type OffsetAccount,
  openOffsets,
  outcomesOf,
} from "../../../shared/core/range/offset-outcomes.ts";
import { largerOf } from "../../../shared/core/range/offset-range.ts";
import { partitionKeyOf } from "../../../shared/core/range/topic-partition.ts";
import type { PartitionMetadata } from "../../../shared/core/source/offset-source.ts";
import type { SchedulerDeps, SchedulerRules } from "../deps/scheduler-deps.ts";

interface Drained extends PinnedPartition, Pick<PinnedTopic, "topicId"> {
  readonly fromOffset: bigint;
}

/**
 * Of the ranges that begin between where each partition stood when the drain was begun and its pin, each as a
 * whole. Undefined for a drain that was begun by code that did not keep where. What there is no time to
 * read is unknown.
 */
export async function accountDrain(
  { ledger, now }: Pick<SchedulerDeps, "ledger" | "now">,
  { pipeline }: Pick<SchedulerRules, "pipeline">,
  { drain, present }: { readonly drain: DrainRecord; readonly present: readonly PartitionMetadata[] },
): Promise<OffsetAccount | undefined> {
  const pins = drain.topics.flatMap(({ topicId, partitions }) => partitions.map((pin) => ({ ...pin, topicId })));
  const drained = pins.filter(hasStart);
  if (drained.length < pins.length) {
    return undefined;
  }
  const endsAt = now() + DRAIN_ACCOUNT_MS;
  const isPresent = new Set(present.map(partitionKeyOf));
  const accounts = await mapConcurrently(drained.filter(isLong), MAX_CONCURRENT_LEDGER_CALLS, async (one) => {
    const { topicId, partition, fromOffset, untilOffset } = one;
    if (now() >= endsAt) {
      return accountFor(untilOffset - fromOffset, NO_OUTCOMES, 0n);
    }
    const records = await Array.fromAsync(ledger.rangesWithin({ pipeline, topicId, partition }, one));
    const end = largerOf(records.at(-1)?.untilOffset ?? fromOffset, fromOffset);
    // Behind the last range of a partition that is gone nothing will be planned; elsewhere it was, and is forgotten.
    const never = isPresent.has(partitionKeyOf(one)) ? 0n : largerOf(untilOffset - end, 0n);
    return accountFor(largerOf(end, untilOffset) - fromOffset, outcomesOf(records), openOffsets(records) + never);
  });
  return accounts.reduce(addAccounts, accountFor(0n, NO_OUTCOMES, 0n));
}

function hasStart(pin: PinnedPartition & Pick<PinnedTopic, "topicId">): pin is Drained {
  return pin.fromOffset !== undefined;
}

function isLong({ fromOffset, untilOffset }: Drained): boolean {
  return fromOffset < untilOffset;
}
