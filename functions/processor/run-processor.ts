import type { ProcessorEvent } from "../../shared/wire/events/processor-event.ts";
import type { Invocation, ProcessOutcome } from "./attempt/processor-deps.ts";
import { processAttempts } from "./process-attempts.ts";
import {
  type DirectAnswer,
  type DirectDeps,
  type DirectOutcome,
  type DirectRules,
  processDirect,
} from "./process-direct.ts";

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
  return { dispatch, outcomes: await processAttempts(deps, rules, dispatch, invocation) };
}

/** What whoever invoked the function by hand is told: of its last attempt, and of the range; a dispatch is not waited for. */
export function answerOf(outcomes: readonly ProcessOutcome[], asked?: DirectAnswer): object {
  return { ...lastAttempt(outcomes.at(-1)), ...asked };
}

function lastAttempt(outcome: ProcessOutcome | undefined): object {
  switch (outcome?.kind) {
    case undefined:
      return {};
    case "notClaimed":
      return { kind: outcome.kind, reason: outcome.reason };
    case "superseded":
      return { kind: outcome.kind };
    case "completed":
    case "skipped":
    case "released":
    case "failed":
    case "narrowed":
    case "lost":
    case "quarantined":
    case "halted": {
      const { committedOffset, attempt, counts, error } = outcome.record;
      return { kind: outcome.kind, committedOffset, attempt, counts, error };
    }
  }
}
