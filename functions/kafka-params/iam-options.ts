// IAM options
//
// What aws-msk-iam-auth takes in `sasl.jaas.config`: whose credentials sign. Java falls
// back on whatever the environment has where a profile or a role cannot be used; here
// that is an error, since records would be read as somebody else.

import { ConfigurationError } from "../../shared/core/errors.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import type { IamIdentity } from "../../shared/msk-iam/iam-identity.ts";
import { ROLE_OPTIONS } from "../../shared/wire/login/login-options.ts";

/** As aws-msk-iam-auth names a session that has no name. */
const DEFAULT_SESSION_NAME = "aws-msk-iam-auth";

type Options = ReadonlyMap<string, string>;

/** Undefined for who the environment is. Throws ConfigurationError for options that do not go together. */
export function iamIdentityOf(options: Options, region: string): IamIdentity | undefined {
  const profile = options.get("awsProfileName");
  const roleArn = options.get("awsRoleArn");
  const ofRole = ROLE_OPTIONS.filter((name) => options.has(name));
  if (roleArn === undefined && ofRole.length > 0) {
    throw new ConfigurationError(
      `${ofRole.join(", ")} of sasl.jaas.config belong to awsRoleArn, which is not given: give it, or remove them`,
    );
  }
  if (profile !== undefined && roleArn !== undefined) {
    throw new ConfigurationError(
      "awsProfileName and awsRoleArn of sasl.jaas.config cannot be combined; a profile with role_arn assumes a role",
    );
  }
  if (profile !== undefined) {
    return { kind: "profile", profile };
  }
  return roleArn === undefined ? undefined : roleOf(roleArn, options, region);
}

function roleOf(roleArn: string, options: Options, region: string): IamIdentity {
  const externalId = options.get("awsRoleExternalId");
  const source = sourceOf(options);
  return {
    kind: "role",
    roleArn,
    sessionName: options.get("awsRoleSessionName") ?? DEFAULT_SESSION_NAME,
    region: options.get("awsStsRegion") ?? region,
    ...omitUndefined({ externalId, source }),
  };
}

function sourceOf(options: Options): (IamIdentity & { readonly kind: "role" })["source"] {
  const accessKeyId = options.get("awsRoleAccessKeyId");
  const secretAccessKey = options.get("awsRoleSecretAccessKey");
  const sessionToken = options.get("awsRoleSessionToken");
  if (accessKeyId === undefined && secretAccessKey === undefined && sessionToken === undefined) {
    return undefined;
  }
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new ConfigurationError(
      "awsRoleAccessKeyId and awsRoleSecretAccessKey of sasl.jaas.config belong together; give both, or neither",
    );
  }
  return { accessKeyId, secretAccessKey, ...omitUndefined({ sessionToken }) };
}
