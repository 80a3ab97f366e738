import { ConfigurationError } from "../../core/errors.ts";
import type { NamedSetting } from "./named-setting.ts";
import { nameSetting } from "./setting-names.ts";

export interface GivenProperty {
  /** As it is spelled. */
  readonly key: string;
  readonly value: string;
  /** From 1, where it is of a file. */
  readonly line?: number;
}

export interface NamedParam extends NamedSetting {
  /** As the file spells it. */
  readonly key: string;
  /** From 1, where it is of a file. */
  readonly line?: number;
}

export interface NamedParams {
  readonly params: readonly NamedParam[];
  readonly problems: readonly string[];
}

/** One for each of Kafka's names, trimmed: of equal keys the last, of names for one setting that which goes before. */
export function nameParams(properties: readonly GivenProperty[]): NamedParams {
  const byName = new Map<string, NamedParam>();
  const problems: string[] = [];
  for (const property of lastOfEach(properties)) {
    const param = named(property);
    if (typeof param === "string") {
      problems.push(param);
      continue;
    }
    const other = byName.get(param.name);
    if (other !== undefined && other.rank === param.rank && other.value !== param.value) {
      problems.push(`${param.name} is given twice, as ${other.key} and as ${param.key}, with different values`);
    }
    if (other === undefined || param.rank > other.rank) {
      byName.set(param.name, param);
    }
  }
  return { params: [...byName.values()], problems };
}

function lastOfEach(properties: readonly GivenProperty[]): Iterable<GivenProperty> {
  return new Map(properties.map((property) => [property.key, property])).values();
}

/** Or what is wrong with its value. */
function named({ key, value, ...place }: GivenProperty): NamedParam | string {
  try {
    return { ...nameSetting(key, trim(value)), key, ...place };
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return error.message;
    }
    throw error;
  }
}

/** As String.trim does in Kafka's ConfigDef, for every type of setting. */
function trim(value: string): string {
  return value.replace(/^[\0- ]+|[\0- ]+$/g, "");
}
