// Process range
//
// One invocation for one range: claim, read, run the pipeline's code, complete. What
// it does not reach is handed back, what fails is recorded; the scheduler goes on
// from the ledger alone. A search for a bad record goes on at once, while there is time.
//
//   X1  Nothing is read before the claim succeeds, nothing written after the lease is lost (G3).
//   X2  Before the invocation's time is up the rest of the range is handed back; an
//       attempt that committed nothing by then counts as failed (G7), unless a broker's
//       quota took its time.
//   X3  A failed attempt leaves the range due again, or halted, or split at what its
//       policies give up; never lost.
//   X4  No fetch of an attempt is under way once its outcome is known.
//   X5  What is processed is what the ledger says of the range; of an event only its key
//       is believed, whoever sent it.

import type { DeadLetterTarget } from "../../shared/core/dead-letter.ts";
import { DeadlineError, SupersededError } from "../../shared/core/errors.ts";
import type { FailureRules } from "../../shared/core/judge-failure.ts";
import { LEASE_MARGIN_MS, MAX_ATTEMPTS_PER_INVOCATION } from "../../shared/core/limits.ts";
import type { IsolationLevel } from "../../shared/core/offset-source.ts";
import type { RangeDispatch } from "../../shared/core/range-dispatcher.ts";
import type { Refusal } from "../../shared/core/range-event.ts";
import type { RangeLedger } from "../../shared/core/range-ledger.ts";
import { pieceEnd } from "../../shared/core/range-narrowing.ts";
import type { RangeReader } from "../../shared/core/range-reader.ts";
import type { RangeRecord } from "../../shared/core/range-record.ts";
import type { ProcessFunction } from "./processing-range.ts";
import { readableError } from "./readable-error.ts";
import { type Attempt, endWrites, recordOf, runAttempt } from "./run-attempt.ts";
import { handBack, type Settled, settleFailure } from "./settle-failure.ts";
import { skipRecord } from "./skip-record.ts";

export interface ProcessorDeps<Output> {
  readonly ledger: RangeLedger<Output>;
  readonly reader: RangeReader;
  readonly process: ProcessFunction<Output>;
  /** Where rejected and quarantined records go; absent: neither is possible. */
  readonly deadLetters?: DeadLetterTarget;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface ProcessorRules extends FailureRules {
  readonly isolationLevel: IsolationLevel;
  /** How long the table keeps a completed range. */
  readonly retentionMs: number;
}

/** How long this invocation lives, and how it says so. */
export interface Invocation {
  /** Unique per invocation, also between two deliveries of one event. */
  readonly owner: string;
  /** What is left of the function's time-out now. */
  readonly remainingMs: number;
  /** Time to stop: reading ends, the pipeline's code may still commit. */
  readonly deadline: AbortSignal;
  /** Time to hand back, whether the pipeline's code has returned or not. */
  readonly lastCall: AbortSignal;
}

export type ProcessOutcome =
  | { readonly kind: "completed"; readonly record: RangeRecord }
  /** `record` ends with the record that an operator gave up. */
  | { readonly kind: "skipped"; readonly record: RangeRecord }
  /** Done, held or put off by somebody else: normal and cheap. */
  | { readonly kind: "notClaimed"; readonly reason: Refusal["kind"] | "missing" }
  | { readonly kind: "released"; readonly record: RangeRecord }
  /** narrowed: the next attempt goes less far. lost, quarantined: `record` is what was given up. */
  | {
      readonly kind: "failed" | "halted" | "narrowed" | "lost" | "quarantined";
      readonly record: RangeRecord;
      readonly error: unknown;
    }
  | { readonly kind: "superseded" };

/** Throws LedgerUnavailableError when an outcome could not be recorded; the lease then expires by itself. */
export async function processRange<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  dispatch: RangeDispatch,
  invocation: Invocation,
): Promise<ProcessOutcome> {
  return (await processAttempts(deps, rules, dispatch, invocation)).at(-1) ?? { kind: "superseded" };
}

/** As processRange, with the outcome of each attempt that the invocation makes, in order. */
export async function processAttempts<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  dispatch: RangeDispatch,
  invocation: Invocation,
): Promise<readonly ProcessOutcome[]> {
  const outcomes: ProcessOutcome[] = [];
  const endsAt = deps.now() + invocation.remainingMs;
  let record = await readPresent(deps.ledger, dispatch.record);
  if (record === undefined) {
    return [{ kind: "notClaimed", reason: "missing" }];
  }
  while (record !== undefined && outcomes.length < MAX_ATTEMPTS_PER_INVOCATION) {
    const remainingMs = endsAt - deps.now();
    const settled: Settled = await claimAndRun(deps, rules, { ...dispatch, record }, { ...invocation, remainingMs });
    outcomes.push(settled.outcome);
    record = invocation.deadline.aborted ? undefined : settled.next;
  }
  return outcomes;
}

/** The range as the ledger has it now; undefined where it has none of this key. */
async function readPresent<Output>(
  ledger: RangeLedger<Output>,
  { chain, fromOffset }: RangeRecord,
): Promise<RangeRecord | undefined> {
  for await (const record of ledger.rangesWithin(chain, { fromOffset, untilOffset: fromOffset + 1n })) {
    return record;
  }
  return undefined;
}

async function claimAndRun<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  dispatch: RangeDispatch,
  { owner, remainingMs, deadline, lastCall }: Invocation,
): Promise<Settled> {
  const claim = await deps.ledger.changeRange(dispatch.record, {
    kind: "claim",
    owner,
    now: deps.now(),
    leaseMs: Math.max(remainingMs, 0) + LEASE_MARGIN_MS,
  });
  if (claim.kind !== "changed") {
    const reason = claim.kind === "refused" ? claim.refusal.kind : "missing";
    return { outcome: { kind: "notClaimed", reason } };
  }
  const { record: claimed } = claim;
  const ended = new AbortController();
  const signal = AbortSignal.any([deadline, ended.signal]);
  const attempt: Attempt<Output> = {
    ...dispatch,
    claimed,
    startedAt: deps.now(),
    throttleTimeMs: deps.reader.throttleTimeMs,
    record: claimed,
    untilOffset: pieceEnd(claimed),
    signal,
  };
  try {
    await runAttempt(deps, rules, attempt, lastCall);
    return attempt.record.status === "COMPLETED"
      ? { outcome: { kind: "completed", record: attempt.record } }
      : await skipRecord(deps, rules, attempt);
  } catch (thrown) {
    const error = readableError(thrown);
    if (error instanceof SupersededError) {
      return { outcome: { kind: "superseded" } };
    }
    await endWrites(attempt, lastCall);
    const record = recordOf(attempt);
    if (record.status === "COMPLETED") {
      // The last call came between the ledger's answer and this moment.
      return { outcome: { kind: "completed", record } };
    }
    const isOutOfTime = deadline.aborted || lastCall.aborted;
    return await (isOutOfTime ? handBack : settleFailure)(deps, rules, attempt, error);
  } finally {
    // A read that the pipeline's code left half way has a fetch under way (X4).
    ended.abort(new DeadlineError("the attempt is over"));
  }
}
