// Secret settings
//
// Which settings hold what nobody else may know. Where they are part of a template, their
// values are referred to and never written.

import { parseJaasConfig } from "../java/jaas-config.ts";
import { isReference, type ParamParts } from "./param-reference.ts";

/** Of type PASSWORD in Kafka's ConsumerConfig, but for certificates, which everybody sees. */
const SECRET_SETTINGS: ReadonlySet<string> = new Set([
  "sasl.oauthbearer.client.credentials.client.secret",
  "ssl.key.password",
  "ssl.keystore.key",
  "ssl.keystore.password",
  "ssl.truststore.password",
]);

const SECRET_OPTIONS: readonly string[] = ["password", "clientSecret", "awsRoleSecretAccessKey", "awsRoleSessionToken"];

/** Stands for a value that is not known here; no sign of it occurs in a setting. */
const UNKNOWN_VALUE = "\uE000";

/** The text with a sign in place of what is not known. */
export function shownText(parts: ParamParts): string {
  return parts.map((part) => (isReference(part) ? UNKNOWN_VALUE : part)).join("");
}

/**
 * What of a setting is a secret in clear, as `password of sasl.jaas.config`; nothing where it is referred to.
 * `called` is how the setting is spelled.
 */
export function plainSecrets(name: string, called: string, parts: ParamParts): readonly string[] {
  if (parts.every(isReference)) {
    return [];
  }
  if (SECRET_SETTINGS.has(name)) {
    return [called];
  }
  return name === "sasl.jaas.config" ? plainOptions(shownText(parts)).map((option) => `${option} of ${called}`) : [];
}

/** Throws ConfigurationError for a text that is none of JAAS. */
function plainOptions(text: string): readonly string[] {
  return parseJaasConfig(text).flatMap(({ options }) =>
    SECRET_OPTIONS.filter((option) => {
      const value = options.get(option);
      return value !== undefined && value.replaceAll(UNKNOWN_VALUE, "") !== "";
    }),
  );
}
