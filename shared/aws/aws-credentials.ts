// AWS credentials
//
// Whose calls a function's are, as Lambda tells it: by variables that hold for the whole
// life of the environment, or by an endpoint that is asked again before they end.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html

import { AwsCallError } from "./aws-call-error.ts";
import { CREDENTIALS_RENEWAL_MS, CREDENTIALS_TIMEOUT_MS } from "./limits.ts";
import type { AwsCredentials } from "./sign-request.ts";

/** Resolves at once where nothing has to be asked; rejects with AwsCallError named CredentialsProviderError. */
export type CredentialsProvider = () => AwsCredentials | Promise<AwsCredentials>;

export interface CredentialsEndpoint {
  readonly url: string;
  /** Read for each question: it may change. */
  readonly authorizationToken: () => string | undefined;
}

/** Asks once at a time, and again shortly before what it was told ends. */
export function createEndpointCredentials(
  endpoint: CredentialsEndpoint,
  now: () => number = Date.now,
): CredentialsProvider {
  let known: Promise<ExpiringCredentials> | undefined;
  let renewAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (known === undefined || now() >= renewAt) {
      renewAt = Number.POSITIVE_INFINITY;
      known = fetchCredentials(endpoint);
      known.then(
        ({ expiresAt }) => {
          renewAt = expiresAt - CREDENTIALS_RENEWAL_MS;
        },
        () => {
          known = undefined;
        },
      );
    }
    return (await known).credentials;
  };
}

interface ExpiringCredentials {
  readonly credentials: AwsCredentials;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

async function fetchCredentials({ url, authorizationToken }: CredentialsEndpoint): Promise<ExpiringCredentials> {
  const authorization = authorizationToken();
  const answer = await askEndpoint(url, authorization === undefined ? {} : { authorization });
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = answer;
  if (typeof AccessKeyId !== "string" || typeof SecretAccessKey !== "string") {
    throw unavailable(`${url} answered without AccessKeyId and SecretAccessKey`);
  }
  const expiresAt = typeof Expiration === "string" ? Date.parse(Expiration) : Number.POSITIVE_INFINITY;
  if (Number.isNaN(expiresAt)) {
    throw unavailable(`${url} answered with an Expiration that is no time`);
  }
  return {
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(typeof Token === "string" ? { sessionToken: Token } : {}),
    },
    expiresAt,
  };
}

async function askEndpoint(url: string, headers: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(CREDENTIALS_TIMEOUT_MS) });
    if (!response.ok) {
      throw unavailable(`${url} answered ${response.status}`);
    }
    return (await response.json()) as Record<string, unknown>; // What it has is looked at one by one.
  } catch (cause) {
    throw cause instanceof AwsCallError ? cause : unavailable(`${url} did not answer: ${String(cause)}`, cause);
  }
}

function unavailable(why: string, cause?: unknown): AwsCallError {
  return new AwsCallError(`no AWS credentials: ${why}`, { name: "CredentialsProviderError", cause });
}
