// Freeze starts
//
// Before the first range of a chain is planned, its start is written down; one
// conditional write for all the chains that a run begins, and none once they exist.
// Who began first decides for every run that overlaps with it (ST1).

import type { ChosenStart } from "../../../shared/core/choice/choose-start.ts";
import { changePipelineFrom } from "../../../shared/core/ledger/change-pipeline.ts";
import type { PipelineRecord, StartingPartition } from "../../../shared/core/ledger/pipeline-record.ts";
import type { ChainStart, ObservedPartition, PartitionState } from "../../../shared/core/plan/plan-partition.ts";
import type { BatchState } from "../deps/batch-state.ts";
import type { SchedulerDeps, SchedulerRules } from "../deps/scheduler-deps.ts";
import { overtakenProblems, startedBy, supersedeStarts, topicProblems } from "../observe/started-topics.ts";
import { freezeWishes, type StartWish, startsOf } from "../observe/starting-partitions.ts";
import { findReplaced } from "./find-replaced.ts";
import { findLaterStart, findStarts, requireSelected, requireStarts } from "./find-starts.ts";

export interface ObservedSource {
  readonly observed: readonly ObservedPartition[];
  /** The pipeline's record, read before they were observed. */
  readonly record: PipelineRecord | undefined;
}

/** Throws ConfigurationError, before anything is written, when the first run cannot start as it is told to. */
export async function freezeStarts(
  deps: SchedulerDeps,
  rules: SchedulerRules,
  { observed, record: seen }: ObservedSource,
): Promise<BatchState> {
  const partitions = observed.map(({ partition }) => partition);
  requireSelected(rules, partitions);
  const startSeen = startsOf(seen);
  // What is frozen is not asked for again.
  const open = observed.filter((one) => isWithoutChain(one) && typeof startSeen(one.partition) !== "bigint");
  const firsts = open.filter(({ partition }) => seen === undefined || startSeen(partition) === "pending");
  const chosen = await findStarts(deps.source, rules, firsts);
  // Once everything is listed that anything is planned by.
  const replaced = await findReplaced(deps.source, observed, seen);
  if (seen === undefined) {
    requireStarts(rules, partitions, chosen);
  }
  const choices = new Map(
    open
      .filter((one) => !replaced.has(one))
      .map((one) => [one, { first: chosen.get(one), later: findLaterStart(rules, one) }]),
  );
  const record = await freeze(deps, rules, { seen, wishes: [...choices].map(wishFor) });
  const startOf = startsOf(record);
  const isStarted = startedBy(record);
  const problemOf = topicProblems(record, rules.onTopicRecreated);
  const overtakenOf = overtakenProblems(seen, record);
  const states = observed.map((one): PartitionState => {
    const reason = replaced.get(one);
    if (reason !== undefined || !isWithoutChain(one)) {
      return { ...one, problem: one.problem ?? reason, start: undefined };
    }
    // The record may be of a run that this one was overtaken by, and the topic another since.
    const problem = problemOf(one.partition) ?? overtakenOf(one.partition);
    if (problem !== undefined) {
      return { ...one, problem, start: undefined };
    }
    return {
      ...one,
      start: isStarted(one.partition) ? { kind: "begun" } : startBy(startOf(one.partition), choices.get(one)),
    };
  });
  return { states, record };
}

/** Of what `problem` and a lost checkpoint hold, no start is frozen. */
function isWithoutChain({ newest, problem, partitionStarted }: ObservedPartition): boolean {
  return newest === undefined && problem === undefined && !partitionStarted;
}

async function freeze(
  { ledger, now }: Pick<SchedulerDeps, "ledger" | "now">,
  { pipeline, onTopicRecreated }: Pick<SchedulerRules, "pipeline" | "onTopicRecreated">,
  { seen, wishes }: { readonly seen: PipelineRecord | undefined; readonly wishes: readonly StartWish[] },
): Promise<PipelineRecord | undefined> {
  const startedAt = now();
  const change = (record: PipelineRecord | undefined) => {
    const isStarted = startedBy(record);
    const problemOf = topicProblems(record, onTopicRecreated);
    const overtakenOf = overtakenProblems(seen, record);
    const open = wishes.filter(
      ({ partition }) =>
        !isStarted(partition) && overtakenOf(partition) === undefined && problemOf(partition) === undefined,
    );
    const facts = freezeWishes(record, open, startedAt);
    return facts === undefined
      ? undefined
      : supersedeStarts(
          facts,
          open.map(({ partition }) => partition),
        );
  };
  return changePipelineFrom(ledger, { pipeline, seen }, change);
}

/** Where a chain would begin; `first` is not asked for where the record tells that it was found later. */
interface StartChoice {
  readonly first: ChosenStart | undefined;
  readonly later: ChosenStart;
}

function wishFor([{ partition }, { first, later }]: readonly [ObservedPartition, StartChoice]): StartWish {
  return { partition, first: offsetOf(first), later: offsetOf(later) };
}

function offsetOf(chosen: ChosenStart | undefined): bigint | undefined {
  return chosen?.kind === "chosen" ? chosen.offset : undefined;
}

function startBy(
  start: StartingPartition["start"] | undefined,
  choice: StartChoice | undefined,
): ChainStart | undefined {
  if (typeof start === "bigint") {
    return { kind: "frozen", offset: start };
  }
  const chosen = start === "pending" ? choice?.first : choice?.later;
  switch (chosen?.kind) {
    case "unknown":
      return chosen;
    case "refused":
      return { kind: "unknown", reason: chosen.problem };
    // What was chosen is frozen.
    case "chosen":
    case undefined:
      return undefined;
  }
}
