// Secret credentials
//
// User and password from AWS Secrets Manager, in the form that MSK asks for and RDS
// makes: {"username": …, "password": …}. A secret is read once and kept until the
// broker, or the database, refuses what it says.

import type { AwsAccess } from "../aws/aws-client.ts";
import { ConfigurationError } from "../core/errors.ts";
import { createSecretReader } from "./secret-value.ts";

export interface PasswordCredentials {
  readonly username: string;
  readonly password: string;
}

/** What a secret says, read anew where it was refused. Throws ConfigurationError or RangeReadError. */
export type SecretSource<Content> = (question: { readonly wereRefused: boolean }) => Promise<Content>;

/** User and password alone. */
export function createSecretCredentials(access: AwsAccess, secretId: string): SecretSource<PasswordCredentials> {
  return createSecretSource(access, secretId, ({ username, password }) => ({ username, password }));
}

/** User and password with what `contentOf` takes of the secret's other members besides. */
export function createSecretSource<Content>(
  access: AwsAccess,
  secretId: string,
  contentOf: (secret: PasswordCredentials & Readonly<Record<string, unknown>>) => Content,
): SecretSource<Content> {
  const read = createSecretReader(access);
  let known: Promise<Content> | undefined;
  return async ({ wereRefused }) => {
    if (wereRefused) {
      known = undefined;
    }
    const reading = known ?? readSecret(read, secretId).then(contentOf);
    known = reading;
    try {
      return await reading;
    } catch (error) {
      known = undefined;
      throw error;
    }
  };
}

async function readSecret(
  read: ReturnType<typeof createSecretReader>,
  secretId: string,
): Promise<PasswordCredentials & Readonly<Record<string, unknown>>> {
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
      return { ...secret, username, password };
    }
  }
  throw new ConfigurationError(`secret ${secretId} has no username and password; ${EXPECTED_FORM}`);
}

const EXPECTED_FORM = 'expected {"username": "…", "password": "…"}';
