// Plan reprocess
//
// Decides which ranges of a request come next, from what is known of the others.
//
//   PRQ1  At most maxConcurrentRanges are open at a time. A halted one does not count:
//         it occupies nothing, and must not hold up the other partitions.
//   PRQ2  In an ordered request a range follows when all that lie before it in its
//         partition are settled.
//   PRQ3  What is settled stays settled, whoever knows it (progress is merged, never replaced),
//         and its outcomes are counted by the one write that settles it.
//   PRQ4  A cancelled request plans nothing more.

import type { ReprocessProgress, ReprocessRequest } from "../ledger/reprocess-request.ts";
import { addOutcomes, type OffsetOutcomes, outcomesOf } from "../range/offset-outcomes.ts";
import type { OffsetRange } from "../range/offset-range.ts";
import type { RangeRecord } from "../range/range-record.ts";
import { isClosed, isHalted } from "../range/range-record.ts";
import { partitionKeyOf } from "../range/topic-partition.ts";

/** Where a planned range stands, from its records by offset: more than one where it was split. */
export type PlannedState =
  | { readonly kind: "settled" }
  /** A split's first record was read, and its rest was not there yet. */
  | { readonly kind: "unseen" }
  | { readonly kind: "open" | "halted"; readonly record: RangeRecord };

/** `records` are those that begin in the range. */
export function plannedStateOf(
  { untilOffset }: Pick<OffsetRange, "untilOffset">,
  records: readonly RangeRecord[],
  now: number,
): PlannedState {
  const record = records.find((one) => !isClosed(one));
  if (record !== undefined) {
    return { kind: isHalted(record) ? "halted" : "open", record };
  }
  // A listing may show one of the two records that a split writes: the other is there by the next look, unless the
  // table has begun to forget them. Planned, and no record any more: only a closed one is ever forgotten.
  const last = records.at(-1);
  const isCut = last !== undefined && last.untilOffset < untilOffset && (last.expiresAt ?? now) > now;
  return { kind: isCut ? "unseen" : "settled" };
}

/** A range that is closed, and what became of its offsets. */
export interface SettledRange {
  readonly index: number;
  readonly outcomes: OffsetOutcomes;
}

export function settledRange(index: number, records: readonly RangeRecord[]): SettledRange {
  return { index, outcomes: outcomesOf(records) };
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
    const lane = partitionKeyOf(range);
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
  seen: { readonly settled: readonly SettledRange[]; readonly open: readonly number[] },
): ReprocessProgress {
  const before = new Set(present.settled);
  const added = seen.settled.filter(({ index }) => !before.has(index));
  const settled = new Set([...before, ...added.map(({ index }) => index)]);
  const open = new Set([...present.open, ...seen.open].filter((index) => !settled.has(index)));
  const outcomes = added.map((one) => one.outcomes).reduce(addOutcomes, present.outcomes);
  return { ...present, settled: ascending(settled), outcomes, open: ascending(open) };
}

/** Whether all of the request is settled, or it was cancelled and nothing of it is open. */
export function isFinished({ ranges }: Pick<ReprocessRequest, "ranges">, progress: ReprocessProgress): boolean {
  return progress.settled.length === ranges.length || (progress.cancelled !== undefined && progress.open.length === 0);
}

function ascending(indexes: ReadonlySet<number>): readonly number[] {
  return [...indexes].toSorted((a, b) => a - b);
}
