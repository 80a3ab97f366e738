import { ConfigurationError, LedgerUnavailableError } from "../core/errors.ts";
import { isAnswer } from "./calls/dynamodb-calls.ts";

/** What no retry mends: the table, the permissions or the request are wrong. */
const configurationErrors = new Set([
  "AccessDeniedException",
  "IncompleteSignatureException",
  "InvalidSignatureException",
  "MissingAuthenticationTokenException",
  "ResourceNotFoundException",
  "SerializationException",
  "UnrecognizedClientException",
  "ValidationException",
]);

/**
 * Translates what a call of the SDK threw, after the SDK's own retries. A time-out
 * or a 5xx leaves open whether a write was applied; the next one finds out.
 */
export function translateLedgerError(error: unknown, action: string): unknown {
  if (!isAnswer(error)) {
    return error;
  }
  const remedy =
    error.name === "ResourceNotFoundException"
      ? "; the account and region that were asked have no table of this name: check the name, the region and the endpoint"
      : "";
  const message = `cannot ${action}: ${error.name}: ${error.message}${remedy}`;
  return configurationErrors.has(error.name)
    ? new ConfigurationError(message, { cause: error })
    : new LedgerUnavailableError(message, { cause: error });
}
