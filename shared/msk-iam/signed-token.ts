import type { CredentialsProvider } from "../aws/aws-credentials.ts";
import { presignAddress } from "../aws/sign-request.ts";
import type { TokenMaker } from "./token-credentials.ts";

/** As long as MSK takes a token: https://docs.aws.amazon.com/msk/latest/developerguide/iam-access-control.html */
const TOKEN_SECONDS = 900;

/**
 * Tokens as a function's own role, without the AWS SDK: the address by which that role may connect, presigned, in
 * unpadded Base64 for URLs, as AWS's own libraries make it.
 */
export function createSignedTokenMaker(
  { region, credentials }: { readonly region: string; readonly credentials: CredentialsProvider },
  now: () => number = Date.now,
): TokenMaker {
  return {
    region,
    makeToken: async () => {
      const url = new URL(`https://kafka.${region}.amazonaws.com/?Action=kafka-cluster%3AConnect`);
      const scope = { region, service: "kafka-cluster", now: new Date(now()), seconds: TOKEN_SECONDS };
      const signed = presignAddress(url, await credentials(), scope);
      // What AWS's support sees of who connects; no part of the signature.
      signed.searchParams.set("User-Agent", "kafka-offset-ranges");
      return Buffer.from(signed.href).toString("base64url");
    },
  };
}
