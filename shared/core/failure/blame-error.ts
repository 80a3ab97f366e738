// Blame error
//
// What an attempt's error says of the records that it was about. Only what is in a
// record may cost that record its place; a broken world costs time.
//
//   BE1  What this project throws of brokers, ledger, leases and configuration never
//        blames a record.
//   BE2  Nor does what the pipeline's code passes on of a network, a throttled or a
//        failing service, however deep it is wrapped, among whatever else failed beside it.
//   BE3  An output that is refused is of the records that it was made of, also where the
//        code wraps the refusal; the tables that outputs go to are surroundings (BE1).

import { UndecodableError } from "../decode/decode-errors.ts";
import {
  BatchProcessorError,
  CorruptRecordError,
  DeadlineError,
  InvalidOutputError,
  OutputLimitError,
  OutputRefusedError,
  RepeatedItemError,
} from "../errors.ts";
import { MAX_COPIED_ERRORS } from "../limits.ts";
import { BatchItemFailureError } from "./batch-item-failure.ts";
import { errorParts } from "./error-parts.ts";

export type Blame =
  /** One record, or several, cannot be processed. */
  | "records"
  /** The piece has too many effects for one transaction, or several on one item. */
  | "size"
  /** The piece does not fit the time of one invocation. */
  | "time"
  | "surroundings";

export function blameOf(error: unknown): Blame {
  const causes = causesOf(error);
  const own = causes.find((cause) => cause instanceof BatchProcessorError);
  if (own !== undefined) {
    return blameOfOwn(own);
  }
  return causes.some(isOfSurroundings) ? "surroundings" : "records";
}

function blameOfOwn(error: BatchProcessorError): Blame {
  if (error instanceof DeadlineError) {
    return "time";
  }
  if (error instanceof OutputLimitError || error instanceof RepeatedItemError) {
    return "size";
  }
  return recordErrors.some((kind) => error instanceof kind) ? "records" : "surroundings";
}

const recordErrors = [
  BatchItemFailureError,
  CorruptRecordError,
  InvalidOutputError,
  OutputRefusedError,
  UndecodableError,
];

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
    systemCodes.has(String(code)) ||
    transientNames.has(String(name)) ||
    // The AWS SDK's marks of a service that fails, and of what it would try again.
    $fault === "server" ||
    $retryable !== undefined
  );
}

/**
 * The error, and all that caused it or that it holds, each with its own before the next: what failed first comes first.
 * What caused one of ours is judged by ours.
 */
function causesOf(error: unknown): readonly object[] {
  const causes = new Set<object>();
  const links = [error];
  while (links.length > 0 && causes.size < MAX_COPIED_ERRORS) {
    const link = links.pop();
    if (typeof link !== "object" || link === null || causes.has(link)) {
      continue;
    }
    causes.add(link);
    if (!(link instanceof BatchProcessorError)) {
      links.push(...causedBy(link).toReversed());
    }
  }
  return [...causes];
}

function causedBy(error: object): readonly unknown[] {
  const parts = errorParts(error);
  return "cause" in error ? [error.cause, ...parts] : parts;
}
