import { BeyondEndError, ConfigurationError, DataLossError } from "../../../shared/core/errors.ts";

/** What `ranges` exits with; documented in its help and in functions/cli/README.md. */
export const EXIT = { done: 0, failed: 1, badInput: 2, dataLoss: 3, beyondEnd: 4 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ConfigurationError) {
    return EXIT.badInput;
  }
  if (error instanceof DataLossError) {
    return EXIT.dataLoss;
  }
  return error instanceof BeyondEndError ? EXIT.beyondEnd : EXIT.failed;
}
