// Secret credentials
//
// User and password for Kafka from AWS Secrets Manager, in the form that MSK asks
// for: {"username": …, "password": …}. A secret is read once and kept until the
// broker refuses what it says.

import { type AwsAccess, createAwsClient } from "../aws/aws-client.ts";
import { createJsonCalls, type JsonCalls } from "../aws/json-calls.ts";
import { ConfigurationError, RangeReadError } from "../core/errors.ts";
import { SECRETS_MAX_TRIES, SECRETS_TIMEOUT_MS } from "../core/limits.ts";

export interface PasswordCredentials {
  readonly username: string;
  readonly password: string;
}

/** What no retry cures: somebody has to grant, restore or name the secret. */
const finalErrors: readonly string[] = [
  "AccessDeniedException",
  "DecryptionFailure",
  "InvalidParameterException",
  "InvalidRequestException",
  "ResourceNotFoundException",
];

/** The function throws ConfigurationError or RangeReadError. */
export function createSecretCredentials(
  access: AwsAccess,
  secretId: string,
): (question: { readonly wereRefused: boolean }) => Promise<PasswordCredentials> {
  const client = createAwsClient({
    ...access,
    service: "secretsmanager",
    timeouts: { connectMs: SECRETS_TIMEOUT_MS, requestMs: SECRETS_TIMEOUT_MS },
    maxTries: SECRETS_MAX_TRIES,
    maxSockets: 1,
  });
  const call = createJsonCalls(client, { target: "secretsmanager", version: "1.1" });
  let known: Promise<PasswordCredentials> | undefined;
  return async ({ wereRefused }) => {
    if (wereRefused) {
      known = undefined;
    }
    const reading = known ?? readSecret(call, secretId);
    known = reading;
    try {
      return await reading;
    } catch (error) {
      known = undefined;
      throw error;
    }
  };
}

async function readSecret(call: JsonCalls, secretId: string): Promise<PasswordCredentials> {
  const text = await fetchSecret(call, secretId);
  let secret: unknown;
  try {
    secret = JSON.parse(text);
  } catch {
    // The cause would quote the secret.
    throw new ConfigurationError(`secret ${secretId} is not JSON; ${EXPECTED_FORM}`);
  }
  if (typeof secret === "object" && secret !== null && "username" in secret && "password" in secret) {
    const { username, password } = secret;
    if (typeof username === "string" && typeof password === "string") {
      return { username, password };
    }
  }
  throw new ConfigurationError(`secret ${secretId} has no username and password; ${EXPECTED_FORM}`);
}

const EXPECTED_FORM = 'expected {"username": "…", "password": "…"}';

async function fetchSecret(call: JsonCalls, secretId: string): Promise<string> {
  try {
    const answer = await call("GetSecretValue", { SecretId: secretId });
    const { SecretString = "" } = answer as { readonly SecretString?: string }; // As the service answers; a binary secret has none.
    return SecretString;
  } catch (error) {
    const { name, message } = error as Error; // What a call rejects with.
    const what = `secret ${secretId} cannot be read: ${name}: ${message}`;
    throw finalErrors.includes(name)
      ? new ConfigurationError(what, { cause: error })
      : new RangeReadError(what, { cause: error });
  }
}
