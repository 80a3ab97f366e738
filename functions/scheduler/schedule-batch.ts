// Schedule batch
//
// One scheduler run: look at Kafka and at the ledger, decide per partition, write
// what was decided, and dispatch it. What to decide is plan-batch.ts.
//
//   B1  A range is in the ledger before it is dispatched; a run that dies in
//       between costs a delay, never a record.
//   B2  One partition's trouble never stops another: it becomes its outcome.
//   B3  The pipeline counts as started on a partition only once its chain exists;
//       where the chain begins is frozen before (F1).

import type { AttemptError } from "../../shared/core/attempt-error.ts";
import type { RangeDispatch } from "../../shared/core/ledger/range-dispatcher.ts";
import type { BatchDecision, PlanDecision, PlannedPartition } from "../../shared/core/plan/batch-decision.ts";
import { planBatch } from "../../shared/core/plan/plan-batch.ts";
import type { PartitionState } from "../../shared/core/plan/plan-partition.ts";
import { lagOf } from "../../shared/core/range/chain-lag.ts";
import { lostRange } from "../../shared/core/range/lost-range.ts";
import { type NewRange, newRange } from "../../shared/core/range/new-range.ts";
import { isClosed, type RangeRecord } from "../../shared/core/range/range-record.ts";
import { emptySourceReason } from "../../shared/core/source/empty-source.ts";
import type { SourceMetadata } from "../../shared/core/source/offset-source.ts";
import { controlRate } from "./control-rate.ts";
import { dispatchRange, driveOpenRange } from "./deps/drive-range.ts";
import type { PartitionAction, PartitionOutcome } from "./deps/partition-outcome.ts";
import type { SchedulerDeps, SchedulerRules } from "./deps/scheduler-deps.ts";
import { settleInTurn } from "./deps/settle-in-turn.ts";
import { type DrainOutcome, drainTo } from "./drain/drain-pipeline.ts";
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
  /** How far the drain is that the run was for, before it. */
  readonly drain?: DrainOutcome;
}

interface Run {
  readonly deps: SchedulerDeps;
  readonly rules: SchedulerRules;
  readonly batchId: string;
  readonly now: number;
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
  const run: Run = { deps, rules, batchId: deps.newId(), now: deps.now() };
  // In this order: a topic that only the metadata knows is then newer than what the record knows of its name.
  const pipeline = await deps.ledger.readPipeline(rules.pipeline);
  const metadata = await describeSource(deps.source, rules, { record: pipeline, drainId });
  const { partitions: present, ...unseen } = metadata;
  const findHeld = lookForHeld(deps.source, rules, present, run.now);
  const observed = await observePartitions(deps, rules, present, pipeline);
  const holding = findHeld?.(observed);
  const started = await freezeStarts(deps, rules, observed, pipeline);
  const draining =
    drainId === undefined ? undefined : await drainTo(deps, rules, started.states, { drainId, seen: started.record });
  const { states, record: known } = draining ?? started;
  const { rate, record } = await controlRate(deps, rules, states, known);
  const reprocessed = await countReprocessed(deps, rules);
  const planned = planBatch(states, rules, { now: run.now, rate, reprocessed });
  // A range's clock starts with its own turn, which may come late in the run.
  const settled = await settleInTurn(deps, planned, (one) => settle({ ...run, now: deps.now() }, one));
  const chained = states.filter(
    ({ newest, isFollowing }, index) =>
      isFollowing === undefined && (newest !== undefined || settled[index]?.some(hasChain)),
  );
  await recordStarted(
    deps,
    rules.pipeline,
    record,
    chained.map(({ partition }) => partition),
  );
  const ended = await endRecreatedTopics(deps, rules, record, present);
  const vanished = findVanished(pipeline, rules.selection, metadata);
  const heldBack = await holding;
  const emptySource = emptySourceReason(rules.selection, metadata);
  return {
    batchId: run.batchId,
    partitions: [...settled.flat(), ...ended, ...vanished],
    ...unseen,
    ...(emptySource === undefined ? {} : { emptySource }),
    ...(rate === undefined ? {} : { rate }),
    ...(heldBack === undefined ? {} : { heldBack }),
    ...(draining === undefined ? {} : { drain: draining.outcome }),
  };
}

/** Open ranges of reprocess requests, where they count. */
async function countReprocessed({ ledger }: SchedulerDeps, rules: SchedulerRules): Promise<number> {
  if (rules.maxConcurrency === undefined) {
    return 0;
  }
  const requests = await ledger.openReprocesses(rules.pipeline);
  return requests.reduce((sum, { open }) => sum + open.length, 0);
}

/** One outcome, or one for each range that was planned. */
async function settle(run: Run, planned: PlannedPartition): Promise<readonly PartitionOutcome[]> {
  const { topic, partition } = planned.state.partition;
  const observed = observedLag(planned.state);
  const outcomes: PartitionOutcome[] = [];
  const add = (action: PartitionAction) => {
    // What is observed of the partition is told once.
    outcomes.push({ topic, partition, ...(outcomes.length === 0 ? observed : {}), ...action });
  };
  try {
    if (planned.decision.kind === "plan") {
      for await (const action of planAndDispatch(run, planned.state, planned.decision)) {
        add(action);
      }
    } else {
      add(await carryOut(run, planned.state, planned.decision));
    }
  } catch (error) {
    add({ kind: "failed", reason: String(error) });
  }
  return outcomes;
}

