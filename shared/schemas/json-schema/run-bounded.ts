// Run bounded
//
// Ends code that goes on for too long, a regular expression in the midst of it included: Node's own way to end a script
// ends whatever it has called. It costs a thread, some 0.1 ms; it does not nest, since the outer one ends the inner too.
//
//   RBD1  Only the processor's time that a run has used is held against the record: MAX_VALIDATION_MS of it.
//   RBD2  Node's way goes by the clock, which goes on while a process is paused, frozen or throttled. A run that it ended
//         before its time was used is run again, with more of the clock, VALIDATION_TRIES_MS; then the attempt
//         fails for want of time, and no record is to blame.

import { UndecodableError } from "../../core/decode/decode-errors.ts";
import { DeadlineError } from "../../core/errors.ts";
import { MAX_VALIDATION_MS, VALIDATION_TRIES_MS } from "../limits.ts";
import { cpuMeterOf, endAfter, isTimeUp } from "./end-after.ts";

/** What runs code, and knows what that costs. */
export interface Processor {
  /** What `run` returns. Throws what `run` throws, and an error of which `isTimeUp` is true once the clock went on by `wallMs`. */
  readonly runFor: <T>(run: () => T, wallMs: number) => T;
  /** Of the processor's time, used up so far. */
  readonly cpuMs: () => number;
}

const thisThread: Processor = { runFor: endAfter, cpuMs: cpuMeterOf(process) };

let isGuarded = false;

/**
 * What `run` returns, which may be run more than once. Throws what it throws; UndecodableError that says that `what` takes
 * more than MAX_VALIDATION_MS of the processor; DeadlineError where it was not given as much within VALIDATION_TRIES_MS.
 */
export function runBounded<T>(run: () => T, what: string, processor: Processor = thisThread): T {
  if (isGuarded) {
    return run();
  }
  isGuarded = true;
  try {
    return runInTries(run, what, processor);
  } finally {
    isGuarded = false;
  }
}

function runInTries<T>(run: () => T, what: string, { runFor, cpuMs }: Processor): T {
  let cause: unknown;
  let usedMs = 0;
  for (const wallMs of VALIDATION_TRIES_MS) {
    const before = cpuMs();
    try {
      return runFor(run, wallMs);
    } catch (error) {
      if (!isTimeUp(error)) {
        throw error;
      }
      cause = error;
    }
    usedMs = cpuMs() - before;
    if (usedMs >= MAX_VALIDATION_MS) {
      throw new UndecodableError(`${what} takes longer than ${MAX_VALIDATION_MS} ms for it`, { cause });
    }
  }
  throw new DeadlineError(
    `${what} was not done in ${VALIDATION_TRIES_MS.join(", ")} ms, of the last of which the process got ${Math.round(usedMs)} ms of a processor; no record is to blame: give the function more memory, which is more of a processor, or end what else takes it`,
    { cause },
  );
}
