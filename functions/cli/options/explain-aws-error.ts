// Explain AWS error
//
// What can be done about what AWS answers, or about no answer: which region and endpoint were asked, and what on
// this machine has to do with it. Errors are told apart by AWS's names and the system's codes; an error
// that nothing on this machine mends stays as it is.

import { quote, showName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";

/** What a command asks AWS for, as the command line names it. */
export interface AwsResource {
  readonly kind: "table" | "function" | "queue" | "bucket" | "archive" | "secret" | "parameter" | "object";
  readonly name: string;
  /** The value of --endpoint-url. */
  readonly endpointUrl?: string | undefined;
}

export interface AskedAws extends AwsResource {
  readonly region: string;
  /** To which the request went: `https://dynamodb.eu-west-1.amazonaws.com`. */
  readonly endpoint: string;
}

const MISSING = new Set([
  "AWS.SimpleQueueService.NonExistentQueue",
  "NoSuchBucket",
  "NoSuchKey",
  "ParameterNotFound",
  "PermanentRedirect",
  "QueueDoesNotExist",
  "ResourceNotFoundException",
]);
const EXPIRED = new Set(["ExpiredToken", "ExpiredTokenException", "RequestExpired"]);
const UNKNOWN = new Set([
  "IncompleteSignature",
  "IncompleteSignatureException",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);
const DENIED = new Set(["AccessDenied", "AccessDeniedException", "KMSAccessDeniedException"]);

const UNREACHED = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "ETIMEDOUT",
]);
const NOT_TRUSTED = new Set([
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "EPROTO",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** The error that says what to do: ConfigurationError where asking again does not help. */
export function explainAwsError(error: unknown, asked: AskedAws): unknown {
  const { name, code, message } = fieldsOf(error);
  const answer = answerProblem(name, message, asked);
  if (answer !== undefined) {
    return new ConfigurationError(answer, { cause: error });
  }
  // What signs its calls itself names an error by the system's code.
  const unreached = [code, name].find((one) => UNREACHED.has(one));
  if (unreached !== undefined || name === "TimeoutError") {
    const why = unreached ?? name;
    // It may be back in a moment: who waits for something asks again.
    return new Error(`AWS does not answer at ${asked.endpoint} (${why}); ${checkEndpoint(asked)}`, { cause: error });
  }
  const notTrusted = [code, name].find((one) => NOT_TRUSTED.has(one));
  if (notTrusted !== undefined) {
    const remedy = `${checkEndpoint(asked)}; a private certificate authority goes into NODE_EXTRA_CA_CERTS`;
    return new ConfigurationError(`no TLS connection to AWS at ${asked.endpoint} (${notTrusted}); ${remedy}`, {
      cause: error,
    });
  }
  return error;
}

function answerProblem(name: string, message: string, asked: AskedAws): string | undefined {
  const where = `${asked.region} (${asked.endpoint})`;
  // What is referred to is named in front.
  const what =
    NAMED_BY[asked.kind] === REFERENCE
      ? "it"
      : `${asked.kind === "archive" ? "bucket" : asked.kind} ${showName(asked.name)}`;
  const says = `${name}: ${message}`;
  if (MISSING.has(name)) {
    return `${what} does not exist for these credentials in ${where}; check ${NAMED_BY[asked.kind]}, AWS_PROFILE, AWS_REGION and the endpoint`;
  }
  if (EXPIRED.has(name)) {
    return `the AWS credentials have expired (${says}); log in again (aws sso login), or renew AWS_SESSION_TOKEN with its keys`;
  }
  if (UNKNOWN.has(name)) {
    return `AWS does not take these credentials in ${where} (${says}); check AWS_PROFILE, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and this machine's clock`;
  }
  return DENIED.has(name)
    ? `these AWS credentials may not do this to ${what} in ${where} (${says}); have it allowed, or use others (AWS_PROFILE)`
    : undefined;
}

function checkEndpoint({ endpointUrl, kind }: AskedAws): string {
  const ofProfile = kind === "table" || kind === "function" ? ", endpoint_url of the profile" : "";
  return endpointUrl === undefined
    ? `check AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_${SERVICES[kind]}${ofProfile}, AWS_REGION, and the network`
    : `check --endpoint-url ${quote(endpointUrl)}`;
}

const REFERENCE = "the reference";
/** By which option the command line names it, or what else does; and whose endpoint the variables name. */
const NAMED_BY = {
  table: "--table",
  function: "--function",
  queue: "--target",
  bucket: "--target",
  archive: "whether it was deleted since the pipeline archived there",
  secret: REFERENCE,
  parameter: REFERENCE,
  object: REFERENCE,
} as const;
const SERVICES = {
  table: "DYNAMODB",
  function: "LAMBDA",
  queue: "SQS",
  bucket: "S3",
  archive: "S3",
  secret: "SECRETS_MANAGER",
  parameter: "SSM",
  object: "S3",
} as const;

/** Of whatever was thrown: AWS names its errors, the system numbers its own. */
function fieldsOf(error: unknown): Readonly<Record<"name" | "code" | "message", string>> {
  const { name = "", code = "", message = "" } = (error ?? {}) as Partial<Record<"name" | "code" | "message", unknown>>;
  return { name: String(name), code: String(code), message: String(message) };
}
