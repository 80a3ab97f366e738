// Settle failure
//
// Carries out what judge-failure.ts decides for a failed attempt.
//
//   SF1  A record's dead letter is kept before the record is marked QUARANTINED: a
//        processor that dies in between sends it twice, under one id, never not at all.
//   SF2  What only delays the letter (the queue, a broker, the invocation's time) is an
//        outage like any other (JF2): the record's own attempts are used up already.

import {
  BatchProcessorError,
  ConfigurationError,
  DeadLetterError,
  DeadlineError,
} from "../../../shared/core/errors.ts";
import { backoffMs, outageBackoffMs } from "../../../shared/core/failure/backoff.ts";
import { judgeFailure } from "../../../shared/core/failure/judge-failure.ts";
import type { ChangeOutcome } from "../../../shared/core/ledger/range-ledger.ts";
import { THROTTLED_TIME_SHARE } from "../../../shared/core/limits.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { FailEvent } from "../../../shared/core/range/range-event.ts";
import { halve, type Narrowing } from "../../../shared/core/range/range-narrowing.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { RangeSplit } from "../../../shared/core/range/split-range.ts";
import { describeStack } from "../errors/describe-error.ts";
import type { Attempt } from "./attempt.ts";
import { attemptErrorOf } from "./attempt-error-of.ts";
import type { ProcessOutcome, ProcessorDeps, ProcessorRules } from "./processor-deps.ts";
import { raceSignal } from "./race-signal.ts";
import { type OneRecord, readOne } from "./read-one.ts";
import { recordOf } from "./run-attempt.ts";

/** An attempt's outcome, and the range that may be gone on with at once. */
export interface Settled {
  readonly outcome: ProcessOutcome;
  readonly next?: RangeRecord;
}

/**
 * Without progress another attempt would end the same way: it counts as failed, so that there is an end to them. What a
 * broker's quota held up is not to blame: it is tried again for as long as that lasts, a shorter piece each time.
 */
export async function handBack<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  attempt: Attempt<Output>,
  cause: unknown,
): Promise<Settled> {
  const record = recordOf(attempt);
  const hasProgress = record.committedOffset !== attempt.claimed.committedOffset;
  if (!hasProgress && !wasThrottled(deps, attempt)) {
    const message = `the time was up before anything of ${formatOffsetRange(record)} was committed; commit within the range, plan fewer records for it, or give the function more time`;
    return settleFailure(deps, rules, attempt, new DeadlineError(message, { cause }));
  }
  const narrowed = hasProgress ? undefined : shorterPiece(record, attempt);
  const released = await deps.ledger.changeRange(record, {
    kind: "release",
    lease: attempt.claimed.lease,
    ...omitUndefined({ narrowed }),
  });
  return {
    outcome: released.kind === "changed" ? { kind: "released", record: released.record } : overtaken(record, released),
  };
}

function wasThrottled<Output>({ reader, now }: ProcessorDeps<Output>, attempt: Attempt<Output>): boolean {
  const throttledMs = reader.throttleTimeMs - attempt.throttleTimeMs;
  return throttledMs > 0 && throttledMs >= THROTTLED_TIME_SHARE * (now() - attempt.startedAt);
}

/** Undefined where there is none, or where a bad record is looked for: that search goes by halves of its own. */
function shorterPiece<Output>(
  { committedOffset, narrowed }: RangeRecord,
  { untilOffset }: Attempt<Output>,
): Narrowing | undefined {
  return untilOffset - committedOffset <= 1n || narrowed?.suspectUntil !== undefined
    ? undefined
    : halve({ committedOffset, untilOffset }, "tooLong");
}

/** A completion that was under way when the time was up may have come first. */
function overtaken(
  { leaseCounter }: RangeRecord,
  outcome: Exclude<ChangeOutcome, { readonly kind: "changed" }>,
): ProcessOutcome {
  const isOwn =
    outcome.kind === "refused" && outcome.record.status === "COMPLETED" && outcome.record.leaseCounter === leaseCounter;
  return isOwn ? { kind: "completed", record: outcome.record } : { kind: "superseded" };
}

export async function settleFailure<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  attempt: Attempt<Output>,
  error: unknown,
): Promise<Settled> {
  const record = recordOf(attempt);
  const { inHand } = attemptErrorOf(attempt, error);
  const judgement = judgeFailure({ record, untilOffset: attempt.untilOffset, error, inHand }, rules);
  switch (judgement.kind) {
    case "wait": {
      const nextAttemptAt = deps.now() + outageBackoffMs((record.outages ?? 0) + 1, deps.random());
      return fail(deps, attempt, { error, outcome: "failed", nextAttemptAt, isOutage: true });
    }
    case "retry": {
      const { narrowed } = judgement;
      const backoff = backoffMs(narrowed?.blamed ?? record.failedAttempts + 1, deps.random());
      const again = { nextAttemptAt: deps.now() + backoff, ...omitUndefined({ narrowed }) };
      return fail(deps, attempt, { error, outcome: "failed", ...again });
    }
    case "narrow": {
      const { narrowed } = judgement;
      return fail(deps, attempt, { error, outcome: "narrowed", nextAttemptAt: deps.now(), narrowed });
    }
    case "halt":
      return fail(deps, attempt, { error, outcome: "halted", why: judgement.why });
    case "lose":
      return split(deps, rules, attempt, { error, outcome: "lost", at: judgement.untilOffset });
    case "quarantine":
      return quarantine(deps, rules, attempt, error);
  }
}

