// Schedule batch
//
// One scheduler run: look at Kafka and at the ledger, decide per partition, write
// what was decided, and dispatch it. What to decide is plan-batch.ts, how it is done
// carry-out.ts. Of the pipeline's record each step gets what the one before it left.
//
//   SB1  The pipeline counts as started on a partition only once its chain exists;
//        where the chain begins is frozen before (ST1).

import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { planBatch } from "../../shared/core/plan/plan-batch.ts";
import type { PartitionState } from "../../shared/core/plan/plan-partition.ts";
import { emptySourceReason } from "../../shared/core/source/empty-source.ts";
import type { PartitionMetadata, SourceMetadata } from "../../shared/core/source/offset-source.ts";
import { controlRate } from "./control-rate.ts";
import { type BatchRun, settlePartition } from "./deps/carry-out.ts";
import { countKinds, type PartitionOutcome } from "./deps/partition-outcome.ts";
import type { SchedulerDeps, SchedulerRules } from "./deps/scheduler-deps.ts";
import { settleInTurn } from "./deps/settle-in-turn.ts";
import { type DrainOutcome, drainTo } from "./drain/drain-pipeline.ts";
import type { FrontierOutcome } from "./frontier/commit-frontier.ts";
import { describeSource } from "./observe/describe-source.ts";
import { findVanished } from "./observe/find-vanished.ts";
import { type HeldPartitions, lookForHeld } from "./observe/held-partitions.ts";
import { observePartitions } from "./observe/observe-partitions.ts";
import { recordStarted } from "./observe/started-topics.ts";
import { endRecreatedTopics } from "./start/end-recreated-topics.ts";
import { freezeStarts } from "./start/freeze-starts.ts";

/** With what the source names and Kafka does not have, or does not show. */
export interface BatchOutcome extends Omit<SourceMetadata, "partitions"> {
  readonly batchId: string;
  readonly partitions: readonly PartitionOutcome[];
  /** Why nothing is selected; absent where something is. */
  readonly emptySource?: string;
  /** Records a second that backpressure allows; absent while it sets no limit. */
  readonly rate?: number;
  /** What open transactions hold back; absent where the run did not look. */
  readonly heldBack?: HeldPartitions;
  /** What a consumer group was told; absent where the pipeline tells none. */
  readonly frontier?: FrontierOutcome;
  /** How far the drain is that the run was for, before it. */
  readonly drain?: DrainOutcome;
}

/**
 * With a `drainId`, plans up to the ends that the drain has pinned.
 * Throws RangeReadError when Kafka does not answer, LedgerUnavailableError when the ledger does not.
 */
export async function scheduleBatch(
  deps: SchedulerDeps,
  rules: SchedulerRules,
  { drainId }: { readonly drainId?: string } = {},
): Promise<BatchOutcome> {
  const run: BatchRun = { deps, rules, batchId: deps.newId(), now: deps.now() };
  // In this order: a topic that only the metadata knows is then newer than what the record knows of its name.
  const before = await deps.ledger.readPipeline(rules.pipeline);
  const metadata = await describeSource(deps.source, rules, { record: before, drainId });
  const { partitions: present, ...unseen } = metadata;
  deps.onPhase?.("source described", { partitions: present.length, missing: metadata.missing?.length });
  const findHeld = lookForHeld(deps.source, rules, present, run.now);
  const observed = await observePartitions(deps, rules, present, before);
  const holding = findHeld?.(observed);
  const telling = deps.commitFrontier?.(observed);
  deps.onPhase?.("partitions observed", { revision: before?.revision, ranges: observed.length });
  const started = await freezeStarts(deps, rules, { observed, record: before });
  const draining = drainId === undefined ? undefined : await drainTo(deps, rules, started, drainId);
  const { states } = draining ?? started;
  const { rate, record } = await controlRate(deps, rules, draining ?? started);
  const reprocessed = await countReprocessed(deps, rules);
  deps.onPhase?.("starts frozen", { revision: record?.revision, rate, reprocessed });
  const planned = planBatch(states, rules, { now: run.now, rate, reprocessed });
  deps.onPhase?.("batch planned", countKinds(planned.map(({ decision }) => decision)));
  // A range's clock starts with its own turn, which may come late in the run.
  const settled = await settleInTurn(deps, planned, (one) => settlePartition({ ...run, now: deps.now() }, one));
  deps.onPhase?.("batch carried out", countKinds(settled.flat()));
  await recordStarted(deps, rules.pipeline, { record, partitions: begunBy(states, settled) });
  const ended = await endRecreatedTopics(deps, rules, { record, present });
  const vanished = findVanished(before, rules.selection, metadata);
  const heldBack = await holding;
  const frontier = await telling;
  const emptySource = emptySourceReason(rules.selection, metadata);
  return {
    batchId: run.batchId,
    partitions: [...settled.flat(), ...ended, ...vanished],
    ...unseen,
    ...omitUndefined({ emptySource, rate, heldBack, frontier }),
    ...(draining === undefined ? {} : { drain: draining.outcome }),
  };
}

/** Open ranges of reprocess requests, where they count. */
async function countReprocessed({ ledger }: SchedulerDeps, rules: SchedulerRules): Promise<number> {
  const variants = [...(rules.routing?.byPartition.values() ?? []), ...(rules.routing?.byRack.values() ?? [])];
  if ([rules, ...variants].every(({ maxConcurrency }) => maxConcurrency === undefined)) {
    return 0;
  }
  const requests = await ledger.openReprocesses(rules.pipeline);
  return requests.reduce((sum, { open }) => sum + open.length, 0);
}

/** The partitions whose chain exists by now. */
function begunBy(
  states: readonly PartitionState[],
  settled: readonly (readonly PartitionOutcome[])[],
): readonly PartitionMetadata[] {
  return states
    .filter(
      ({ newest, isFollowing }, index) =>
        isFollowing === undefined && (newest !== undefined || settled[index]?.some(hasChain)),
    )
    .map(({ partition }) => partition);
}

function hasChain({ kind }: PartitionOutcome): boolean {
  switch (kind) {
    case "planned":
    case "anchored":
    case "lost":
    case "collided":
    case "dispatchFailed":
      return true;
    default:
      return false;
  }
}
