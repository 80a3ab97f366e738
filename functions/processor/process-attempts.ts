// Process attempts
//
// One invocation for one range: claim, read, run the pipeline's code, complete. What
// it does not reach is handed back, what fails is recorded; the scheduler goes on
// from the ledger alone. A search for a bad record goes on at once, while there is time.
//
//   AT1  Nothing is read before the claim succeeds, nothing written after the lease is lost (G3).
//   AT2  Before the invocation's time is up the rest of the range is handed back; an
//        attempt that committed nothing by then counts as failed (G7), unless a broker's
//        quota took its time.
//        Where no time is left before the claim, nothing is claimed.
//   AT3  A failed attempt leaves the range due again, or halted, or split at what its
//        policies give up; never lost.
//   AT4  No fetch of an attempt is under way once its outcome is known.
//   AT5  What is processed is what the ledger says of the range; of an event only its key
//        is believed, whoever sent it.
//   AT6  What has failed since its last progress is read over connections that its invocation
//        opens: what it failed for may have been a warm one.

import assert from "node:assert/strict";
import { DeadlineError, SupersededError } from "../../shared/core/errors.ts";
import type { RangeDispatch } from "../../shared/core/ledger/range-dispatcher.ts";
import { readRange } from "../../shared/core/ledger/read-range.ts";
import { DEADLINE_MARGIN_MS, LEASE_MARGIN_MS, MAX_ATTEMPTS_PER_INVOCATION } from "../../shared/core/limits.ts";
import { isClaimed } from "../../shared/core/range/lease.ts";
import { isCutDue } from "../../shared/core/range/output-event.ts";
import { pieceEnd } from "../../shared/core/range/range-narrowing.ts";
import type { Attempt } from "./attempt/attempt.ts";
import type { Invocation, ProcessOutcome, ProcessorDeps, ProcessorRules } from "./attempt/processor-deps.ts";
import { endWrites, recordOf, runAttempt } from "./attempt/run-attempt.ts";
import { handBack, type Settled, settleFailure } from "./attempt/settle-failure.ts";
import { splitOff } from "./attempt/split-off.ts";
import { readableError } from "./errors/readable-error.ts";

/**
 * The outcome of each attempt that the invocation makes, in order: one at least. Throws LedgerUnavailableError when an
 * outcome could not be recorded; the lease then expires by itself.
 */
export async function processAttempts<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  dispatch: RangeDispatch,
  invocation: Invocation,
): Promise<readonly ProcessOutcome[]> {
  const outcomes: ProcessOutcome[] = [];
  const endsAt = deps.now() + invocation.remainingMs;
  let record = await readRange(deps.ledger, dispatch.record);
  if (record === undefined) {
    return [{ kind: "notClaimed", reason: "missing" }];
  }
  while (record !== undefined && outcomes.length < MAX_ATTEMPTS_PER_INVOCATION) {
    const remainingMs = endsAt - deps.now();
    const present = { ...dispatch, record, isFirst: outcomes.length === 0 };
    const settled: Settled = await claimAndRun(deps, rules, present, { ...invocation, remainingMs });
    outcomes.push(settled.outcome);
    record = invocation.deadline.aborted ? undefined : settled.next;
  }
  return outcomes;
}

interface PresentRange extends RangeDispatch {
  /** Whether the invocation has attempted nothing yet. */
  readonly isFirst: boolean;
}

async function claimAndRun<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  { isFirst, ...dispatch }: PresentRange,
  { owner, remainingMs, deadline, lastCall }: Invocation,
): Promise<Settled> {
  if (remainingMs <= DEADLINE_MARGIN_MS) {
    return { outcome: { kind: "notClaimed", reason: "noTimeLeft" } };
  }
  const claim = await deps.ledger.changeRange(dispatch.record, {
    kind: "claim",
    owner,
    now: deps.now(),
    leaseMs: remainingMs + LEASE_MARGIN_MS,
  });
  if (claim.kind !== "changed") {
    const reason = claim.kind === "refused" ? claim.refusal.kind : "missing";
    return { outcome: { kind: "notClaimed", reason } };
  }
  const { record: claimed } = claim;
  assert.ok(isClaimed(claimed), "a claim gives a lease");
  const { attempt: number, committedOffset, untilOffset } = claimed;
  deps.onPhase?.("range claimed", {
    attempt: number,
    leaseCounter: claimed.leaseCounter,
    committedOffset,
    untilOffset,
  });
  const ended = new AbortController();
  const signal = AbortSignal.any([deadline, ended.signal]);
  const attempt: Attempt<Output> = {
    ...dispatch,
    claimed,
    startedAt: deps.now(),
    throttleTimeMs: deps.reader.throttleTimeMs,
    isRetry: isFirst && claimed.failedAttempts + (claimed.outages ?? 0) > 0,
    record: claimed,
    untilOffset: pieceEnd(claimed),
    signal,
  };
  try {
    await runAttempt(deps, rules, attempt, lastCall);
    return attempt.record.status === "COMPLETED"
      ? { outcome: { kind: "completed", record: attempt.record } }
      : await splitOff(deps, rules, attempt);
  } catch (thrown) {
    const error = readableError(thrown);
    if (error instanceof SupersededError && !isCutDue(recordOf(attempt))) {
      return { outcome: { kind: "superseded" } };
    }
    await endWrites(attempt, lastCall);
    const record = recordOf(attempt);
    if (record.status === "COMPLETED") {
      // The last call came between the ledger's answer and this moment.
      return { outcome: { kind: "completed", record } };
    }
    if (deadline.aborted || lastCall.aborted) {
      return await handBack(deps, rules, attempt, error);
    }
    if (isCutDue(record)) {
      // Whatever stopped the attempt: nothing of the rest took effect, and what is wrong there is found there.
      return await splitOff(deps, rules, attempt);
    }
    return await settleFailure(deps, rules, attempt, error);
  } finally {
    // A read that the pipeline's code left half way has a fetch under way (AT4).
    ended.abort(new DeadlineError("the attempt is over"));
  }
}
