// Token credentials
//
// Amazon MSK's IAM access control: a signed token in place of a password, made on
// this machine from the role's credentials, over SASL OAUTHBEARER.

import { ConfigurationError, RangeReadError } from "../core/errors.ts";
import { type IamIdentity, openIdentity } from "./iam-identity.ts";

export interface TokenCredentials {
  readonly mechanism: "oauthbearer";
  readonly oauthBearerProvider: () => Promise<{ readonly value: string }>;
}

export interface TokenOptions {
  /** @default who the environment is */
  readonly identity?: IamIdentity;
  /** Is told in one line who signs each token, as STS knows them. */
  readonly debug?: (line: string) => void;
}

/** Makes a token for each connection, and for each renewal of its session. The function throws RangeReadError, or ConfigurationError without AWS credentials. */
export function createTokenCredentials(region: string, options: TokenOptions = {}): () => Promise<TokenCredentials> {
  return async () => {
    // Before anything is sent: a token that cannot be made is not one that the broker refused.
    let first: string | undefined = await makeToken(region, options);
    return {
      mechanism: "oauthbearer",
      oauthBearerProvider: async () => {
        const value = first ?? (await makeToken(region, options));
        first = undefined;
        return { value };
      },
    };
  };
}

async function makeToken(region: string, { identity, debug }: TokenOptions): Promise<string> {
  // Half a megabyte that only this mechanism needs.
  const { generateAuthToken, generateAuthTokenFromCredentialsProvider } = await import("aws-msk-iam-sasl-signer-js");
  const asked = { region, ...(debug === undefined ? {} : { awsDebugCreds: true, logger: loggerOf(debug) }) };
  try {
    const { token } =
      identity === undefined
        ? await generateAuthToken(asked)
        : await generateAuthTokenFromCredentialsProvider({
            ...asked,
            awsCredentialsProvider: await openIdentity(identity),
          });
    return token;
  } catch (error) {
    // As the AWS SDK names what finds no credentials; a role that AWS gives a function always has some.
    if (error instanceof Error && error.name === "CredentialsProviderError") {
      throw new ConfigurationError(
        `no token for MSK can be signed without AWS credentials (${error.message}); log in (aws sso login), set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
        { cause: error },
      );
    }
    throw new RangeReadError(`no token for MSK could be signed in ${region}: ${String(error)}`, { cause: error });
  }
}

function loggerOf(debug: (line: string) => void) {
  const ignore = () => undefined;
  return { debug, info: ignore, warn: ignore, error: ignore };
}
