// Drain pipeline
//
// One run of a drain: a batch up to the pinned ends. Invoked again and again with
// the same id, by a schedule or by hand, it ends with an answer that says so.

import { listNames } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError, RangeReadError } from "../../../shared/core/errors.ts";
import { changePipeline, changePipelineFrom } from "../../../shared/core/ledger/change-pipeline.ts";
import type { DrainRecord, PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { type DrainProgress, lowerToPins, pinEnds, progressOf } from "../../../shared/core/plan/drain.ts";
import type { PartitionState } from "../../../shared/core/plan/plan-partition.ts";
import {
  accountFor,
  isAllProcessed,
  NO_OUTCOMES,
  type OffsetAccount,
} from "../../../shared/core/range/offset-outcomes.ts";
import type { BatchState } from "../deps/batch-state.ts";
import type { SchedulerDeps, SchedulerRules } from "../deps/scheduler-deps.ts";
import { accountDrain } from "./account-drain.ts";

export interface DrainOutcome extends DrainProgress {
  readonly drainId: string;
  readonly pinnedAt: number;
  /** Done, and every offset was processed or is invisible. */
  readonly isCompleted: boolean;
  /** What became of its offsets; present once it is done, unless earlier code began or ended it. */
  readonly offsets?: OffsetAccount;
}

/** What is left of a drain for a batch to do. */
export interface Draining extends BatchState {
  readonly outcome: DrainOutcome;
}

/** Pins the ends unless this drain has, and marks it as completed once it is. */
export async function drainTo(
  deps: Pick<SchedulerDeps, "ledger" | "now">,
  { pipeline }: Pick<SchedulerRules, "pipeline">,
  { states, record: seen }: BatchState,
  drainId: string,
): Promise<Draining> {
  const { ledger, now } = deps;
  const pinnedAt = now();
  const pinned = await changePipelineFrom(ledger, { pipeline, seen }, (present) =>
    present === undefined || isOf(present, drainId)
      ? undefined
      : { ...present, drain: beginDrain(present, states, { drainId, pinnedAt }) },
  );
  // Without a record there is no partition either.
  const drain = pinned?.drain ?? { drainId, pinnedAt, topics: [], offsets: accountFor(0n, NO_OUTCOMES, 0n) };
  const progress = progressOf(states, drain);
  const lowered = lowerToPins(states, drain);
  const own = { drainId, pinnedAt: drain.pinnedAt, ...progress };
  if (!progress.isDone || pinned === undefined || !isOpen(pinned, drainId)) {
    return { states: lowered, record: pinned, outcome: { ...own, ...outcomeOf(drain) } };
  }
  const offsets = await accountDrain(deps, { pipeline }, { drain, present: states.map(({ partition }) => partition) });
  const ended = { topics: [], completedAt: now(), ...omitUndefined({ offsets }) };
  const record = await changePipeline(ledger, pipeline, (present) =>
    present?.drain === undefined || !isOpen(present, drainId)
      ? undefined
      : { ...present, drain: { ...present.drain, ...ended } },
  );
  // Of two runs that find it done the first one's account stands, unless another drain has begun since.
  const kept = record?.drain?.drainId === drainId ? record.drain : ended;
  return { states: lowered, record, outcome: { ...own, ...outcomeOf(kept) } };
}

function outcomeOf({ offsets }: Pick<DrainRecord, "offsets">): Pick<DrainOutcome, "isCompleted" | "offsets"> {
  return offsets === undefined ? { isCompleted: false } : { isCompleted: isAllProcessed(offsets), offsets };
}

function isOpen(record: PipelineRecord, drainId: string): boolean {
  return isOf(record, drainId) && record.drain?.completedAt === undefined;
}

/** What a drain that was completed before answers; undefined when it is not. */
export function completedDrain(record: PipelineRecord | undefined, drainId: string): DrainOutcome | undefined {
  const drain = record?.drain;
  return drain?.drainId === drainId && drain.completedAt !== undefined
    ? {
        drainId,
        pinnedAt: drain.pinnedAt,
        isDone: true,
        openPartitions: 0,
        openRecords: 0n,
        gone: [],
        ...outcomeOf(drain),
      }
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
