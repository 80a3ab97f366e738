// Token credentials
//
// Amazon MSK's IAM access control: a signed token in place of a password, made on
// this machine from the role's credentials, over SASL OAUTHBEARER.

import { ConfigurationError, RangeReadError } from "../core/errors.ts";

export interface TokenCredentials {
  readonly mechanism: "oauthbearer";
  /** Each is signed for one connection. */
  readonly areSignedAnew: true;
  readonly oauthBearerProvider: () => Promise<{ readonly value: string }>;
}

/** A token for the brokers of one region. */
export interface TokenMaker {
  readonly region: string;
  readonly makeToken: () => Promise<string>;
}

/** Makes a token for each connection, and for each renewal of its session. The function throws RangeReadError, or ConfigurationError without AWS credentials. */
export function createTokenCredentials(maker: TokenMaker): () => Promise<TokenCredentials> {
  return async () => {
    // Before anything is sent: a token that cannot be made is not one that the broker refused.
    let first: string | undefined = await makeToken(maker);
    return {
      mechanism: "oauthbearer",
      areSignedAnew: true,
      oauthBearerProvider: async () => {
        const value = first ?? (await makeToken(maker));
        first = undefined;
        return { value };
      },
    };
  };
}

async function makeToken({ region, makeToken: make }: TokenMaker): Promise<string> {
  try {
    return await make();
  } catch (error) {
    // As AWS's clients name what finds no credentials; a role that AWS gives a function always has some.
    if (error instanceof Error && error.name === "CredentialsProviderError") {
      throw new ConfigurationError(
        `no token for MSK can be signed without AWS credentials (${error.message}); log in (aws sso login), set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
        { cause: error },
      );
    }
    throw new RangeReadError(`no token for MSK could be signed in ${region}: ${String(error)}`, { cause: error });
  }
}
