// Operator
//
// Somebody who pauses, resumes, retries and skips by the command line's own code.

import { type OperatorDeps, retryRange, skipRange } from "../../../functions/cli/commands/act-on-range.ts";
import { pausePipeline, resumePipeline } from "../../../functions/cli/commands/pause-pipeline.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { TOPIC } from "../cluster/simulated-cluster.ts";

export interface OperatorAct {
  readonly verb: "pause" | "resume" | "retry" | "skip" | "skipUntil" | "skipRecord";
  /** Absent: the whole pipeline, which is only paused and resumed. */
  readonly partition?: number;
  /** Of the range that is skipped. */
  readonly fromOffset?: bigint;
  /** Up to where, or which record of it, is skipped, when not all is. */
  readonly offset?: bigint;
}

interface Place {
  readonly ledger: RangeLedger<never>;
  readonly now: () => number;
}

const operator = { by: "ann", reason: "to see what happens" };
/** Whatever a command says is read by nobody. */
export const silent = { print: () => Promise.resolve(), note: () => {}, signal: new AbortController().signal };

/** Throws ConfigurationError for what the commands refuse. */
export async function operate(
  place: Place,
  pipeline: string,
  { verb, partition, fromOffset, offset }: OperatorAct,
  retentionMs: number,
): Promise<void> {
  const deps: OperatorDeps = { ...place, terminal: silent, place: { table: "ledger" } };
  const how = { operator, json: false, isDryRun: false };
  const target = { pipeline, topic: TOPIC, partition: partition ?? 0, fromOffset };
  const scope = { pipeline, ...(partition === undefined ? {} : { partition: { topic: TOPIC, partition } }) };
  switch (verb) {
    case "pause":
      return void (await pausePipeline(deps, { ...how, ...scope }));
    case "resume":
      return void (await resumePipeline(deps, { ...how, ...scope }));
    case "retry":
      return void (await retryRange(deps, { ...how, target }));
    case "skip":
      return void (await skipRange(deps, { ...how, target, retentionMs }));
    case "skipUntil":
      return void (await skipRange(deps, { ...how, target, retentionMs, untilOffset: offset }));
    case "skipRecord":
      return void (await skipRange(deps, { ...how, target, retentionMs, offset }));
  }
}