interface Failure extends Pick<FailEvent, "nextAttemptAt" | "narrowed" | "isOutage"> {
  readonly error: unknown;
  readonly outcome: "failed" | "narrowed" | "halted";
  /** Why it is final. */
  readonly why?: string | undefined;
}

/** Writes the failure down; a narrowed range is gone on with at once. */
async function fail<Output>(
  { ledger }: ProcessorDeps<Output>,
  attempt: Attempt<Output>,
  { error, outcome: kind, why, ...next }: Failure,
): Promise<Settled> {
  const record = recordOf(attempt);
  const failed = await ledger.changeRange(record, {
    kind: "fail",
    lease: attempt.claimed.lease,
    error: attemptErrorOf(attempt, error, why),
    ...next,
  });
  if (failed.kind !== "changed") {
    return { outcome: overtaken(record, failed) };
  }
  const outcome = { kind, record: failed.record, error } as const;
  return kind === "narrowed" ? { outcome, next: failed.record } : { outcome };
}

async function quarantine<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  attempt: Attempt<Output>,
  error: unknown,
): Promise<Settled> {
  const record = recordOf(attempt);
  let poison: OneRecord;
  try {
    // A queue that does not answer is not waited for beyond the invocation's time (SF2).
    poison = await raceSignal(attempt.signal, () => keepDeadLetter(deps, rules, attempt, error));
  } catch (cause) {
    // What is in the way of the letter is the failure now: no record is given up before (SF1).
    const isFinal = cause instanceof BatchProcessorError && !cause.retryable;
    return settleFailure(deps, rules, attempt, isFinal ? cause : letterError(cause));
  }
  const epoch = poison.leaderEpoch === undefined ? {} : { leaderEpoch: poison.leaderEpoch };
  return split(deps, rules, attempt, { error, outcome: "quarantined", at: record.committedOffset + 1n, ...epoch });
}

/** Also for a broker that does not answer, or the time that is up: the record's own attempts are used up already. */
function letterError(cause: unknown): DeadLetterError {
  if (cause instanceof DeadLetterError) {
    return cause;
  }
  const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new DeadLetterError(`the dead letter could not be sent: ${why}`, { cause });
}

async function keepDeadLetter<Output>(
  { reader, deadLetters }: ProcessorDeps<Output>,
  rules: ProcessorRules,
  attempt: Attempt<Output>,
  error: unknown,
): Promise<OneRecord> {
  if (deadLetters === undefined) {
    throw new ConfigurationError(
      'onFailure is "quarantine" but there is no dead-letter target; set RANGES_DEAD_LETTER_QUEUE_URL, RANGES_DEAD_LETTER_BUCKET or RANGES_DEAD_LETTER_TOPIC',
    );
  }
  const { chain, topic, partition, committedOffset: offset, attempt: number } = recordOf(attempt);
  const poison = await readOne(reader, rules, attempt);
  await deadLetters.send({
    chain,
    topic,
    partition,
    offset,
    kind: "quarantined",
    error: { ...attemptErrorOf(attempt, error), ...omitUndefined({ stack: describeStack(error) }) },
    attempt: number,
    ...omitUndefined({ record: poison.record }),
  });
  return poison;
}

interface GivenUp {
  readonly error: unknown;
  readonly outcome: "lost" | "quarantined";
  readonly at: bigint;
  readonly leaderEpoch?: number;
}

async function split<Output>(
  { ledger, now }: ProcessorDeps<Output>,
  { retentionMs }: ProcessorRules,
  attempt: Attempt<Output>,
  { error, outcome: kind, ...where }: GivenUp,
): Promise<Settled> {
  const record = recordOf(attempt);
  const how: RangeSplit = {
    ...where,
    first: kind === "lost" ? "LOST" : "QUARANTINED",
    error: attemptErrorOf(attempt, error),
    lease: attempt.claimed.lease,
    now: now(),
    retentionMs,
  };
  const made = await ledger.splitRange(record, how);
  if (made.kind !== "split") {
    return { outcome: { kind: "superseded" } };
  }
  const outcome = { kind, record: made.first, error } as const;
  return made.rest === undefined ? { outcome } : { outcome, next: made.rest };
}
