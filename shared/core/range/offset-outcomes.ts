// Offset outcomes
//
// What became of the offsets that somebody asked to have processed: a reprocess
// request's, or a drain's. A closed range is not a processed one.
//
//   OO1  Each offset counts once: the outcomes, what is unknown and what is left add
//        up to the total.
//   OO2  They are read off closed records, which never change (G4), so that whoever
//        counts a range counts the same.

import { type OffsetRange, recordCount } from "./offset-range.ts";
import { isClosed, type RangeRecord } from "./range-record.ts";

/** Numbers of offsets. */
export interface OffsetOutcomes {
  /** Took effect, or are invisible: aborted, control, compacted away. */
  readonly processed: bigint;
  /** Refused by the pipeline's own code, record by record, to the dead-letter target. */
  readonly rejected: bigint;
  /** Given up as bad records. */
  readonly quarantined: bigint;
  /** Given up by an operator. */
  readonly skipped: bigint;
  /** Given up since the log no longer held them. */
  readonly lost: bigint;
}

export const NO_OUTCOMES: OffsetOutcomes = { processed: 0n, rejected: 0n, quarantined: 0n, skipped: 0n, lost: 0n };

export interface OffsetAccount extends OffsetOutcomes {
  readonly total: bigint;
  /** Settled, and their records were forgotten before anybody saw how, or by code that did not look. */
  readonly unknown: bigint;
  /** Not committed yet; once a request is cancelled, or a drained partition gone: never. */
  readonly left: bigint;
}

/** Of what the records have committed or given up; an open record's rest is not in it. */
export function outcomesOf(records: readonly RangeRecord[]): OffsetOutcomes {
  return records.map(outcomesOfRange).reduce(addOutcomes, NO_OUTCOMES);
}

export function addOutcomes(a: OffsetOutcomes, b: OffsetOutcomes): OffsetOutcomes {
  return {
    processed: a.processed + b.processed,
    rejected: a.rejected + b.rejected,
    quarantined: a.quarantined + b.quarantined,
    skipped: a.skipped + b.skipped,
    lost: a.lost + b.lost,
  };
}

export function sumOutcomes({ processed, rejected, quarantined, skipped, lost }: OffsetOutcomes): bigint {
  return processed + rejected + quarantined + skipped + lost;
}

/** What is neither an outcome nor left is unknown. */
export function accountFor(total: bigint, outcomes: OffsetOutcomes, left: bigint): OffsetAccount {
  const { processed, rejected, quarantined, skipped, lost } = outcomes;
  const unknown = total - left - sumOutcomes(outcomes);
  return { total, processed, rejected, quarantined, skipped, lost, unknown, left };
}

export function addAccounts(a: OffsetAccount, b: OffsetAccount): OffsetAccount {
  return accountFor(a.total + b.total, addOutcomes(a, b), a.left + b.left);
}

/** Whether every offset was processed, or is invisible. */
export function isAllProcessed({ processed, total }: Pick<OffsetAccount, "processed" | "total">): boolean {
  return processed === total;
}

/** Offsets of open records that are not committed yet. */
export function openOffsets(records: readonly RangeRecord[]): bigint {
  return records
    .filter((record) => !isClosed(record))
    .reduce((sum, { committedOffset, untilOffset }) => sum + (untilOffset - committedOffset), 0n);
}

/**
 * What of a SKIPPED, LOST or QUARANTINED range was never processed:
 * [committedOffset, untilOffset). Undefined for every other status.
 */
export function unprocessedPart(record: RangeRecord): OffsetRange | undefined {
  const { status, topic, partition, committedOffset, untilOffset } = record;
  return status === "SKIPPED" || status === "LOST" || status === "QUARANTINED"
    ? { topic, partition, fromOffset: committedOffset, untilOffset }
    : undefined;
}

const GIVEN_UP_AS = { QUARANTINED: "quarantined", SKIPPED: "skipped", LOST: "lost" } as const;

function outcomesOfRange({ status, fromOffset, committedOffset, untilOffset, counts }: RangeRecord): OffsetOutcomes {
  const { rejected = 0n } = counts;
  const committed = { ...NO_OUTCOMES, processed: committedOffset - fromOffset - rejected, rejected };
  return status === "QUARANTINED" || status === "SKIPPED" || status === "LOST"
    ? { ...committed, [GIVEN_UP_AS[status]]: recordCount({ fromOffset: committedOffset, untilOffset }) }
    : committed;
}
