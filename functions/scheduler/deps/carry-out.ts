// Carry out
//
// What was decided of a partition is written, and what was written is dispatched. Why it
// was decided is plan-batch.ts.
//
//   CO1  A range is in the ledger before it is dispatched; a run that dies in
//        between costs a delay, never a record.
//   CO2  One partition's trouble never stops another: it becomes its outcome.

import type { AttemptError } from "../../../shared/core/attempt-error.ts";
import type { RangeDispatch } from "../../../shared/core/ledger/range-dispatcher.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { BatchDecision, PlanDecision, PlannedPartition } from "../../../shared/core/plan/batch-decision.ts";
import type { PartitionState } from "../../../shared/core/plan/plan-partition.ts";
import { lagOf } from "../../../shared/core/range/chain-lag.ts";
import { lostRange, type NewRange, newRange } from "../../../shared/core/range/new-range.ts";
import { isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { dispatchRange, driveOpenRange } from "./drive-range.ts";
import type { PartitionAction, PartitionOutcome } from "./partition-outcome.ts";
import type { SchedulerDeps, SchedulerRules } from "./scheduler-deps.ts";

/** One scheduler run, as each partition of it sees it. */
export interface BatchRun {
  readonly deps: SchedulerDeps;
  readonly rules: SchedulerRules;
  readonly batchId: string;
  readonly now: number;
}

/** One outcome, or one for each range that was planned. */
export async function settlePartition(run: BatchRun, planned: PlannedPartition): Promise<readonly PartitionOutcome[]> {
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
  run: BatchRun,
  state: PartitionState,
  decision: Exclude<BatchDecision, PlanDecision>,
): Promise<PartitionAction> {
  const { deps, rules, now } = run;
  switch (decision.kind) {
    case "anchor": {
      const anchor = newRangeOf(run, state, { fromOffset: decision.offset, untilOffset: decision.offset });
      const { kind } = await deps.ledger.planRange(newRange(anchor));
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

async function renewRanges({ deps, rules, now }: BatchRun, records: readonly RangeRecord[]): Promise<PartitionAction> {
  let isMissing = false;
  for (const record of records) {
    const { kind } = await deps.ledger.changeRange(record, { kind: "renew", now, retentionMs: rules.retentionMs });
    isMissing ||= kind === "missing";
  }
  return isMissing ? { kind: "collided", reason: "the record is gone" } : { kind: "renewed" };
}

async function recordLoss(
  run: BatchRun,
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
  const range = { fromOffset, untilOffset, ...omitUndefined({ adaptiveSize }) };
  const lost = lostRange(newRangeOf(run, state, range), { error, retentionMs });
  const { kind } = await run.deps.ledger.planRange(lost);
  return kind === "planned" ? { kind: "lost", fromOffset, untilOffset, reason: error.message } : { kind };
}

/** Range by range, in order, so that the chain is whole wherever this ends; behind another run's range nothing is planned (G2). */
async function* planAndDispatch(
  run: BatchRun,
  state: PartitionState,
  { kind: _decided, limitedBy, pieces, ...range }: PlanDecision,
): AsyncGenerator<PartitionAction, void, undefined> {
  const { fromOffset, ...rest } = range;
  // Also where one range is all of it: its outputs have a position of their own, as those of others have.
  const group = run.rules.parallel === undefined ? {} : { groupFrom: fromOffset };
  for (const piece of pieces ?? [range]) {
    const taken = { ...rest, ...group, fromOffset: piece.fromOffset, untilOffset: piece.untilOffset };
    const outcome = await run.deps.ledger.planRange(newRange(newRangeOf(run, state, taken)));
    if (outcome.kind === "collided") {
      yield { kind: "collided" };
      return;
    }
    const action = await dispatchRange(run, dispatchOf(state, outcome.record), "planned");
    yield limitedBy === undefined ? action : { ...action, limitedBy };
  }
}

function newRangeOf(
  { deps, rules, batchId, now }: BatchRun,
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

function observedLag({ newest, end, isFollowing }: PartitionState): Pick<PartitionOutcome, "lag" | "openSince"> {
  if (newest === undefined) {
    return {};
  }
  const openSince = isClosed(newest) ? {} : { openSince: newest.plannedAt };
  const endOffset = end?.kind === "listed" ? end.offset : undefined;
  return endOffset === undefined || isFollowing ? openSince : { ...openSince, lag: lagOf(newest, endOffset) };
}
