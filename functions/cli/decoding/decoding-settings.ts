// Decoding settings
//
// What a file of a consumer's settings says of deserializers and of the registry that they ask: Confluent's, by the
// names of their classes. What is taken here is not judged as a setting of Kafka's.

import type { AwsAccess } from "../../../shared/aws/aws-client.ts";
import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { GivenProperty } from "../../../shared/wire/kafka-params/named-params.ts";
import { settingName } from "../../../shared/wire/kafka-params/setting-names.ts";
import type { RegistryTlsOptions } from "../../deserializers/confluent-registry.ts";

export const DESERIALIZER_NAMES = ["bytes", "string", "json", "avro", "protobuf", "json-schema"] as const;
export type DeserializerName = (typeof DESERIALIZER_NAMES)[number];

export interface DecodingSettings {
  readonly key?: DeserializerName;
  readonly value?: DeserializerName;
  readonly registry?: RegistrySettings;
}

export interface RegistrySettings {
  /** Of its API, or several separated by commas. */
  readonly url?: string;
  /** AWS, whose Glue Schema Registry is asked instead. */
  readonly glue?: AwsAccess;
  readonly basicAuth?: { readonly username: string; readonly password: string };
  readonly bearerToken?: string;
  /** By their names in the file. */
  readonly ssl?: Readonly<Record<string, string>>;
  /** What is made of them. */
  readonly tls?: RegistryTlsOptions;
}

const CONFLUENT = "io.confluent.kafka.serializers";
/** Those that Kafka has itself say nothing of what is printed: text where it is text. */
const CLASSES: Readonly<Record<string, DeserializerName>> = {
  [`${CONFLUENT}.KafkaAvroDeserializer`]: "avro",
  [`${CONFLUENT}.KafkaJsonDeserializer`]: "json",
  [`${CONFLUENT}.json.KafkaJsonSchemaDeserializer`]: "json-schema",
  [`${CONFLUENT}.protobuf.KafkaProtobufDeserializer`]: "protobuf",
  "org.springframework.kafka.support.serializer.JsonDeserializer": "json",
};

/** In front of Kafka's own names of its TLS. */
const SSL_PREFIX = "schema.registry.ssl.";

const REGISTRY_SETTINGS: ReadonlySet<string> = new Set([
  "schema.registry.url",
  "basic.auth.credentials.source",
  "basic.auth.user.info",
  "bearer.auth.credentials.source",
  "bearer.auth.token",
  "specific.avro.reader",
]);

export interface TakenDecoding {
  readonly decoding: DecodingSettings;
  /** What is left to be judged. */
  readonly rest: readonly GivenProperty[];
}

/** Throws ConfigurationError that names the setting, without a password. */
export function takeDecoding(properties: readonly GivenProperty[]): TakenDecoding {
  const found = new Map<string, GivenProperty>();
  const rest: GivenProperty[] = [];
  const ssl: Record<string, string> = {};
  for (const property of properties) {
    const name = nameOf(property.key);
    if (name.startsWith(SSL_PREFIX)) {
      ssl[name] = property.value;
    } else if (REGISTRY_SETTINGS.has(name) || namesDeserializer(property)) {
      found.set(name, property);
    } else {
      rest.push(property);
    }
  }
  const textOf = (name: string) => found.get(name)?.value.trim();
  const key = CLASSES[textOf("key.deserializer") ?? ""];
  const value = CLASSES[textOf("value.deserializer") ?? ""];
  const registry = registryOf(found, textOf, ssl);
  return { decoding: omitUndefined({ key, value, registry }), rest };
}

/** Whether it names a class, not Kafka's own, whose work one of the deserializers here does. */
export function namesDeserializer({ key, value }: GivenProperty): boolean {
  const name = nameOf(key);
  return (name === "key.deserializer" || name === "value.deserializer") && Object.hasOwn(CLASSES, value.trim());
}

/** Confluent's client takes those of its registry with `schema.registry.` in front as well. */
function nameOf(key: string): string {
  const name = settingName(key);
  const bare = name.replace(/^schema\.registry\./, "");
  return REGISTRY_SETTINGS.has(bare) ? bare : name;
}

function registryOf(
  found: ReadonlyMap<string, GivenProperty>,
  textOf: (name: string) => string | undefined,
  ssl: Readonly<Record<string, string>>,
): RegistrySettings | undefined {
  const called = (name: string) => found.get(name)?.key ?? name;
  const url = textOf("schema.registry.url");
  if (textOf("specific.avro.reader") === "true") {
    throw new ConfigurationError(
      `${called("specific.avro.reader")} is true, and there are no classes of Java here whose schemas are read with: remove it`,
    );
  }
  const source = textOf("basic.auth.credentials.source") ?? "USER_INFO";
  const user = textOf("basic.auth.user.info");
  if (source !== "USER_INFO") {
    throw new ConfigurationError(
      `${called("basic.auth.credentials.source")} ${quote(source)} is not taken; set USER_INFO, and basic.auth.user.info to user:password`,
    );
  }
  const tokenSource = textOf("bearer.auth.credentials.source") ?? "STATIC_TOKEN";
  if (tokenSource !== "STATIC_TOKEN") {
    throw new ConfigurationError(
      `${called("bearer.auth.credentials.source")} ${quote(tokenSource)} is not taken; set STATIC_TOKEN, and bearer.auth.token`,
    );
  }
  const basicAuth = user === undefined ? undefined : userOf(called("basic.auth.user.info"), user);
  const given = omitUndefined({
    ...{ url: url === "" ? undefined : url, basicAuth, bearerToken: textOf("bearer.auth.token") },
    ssl: Object.keys(ssl).length === 0 ? undefined : ssl,
  });
  return Object.keys(given).length === 0 ? undefined : given;
}

function userOf(setting: string, text: string): { readonly username: string; readonly password: string } {
  const [, username, password] = /^([^:]*):(.*)$/s.exec(text) ?? [];
  if (username === undefined || password === undefined) {
    throw new ConfigurationError(`${setting} has no colon; expected user:password`);
  }
  return { username, password };
}
