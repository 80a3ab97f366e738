import { AwsCallError } from "../aws/aws-call-error.ts";
import { BatchProcessorError, ConfigurationError, OutputUnavailableError } from "../core/errors.ts";

const remedies: Readonly<Record<string, string>> = {
  NoSuchBucket: "create the bucket, or give the name of one",
  AccessDenied: "grant the function's role the bucket: bucket.grantReadWrite(pipeline.processorFunction)",
  AllAccessDisabled: "grant the function's role the bucket",
  InvalidAccessKeyId: "give the function a role",
  "HTTP 403": "grant the function's role the bucket: bucket.grantReadWrite(pipeline.processorFunction)",
  PermanentRedirect: "the bucket is in another region: give s3Archive its region",
  AuthorizationHeaderMalformed: "the bucket is in another region: give s3Archive its region",
  "HTTP 301": "the bucket is in another region: give s3Archive its region",
};

/** What a call of S3 came to: somebody has to change something, or the next attempt may succeed. */
export function archiveError(what: string, error: unknown): Error {
  if (!(error instanceof AwsCallError)) {
    return error instanceof BatchProcessorError
      ? error
      : new OutputUnavailableError(`${what}: ${String(error)}`, { cause: error });
  }
  const { name, statusCode, message } = error;
  const said = `${what}: ${name}: ${message}`;
  const remedy = remedies[name] ?? (name.startsWith("KMS.") ? "grant the function's role the key" : undefined);
  return remedy === undefined || statusCode === undefined || statusCode >= 500
    ? new OutputUnavailableError(said, { cause: error })
    : new ConfigurationError(`${said}; ${remedy}`, { cause: error });
}
