// Review chain
//
// What a whole chain may still have to tell: ranges that wait for somebody. None of
// them breaks a guarantee.

import { describeAttemptError } from "../attempt-error.ts";
import { isClosed, isHalted, type RangeRecord } from "../range/range-record.ts";
import { type Finding, findingAt } from "./verify-chain.ts";

export type ChainRemark = Finding<"halted" | "openLong">;

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
  const rest = { ...record, fromOffset: record.committedOffset };
  if (isHalted(record)) {
    return findingAt("halted", rest, `waits for an operator after ${record.attempt} attempts${why(record)}`);
  }
  return !isClosed(record) && record.plannedAt + openLongAfterMs < now
    ? findingAt("openLong", rest, `is ${record.status} since ${new Date(record.plannedAt).toISOString()}${why(record)}`)
    : undefined;
}

function why({ error }: RangeRecord): string {
  return error === undefined ? "" : `: ${describeAttemptError(error)}`;
}
