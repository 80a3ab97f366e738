// Other settings
//
// What stands in the same file as a consumer's settings, and is not one of them.

import { oneOf, refused, type SettingRule, type SettingRules, taken, withoutEffect } from "./setting-rule.ts";

const ENCODING = taken("UTF-8", oneOf(["UTF-8", "UTF8", "utf-8", "utf8"], ", which texts are read by: remove it"));

export const OTHER_SETTINGS: SettingRules = {
  "auto.include.jmx.reporter": withoutEffect(
    "what is measured is told by the command, and by the functions' own metrics",
  ),
  "bootstrap.controllers": refused("records are read from brokers: remove it, and name them by bootstrap.servers"),
  "config.providers": refused("references are not followed from here; remove it, and write the values themselves"),
  "deserializer.encoding": ENCODING,
  "key.deserializer.encoding": ENCODING,
  "value.deserializer.encoding": ENCODING,
};

const OTHER_CLIENT: SettingRule = withoutEffect("it is of a producer or of an administrator's client");

/** Of Kafka's producer and admin, where its consumer has none of that name. */
const OTHER_CLIENTS: ReadonlySet<string> = new Set(
  `acks batch.size buffer.memory compression.gzip.level compression.lz4.level compression.type compression.zstd.level
  delivery.timeout.ms enable.idempotence key.serializer linger.ms max.block.ms max.in.flight.requests.per.connection
  max.request.size metadata.max.idle.ms partitioner.adaptive.partitioning.enable partitioner.availability.timeout.ms
  partitioner.class partitioner.ignore.keys retries transaction.timeout.ms transaction.two.phase.commit.enable
  transactional.id value.serializer`.split(/\s+/),
);

const SERIALIZERS: SettingRule = withoutEffect("it is of a serializer, and none runs here");

/** A registry of schemas, Confluent's say; and clients that Connect and Spring Boot configure in the same file. */
const PREFIXES: readonly (readonly [string, SettingRule])[] = [
  ["schema.registry.", SERIALIZERS],
  ["basic.auth.", SERIALIZERS],
  ["bearer.auth.", SERIALIZERS],
  ["auto.register.schemas", SERIALIZERS],
  ["confluent.", SERIALIZERS],
  ["producer.", OTHER_CLIENT],
  ["admin.", OTHER_CLIENT],
  ["spring.kafka.producer.", OTHER_CLIENT],
  ["spring.kafka.admin.", OTHER_CLIENT],
  ["spring.kafka.streams.", OTHER_CLIENT],
  ["spring.kafka.template.", OTHER_CLIENT],
  ["spring.kafka.listener.", OTHER_CLIENT],
];

/** The rule of a setting that is none of a consumer's; undefined for what nobody knows. */
export function otherRuleOf(name: string): SettingRule | undefined {
  if (Object.hasOwn(OTHER_SETTINGS, name)) {
    return OTHER_SETTINGS[name];
  }
  if (name.startsWith("config.providers.")) {
    return OTHER_SETTINGS["config.providers"];
  }
  return OTHER_CLIENTS.has(name) ? OTHER_CLIENT : PREFIXES.find(([prefix]) => name.startsWith(prefix))?.[1];
}
