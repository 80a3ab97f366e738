// Setting names
//
// One setting of Kafka's by the names under which people keep it: bare, as in a
// consumer.properties; with `kafka.` for Spark; with `consumer.` in a worker of Connect, and
// `consumer.override.` in a connector; or Spring Boot's, in kebab or camel case.

import type { NamedSetting } from "./named-setting.ts";
import { fromSpring } from "./spring-names.ts";

const PREFIXES = [
  { prefix: "consumer.override.", rank: 2 },
  { prefix: "consumer.", rank: 1 },
  { prefix: "kafka.", rank: 0 },
] as const;

/** Throws ConfigurationError for a value that Spring reads in a form of its own, and that is none of it. */
export function nameSetting(key: string, value: string): NamedSetting {
  const spring = fromSpring(key, value);
  if (spring !== undefined) {
    return spring;
  }
  const found = PREFIXES.find(({ prefix }) => key.startsWith(prefix));
  return found === undefined
    ? { name: key, value, rank: 0 }
    : { name: key.slice(found.prefix.length), value, rank: found.rank };
}
