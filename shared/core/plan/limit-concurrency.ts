// Limit concurrency
//
// How many ranges of a pipeline may be in flight at a time: dispatched and not
// claimed yet, or under a lease. What does not fit waits for a later run.
//
//   LC1  A run dispatches no more than `maxConcurrency` leaves room for.
//   LC2  Whose last turn is the longest ago goes first, so that no partition starves.
//   LC3  Only dispatches wait: nothing else that was decided changes.
//   LC4  Reprocessing takes at most half of it, and the live chains the rest (G9).

import { dueAt } from "../range/due-at.ts";
import type { RangeRecord } from "../range/range-record.ts";
import type { BatchDecision, PlanDecision, PlannedPartition } from "./batch-decision.ts";
import type { PartitionState } from "./plan-partition.ts";

export interface ConcurrencyMoment {
  readonly maxConcurrency: number;
  /** What the limit is called. @default "maxConcurrency" */
  readonly name?: string;
  /** Ranges of reprocess requests that are open. */
  readonly reprocessed: number;
  readonly dispatchTimeoutMs: number;
  readonly now: number;
}

/** In the order given; what waits is `queued`. */
export function limitConcurrency(
  planned: readonly PlannedPartition[],
  moment: ConcurrencyMoment,
): readonly PlannedPartition[] {
  const inFlight = planned.filter(({ state }) => isInFlight(state.newest, moment)).length;
  const reserved = Math.min(moment.reprocessed, reprocessShare(moment.maxConcurrency));
  let room = Math.max(0, moment.maxConcurrency - inFlight - reserved);
  const limited = [...planned];
  const waiting = [...planned.entries()]
    .filter(([, { decision }]) => dispatches(decision) > 0)
    .toSorted(([, a], [, b]) => lastTurn(a.state) - lastTurn(b.state));
  for (const [index, { state, decision }] of waiting) {
    const taken = takeRoom(decision, room);
    room -= taken === undefined ? 0 : dispatches(taken);
    const reason = `waits for one of ${inFlight + reserved} ranges in flight: ${moment.name ?? "maxConcurrency"} is ${moment.maxConcurrency}`;
    limited[index] = { state, decision: taken ?? { kind: "queued", reason } };
  }
  return limited;
}

/** The ranges that all reprocess requests together may have open. */
export function reprocessShare(maxConcurrency: number): number {
  return Math.max(1, Math.floor(maxConcurrency / 2));
}

function isInFlight(record: RangeRecord | undefined, { dispatchTimeoutMs, now }: ConcurrencyMoment): boolean {
  const due = record === undefined ? undefined : dueAt(record, dispatchTimeoutMs);
  if (record === undefined || due === undefined || due <= now) {
    return false;
  }
  const { status, dispatchedAt, nextAttemptAt = 0 } = record;
  // A failed range that is not dispatched again yet only waits for its time.
  return status === "RUNNING" || (dispatchedAt !== undefined && dispatchedAt >= nextAttemptAt);
}

/** How many processors the decision invokes. */
function dispatches(decision: BatchDecision): number {
  if (decision.kind === "plan") {
    return decision.pieces?.length ?? 1;
  }
  const isDriven =
    decision.kind === "drive" &&
    (decision.drive.kind === "redispatch" || (decision.drive.kind === "expire" && decision.drive.mayRetry));
  return isDriven ? 1 : 0;
}

/** As much of the decision as there is room for; undefined for none. */
function takeRoom(decision: BatchDecision, room: number): BatchDecision | undefined {
  if (room >= dispatches(decision)) {
    return decision;
  }
  return room >= 1 && decision.kind === "plan" ? shorten(decision, room) : undefined;
}

function shorten({ pieces = [], ...decision }: PlanDecision, room: number): PlanDecision | undefined {
  const taken = pieces.slice(0, room);
  const last = taken.at(-1);
  if (last === undefined) {
    return undefined;
  }
  const shortened = { ...decision, untilOffset: last.untilOffset, limitedBy: "maxConcurrency" } as const;
  return taken.length > 1 ? { ...shortened, pieces: taken } : shortened;
}

/** When the partition was last dispatched; 0 for one that never was. What fails again and again does not go first. */
function lastTurn({ newest }: PartitionState): number {
  return newest?.dispatchedAt ?? newest?.plannedAt ?? 0;
}
