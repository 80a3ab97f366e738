// Review chain
//
// What a whole chain may still have to tell: ranges that wait for somebody, and
// records that were given up on purpose. None of it breaks a guarantee, since each
// is recorded with its offsets.

import { recordCount } from "./offset-range.ts";
import { isClosed, isHalted, type RangeRecord } from "./range-record.ts";
import { type Finding, findingAt } from "./verify-chain.ts";

export type ChainRemark = Finding<"halted" | "openLong" | "skipped" | "lost" | "quarantined">;

export interface ReviewRules {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** A range that was planned longer ago should be completed, in ms. */
  readonly openLongAfterMs: number;
}

/** In the chain's order. */
export function reviewChain(records: readonly RangeRecord[], rules: ReviewRules): readonly ChainRemark[] {
  return records.flatMap((record) => reviewRange(record, rules) ?? []);
}

function reviewRange(record: RangeRecord, { now, openLongAfterMs }: ReviewRules): ChainRemark | undefined {
  const { committedOffset, untilOffset } = record;
  const given = { ...record, fromOffset: committedOffset };
  const records = recordCount({ fromOffset: committedOffset, untilOffset });
  switch (record.status) {
    case "SKIPPED":
      return findingAt("skipped", given, `was skipped: up to ${records} records were not processed${why(record)}`);
    case "LOST":
      return findingAt(
        "lost",
        given,
        `was lost: up to ${records} records were gone before they were read${why(record)}`,
      );
    case "QUARANTINED":
      return findingAt("quarantined", given, `is quarantined: up to ${records} records were put aside${why(record)}`);
    default:
      break;
  }
  if (isHalted(record)) {
    return findingAt("halted", given, `waits for an operator after ${record.attempt} attempts${why(record)}`);
  }
  return !isClosed(record) && record.plannedAt + openLongAfterMs < now
    ? findingAt(
        "openLong",
        given,
        `is ${record.status} since ${new Date(record.plannedAt).toISOString()}${why(record)}`,
      )
    : undefined;
}

function why({ error }: RangeRecord): string {
  return error === undefined ? "" : `: ${error.name}: ${error.message}`;
}
