// Spring names
//
// `spring.kafka.*` of Spring Boot's application.properties as its KafkaProperties maps it:
// what is given for the consumer goes before what is common, and `properties` before the rest.

import { quote } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import type { NamedSetting } from "./named-setting.ts";

/** How Spring reads a value that Kafka has in another form. */
type Form = "text" | "duration" | "size" | "resource" | "isolation";

/** Of each level: `spring.kafka.` and `spring.kafka.consumer.`. */
const COMMON: Readonly<Record<string, readonly [name: string, form?: Form]>> = {
  "bootstrap-servers": ["bootstrap.servers"],
  "client-id": ["client.id"],
  "security.protocol": ["security.protocol"],
  "ssl.key-password": ["ssl.key.password"],
  "ssl.key-store-certificate-chain": ["ssl.keystore.certificate.chain"],
  "ssl.key-store-key": ["ssl.keystore.key"],
  "ssl.key-store-location": ["ssl.keystore.location", "resource"],
  "ssl.key-store-password": ["ssl.keystore.password"],
  "ssl.key-store-type": ["ssl.keystore.type"],
  "ssl.protocol": ["ssl.protocol"],
  "ssl.trust-store-certificates": ["ssl.truststore.certificates"],
  "ssl.trust-store-location": ["ssl.truststore.location", "resource"],
  "ssl.trust-store-password": ["ssl.truststore.password"],
  "ssl.trust-store-type": ["ssl.truststore.type"],
};

const OF_CONSUMER: typeof COMMON = {
  "auto-commit-interval": ["auto.commit.interval.ms", "duration"],
  "auto-offset-reset": ["auto.offset.reset"],
  "enable-auto-commit": ["enable.auto.commit"],
  "fetch-max-wait": ["fetch.max.wait.ms", "duration"],
  "fetch-min-size": ["fetch.min.bytes", "size"],
  "group-id": ["group.id"],
  "heartbeat-interval": ["heartbeat.interval.ms", "duration"],
  "isolation-level": ["isolation.level", "isolation"],
  "key-deserializer": ["key.deserializer"],
  "max-poll-interval": ["max.poll.interval.ms", "duration"],
  "max-poll-records": ["max.poll.records"],
  "value-deserializer": ["value.deserializer"],
};

/** The longest first. */
const LEVELS = [
  { prefix: "spring.kafka.consumer.properties.", rank: 3, names: undefined },
  { prefix: "spring.kafka.consumer.", rank: 2, names: { ...COMMON, ...OF_CONSUMER } },
  { prefix: "spring.kafka.properties.", rank: 1, names: undefined },
  { prefix: "spring.kafka.", rank: 0, names: COMMON },
] as const;

/** Undefined for what is not Spring's, or that has no counterpart. Throws ConfigurationError for a value of no such form. */
export function fromSpring(key: string, value: string): NamedSetting | undefined {
  const named = springName(key);
  return named === undefined
    ? undefined
    : {
        name: named.name,
        value: named.form === undefined ? value : READ[named.form](key, value.trim()),
        rank: named.rank,
      };
}

interface SpringName {
  readonly name: string;
  readonly rank: number;
  /** Absent where the value is as Kafka has it. */
  readonly form?: Form;
}

/** Undefined for what is not Spring's, or that has no counterpart. */
export function springName(key: string): SpringName | undefined {
  const level = LEVELS.find(({ prefix }) => key.startsWith(prefix));
  if (level === undefined) {
    return undefined;
  }
  const rest = key.slice(level.prefix.length);
  if (level.names === undefined) {
    return { name: rest, rank: level.rank };
  }
  const kebab = rest.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const names: typeof COMMON = level.names;
  const [name, form = "text"] = (Object.hasOwn(names, kebab) ? names[kebab] : undefined) ?? [];
  return name === undefined ? undefined : { name, form, rank: level.rank };
}

const MS: Readonly<Record<string, number>> = { "": 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES: Readonly<Record<string, number>> = { "": 1, B: 1, KB: 1_024, MB: 1_048_576, GB: 1_073_741_824 };

const READ: Readonly<Record<Form, (key: string, value: string) => string>> = {
  text: (_, value) => value,
  duration: (key, value) => measure({ key, value, units: MS, what: "a duration such as 500ms or 2s" }),
  size: (key, value) => measure({ key, value, units: BYTES, what: "a size such as 64KB" }),
  isolation: (_, value) => value.toLowerCase().replaceAll("-", "_"),
  resource: (key, value) => {
    if (/^(?:classpath\*?|https?|ftp|jar):/.test(value)) {
      throw new ConfigurationError(
        `${key} ${quote(value)} is no file of this machine: name one, as file:/etc/kafka.jks`,
      );
    }
    return value.replace(/^file:(?:\/\/(?=\/))?/, "");
  },
};

interface Measured {
  readonly key: string;
  readonly value: string;
  readonly units: Readonly<Record<string, number>>;
  readonly what: string;
}

function measure({ key, value, units, what }: Measured): string {
  const [, digits = "", unit = ""] = /^(\d{1,10})([A-Za-z]*)$/.exec(value) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (digits === "" || factor === undefined) {
    throw new ConfigurationError(`${key} ${quote(value)} is not ${what}`);
  }
  return String(Number(digits) * factor);
}
