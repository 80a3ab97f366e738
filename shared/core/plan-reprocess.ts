// Plan reprocess
//
// Decides which ranges of a request come next, from what is known of the others.
//
//   Q1  At most maxConcurrentRanges are open at a time. A halted one does not count:
//       it occupies nothing, and must not hold up the other partitions.
//   Q2  In an ordered request a range follows when all that lie before it in its
//       partition are settled.
//   Q3  What is settled stays settled, whoever knows it (progress is merged, never replaced).
//   Q4  A cancelled request plans nothing more.

import type { RangeRecord } from "./range-record.ts";
import { isClosed, isHalted } from "./range-record.ts";
import type { ReprocessProgress, ReprocessRequest } from "./reprocess-request.ts";
import type { ResolvedRange } from "./resolve-choice.ts";

/** Where a planned range stands, from its records by offset: more than one where it was split. */
export type PlannedState =
  | { readonly kind: "settled" }
  | { readonly kind: "open" | "halted"; readonly record: RangeRecord };

/** `records` are those that begin in the range. */
export function plannedStateOf(records: readonly RangeRecord[]): PlannedState {
  // Planned, and no record any more: only a closed one is ever forgotten.
  const record = records.find((one) => !isClosed(one));
  return record === undefined ? { kind: "settled" } : { kind: isHalted(record) ? "halted" : "open", record };
}

export interface KnownRanges {
  readonly settled: ReadonlySet<number>;
  readonly open: ReadonlySet<number>;
  /** Those of the open ones that wait for an operator. */
  readonly halted: ReadonlySet<number>;
}

/** The indexes of the ranges to plan now, in order. */
export function nextRanges(
  { ranges, maxConcurrentRanges, isOrdered }: Pick<ReprocessRequest, "ranges" | "maxConcurrentRanges" | "isOrdered">,
  { settled, open, halted }: KnownRanges,
): readonly number[] {
  const next: number[] = [];
  const waiting = new Set<string>();
  const room = maxConcurrentRanges - (open.size - halted.size);
  for (const [index, range] of ranges.entries()) {
    if (next.length >= room) {
      break;
    }
    if (settled.has(index)) {
      continue;
    }
    const lane = laneOf(range);
    if (!open.has(index) && !waiting.has(lane)) {
      next.push(index);
    }
    if (isOrdered) {
      waiting.add(lane);
    }
  }
  return next;
}

/** What both know together, with what only `present` decides. */
export function mergeProgress(
  present: ReprocessProgress,
  seen: Pick<ReprocessProgress, "settled" | "open">,
): ReprocessProgress {
  const settled = new Set([...present.settled, ...seen.settled]);
  const open = new Set([...present.open, ...seen.open].filter((index) => !settled.has(index)));
  return { ...present, settled: ascending(settled), open: ascending(open) };
}

/** Whether nothing of the request is left to do. */
export function isFinished({ ranges }: Pick<ReprocessRequest, "ranges">, progress: ReprocessProgress): boolean {
  return progress.settled.length === ranges.length || (progress.cancelled !== undefined && progress.open.length === 0);
}

function laneOf({ topicId, partition }: ResolvedRange): string {
  return `${topicId}#${partition}`;
}

function ascending(indexes: ReadonlySet<number>): readonly number[] {
  return [...indexes].toSorted((a, b) => a - b);
}
