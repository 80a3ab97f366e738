import type { ProcessorEvent } from "../../shared/wire/processor-event.ts";
import { type DirectDeps, type DirectOutcome, type DirectRules, processDirect } from "./process-direct.ts";
import { type Invocation, type ProcessOutcome, processRange } from "./process-range.ts";

export async function runProcessor<Output>(
  deps: DirectDeps<Output>,
  rules: DirectRules,
  event: ProcessorEvent,
  invocation: Invocation,
): Promise<DirectOutcome> {
  if (event.kind === "direct") {
    return processDirect(deps, rules, event.payload, invocation);
  }
  const { dispatch } = event;
  return { dispatch, outcome: await processRange(deps, rules, dispatch, invocation) };
}

/** What whoever invoked the function by hand is told; a dispatch is not waited for. */
export function answerOf(outcome: ProcessOutcome): object {
  switch (outcome.kind) {
    case "notClaimed":
      return { kind: outcome.kind, reason: outcome.reason };
    case "superseded":
      return { kind: outcome.kind };
    case "completed":
    case "released":
    case "failed":
    case "halted": {
      const { committedOffset, attempt, counts, error } = outcome.record;
      return { kind: outcome.kind, committedOffset, attempt, counts, error };
    }
  }
}
