import { type IamIdentity, openIdentity } from "./iam-identity.ts";
import type { TokenMaker } from "./token-credentials.ts";

export interface SdkTokenOptions {
  /** @default who the environment is */
  readonly identity?: IamIdentity;
  /** Is told in one line who signs each token, as STS knows them. */
  readonly debug?: (line: string) => void;
}

/** Tokens by AWS's own library: as any identity that the AWS SDK finds, on a machine of people. */
export function createSdkTokenMaker(region: string, { identity, debug }: SdkTokenOptions = {}): TokenMaker {
  const asked = { region, ...(debug === undefined ? {} : { awsDebugCreds: true, logger: loggerOf(debug) }) };
  return {
    region,
    makeToken: async () => {
      // Half a megabyte that only this mechanism needs.
      const { generateAuthToken, generateAuthTokenFromCredentialsProvider } = await import(
        "aws-msk-iam-sasl-signer-js"
      );
      const { token } =
        identity === undefined
          ? await generateAuthToken(asked)
          : await generateAuthTokenFromCredentialsProvider({
              ...asked,
              awsCredentialsProvider: await openIdentity(identity),
            });
      return token;
    },
  };
}

function loggerOf(debug: (line: string) => void) {
  const ignore = () => undefined;
  return { debug, info: ignore, warn: ignore, error: ignore };
}
