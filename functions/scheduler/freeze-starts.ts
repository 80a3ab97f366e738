// Freeze starts
//
// Before the first range of a chain is planned, its start is written down; one
// conditional write for all the chains that a run begins, and none once they exist.
// Who began first decides for every run that overlaps with it (F1).

import { changePipeline } from "../../shared/core/change-pipeline.ts";
import { type ChosenStart, chooseStart } from "../../shared/core/choose-start.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import type { ChainStart, ObservedPartition, PartitionState } from "../../shared/core/plan-partition.ts";
import type { PipelineRecord } from "../../shared/core/range-ledger.ts";
import type { SchedulerDeps, SchedulerRules } from "./scheduler-deps.ts";
import { startedBy } from "./started-topics.ts";
import { freezeWishes, type StartWish, startsOf } from "./starting-partitions.ts";

export interface FrozenStarts {
  readonly states: readonly PartitionState[];
  /** The pipeline's record with what was frozen. */
  readonly record: PipelineRecord | undefined;
}

/** Throws ConfigurationError, before anything is written, when the first run cannot start as it is told to. */
export async function freezeStarts(
  { ledger, now }: SchedulerDeps,
  { pipeline, startingOffsets }: SchedulerRules,
  observed: readonly ObservedPartition[],
  seen: PipelineRecord | undefined,
): Promise<FrozenStarts> {
  const choices = new Map(
    observed.filter(isWithoutChain).map((one) => [
      one,
      {
        first: chooseStart(one, startingOffsets),
        later: chooseStart(one, "earliest"),
      },
    ]),
  );
  if (seen === undefined) {
    refuse([...choices.values()].map(({ first }) => first));
  }
  const wishes = [...choices].map(
    ([{ partition }, { first, later }]): StartWish => ({
      partition,
      first: offsetOf(first),
      later: offsetOf(later),
    }),
  );
  const record = await freeze({ ledger, now }, { pipeline, seen, wishes });
  const startOf = startsOf(record);
  const isStarted = startedBy(record);
  const states = observed.map((one): PartitionState => {
    const choice = choices.get(one);
    if (choice === undefined) {
      return { ...one, start: undefined };
    }
    if (isStarted(one.partition)) {
      return { ...one, start: { kind: "begun" } };
    }
    const start = startOf(one.partition);
    return { ...one, start: typeof start === "bigint" ? { kind: "frozen", offset: start } : unknown(start, choice) };
  });
  return { states, record };
}

/** Of what `problem` and a lost checkpoint hold, no start is frozen. */
function isWithoutChain({ newest, problem, partitionStarted }: ObservedPartition): boolean {
  return newest === undefined && problem === undefined && !partitionStarted;
}

async function freeze(
  { ledger, now }: Pick<SchedulerDeps, "ledger" | "now">,
  {
    pipeline,
    seen,
    wishes,
  }: { readonly pipeline: string; readonly seen: PipelineRecord | undefined; readonly wishes: readonly StartWish[] },
): Promise<PipelineRecord | undefined> {
  const startedAt = now();
  const change = (record: PipelineRecord | undefined) => {
    const isStarted = startedBy(record);
    const open = wishes.filter(({ partition }) => !isStarted(partition));
    return freezeWishes(record, open, startedAt);
  };
  return change(seen) === undefined ? seen : changePipeline(ledger, pipeline, change);
}

function unknown(
  start: "pending" | undefined,
  { first, later }: { readonly first: ChosenStart; readonly later: ChosenStart },
): ChainStart {
  const chosen = start === "pending" ? first : later;
  switch (chosen.kind) {
    case "chosen":
      return { kind: "unknown", reason: "its start is not frozen yet" };
    case "unknown":
      return chosen;
    case "refused":
      return { kind: "unknown", reason: chosen.problem };
  }
}

function offsetOf(chosen: ChosenStart): bigint | undefined {
  return chosen.kind === "chosen" ? chosen.offset : undefined;
}

function refuse(chosen: readonly ChosenStart[]): void {
  const problems = chosen.flatMap((one) => (one.kind === "refused" ? [one.problem] : []));
  if (problems.length > 0) {
    throw new ConfigurationError(`the pipeline was not started: ${problems.join("; ")}`);
  }
}
