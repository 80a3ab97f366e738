// Setting names
//
// One setting of Kafka's by the names under which people keep it: bare, as in a
// consumer.properties; with `kafka.` for Spark; with `consumer.` in a worker of Connect, and
// `consumer.override.` in a connector; or Spring Boot's, in kebab or camel case.

import type { NamedSetting } from "./named-setting.ts";
import { fromSpring, springName } from "./spring-names.ts";

const PREFIXES = [
  { prefix: "consumer.override.", rank: 2 },
  { prefix: "consumer.", rank: 1 },
  { prefix: "kafka.", rank: 0 },
] as const;

/** Throws ConfigurationError for a value that Spring reads in a form of its own, and that is none of it. */
export function nameSetting(key: string, value: string): NamedSetting {
  return fromSpring(key, value) ?? { ...prefixedName(key), value };
}

/** Kafka's own name, whatever the value is. */
export function settingName(key: string): string {
  return (springName(key) ?? prefixedName(key)).name;
}

function prefixedName(key: string): Pick<NamedSetting, "name" | "rank"> {
  const found = PREFIXES.find(({ prefix }) => key.startsWith(prefix));
  return found === undefined ? { name: key, rank: 0 } : { name: key.slice(found.prefix.length), rank: found.rank };
}
