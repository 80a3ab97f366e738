// Drive request
//
// What one run does for one open request: look at the ranges that were open, take
// the closed ones off, carry the others on, plan the next ones, and keep what was
// learnt.
//
//   V1  Progress is written after the ranges that it names: a run that dies in between
//       plans the same ranges again and collides with itself.
//   V2  Only the open ranges are read; a range that was planned and whose record is
//       gone was closed and forgotten.

import { LedgerIntegrityError } from "../../shared/core/errors.ts";
import { MAX_CONCURRENT_DISPATCHES, MAX_CONCURRENT_LEDGER_CALLS } from "../../shared/core/limits.ts";
import { mapConcurrently } from "../../shared/core/map-concurrently.ts";
import { newRange } from "../../shared/core/new-range.ts";
import { driveRange } from "../../shared/core/plan-partition.ts";
import { mergeProgress, nextRanges, type PlannedState, plannedStateOf } from "../../shared/core/plan-reprocess.ts";
import type { OperatorAct, RangeRecord } from "../../shared/core/range-record.ts";
import type { ReprocessProgress, ReprocessRequest } from "../../shared/core/reprocess-request.ts";
import type { ResolvedRange } from "../../shared/core/resolve-choice.ts";
import { dispatchRange, driveOpenRange } from "./drive-range.ts";
import type { PartitionAction, PartitionOutcome } from "./partition-outcome.ts";
import type { SchedulerDeps, SchedulerRules } from "./scheduler-deps.ts";

export interface DrivenRequest {
  readonly progress: ReprocessProgress;
  /** What was done for the ranges that are open, planned or just skipped. */
  readonly ranges: readonly PartitionOutcome[];
}

interface Run {
  readonly deps: SchedulerDeps;
  readonly rules: SchedulerRules;
  readonly request: ReprocessRequest;
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
  const run: Run = { deps, rules, request };
  const states = await readStates(run, seen.open);
  const driven = await driveStates(run, states, seen.cancelled);
  const halted = new Set(driven.flatMap(({ index, outcome }) => (outcome.kind === "halted" ? [index] : [])));
  const open = new Set(driven.flatMap(({ index, outcome }) => (outcome.kind === "skipped" ? [] : [index])));
  const settled = new Set([...seen.settled, ...seen.open.filter((index) => !open.has(index))]);
  const maxConcurrentRanges = Math.min(request.maxConcurrentRanges, rules.maxConcurrentRanges ?? Infinity);
  const next = nextRanges({ ...request, maxConcurrentRanges }, { settled, open, halted });
  const isCancelled = seen.cancelled !== undefined;
  const planned = isCancelled ? await skipLeft(run, next, seen.cancelled) : await planNext(run, next);
  const over = isCancelled ? "skipped" : "failed";
  const learnt = {
    settled: [...settled],
    open: [...open, ...planned.flatMap(({ index, outcome }) => (outcome.kind === over ? [] : [index]))],
  };
  const kept = await keepProgress(run, learnt);
  if (kept === undefined) {
    await takeBack(run, learnt.open);
  }
  return {
    progress: kept ?? mergeProgress(seen, learnt),
    ranges: [...driven, ...planned].map(({ outcome }) => outcome),
  };
}

/** Of a cancelled request: what would be next may have been planned by a run that died before it said so (V1). */
async function skipLeft(run: Run, next: readonly number[], cancelled: OperatorAct): Promise<readonly Driven[]> {
  return driveStates(run, await readStates(run, next), cancelled);
}

/** Another run completed the request meanwhile: what was planned of a cancelled one is nobody's to follow. */
async function takeBack(run: Run, indexes: readonly number[]): Promise<void> {
  const { deps, request } = run;
  const { completion } = (await deps.ledger.readReprocess(request.pipeline, request.requestId)) ?? {};
  const cancelled = completion?.cancelled;
  if (cancelled !== undefined) {
    await driveStates(run, await readStates(run, indexes), cancelled);
  }
}

function readStates({ deps, request }: Run, open: readonly number[]) {
  return mapConcurrently(open, MAX_CONCURRENT_LEDGER_CALLS, async (index) => {
    const range = rangeAt(request, index);
    const records = await Array.fromAsync(deps.ledger.rangesWithin(chainOf(request, range), range));
    return { index, range, state: plannedStateOf(records) };
  });
}

interface RangeState {
  readonly index: number;
  readonly range: ResolvedRange;
  readonly state: PlannedState;
}

async function driveStates(
  run: Run,
  states: readonly RangeState[],
  cancelled: OperatorAct | undefined,
): Promise<readonly Driven[]> {
  const unsettled = states.flatMap(({ index, range, state }) =>
    state.kind === "settled" ? [] : [{ index, range, record: state.record }],
  );
  return mapConcurrently(unsettled, MAX_CONCURRENT_DISPATCHES, async ({ index, range, record }) => ({
    index,
    outcome: await settle(range, () => (cancelled === undefined ? drive(run, record) : skip(run, record, cancelled))),
  }));
}

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

async function plan({ deps, request }: Run, range: ResolvedRange, batchId: string): Promise<PartitionAction> {
  const { topic, fromOffset, untilOffset } = range;
  const chain = chainOf(request, range);
  const record = newRange({ chain, topic, fromOffset, untilOffset, batchId, writeId: deps.newId(), now: deps.now() });
  const outcome = await deps.ledger.planRange(record);
  return outcome.kind === "collided"
    ? { kind: "collided" }
    : dispatchRange(deps.dispatcher, { record: outcome.record }, "planned");
}

function drive({ deps, rules }: Run, record: RangeRecord): Promise<PartitionAction> {
  const now = deps.now();
  return driveOpenRange(deps, rules, { decision: driveRange(record, rules, now), dispatch: { record }, now });
}

/** What runs finishes; what nobody runs is closed as it is. */
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
  learnt: Pick<ReprocessProgress, "settled" | "open">,
): Promise<ReprocessProgress | undefined> {
  const { pipeline, requestId } = request;
  return deps.ledger.changeReprocess(pipeline, requestId, (present) => {
    const merged = mergeProgress(present, learnt);
    const isNew = merged.settled.length > present.settled.length || merged.open.join() !== present.open.join();
    return isNew ? merged : undefined;
  });
}

function rangeAt({ requestId, ranges }: ReprocessRequest, index: number): ResolvedRange {
  const range = ranges[index];
  if (range === undefined) {
    throw new LedgerIntegrityError(`request ${requestId} has ${ranges.length} ranges, but range ${index} is open`);
  }
  return range;
}

function chainOf({ pipeline, requestId }: ReprocessRequest, { topicId, partition }: ResolvedRange) {
  return { pipeline, topicId, partition, requestId };
}
