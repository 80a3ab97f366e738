// Drain pipeline
//
// One run of a drain: a batch up to the pinned ends. Invoked again and again with
// the same id, by a schedule or by hand, it ends with an answer that says so.

import { listNames } from "../../shared/core/bounded-text.ts";
import { changePipeline } from "../../shared/core/change-pipeline.ts";
import { type DrainProgress, type DrainRecord, lowerToPins, pinEnds, progressOf } from "../../shared/core/drain.ts";
import { ConfigurationError, RangeReadError } from "../../shared/core/errors.ts";
import type { PartitionState } from "../../shared/core/plan-partition.ts";
import type { PipelineRecord } from "../../shared/core/range-ledger.ts";
import type { SchedulerDeps, SchedulerRules } from "./scheduler-deps.ts";

export interface DrainOutcome extends DrainProgress {
  readonly drainId: string;
  readonly pinnedAt: number;
}

/** What is left of a drain for a batch to do. */
export interface Draining {
  readonly states: readonly PartitionState[];
  readonly record: PipelineRecord | undefined;
  readonly outcome: DrainOutcome;
}

/** Pins the ends unless this drain has, and marks it as completed once it is. */
export async function drainTo(
  { ledger, now }: Pick<SchedulerDeps, "ledger" | "now">,
  { pipeline }: Pick<SchedulerRules, "pipeline">,
  states: readonly PartitionState[],
  { drainId, seen }: { readonly drainId: string; readonly seen: PipelineRecord | undefined },
): Promise<Draining> {
  const pinnedAt = now();
  const pin = (present: PipelineRecord | undefined) =>
    present === undefined || isOf(present, drainId)
      ? undefined
      : { ...present, drain: beginDrain(present, states, { drainId, pinnedAt }) };
  const pinned = pin(seen) === undefined ? seen : await changePipeline(ledger, pipeline, pin);
  const drain = pinned?.drain ?? { drainId, pinnedAt, topics: [] };
  const progress = progressOf(states, drain);
  const finish = (present: PipelineRecord | undefined) =>
    present?.drain === undefined || !isOf(present, drainId) || present.drain.completedAt !== undefined
      ? undefined
      : { ...present, drain: { ...present.drain, topics: [], completedAt: now() } };
  const record =
    progress.isDone && finish(pinned) !== undefined ? await changePipeline(ledger, pipeline, finish) : pinned;
  const outcome = { drainId, pinnedAt: drain.pinnedAt, ...progress };
  return { states: lowerToPins(states, drain), record, outcome };
}

/** What a drain that was completed before answers; undefined when it is not. */
export function completedDrain(record: PipelineRecord | undefined, drainId: string): DrainOutcome | undefined {
  const drain = record?.drain;
  return drain?.drainId === drainId && drain.completedAt !== undefined
    ? { drainId, pinnedAt: drain.pinnedAt, isDone: true, openPartitions: 0, openRecords: 0n, gone: [] }
    : undefined;
}

function isOf({ drain }: PipelineRecord, drainId: string): boolean {
  return drain?.drainId === drainId;
}

function beginDrain(
  { pipeline, drain }: PipelineRecord,
  states: readonly PartitionState[],
  ids: { readonly drainId: string; readonly pinnedAt: number },
): DrainRecord {
  if (drain !== undefined && drain.completedAt === undefined) {
    throw new ConfigurationError(
      `pipeline ${pipeline} is being drained as ${drain.drainId} since ${new Date(drain.pinnedAt).toISOString()}; go on with that drainId until it is done`,
    );
  }
  const { topics, unknown } = pinEnds(states);
  if (unknown.length > 0) {
    throw new RangeReadError(
      `drain ${ids.drainId} was not begun: the ends of ${listNames(unknown)} are unknown; invoke it again`,
    );
  }
  return { ...ids, topics };
}
