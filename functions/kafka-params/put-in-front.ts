import { ConfigurationError, RangeReadError } from "../../shared/core/errors.ts";

/** The error with the place in front of what it says: a file, or a setting. What is neither of these two stays as it is. */
export function putInFront(place: string, error: unknown): unknown {
  if (error instanceof ConfigurationError) {
    return new ConfigurationError(`${place}: ${error.message}`, { cause: error });
  }
  return error instanceof RangeReadError ? new RangeReadError(`${place}: ${error.message}`, { cause: error }) : error;
}
