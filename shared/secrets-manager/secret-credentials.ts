// Secret credentials
//
// User and password for Kafka from AWS Secrets Manager, in the form that MSK asks
// for: {"username": …, "password": …}. A secret is read once and kept until the
// broker refuses what it says.

import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
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

/** A client whose calls end in bounded time. */
export function createSecretsManagerClient(options: { readonly endpoint?: string } = {}): SecretsManagerClient {
  return new SecretsManagerClient({
    ...options,
    maxAttempts: SECRETS_MAX_TRIES,
    requestHandler: {
      connectionTimeout: SECRETS_TIMEOUT_MS,
      requestTimeout: SECRETS_TIMEOUT_MS,
      // Without it the SDK only logs that the time is over.
      throwOnRequestTimeout: true,
    },
  });
}

/** The function throws ConfigurationError or RangeReadError. */
export function createSecretCredentials(
  client: SecretsManagerClient,
  secretId: string,
): (question: { readonly wereRefused: boolean }) => Promise<PasswordCredentials> {
  let known: Promise<PasswordCredentials> | undefined;
  return async ({ wereRefused }) => {
    if (wereRefused) {
      known = undefined;
    }
    const reading = known ?? readSecret(client, secretId);
    known = reading;
    try {
      return await reading;
    } catch (error) {
      known = undefined;
      throw error;
    }
  };
}

async function readSecret(client: SecretsManagerClient, secretId: string): Promise<PasswordCredentials> {
  const text = await fetchSecret(client, secretId);
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

async function fetchSecret(client: SecretsManagerClient, secretId: string): Promise<string> {
  try {
    const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    return SecretString;
  } catch (error) {
    const { name, message } = error as Error; // The SDK throws nothing else.
    const what = `secret ${secretId} cannot be read: ${name}: ${message}`;
    throw finalErrors.includes(name)
      ? new ConfigurationError(what, { cause: error })
      : new RangeReadError(what, { cause: error });
  }
}
