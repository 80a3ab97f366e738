import { type AwsCredentials, type IamIdentity, openIdentity } from "./iam-identity.ts";
import { createSignedTokenMaker } from "./signed-token.ts";
import type { TokenMaker } from "./token-credentials.ts";

export interface SdkTokenOptions {
  /** @default who the environment is */
  readonly identity?: IamIdentity;
  /** Is told in one line who signs each token, as STS knows them. */
  readonly debug?: (line: string) => void;
}

/** Tokens as any identity that the AWS SDK finds, on a machine of people. */
export function createSdkTokenMaker(region: string, { identity, debug }: SdkTokenOptions = {}): TokenMaker {
  return createSignedTokenMaker({
    region,
    credentials: async () => {
      const findCredentials = await openIdentity(identity ?? { kind: "environment", region });
      const credentials = await findCredentials();
      debug?.(await describeCaller(region, credentials));
      return credentials;
    },
  });
}

async function describeCaller(region: string, credentials: AwsCredentials): Promise<string> {
  const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  const { UserId, Account, Arn } = await new STSClient({ region, credentials }).send(new GetCallerIdentityCommand());
  return `Credentials Identity: {UserId: ${UserId}, Account: ${Account}, Arn: ${Arn}}`;
}
