// Drive request
//
// What one run does for one open request: look at the ranges that were open, take
// the closed ones off, carry the others on, plan the next ones, and keep what was
// learnt.
//
//   DQ1  Progress is written after the ranges that it names: a run that dies in between
//        plans the same ranges again and collides with itself.
//   DQ2  Only the open ranges are read; a range that was planned and whose record is
//        gone was closed and forgotten.
//   DQ3  A range is settled by what its records say once they are all closed, also one
//        that was skipped: a processor may have split it meanwhile, and its rest goes on.

import type { ResolvedRange } from "../../../shared/core/choice/resolve-choice.ts";
import type { ReprocessProgress, ReprocessRequest } from "../../../shared/core/ledger/reprocess-request.ts";
import { MAX_CONCURRENT_DISPATCHES, MAX_CONCURRENT_LEDGER_CALLS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { driveRange } from "../../../shared/core/plan/plan-partition.ts";
import { newRange } from "../../../shared/core/range/new-range.ts";
import type { OperatorAct, RangeRecord } from "../../../shared/core/range/range-record.ts";
import {
  mergeProgress,
  nextRanges,
  type PlannedState,
  plannedStateOf,
  type SettledRange,
  settledRange,
} from "../../../shared/core/reprocess/plan-reprocess.ts";
import { dispatchRange, driveOpenRange } from "../deps/drive-range.ts";
import type { PartitionAction, PartitionOutcome } from "../deps/partition-outcome.ts";
import type { SchedulerDeps, SchedulerRules } from "../deps/scheduler-deps.ts";
import { createDispatchMaker, type MakeDispatch } from "./dispatch-maker.ts";
import { chainOf, rangeAt } from "./request-ranges.ts";

export interface DrivenRequest {
  readonly progress: ReprocessProgress;
  /** Of the ranges that were open, by index, as this run saw them last. */
  readonly records: ReadonlyMap<number, readonly RangeRecord[]>;
  /** What was done for the ranges that are open, planned or just skipped. */
  readonly ranges: readonly PartitionOutcome[];
}

interface Run {
  readonly deps: SchedulerDeps;
  readonly rules: SchedulerRules;
  readonly request: ReprocessRequest;
  readonly dispatchOf: MakeDispatch;
}

interface Driven {
  readonly index: number;
  readonly outcome: PartitionOutcome;
}

/** Throws LedgerIntegrityError when a record of the request cannot be read. */
export async function driveRequest(
  deps: SchedulerDeps,
  rules: SchedulerRules,
  request: ReprocessRequest,
  seen: ReprocessProgress,
): Promise<DrivenRequest> {
  const run: Run = { deps, rules, request, dispatchOf: createDispatchMaker(deps, rules, request.ranges) };
  const { states, driven, planned } =
    seen.cancelled === undefined ? await goOn(run, seen) : await windUp(run, seen, seen.cancelled);
  const learnt = { settled: settledOf(states), open: [...openOf(states), ...planned] };
  const kept = await keepProgress(run, learnt);
  if (kept === undefined) {
    await takeBack(run, learnt.open);
  }
  return {
    progress: kept ?? mergeProgress(seen, learnt),
    records: new Map(states.map(({ index, records }) => [index, records])),
    ranges: driven.map(({ outcome }) => outcome),
  };
}

interface Step {
  /** Of the ranges that were planned before, as they were read last. */
  readonly states: readonly RangeState[];
  readonly driven: readonly Driven[];
  /** Indexes of those that this run has planned. */
  readonly planned: readonly number[];
}

async function goOn(run: Run, { settled: before, open: seen }: ReprocessProgress): Promise<Step> {
  const states = await readStates(run, seen);
  const driven = await driveStates(states, (record) => drive(run, record));
  const halted = new Set(driven.flatMap(({ index, outcome }) => (outcome.kind === "halted" ? [index] : [])));
  const settled = new Set([...before, ...settledOf(states).map(({ index }) => index)]);
  const { request, rules } = run;
  const maxConcurrentRanges = Math.min(request.maxConcurrentRanges, rules.maxConcurrentRanges ?? Infinity);
  const known = { settled, open: new Set(openOf(states)), halted };
  const next = await planNext(run, nextRanges({ ...request, maxConcurrentRanges }, known));
  const planned = next.flatMap(({ index, outcome }) => (outcome.kind === "failed" ? [] : [index]));
  return { states, driven: [...driven, ...next], planned };
}

/** Of a cancelled request: what would be next may have been planned by a run that died before it said so (DQ1). */
async function windUp(
  run: Run,
  { settled: before, open: seen }: ReprocessProgress,
  cancelled: OperatorAct,
): Promise<Step> {
  const { states, driven } = await skipAll(run, await readStates(run, seen), cancelled);
  const settled = new Set([...before, ...settledOf(states).map(({ index }) => index)]);
  // What that run might have open is not what this one might: the other requests had another share.
  const next = nextRanges(run.request, { settled, open: new Set(openOf(states)), halted: new Set() });
  const planned = (await readStates(run, next)).filter(({ records }) => records.length > 0);
  const left = await skipAll(run, planned, cancelled);
  return { states: [...states, ...left.states], driven: [...driven, ...left.driven], planned: [] };
}

/** Skips what is open, and looks again at what that came to. */
async function skipAll(
  run: Run,
  before: readonly RangeState[],
  cancelled: OperatorAct,
): Promise<Omit<Step, "planned">> {
  const driven = await driveStates(before, (record) => skip(run, record, cancelled));
  const again = driven.flatMap(({ index, outcome }) => (outcome.kind === "skipped" ? [index] : []));
  const after = new Map((await readStates(run, again)).map((state) => [state.index, state]));
  return { states: before.map((state) => after.get(state.index) ?? state), driven };
}

function settledOf(states: readonly RangeState[]): readonly SettledRange[] {
  return states.flatMap(({ index, records, state }) =>
    state.kind === "settled" ? [settledRange(index, records)] : [],
  );
}

function openOf(states: readonly RangeState[]): readonly number[] {
  return states.flatMap(({ index, state }) => (state.kind === "settled" ? [] : [index]));
}

/** Another run completed the request meanwhile: what was planned of a cancelled one is nobody's to follow. */
async function takeBack(run: Run, indexes: readonly number[]): Promise<void> {
  const { deps, request } = run;
  const { completion } = (await deps.ledger.readReprocess(request.pipeline, request.requestId)) ?? {};
  const cancelled = completion?.cancelled;
  if (cancelled !== undefined) {
    await skipAll(run, await readStates(run, indexes), cancelled);
  }
}

function readStates({ deps, request }: Run, open: readonly number[]): Promise<readonly RangeState[]> {
  return mapConcurrently(open, MAX_CONCURRENT_LEDGER_CALLS, async (index) => {
    const range = rangeAt(request, index);
    const records = await Array.fromAsync(deps.ledger.rangesWithin(chainOf(request, range), range));
    return { index, range, records, state: plannedStateOf(range, records, deps.now()) };
  });
}

interface RangeState {
  readonly index: number;
  readonly range: ResolvedRange;
  readonly records: readonly RangeRecord[];
  readonly state: PlannedState;
}

function driveStates(
  states: readonly RangeState[],
  act: (record: RangeRecord) => Promise<PartitionAction>,
): Promise<readonly Driven[]> {
  const unsettled = states.flatMap(({ index, range, state }) =>
    state.kind === "settled" ? [] : [{ index, range, state }],
  );
  return mapConcurrently(unsettled, MAX_CONCURRENT_DISPATCHES, async ({ index, range, state }) => ({
    index,
    outcome: await settle(range, async () => (state.kind === "unseen" ? UNSEEN : act(state.record))),
  }));
}

const UNSEEN: PartitionAction = { kind: "waiting", reason: "it is being split" };

async function planNext(run: Run, next: readonly number[]): Promise<readonly Driven[]> {
  const batchId = run.deps.newId();
  return mapConcurrently(next, MAX_CONCURRENT_DISPATCHES, async (index) => {
    const range = rangeAt(run.request, index);
    return { index, outcome: await settle(range, () => plan(run, range, batchId)) };
  });
}

/** One range's trouble never stops another. */
async function settle(
  { topic, partition }: ResolvedRange,
  act: () => Promise<PartitionAction>,
): Promise<PartitionOutcome> {
  try {
    return { topic, partition, ...(await act()) };
  } catch (error) {
    return { topic, partition, kind: "failed", reason: String(error) };
  }
}

async function plan(run: Run, range: ResolvedRange, batchId: string): Promise<PartitionAction> {
  const { deps, request } = run;
  const { topic, fromOffset, untilOffset } = range;
  const chain = chainOf(request, range);
  const record = newRange({ chain, topic, fromOffset, untilOffset, batchId, writeId: deps.newId(), now: deps.now() });
  const outcome = await deps.ledger.planRange(record);
  return outcome.kind === "collided"
    ? { kind: "collided" }
    : dispatchRange(run, await run.dispatchOf(outcome.record), "planned");
}

async function drive({ deps, rules, dispatchOf }: Run, record: RangeRecord): Promise<PartitionAction> {
  const now = deps.now();
  const dispatch = await dispatchOf(record);
  return driveOpenRange(deps, rules, { decision: driveRange(record, rules, now), dispatch, now });
}

/** A range that a processor holds is finished; any other is closed as it is. */
async function skip({ deps, rules }: Run, record: RangeRecord, { by, reason }: OperatorAct): Promise<PartitionAction> {
  const { fromOffset, untilOffset } = record;
  const { retentionMs } = rules;
  const outcome = await deps.ledger.changeRange(record, {
    kind: "skip",
    operator: { by, reason },
    now: deps.now(),
    retentionMs,
  });
  if (outcome.kind === "refused" && outcome.refusal.kind === "held") {
    return { kind: "waiting", fromOffset, untilOffset, reason: `${outcome.refusal.by} finishes it` };
  }
  return { kind: "skipped", fromOffset, untilOffset, reason };
}

/** Writes only what is new; undefined when the request is not open any more. */
function keepProgress(
  { deps, request }: Run,
  learnt: Parameters<typeof mergeProgress>[1],
): Promise<ReprocessProgress | undefined> {
  const { pipeline, requestId } = request;
  return deps.ledger.changeReprocess(pipeline, requestId, (present) => {
    const merged = mergeProgress(present, learnt);
    const isNew = merged.settled.length > present.settled.length || merged.open.join() !== present.open.join();
    return isNew ? merged : undefined;
  });
}
