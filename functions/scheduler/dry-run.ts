// Dry run
//
// A scheduler's world in which nothing is written and nobody is invoked: the code of a
// run goes over it unchanged, so that what it would do is what it says.
//
//   DR1  What the run would write is kept for the run itself to read, and forgotten.

import type { PipelineRecord } from "../../shared/core/ledger/pipeline-record.ts";
import type { RangeLedger } from "../../shared/core/ledger/range-ledger.ts";
import { applyEvent } from "../../shared/core/range/range-status.ts";
import type { SchedulerDeps } from "./deps/scheduler-deps.ts";

/** For one run of a batch. */
export function dryDeps({ spread: _atOnce, commitFrontier: _told, ...deps }: SchedulerDeps): SchedulerDeps {
  return { ...deps, ledger: dryLedger(deps.ledger, deps.newId), dispatcher: { dispatch: async () => undefined } };
}

function dryLedger(ledger: RangeLedger<never>, newId: () => string): RangeLedger<never> {
  const pipelines = new Map<string, PipelineRecord>();
  return {
    ...ledger,
    readPipeline: async (pipeline) => pipelines.get(pipeline) ?? ledger.readPipeline(pipeline),
    writePipeline: async (record) => {
      pipelines.set(record.pipeline, record);
      return true;
    },
    planRange: async (record) => ({ kind: "planned", record }),
    changeRange: async (seen, event) => {
      const transition = applyEvent(seen, event, newId());
      return transition.kind === "refused"
        ? { ...transition, record: seen }
        : { kind: "changed", record: transition.record };
    },
  };
}
