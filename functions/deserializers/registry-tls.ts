// Registry TLS: whom a client of a schema registry trusts and who it is, by the settings of Confluent's own client.

import { type OptionRule, requireOptions } from "../../shared/core/options/require-options.ts";
import { KafkaParams } from "../../shared/wire/kafka-params/kafka-params.ts";
import { readStoreFile } from "../kafka-params/store-file.ts";
import { tlsOf } from "../kafka-params/tls-settings.ts";
import type { RegistryTlsOptions } from "./confluent-registry.ts";

/** In front of Kafka's own names, where one file has the settings of both. */
const PREFIX = "schema.registry.";

const TAKEN = [
  ...["location", "type", "password", "certificates"].map((part) => `ssl.truststore.${part}`),
  ...["location", "type", "password", "key", "certificate.chain"].map((part) => `ssl.keystore.${part}`),
  ...["ssl.key.password", "ssl.protocol", "ssl.enabled.protocols", "ssl.endpoint.identification.algorithm"],
];
const A_TEXT: OptionRule = { expected: "a text", takes: (value) => typeof value === "string", isSecret: true };
const RULES = Object.fromEntries(TAKEN.flatMap((name) => [name, `${PREFIX}${name}`]).map((name) => [name, A_TEXT]));

/**
 * The option `tls` of `confluentRegistry` by Kafka's settings: `ssl.truststore.*` and `ssl.keystore.*` of JKS, PKCS12 or PEM,
 * with `schema.registry.` in front or without; a location is a file's path, and what is undefined is left out. Rejects with ConfigurationError that names the
 * setting, without a password.
 */
export async function registryTls(settings: Readonly<Record<string, string | undefined>>): Promise<RegistryTlsOptions> {
  requireOptions("registryTls", settings, RULES);
  const params = Object.entries(settings).flatMap(([key, value]) => {
    const name = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key;
    return value === undefined ? [] : [[name, { key, value: value.trim() }] as const];
  });
  return tlsOf(new KafkaParams(params), readStoreFile);
}
