// Entry params
//
// How Kafka's client settings, once they are judged, enter a cluster: whom they trust,
// and who they are.

import type { KafkaEntry } from "../../shared/kafka/connection/kafka-options.ts";
import type { SettingNames } from "../../shared/kafka/refusals/setting-names.ts";
import type { KafkaParams } from "../../shared/wire/kafka-params/kafka-params.ts";
import { protocolOf } from "../../shared/wire/login/security-protocol.ts";
import { type Credentials, type SignLogin, saslOf } from "./sasl-settings.ts";
import type { ReadStore } from "./store-settings.ts";
import { tlsOf } from "./tls-settings.ts";

export interface EntryContext {
  readonly readStore: ReadStore;
  readonly sign: SignLogin;
  /** In place of what the settings say. */
  readonly sasl?: Credentials;
}

/** Throws ConfigurationError, without a password in it. */
export async function entryOf(params: KafkaParams, { readStore, sign, sasl }: EntryContext): Promise<KafkaEntry> {
  const protocol = protocolOf(params);
  return {
    ssl: protocol.endsWith("SSL") ? await tlsOf(params, readStore) : false,
    ...(protocol.startsWith("SASL_") ? { sasl: sasl ?? saslOf(params, sign) } : {}),
    settingNames: namesOf(params),
  };
}

/** As the file spells them, whichever of several it has. */
function namesOf(params: KafkaParams): SettingNames {
  const given = (...names: readonly string[]) => names.find((name) => params.has(name)) ?? names.at(-1) ?? "";
  return {
    protocol: params.called("security.protocol"),
    mechanism: params.called("sasl.mechanism"),
    credentials: params.called(given("sasl.oauthbearer.token.endpoint.url", "sasl.jaas.config")),
    truststore: params.called(given("ssl.truststore.certificates", "ssl.truststore.location")),
    keystore: params.called(given("ssl.keystore.certificate.chain", "ssl.keystore.location")),
    hostCheck: params.called("ssl.endpoint.identification.algorithm"),
  };
}
