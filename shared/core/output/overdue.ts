import { type BatchProcessorError, DeadlineError, OutputUnavailableError } from "../errors.ts";

export interface OverdueTransaction {
  /** How many it was of. */
  readonly offsets: bigint;
  /** What to do about one that is of one record alone. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/** Of a transaction that took longer than it may, for so many offsets: "too much for the time", unless it is one alone. */
export function overdue(what: string, { offsets, remedy, cause }: OverdueTransaction): BatchProcessorError {
  return offsets > 1n
    ? new DeadlineError(`${what}; unless it fits then, it is made of half as many`, { cause })
    : new OutputUnavailableError(`${what}; ${remedy}`, { cause });
}
