// The options of the login modules that are known here, by their names in sasl.jaas.config.

/** Of OAuthBearerLoginModule, beside the extensions. */
export const OAUTH_OPTIONS = ["clientId", "clientSecret", "scope"] as const;

export const EXTENSION_PREFIX = "extension_";

/** Whose credentials sign: what belongs to a role that is assumed for it. */
export const ROLE_OPTIONS = [
  "awsRoleSessionName",
  "awsRoleExternalId",
  "awsStsRegion",
  "awsRoleAccessKeyId",
  "awsRoleSecretAccessKey",
  "awsRoleSessionToken",
] as const;

export const IAM_OPTIONS = ["awsProfileName", "awsRoleArn", ...ROLE_OPTIONS, "awsDebugCreds"] as const;

/** How often and how long the Java library tries; here AWS's calls have their own rules. */
export const UNUSED_IAM_OPTIONS = ["awsMaxRetries", "awsMaxBackOffTimeMs"] as const;

/** Whether the option says who signs, by a profile or a role. */
export function saysIdentity(option: string): boolean {
  return /^aws(?:Profile|Role|Sts)/.test(option);
}
