// Judge failure
//
// What comes after a failed attempt: another one, one at half of the range, giving
// up a record, giving up what is lost, or an operator. It writes nothing.
//
//   JF1  A record is given up only alone, after `maxAttempts` attempts at it alone (a few
//        where no retry is known to help: a failing disk's replica may lose its lead), for
//        an error that blames it (an outage in between neither counts nor starts anew), and
//        where the pipeline says so. Of one planned range
//        at most `maxQuarantinedPerRange` are: more at once are an outage, not bad records.
//   JF2  What blames the surroundings leaves the range whole, and is none of its attempts: it is
//        tried again `maxOutageAttempts` times, over an hour or more. Only an answer that no
//        waiting changes (a protocol that nobody knows, a ledger that contradicts itself) halts at once.
//   JF3  What does not fit is halved whatever the policy: nothing is given up by it.
//   JF4  Looking for a bad record begins with what the code had in hand, and goes on with one attempt per half:
//        what was in hand and is not bad, or a half that failed for another reason, costs a longer
//        search, never a record (JF1).

import type { OffsetsInHand } from "../attempt-error.ts";
import { BatchProcessorError, ConfigurationError, DataLossError } from "../errors.ts";
import { ATTEMPTS_BEFORE_GIVING_UP, ATTEMPTS_PER_LENGTH, ATTEMPTS_PER_SEARCH_STEP } from "../limits.ts";
import { smallerOf } from "../range/offset-range.ts";
import { blameAlone, halve, type Narrowing, suspect } from "../range/range-narrowing.ts";
import type { RangeRecord } from "../range/range-record.ts";
import { blameOf } from "./blame-error.ts";

export interface FailureRules {
  /** Failed attempts without progress after which a range is halted, or searched for its bad record. */
  readonly maxAttempts: number;
  /** Attempts in a row that fail for the surroundings' sake, after which a range is halted. */
  readonly maxOutageAttempts: number;
  readonly onFailure: "halt" | "quarantine";
  /** Records of one planned range that are given up before it is halted instead. */
  readonly maxQuarantinedPerRange: number;
  readonly onDataLoss: "fail" | "skip";
}

export type FailureJudgement =
  /** The surroundings are to blame. */
  | { readonly kind: "wait" }
  /** `narrowed` is present where a record alone was blamed once more. */
  | { readonly kind: "retry"; readonly narrowed?: Narrowing & { readonly blamed: number } }
  | { readonly kind: "narrow"; readonly narrowed: Narrowing }
  /** The one offset that was attempted is given up. */
  | { readonly kind: "quarantine" }
  /** [committedOffset, untilOffset) is gone from the log. */
  | { readonly kind: "lose"; readonly untilOffset: bigint }
  /** `why` adds to the error what an operator should know. */
  | { readonly kind: "halt"; readonly why?: string };

export interface FailedAttempt {
  /** As of the last write. */
  readonly record: RangeRecord;
  /** Where the attempt was to end, exclusive. */
  readonly untilOffset: bigint;
  readonly error: unknown;
  /** What the pipeline's code had in hand, where the error is for what is in it. */
  readonly inHand?: OffsetsInHand | undefined;
}

export function judgeFailure(attempt: FailedAttempt, rules: FailureRules): FailureJudgement {
  const { record, error } = attempt;
  if (error instanceof DataLossError) {
    return judgeLoss(record, error, rules);
  }
  if (record.prepared !== undefined) {
    // It may have taken effect, whatever failed: nothing of it is given up or cut in pieces.
    return judgeOutage(attempt, rules);
  }
  const { maxAttempts } = rules;
  const isFinal = (attempts: number) =>
    record.failedAttempts + 1 >= attempts || (error instanceof BatchProcessorError && !error.retryable);
  const isAlone = attempt.untilOffset - record.committedOffset <= 1n;
  const piece = { committedOffset: record.committedOffset, untilOffset: attempt.untilOffset };
  const blame = blameOf(error);
  switch (blame) {
    case "surroundings":
      return judgeOutage(attempt, rules);
    case "time":
    case "size":
      if (isAlone) {
        break;
      }
      return isFinal(Math.min(ATTEMPTS_PER_LENGTH, maxAttempts))
        ? { kind: "narrow", narrowed: halve(piece, "tooLong") }
        : { kind: "retry" };
    case "records": {
      const isSearched = record.narrowed?.suspectUntil !== undefined;
      if (isAlone || rules.onFailure === "halt") {
        break;
      }
      return isFinal(isSearched ? ATTEMPTS_PER_SEARCH_STEP : maxAttempts)
        ? { kind: "narrow", narrowed: isSearched ? halve(piece, "bad") : suspect(piece, attempt.inHand) }
        : { kind: "retry" };
    }
  }
  if (isAlone && blame !== "time" && rules.onFailure === "quarantine") {
    const isHopeless = error instanceof BatchProcessorError && !error.retryable;
    const attempts = isHopeless ? Math.min(ATTEMPTS_BEFORE_GIVING_UP, maxAttempts) : maxAttempts;
    const narrowed = blameAlone(record);
    return narrowed.blamed < attempts ? { kind: "retry", narrowed } : judgeRecord(record, rules);
  }
  return { kind: isFinal(maxAttempts) ? "halt" : "retry" };
}

/** A permission, a password or a setting may be mended at any moment; then everything goes on by itself. */
function judgeOutage(
  { record: { outages = 0 }, error }: FailedAttempt,
  { maxOutageAttempts }: FailureRules,
): FailureJudgement {
  const isLasting = error instanceof BatchProcessorError && !error.retryable && !(error instanceof ConfigurationError);
  return { kind: isLasting || outages + 1 >= maxOutageAttempts ? "halt" : "wait" };
}

function judgeRecord({ quarantined = 0 }: RangeRecord, { maxQuarantinedPerRange }: FailureRules): FailureJudgement {
  return quarantined < maxQuarantinedPerRange
    ? { kind: "quarantine" }
    : {
        kind: "halt",
        why: `${quarantined} records of this range are quarantined already, so that this looks like an outage; mend it and retry, or raise maxQuarantinedPerRange`,
      };
}

function judgeLoss(
  { committedOffset, untilOffset }: RangeRecord,
  { loss }: DataLossError,
  { onDataLoss }: FailureRules,
): FailureJudgement {
  // Without the log's beginning it is not known what is lost: a truncated log, a re-created topic.
  return onDataLoss === "skip" && loss.kind === "deleted" && loss.beginningOffset > committedOffset
    ? { kind: "lose", untilOffset: smallerOf(loss.beginningOffset, untilOffset) }
    : { kind: "halt" };
}
