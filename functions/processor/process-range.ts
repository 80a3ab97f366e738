// Process range
//
// One attempt at one range: claim, read, run the pipeline's code, complete. What
// it does not reach is handed back, what fails is recorded; the scheduler goes on
// from the ledger alone.
//
//   X1  Nothing is read before the claim succeeds, nothing written after the lease is lost (G3).
//   X2  Before the invocation's time is up the rest of the range is handed back; an
//       attempt that committed nothing by then counts as failed (G7).
//   X3  A failed attempt leaves the range due again, or halted, never lost.
//   X4  No fetch of an attempt is under way once its outcome is known.

import { backoffMs } from "../../shared/core/backoff.ts";
import { BatchProcessorError, DeadlineError, SupersededError } from "../../shared/core/errors.ts";
import { LEASE_MARGIN_MS, MAX_ERROR_MESSAGE_LENGTH } from "../../shared/core/limits.ts";
import { formatOffsetRange } from "../../shared/core/offset-range.ts";
import type { IsolationLevel } from "../../shared/core/offset-source.ts";
import type { RangeDispatch } from "../../shared/core/range-dispatcher.ts";
import type { Refusal } from "../../shared/core/range-event.ts";
import type { RangeLedger } from "../../shared/core/range-ledger.ts";
import type { RangeReader } from "../../shared/core/range-reader.ts";
import type { AttemptError, Lease, RangeRecord } from "../../shared/core/range-record.ts";
import type { ProcessFunction } from "./processing-range.ts";
import { openRangeSession, type RangeSession } from "./range-session.ts";

export interface ProcessorDeps<Output> {
  readonly ledger: RangeLedger<Output>;
  readonly reader: RangeReader;
  readonly process: ProcessFunction<Output>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface ProcessorRules {
  readonly isolationLevel: IsolationLevel;
  /** Failed attempts without progress after which a range is halted. */
  readonly maxAttempts: number;
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
  /** Done, held or put off by somebody else: normal and cheap. */
  | { readonly kind: "notClaimed"; readonly reason: Refusal["kind"] | "missing" }
  | { readonly kind: "released"; readonly record: RangeRecord }
  | { readonly kind: "failed" | "halted"; readonly record: RangeRecord; readonly error: unknown }
  | { readonly kind: "superseded" };

/** Throws LedgerUnavailableError when the outcome could not be recorded; the lease then expires by itself. */
export async function processRange<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  dispatch: RangeDispatch,
  invocation: Invocation,
): Promise<ProcessOutcome> {
  const claim = await deps.ledger.changeRange(dispatch.record, {
    kind: "claim",
    owner: invocation.owner,
    now: deps.now(),
    leaseMs: invocation.remainingMs + LEASE_MARGIN_MS,
  });
  if (claim.kind !== "changed") {
    return { kind: "notClaimed", reason: claim.kind === "refused" ? claim.refusal.kind : "missing" };
  }
  let session: RangeSession<Output> | undefined;
  const ended = new AbortController();
  try {
    const signal = AbortSignal.any([invocation.deadline, ended.signal]);
    session = openSession(deps, rules, { ...dispatch, record: claim.record }, signal);
    await runUntilLastCall(deps, rules, session, invocation.lastCall);
    return { kind: "completed", record: session.record };
  } catch (error) {
    if (error instanceof SupersededError) {
      return { kind: "superseded" };
    }
    const failure = { claimed: claim.record, record: session?.record ?? claim.record, error };
    if (failure.record.status === "COMPLETED") {
      // The last call came between the ledger's answer and this moment.
      return { kind: "completed", record: failure.record };
    }
    const isOutOfTime = invocation.deadline.aborted || invocation.lastCall.aborted;
    return await (isOutOfTime ? handBack(deps, rules, failure) : recordFailure(deps, rules, failure));
  } finally {
    // A read that the pipeline's code left half way has a fetch under way (X4).
    ended.abort(new DeadlineError("the attempt is over"));
  }
}

function openSession<Output>(
  { ledger, reader }: ProcessorDeps<Output>,
  { isolationLevel }: ProcessorRules,
  { record, leader }: RangeDispatch,
  signal: AbortSignal,
): RangeSession<Output> {
  const { topic, partition, committedOffset, untilOffset, chain, leaderEpoch } = record;
  const read = reader.readRange({
    range: { topic, partition, fromOffset: committedOffset, untilOffset },
    isolationLevel,
    topicId: chain.topicId,
    signal,
    ...(leader === undefined ? {} : { leader }),
    ...(leaderEpoch === undefined ? {} : { previousLeaderEpoch: leaderEpoch }),
  });
  return openRangeSession(ledger, { ...record, lease: leaseOf(record) }, read, signal);
}

async function run<Output>(
  { process, now }: ProcessorDeps<Output>,
  { retentionMs }: ProcessorRules,
  session: RangeSession<Output>,
): Promise<void> {
  const { range } = session;
  // An earlier attempt may have committed everything and died before it completed.
  const outputs = range.committedOffset === range.untilOffset ? undefined : await process(range);
  await session.complete(outputs ?? [], now(), retentionMs);
}

async function runUntilLastCall<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  session: RangeSession<Output>,
  lastCall: AbortSignal,
): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new DeadlineError("the invocation's time is used up"));
  if (lastCall.aborted) {
    onAbort();
    return promise;
  }
  lastCall.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([run(deps, rules, session), promise]);
  } finally {
    lastCall.removeEventListener("abort", onAbort);
  }
}

interface Failure {
  readonly claimed: RangeRecord;
  /** As of the last write. */
  readonly record: RangeRecord;
  readonly error: unknown;
}

/** Without progress another attempt would end the same way: it counts as failed, so that there is an end to them. */
async function handBack<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  { claimed, record, error: cause }: Failure,
): Promise<ProcessOutcome> {
  if (record.committedOffset === claimed.committedOffset) {
    const message = `the time was up before anything of ${formatOffsetRange(record)} was committed; commit within the range, plan fewer records for it, or give the function more time`;
    return recordFailure(deps, rules, { claimed, record, error: new DeadlineError(message, { cause }) });
  }
  const released = await deps.ledger.changeRange(record, { kind: "release", lease: leaseOf(record) });
  return released.kind === "changed" ? { kind: "released", record: released.record } : { kind: "superseded" };
}

async function recordFailure<Output>(
  { ledger, now, random }: ProcessorDeps<Output>,
  { maxAttempts }: ProcessorRules,
  { record, error }: Failure,
): Promise<ProcessOutcome> {
  const failures = record.failedAttempts + 1;
  const isFinal = failures >= maxAttempts || (error instanceof BatchProcessorError && !error.retryable);
  const failed = await ledger.changeRange(record, {
    kind: "fail",
    lease: leaseOf(record),
    error: describe(error),
    ...(isFinal ? {} : { nextAttemptAt: now() + backoffMs(failures, random()) }),
  });
  return failed.kind === "changed"
    ? { kind: isFinal ? "halted" : "failed", record: failed.record, error }
    : { kind: "superseded" };
}

function describe(error: unknown): AttemptError {
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) };
  return { name: name.slice(0, MAX_ERROR_MESSAGE_LENGTH), message: message.slice(0, MAX_ERROR_MESSAGE_LENGTH) };
}

function leaseOf({ lease }: RangeRecord): Lease {
  if (lease === undefined) {
    throw new SupersededError("the claimed record carries no lease");
  }
  return lease;
}
