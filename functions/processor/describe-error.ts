import type { AttemptError } from "../../shared/core/attempt-error.ts";
import { MAX_ERROR_MESSAGE_LENGTH } from "../../shared/core/limits.ts";

/** What the ledger keeps of an error, whatever was thrown; `why` comes first where it is given. */
export function describeError(error: unknown, why?: string): AttemptError {
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) };
  const whole = why === undefined ? message : `${why}: ${message}`;
  return { name: name.slice(0, MAX_ERROR_MESSAGE_LENGTH), message: whole.slice(0, MAX_ERROR_MESSAGE_LENGTH) };
}