async function carryOut(
  run: Run,
  state: PartitionState,
  decision: Exclude<BatchDecision, PlanDecision>,
): Promise<PartitionAction> {
  const { deps, rules, now } = run;
  switch (decision.kind) {
    case "anchor": {
      const anchor = recordOf(run, state, { fromOffset: decision.offset, untilOffset: decision.offset });
      const { kind } = await deps.ledger.planRange(anchor);
      return kind === "planned" ? { kind: "anchored", fromOffset: decision.offset } : { kind };
    }
    case "lose":
      return recordLoss(run, state, decision);
    case "renew":
      return renewRanges(run, decision.records);
    case "drive":
      return driveOpenRange(deps, rules, {
        decision: decision.drive,
        dispatch: dispatchOf(state, decision.record),
        now,
      });
    case "overtaken":
      return { kind: "collided", reason: "another run began its chain" };
    case "idle":
    case "delayed":
    case "queued":
    case "held":
    case "paused":
      return decision;
  }
}

async function renewRanges({ deps, rules, now }: Run, records: readonly RangeRecord[]): Promise<PartitionAction> {
  let isMissing = false;
  for (const record of records) {
    const { kind } = await deps.ledger.changeRange(record, { kind: "renew", now, retentionMs: rules.retentionMs });
    isMissing ||= kind === "missing";
  }
  return isMissing ? { kind: "collided", reason: "the record is gone" } : { kind: "renewed" };
}

async function recordLoss(
  run: Run,
  state: PartitionState,
  { fromOffset, untilOffset }: Pick<RangeRecord, "fromOffset" | "untilOffset">,
): Promise<PartitionAction> {
  const { retentionMs } = run.rules;
  const error: AttemptError = {
    name: "DataLossError",
    message: `the log begins at ${untilOffset}: retention, or DeleteRecords`,
    loss: { kind: "deleted", beginningOffset: untilOffset },
  };
  const adaptiveSize = state.newest?.adaptiveSize;
  const range = { fromOffset, untilOffset, ...(adaptiveSize === undefined ? {} : { adaptiveSize }) };
  const lost = lostRange(newRangeOf(run, state, range), { error, retentionMs });
  const { kind } = await run.deps.ledger.planRange(lost);
  return kind === "planned" ? { kind: "lost", fromOffset, untilOffset, reason: error.message } : { kind };
}

/** Range by range, in order, so that the chain is whole wherever this ends; behind another run's range nothing is planned (G2). */
async function* planAndDispatch(
  run: Run,
  state: PartitionState,
  { kind: _decided, limitedBy, pieces, ...range }: PlanDecision,
): AsyncGenerator<PartitionAction, void, undefined> {
  const { fromOffset, ...rest } = range;
  const group = pieces === undefined ? {} : { groupFrom: fromOffset };
  for (const piece of pieces ?? [range]) {
    const taken = { ...rest, ...group, fromOffset: piece.fromOffset, untilOffset: piece.untilOffset };
    const outcome = await run.deps.ledger.planRange(recordOf(run, state, taken));
    if (outcome.kind === "collided") {
      yield { kind: "collided" };
      return;
    }
    const action = await dispatchRange(run.deps.dispatcher, dispatchOf(state, outcome.record), "planned");
    yield limitedBy === undefined ? action : { ...action, limitedBy };
  }
}

function recordOf(...range: Parameters<typeof newRangeOf>): RangeRecord {
  return newRange(newRangeOf(...range));
}

function newRangeOf(
  { deps, rules, batchId, now }: Run,
  { partition: { topicId, topic, partition }, newest }: PartitionState,
  range: Pick<RangeRecord, "fromOffset" | "untilOffset" | "adaptiveSize" | "groupFrom">,
): NewRange {
  const chain = { pipeline: rules.pipeline, topicId, partition };
  // It is known only of a batch that was read and that is next to the range; of what was given up it is not: that of
  // the records before it would look like a truncated log.
  const isReadToItsEnd = newest?.committedOffset === newest?.untilOffset;
  const isKnown = isReadToItsEnd && newest?.untilOffset === range.fromOffset;
  const epoch = newest?.leaderEpoch === undefined || !isKnown ? {} : { leaderEpoch: newest.leaderEpoch };
  return { ...range, chain, topic, batchId, writeId: deps.newId(), now, ...epoch };
}

function dispatchOf({ partition: { leader } }: PartitionState, record: RangeRecord): RangeDispatch {
  return leader === undefined ? { record } : { record, leader };
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

function observedLag({ newest, end, isFollowing }: PartitionState): Pick<PartitionOutcome, "lag" | "openSince"> {
  if (newest === undefined) {
    return {};
  }
  const openSince = isClosed(newest) ? {} : { openSince: newest.plannedAt };
  const endOffset = end?.kind === "listed" ? end.offset : undefined;
  return endOffset === undefined || isFollowing ? openSince : { ...openSince, lag: lagOf(newest, endOffset) };
}
