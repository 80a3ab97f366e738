// Verify chain
//
// Holds the stored ranges of one chain against what the ledger promises. The
// same checks prove a test's ledger and a user's.
//
//   V1  Neighbours join: no gap and no overlap (G2).
//   V2  Only the newest range, or its group (range-group.ts), is open, so order was
//       kept where it was to be.
//   V3  A range's counts account for no more offsets than it has committed.
//   V4  No lease has outlived its time unnoticed.

import { formatOffsetRange, recordCount } from "./offset-range.ts";
import { isOfGroup } from "./range-group.ts";
import { isClosed, type RangeRecord } from "./range-record.ts";

export interface ChainProblem {
  readonly kind: "missing" | "gap" | "overlap" | "openInside" | "counts" | "leaseExpired";
  readonly topic: string;
  readonly partition: number;
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
  readonly message: string;
}

export interface VerifyRules {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Ranges of a reprocess request need not join, and several may be open. */
  readonly mode: "live" | "reprocess";
}

/** `records` are one chain's by ascending fromOffset. */
export function verifyChain(records: readonly RangeRecord[], { now, mode }: VerifyRules): readonly ChainProblem[] {
  const newest = records.at(-1);
  return records.flatMap((record, index) => {
    const next = records[index + 1];
    return [
      ...verifyRecord(record, now),
      ...(next === undefined ? [] : verifyNeighbours(record, next)),
      ...(mode === "live" &&
      newest !== undefined &&
      newest !== record &&
      !isClosed(record) &&
      !isOfGroup(record, newest)
        ? [problem("openInside", record, "is open although a later range was planned")]
        : []),
    ].filter(({ kind }) => mode === "live" || kind !== "gap");
  });
}

function verifyNeighbours(record: RangeRecord, next: RangeRecord): readonly ChainProblem[] {
  if (next.fromOffset > record.untilOffset) {
    const hole = { ...record, fromOffset: record.untilOffset, untilOffset: next.fromOffset };
    return [problem("gap", hole, `is in no range: it follows ${formatOffsetRange(record)}`)];
  }
  if (next.fromOffset < record.untilOffset) {
    const twice = { ...record, fromOffset: next.fromOffset };
    return [problem("overlap", twice, `is in two ranges: ${formatOffsetRange(record)} and ${formatOffsetRange(next)}`)];
  }
  return [];
}

function verifyRecord(record: RangeRecord, now: number): readonly ChainProblem[] {
  const { counts, fromOffset, committedOffset, lease } = record;
  const counted = counts.delivered + counts.aborted + counts.control;
  const committed = recordCount({ fromOffset, untilOffset: committedOffset });
  return [
    ...(counted > committed
      ? [problem("counts", record, `accounts for ${counted} offsets, more than the ${committed} it has committed`)]
      : []),
    ...(lease !== undefined && lease.expiresAt < now
      ? [
          problem(
            "leaseExpired",
            record,
            `is RUNNING under a lease that ended at ${new Date(lease.expiresAt).toISOString()}`,
          ),
        ]
      : []),
  ];
}

function problem(kind: ChainProblem["kind"], record: RangeRecord, what: string): ChainProblem {
  const { topic, partition, fromOffset, untilOffset } = record;
  return { kind, topic, partition, fromOffset, untilOffset, message: `${formatOffsetRange(record)} ${what}` };
}
