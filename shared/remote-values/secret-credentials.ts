// Secret credentials
//
// User and password for Kafka from AWS Secrets Manager, in the form that MSK asks
// for: {"username": …, "password": …}. A secret is read once and kept until the
// broker refuses what it says.

import type { AwsAccess } from "../aws/aws-client.ts";
import { ConfigurationError } from "../core/errors.ts";
import { createSecretReader } from "./secret-value.ts";

export interface PasswordCredentials {
  readonly username: string;
  readonly password: string;
}

/** The function throws ConfigurationError or RangeReadError. */
export function createSecretCredentials(
  access: AwsAccess,
  secretId: string,
): (question: { readonly wereRefused: boolean }) => Promise<PasswordCredentials> {
  const read = createSecretReader(access);
  let known: Promise<PasswordCredentials> | undefined;
  return async ({ wereRefused }) => {
    if (wereRefused) {
      known = undefined;
    }
    const reading = known ?? readSecret(read, secretId);
    known = reading;
    try {
      return await reading;
    } catch (error) {
      known = undefined;
      throw error;
    }
  };
}

async function readSecret(read: ReturnType<typeof createSecretReader>, secretId: string): Promise<PasswordCredentials> {
  const text = (await read(secretId)).toString("utf8");
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
