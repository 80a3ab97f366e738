// IAM identity
//
// Whose credentials sign a token for MSK: who the environment is, a profile of the
// machine, or a role that is assumed by STS.

import { omitUndefined } from "../core/omit-undefined.ts";

export type IamIdentity =
  | { readonly kind: "environment"; readonly region: string }
  | { readonly kind: "profile"; readonly profile: string }
  | {
      readonly kind: "role";
      readonly roleArn: string;
      readonly sessionName: string;
      readonly externalId?: string;
      /** Of the STS that is asked. */
      readonly region: string;
      /** Who assumes the role. @default who the environment is */
      readonly source?: AwsCredentials;
    };

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The AWS SDK's providers are loaded where they are used. */
export async function openIdentity(identity: IamIdentity): Promise<() => Promise<AwsCredentials>> {
  const { fromIni, fromNodeProviderChain, fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
  if (identity.kind === "environment") {
    return fromNodeProviderChain({ clientConfig: { region: identity.region } });
  }
  if (identity.kind === "profile") {
    return fromIni({ profile: identity.profile });
  }
  const { roleArn, sessionName, externalId, region, source } = identity;
  return fromTemporaryCredentials({
    params: {
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      ...omitUndefined({ ExternalId: externalId }),
    },
    clientConfig: { region },
    ...omitUndefined({ masterCredentials: source }),
  });
}
