import { BeyondEndError, ConfigurationError, DataLossError, type LogBound } from "../../../shared/core/errors.ts";

/** What `ranges` exits with; documented in its help and in functions/cli/README.md. */
export const EXIT = { done: 0, failed: 1, badInput: 2, dataLoss: 3, beyondEnd: 4 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ConfigurationError) {
    return error.passes === undefined ? EXIT.badInput : OF_BOUND[error.passes];
  }
  if (error instanceof DataLossError) {
    return EXIT.dataLoss;
  }
  return error instanceof BeyondEndError ? EXIT.beyondEnd : EXIT.failed;
}

const OF_BOUND: Readonly<Record<LogBound, ExitCode>> = { beginning: EXIT.dataLoss, end: EXIT.beyondEnd };
