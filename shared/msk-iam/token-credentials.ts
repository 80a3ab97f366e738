// Token credentials
//
// Amazon MSK's IAM access control: a signed token in place of a password, made on
// this machine from the role's credentials, over SASL OAUTHBEARER.

import { RangeReadError } from "../core/errors.ts";

export interface TokenCredentials {
  readonly mechanism: "oauthbearer";
  readonly oauthBearerProvider: () => Promise<{ readonly value: string }>;
}

/** Makes a token for each connection, and for each renewal of its session. The function throws RangeReadError. */
export function createTokenCredentials(region: string): () => Promise<TokenCredentials> {
  return async () => {
    // Before anything is sent: a token that cannot be made is not one that the broker refused.
    let first: string | undefined = await makeToken(region);
    return {
      mechanism: "oauthbearer",
      oauthBearerProvider: async () => {
        const value = first ?? (await makeToken(region));
        first = undefined;
        return { value };
      },
    };
  };
}

async function makeToken(region: string): Promise<string> {
  // Half a megabyte that only this mechanism needs.
  const { generateAuthToken } = await import("aws-msk-iam-sasl-signer-js");
  try {
    const { token } = await generateAuthToken({ region });
    return token;
  } catch (error) {
    throw new RangeReadError(`no token for MSK could be signed in ${region}: ${String(error)}`, { cause: error });
  }
}
