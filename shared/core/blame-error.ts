// Blame error
//
// What an attempt's error says of the records that it was about. Only what is in a
// record may cost that record its place; a broken world costs time.
//
//   F1  What this project throws of brokers, ledger, leases and configuration never
//       blames a record.
//   F2  Nor does what the pipeline's code passes on of a network, a throttled or a
//       failing service, however deep it is wrapped.

import {
  BatchProcessorError,
  CorruptRecordError,
  DeadlineError,
  OutputLimitError,
  OutputRefusedError,
} from "./errors.ts";
import { MAX_ERROR_CAUSES } from "./limits.ts";

export type Blame =
  /** One record, or several, cannot be processed. */
  | "records"
  /** The piece has too many effects for one transaction. */
  | "size"
  /** The piece does not fit the time of one invocation. */
  | "time"
  | "surroundings";

export function blameOf(error: unknown): Blame {
  if (error instanceof DeadlineError) {
    return "time";
  }
  if (error instanceof OutputLimitError) {
    return "size";
  }
  if (error instanceof CorruptRecordError || error instanceof OutputRefusedError) {
    return "records";
  }
  return error instanceof BatchProcessorError || causesOf(error).some(isOfSurroundings) ? "surroundings" : "records";
}

/** Node's names for a network or a machine that does not answer. */
const systemCodes = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "EMFILE",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_SOCKET",
]);

/** Names under which clients report time-outs, and AWS that it is asked too often. */
const transientNames = new Set([
  "AbortError",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestTimeout",
  "ServiceUnavailable",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "TimeoutError",
  "TooManyRequestsException",
]);

function isOfSurroundings(error: object): boolean {
  const { code, name, $fault, $retryable } = error as Readonly<Record<string, unknown>>; // Any error's properties.
  return (
    error instanceof BatchProcessorError ||
    systemCodes.has(String(code)) ||
    transientNames.has(String(name)) ||
    // The AWS SDK's marks of a service that fails, and of what it would try again.
    $fault === "server" ||
    $retryable !== undefined
  );
}

/** The error, what caused it, and so on. */
function causesOf(error: unknown): readonly object[] {
  const causes: object[] = [];
  let cause = error;
  while (typeof cause === "object" && cause !== null && causes.length < MAX_ERROR_CAUSES) {
    causes.push(cause);
    cause = "cause" in cause ? cause.cause : undefined;
  }
  return causes;
}
