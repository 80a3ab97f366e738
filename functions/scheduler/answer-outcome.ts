// Answer outcome
//
// What whoever waits for the scheduler is told of a run. Lambda takes answers of 6 MB:
// a run of twenty thousand partitions would fail after its work if it told them all.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
//
//   AO1  Counts are of everything; of what is listed, the first ones, those that need
//        somebody before the others, and how many there are.

import { MAX_ANSWERED_PARTITIONS, MAX_ANSWERED_RANGES } from "../../shared/core/limits.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { countKinds, isStuck, type PartitionOutcome } from "./deps/partition-outcome.ts";
import type { ReprocessOutcome } from "./reprocess/reprocess.ts";
import type { SchedulerOutcome } from "./run-scheduler.ts";
import type { BatchOutcome } from "./schedule-batch.ts";

/** For JSON. */
export function answerOf({ batch, reprocess, drain, dryRun, isDryRun }: SchedulerOutcome): object {
  const most = isDryRun === true ? MAX_ANSWERED_RANGES : MAX_ANSWERED_PARTITIONS;
  return {
    ...(batch === undefined ? {} : { batch: batchAnswer(batch, most) }),
    ...(isDryRun === true ? { isDryRun } : {}),
    reprocess: reprocess.slice(0, MAX_ANSWERED_PARTITIONS).map(requestAnswer),
    ...omitUndefined({ drain }),
    ...(dryRun === undefined
      ? {}
      : { dryRun: { ...dryRun, total: dryRun.ranges.length, ranges: dryRun.ranges.slice(0, MAX_ANSWERED_RANGES) } }),
  };
}

function batchAnswer({ partitions, ...batch }: BatchOutcome, most: number): object {
  return { ...batch, kinds: countKinds(partitions), total: partitions.length, partitions: firstOf(partitions, most) };
}

function requestAnswer({ ranges, ...request }: ReprocessOutcome): object {
  return { ...request, kinds: countKinds(ranges), ranges: firstOf(ranges, MAX_ANSWERED_PARTITIONS) };
}

function firstOf(outcomes: readonly PartitionOutcome[], most: number): readonly PartitionOutcome[] {
  return outcomes.length <= most
    ? outcomes
    : outcomes.toSorted((a, b) => Number(isStuck(b)) - Number(isStuck(a))).slice(0, most);
}
