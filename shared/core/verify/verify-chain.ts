// Verify chain
//
// Holds the stored ranges of one chain against what the ledger promises. The
// same checks prove a test's ledger and a user's.
//
//   VC1  Neighbours join: no gap and no overlap (G2). Only a range that the table may
//        have forgotten already leaves a gap that is none: behind one that is, or
//        within a group, whose ranges close in any order, once it is old enough.
//   VC2  Only the newest range, or its group (range-group.ts), is open, so order was
//        kept where it was to be.
//   VC3  A range's counts account for no more offsets than it has committed.
//   VC4  No lease has outlived its time unnoticed.

import { isOfGroup } from "../ledger/range-group.ts";
import { formatOffsetRange, recordCount } from "../range/offset-range.ts";
import { isClosed, type RangeRecord } from "../range/range-record.ts";

/** What was found, and where. */
export interface Finding<Kind extends string> {
  readonly kind: Kind;
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
  readonly message: string;
}

export type ChainProblem = Finding<"missing" | "gap" | "overlap" | "openInside" | "counts" | "leaseExpired">;

export interface VerifyRules {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Ranges of a reprocess request need not join, and several may be open. */
  readonly mode: "live" | "reprocess";
  /** How long an expired lease may wait for the scheduler's next run, in ms. @default 0 */
  readonly stuckAfterMs?: number;
}

/** `records` are one chain's by ascending fromOffset. */
export function verifyChain(records: readonly RangeRecord[], rules: VerifyRules): readonly ChainProblem[] {
  const { mode } = rules;
  const newest = records.at(-1);
  const keptMs = leastRetentionMs(records);
  return records.flatMap((record, index) => {
    const next = records[index + 1];
    return [
      ...verifyRecord(record, rules),
      ...(next === undefined ? [] : verifyNeighbours(record, next, { ...rules, keptMs })),
      ...(mode === "live" && newest !== undefined && isOpenInside(record, newest)
        ? [findingAt("openInside", record, "is open although a later range was planned")]
        : []),
    ];
  });
}

function isOpenInside(record: RangeRecord, newest: RangeRecord): boolean {
  return record !== newest && !isClosed(record) && !isOfGroup(record, newest);
}

/** How long the chain's ranges are kept at least, as far as its records tell: a renewed one was kept for longer. */
function leastRetentionMs(records: readonly RangeRecord[]): number {
  return records.reduce(
    (least, { completedAt, expiresAt }) =>
      completedAt === undefined || expiresAt === undefined ? least : Math.min(least, expiresAt - completedAt),
    Number.POSITIVE_INFINITY,
  );
}

function verifyNeighbours(
  record: RangeRecord,
  next: RangeRecord,
  { now, mode, keptMs }: VerifyRules & { readonly keptMs: number },
): readonly ChainProblem[] {
  if (next.fromOffset > record.untilOffset) {
    const isForgotten =
      (record.expiresAt !== undefined && record.expiresAt <= now) ||
      (isOfGroup(record, next) && Math.min(record.plannedAt, next.plannedAt) + keptMs <= now);
    const hole = { ...record, fromOffset: record.untilOffset, untilOffset: next.fromOffset };
    return mode === "reprocess" || isForgotten
      ? []
      : [findingAt("gap", hole, `is in no range: it follows ${formatOffsetRange(record)}`)];
  }
  if (next.fromOffset < record.untilOffset) {
    const twice = { ...record, fromOffset: next.fromOffset };
    const ranges = `${formatOffsetRange(record)} and ${formatOffsetRange(next)}`;
    return [findingAt("overlap", twice, `is in two ranges: ${ranges}`)];
  }
  return [];
}

function verifyRecord(record: RangeRecord, { now, stuckAfterMs = 0 }: VerifyRules): readonly ChainProblem[] {
  const { counts, fromOffset, committedOffset, lease } = record;
  const counted = counts.delivered + counts.aborted + counts.control;
  const committed = recordCount({ fromOffset, untilOffset: committedOffset });
  const { rejected = 0n } = counts;
  const overrejected = `has ${rejected} rejected records, more than the ${committed} offsets it has committed`;
  const overcounted = `accounts for ${counted} offsets, more than the ${committed} it has committed`;
  return [
    ...(counted > committed ? [findingAt("counts", record, overcounted)] : []),
    ...(rejected > committed ? [findingAt("counts", record, overrejected)] : []),
    ...(lease !== undefined && lease.expiresAt + stuckAfterMs < now
      ? [findingAt("leaseExpired", record, `is RUNNING under a lease that ended at ${formatTime(lease.expiresAt)}`)]
      : []),
  ];
}

type Place = Pick<RangeRecord, "topic" | "partition" | "fromOffset" | "untilOffset">;

/** `what` goes on where the range's own name ends. */
export function findingAt<Kind extends string>(kind: Kind, place: Place, what: string): Finding<Kind> {
  const { topic, partition, fromOffset, untilOffset } = place;
  return { kind, topic, partition, fromOffset, untilOffset, message: `${formatOffsetRange(place)} ${what}` };
}

function formatTime(at: number): string {
  return new Date(at).toISOString();
}
