// Value client
//
// How a function asks AWS for what somebody keeps there: the same bounds for each service,
// and the same two kinds of failure.

import { AwsCallError } from "../aws/aws-call-error.ts";
import { type AwsAccess, type AwsClient, createAwsClient, isFinal } from "../aws/aws-client.ts";
import { ConfigurationError, RangeReadError } from "../core/errors.ts";
import { SECRETS_MAX_TRIES, SECRETS_TIMEOUT_MS } from "../core/limits.ts";

/** `service` as it signs: `ssm`. */
export function createValueClient(access: AwsAccess, service: string): AwsClient {
  return createAwsClient({
    ...access,
    service,
    timeouts: { connectMs: SECRETS_TIMEOUT_MS, requestMs: SECRETS_TIMEOUT_MS },
    maxTries: SECRETS_MAX_TRIES,
    maxSockets: 1,
  });
}

/** To throw for a call that failed: ConfigurationError where somebody has to grant, restore or name something. */
export function valueError(what: string, error: unknown): Error {
  const { name, message } = error as Error; // What a call rejects with.
  const text = `${what} cannot be read: ${name}: ${message}`;
  return error instanceof AwsCallError && isFinal(error)
    ? new ConfigurationError(text, { cause: error })
    : new RangeReadError(text, { cause: error });
}
