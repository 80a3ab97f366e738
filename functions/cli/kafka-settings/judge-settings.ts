// Judge settings
//
// What becomes of each setting of a file: used; refused by its name, with a remedy;
// or named once as not used, where that changes no record that is read.
//
//   JS1  No value, and no line that is not a setting, is quoted: it may be a secret.

import { joinProblems, listNames } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { nearestName } from "../../../shared/core/nearest-name.ts";
import type { JavaProperty } from "../../../shared/wire/java/java-properties.ts";
import {
  LIBRDKAFKA_SETTINGS,
  REFUSED_SETTINGS,
  UNKEPT_SETTINGS,
  UNUSED_PREFIXES,
  UNUSED_SETTINGS,
  USED_SETTINGS,
} from "./kafka-setting-names.ts";
import type { Settings } from "./tls-settings.ts";

/** What the command line says itself: a file may repeat it, not contradict it. */
export interface CommandLineSettings {
  readonly bootstrapServers: readonly string[];
  /** Absent where the command has none. */
  readonly isolationLevel?: string;
}

export interface JudgedSettings {
  /** What is used, by Kafka's names, trimmed as Kafka trims. */
  readonly settings: Settings;
  /** Names only. */
  readonly unused: readonly string[];
}

/** Throws ConfigurationError that lists every setting which is refused. */
export function judgeSettings(properties: readonly JavaProperty[], given: CommandLineSettings): JudgedSettings {
  const settings = new Map<string, string>();
  const unused = new Set<string>();
  const refused: Refused[] = [];
  for (const property of lastOfEach(properties)) {
    const name = property.key.replace(/^kafka\./, "");
    const value = trim(property.value);
    const verdict = judge({ ...property, key: name, value }, given);
    if (verdict === "unused") {
      unused.add(name);
    } else if (verdict === "repeated") {
      // What the command line says is used.
    } else if (verdict !== "used") {
      refused.push(verdict);
    } else if ((settings.get(name) ?? value) !== value) {
      refused.push({ problem: `${name} is given twice, once as kafka.${name}, with different values` });
    } else {
      settings.set(name, value);
    }
  }
  if (refused.length > 0) {
    throw new ConfigurationError(describeRefused(refused));
  }
  return { settings, unused: [...unused].toSorted() };
}

function lastOfEach(properties: readonly JavaProperty[]): Iterable<JavaProperty> {
  return new Map(properties.map((property) => [property.key, property])).values();
}

/** As String.trim does in Kafka's ConfigDef, for every type of setting. */
function trim(value: string): string {
  return value.replace(/^[\0- ]+|[\0- ]+$/g, "");
}

/** What is wrong with a setting; of one that can just be removed, and why it has to be. */
type Refused = { readonly problem: string } | Removable;

interface Removable {
  readonly name: string;
  readonly why: string;
}

type Verdict = "used" | "unused" | "repeated" | Refused;

/** Where all can just be removed, that is said once for all of them. */
function describeRefused(refused: readonly Refused[]): string {
  const removable = refused.filter(isRemovable);
  if (removable.length > 1 && removable.length === refused.length) {
    const names = listNames(removable.map(({ name }) => name));
    return `remove ${names}: ${joinProblems(removable.map(({ name, why }) => `${name} is refused: ${why}`))}`;
  }
  return joinProblems(
    refused.map((one) => (isRemovable(one) ? `${one.name} is refused, remove it: ${one.why}` : one.problem)),
  );
}

function isRemovable(refused: Refused): refused is Removable {
  return "why" in refused;
}

function judge({ key: name, value, line }: JavaProperty, given: CommandLineSettings): Verdict {
  if (USED_SETTINGS.some((used) => used === name)) {
    return "used";
  }
  if (UNUSED_SETTINGS.has(name) || UNUSED_PREFIXES.some((prefix) => name.startsWith(prefix))) {
    return "unused";
  }
  const why = ownText(REFUSED_SETTINGS, name);
  if (why !== undefined) {
    return { name, why };
  }
  const instead = ownText(LIBRDKAFKA_SETTINGS, name);
  if (instead !== undefined) {
    return { problem: `${name} is librdkafka's, and Kafka's own clients have ${instead}` };
  }
  if (name === "bootstrap.servers") {
    const isSame = sorted(value.split(",")) === sorted(given.bootstrapServers);
    return isSame ? "repeated" : { name, why: "it names other brokers than --bootstrap-servers" };
  }
  if (name === "isolation.level") {
    const isSame = value === (given.isolationLevel ?? value);
    return isSame ? "repeated" : { name, why: "it is not that of the command, which --isolation-level gives" };
  }
  return UNKEPT_SETTINGS.test(name)
    ? { problem: `${name} cannot be kept to here; remove it if it is not needed` }
    : unknown(name, value, line);
}

function unknown(name: string, value: string, line: number): Refused {
  const meant = nearestName(name, [...USED_SETTINGS, ...UNUSED_SETTINGS, ...Object.keys(REFUSED_SETTINGS)]);
  const isName = meant !== undefined || (value !== "" && /^[a-z]{2,20}([._-][a-z0-9]{1,20}){1,8}$/.test(name));
  if (!isName) {
    const rule = "a value goes on only behind a backslash at its line's end";
    return { problem: `line ${line} is no setting that is understood; ${rule}` };
  }
  if (meant !== undefined) {
    return { problem: `${name} is not understood; was ${meant} meant?` };
  }
  return { name, why: "it is not understood" };
}

function ownText(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function sorted(servers: readonly string[]): string {
  return [...new Set(servers.map((server) => server.trim()))].toSorted().join();
}
