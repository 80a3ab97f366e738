// Estimate rate
//
// How many records a second a pipeline keeps up with, by the formula of Spark's
// PIDRateEstimator with its defaults, so that its configuration and its experience
// carry over:
//
//   pace  = records / processing time
//   error = rate - pace
//   debt  = scheduling delay * pace / batch interval
//   rate' = max(minRate, rate - proportional * error - integral * debt - derived * change of error)
//
//   ER1  The first batch only measures: a rate is in force from the second one on.
//   ER2  A batch of no record, of no time, or not later than the last one, says nothing.

import type { RateState } from "../ledger/pipeline-record.ts";
import { recordCount } from "../range/offset-range.ts";
import type { RangeRecord } from "../range/range-record.ts";

/** The weights are Spark's `spark.streaming.backpressure.pid.*`. */
export interface PidRules {
  readonly proportional: number;
  readonly integral: number;
  readonly derived: number;
  /** Records a second of all partitions together, at least. */
  readonly minRate: number;
}

/** How a batch went. Durations are in milliseconds. */
export interface CompletedBatch {
  readonly endedAt: number;
  readonly records: bigint;
  readonly processingMs: number;
  readonly schedulingDelayMs: number;
}

/** The state after the batch; undefined when it says nothing. */
export function estimateRate(
  state: RateState | undefined,
  { endedAt, records, processingMs, schedulingDelayMs }: CompletedBatch,
  { proportional, integral, derived, minRate, batchIntervalMs }: PidRules & { readonly batchIntervalMs: number },
): RateState | undefined {
  if (records <= 0n || processingMs <= 0 || (state !== undefined && endedAt <= state.latestTime)) {
    return undefined;
  }
  const pace = (Number(records) / processingMs) * 1_000;
  if (state === undefined) {
    return { latestTime: endedAt, latestRate: pace };
  }
  const { latestTime, latestRate, latestError = 0 } = state;
  const error = latestRate - pace;
  const debt = (schedulingDelayMs * pace) / batchIntervalMs;
  const change = (error - latestError) / ((endedAt - latestTime) / 1_000);
  const rate = Math.max(latestRate - proportional * error - integral * debt - derived * change, minRate);
  return { latestTime: endedAt, latestRate: rate, latestError: error };
}

/** Records a second, whole as in Spark; undefined while there is no estimate. */
export function rateInForce(state: RateState | undefined): number | undefined {
  return state?.latestError === undefined ? undefined : Math.floor(state.latestRate);
}

/** What one interval takes of each partition at this rate, in double precision and rounded down. */
export function shareByRate(lags: readonly bigint[], rate: number, batchIntervalMs: number): readonly bigint[] {
  const total = Number(lags.reduce((sum, lag) => sum + lag, 0n));
  const seconds = batchIntervalMs / 1_000;
  return lags.map((lag) => (lag === 0n ? 0n : BigInt(Math.floor(seconds * ((Number(lag) / total) * rate)))));
}

/**
 * The ranges that were completed since the last count, as one batch: those of a batch end at
 * different times, and each partition goes on by itself. It took as long as the longest of them,
 * and waited as long as the one that waited longest for its processor.
 */
export function batchSince(
  newest: readonly (RangeRecord | undefined)[],
  since: number | undefined,
): CompletedBatch | undefined {
  const done = newest.flatMap((record) => (record === undefined ? [] : timesOf(record, since)));
  if (done.length === 0) {
    return undefined;
  }
  const longest = (times: readonly number[]) => times.reduce((most, time) => Math.max(most, time), 0);
  return {
    endedAt: longest(done.map(({ completedAt }) => completedAt)),
    records: done.reduce((sum, { records }) => sum + records, 0n),
    processingMs: longest(done.map(({ startedAt, completedAt }) => completedAt - startedAt)),
    schedulingDelayMs: longest(done.map(({ plannedAt, startedAt }) => startedAt - plannedAt)),
  };
}

function timesOf(record: RangeRecord, since = Number.NEGATIVE_INFINITY) {
  const { status, plannedAt, startedAt, completedAt } = record;
  return status === "COMPLETED" && startedAt !== undefined && completedAt !== undefined && completedAt > since
    ? [{ plannedAt, startedAt, completedAt, records: recordCount(record) }]
    : [];
}
