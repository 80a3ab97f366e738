import type {
  Invocation,
  ProcessOutcome,
  ProcessorDeps,
  ProcessorRules,
} from "../../../functions/processor/attempt/processor-deps.ts";
import { processAttempts } from "../../../functions/processor/process-attempts.ts";
import type { RangeDispatch } from "../../../shared/core/ledger/range-dispatcher.ts";

/** What an invocation came to in the end, however many attempts it made. */
export async function processRange<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  dispatch: RangeDispatch,
  invocation: Invocation,
): Promise<ProcessOutcome> {
  const last = (await processAttempts(deps, rules, dispatch, invocation)).at(-1);
  if (last === undefined) {
    throw new Error("an invocation without an attempt");
  }
  return last;
}
