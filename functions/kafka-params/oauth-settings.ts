// OAuth settings
//
// Kafka's sasl.oauthbearer.* for a token of OpenID Connect by client credentials, under the
// names of Kafka 4.1 or, before it, as options of sasl.jaas.config.

import { quoteAddress } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import type { CredentialsSource } from "../../shared/kafka/connection/kafka-options.ts";
import { createClientCredentials } from "../../shared/oidc/client-credentials.ts";
import type { KafkaParams } from "../../shared/wire/kafka-params/kafka-params.ts";
import { EXTENSION_PREFIX } from "../../shared/wire/login/login-options.ts";

type Options = ReadonlyMap<string, string>;

const ENDPOINT = "sasl.oauthbearer.token.endpoint.url";
const CLIENT = "sasl.oauthbearer.client.credentials.client";

/** Throws ConfigurationError, without a secret in it. */
export function oauthCredentialsOf(params: KafkaParams, options: Options): CredentialsSource {
  const id = credentialOf(params, options, { setting: `${CLIENT}.id`, option: "clientId" });
  const secret = credentialOf(params, options, { setting: `${CLIENT}.secret`, option: "clientSecret" });
  const scope = params.get("sasl.oauthbearer.scope") ?? options.get("scope");
  const extensions = extensionsIn(options);
  return createClientCredentials({
    endpoint: endpointOf(params),
    clientId: id.value,
    clientSecret: secret.value,
    encodesCredentials: booleanOf(params, "sasl.oauthbearer.header.urlencode"),
    names: { endpoint: params.called(ENDPOINT), credentials: `${id.name} and ${secret.name}` },
    ...omitUndefined({ scope, extensions }),
  });
}

function endpointOf(params: KafkaParams): URL {
  const text = params.get(ENDPOINT);
  if (text === undefined) {
    throw new ConfigurationError(`sasl.mechanism OAUTHBEARER needs ${ENDPOINT}, where its token is asked for; give it`);
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new ConfigurationError(`${params.called(ENDPOINT)} ${quoteAddress(text)} is not a URL of http or https`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new ConfigurationError(
      `${params.called(ENDPOINT)} has a user in it: give the client by ${CLIENT}.id and ${CLIENT}.secret`,
    );
  }
  return url;
}

/** Kafka 4.1's setting goes before the option. */
function credentialOf(
  params: KafkaParams,
  options: Options,
  { setting, option }: { readonly setting: string; readonly option: string },
): { readonly name: string; readonly value: string } {
  const value = params.get(setting) ?? options.get(option);
  if (value === undefined) {
    throw new ConfigurationError(
      `sasl.mechanism OAUTHBEARER needs ${setting}, or ${option} in sasl.jaas.config before Kafka 4.1; give it`,
    );
  }
  return { name: params.has(setting) ? params.called(setting) : `${option} of sasl.jaas.config`, value };
}

/** RFC 7628, 3.1: a name is of letters, a value of visible signs and blanks; `auth` is the token's own. */
function extensionsIn(options: Options): Readonly<Record<string, string>> | undefined {
  const named = [...options].filter(([option]) => option.startsWith(EXTENSION_PREFIX));
  if (named.length === 0) {
    return undefined;
  }
  return Object.fromEntries(
    named.map(([option, value]) => {
      const name = option.slice(EXTENSION_PREFIX.length);
      if (!/^[A-Za-z]+$/.test(name) || name === "auth" || !/^[\t\r\n -~]+$/.test(value)) {
        throw new ConfigurationError(
          `${EXTENSION_PREFIX}… of sasl.jaas.config: a name is of letters and not auth, and a value of visible signs`,
        );
      }
      return [name, value];
    }),
  );
}

function booleanOf(params: KafkaParams, name: string): boolean {
  const value = params.get(name)?.toLowerCase() ?? "false";
  if (value !== "true" && value !== "false") {
    throw new ConfigurationError(`${params.called(name)} is neither true nor false`);
  }
  return value === "true";
}
