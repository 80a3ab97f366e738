// Merge templates
//
// Makes one template of several that the construct itself has made: of a base, and of what
// it comes to with each optional part. Where they differ CloudFormation chooses by the
// part's condition.
//
//   MT1  With all conditions false the result is the base, and with one of them true the template of its part,
//        but for the order of what several parts put into one place of a list.
//   MT2  Parts of one choice exclude each other; parts of different choices may not change the same value,
//        which is refused here rather than deployed as the one or the other.

import { isDeepStrictEqual } from "node:util";
import { alignLists } from "./align-lists.ts";
import {
  isIntrinsic,
  isList,
  isTemplateObject,
  NO_VALUE,
  type TemplateObject,
  type TemplateValue,
} from "./template-value.ts";

/** The template of the base and one optional part. */
export interface TemplateVariant {
  /** Of the template: true where the part is wanted. */
  readonly condition: string;
  /** Parts of one choice are never wanted together. */
  readonly choice: string;
  readonly template: TemplateObject;
}

export interface MergedTemplate {
  readonly template: TemplateObject;
  /** What the merged template needs beside the parts' own conditions. */
  readonly conditions: TemplateObject;
}

export function mergeTemplates(base: TemplateObject, variants: readonly TemplateVariant[]): MergedTemplate {
  const conditions = new Map<string, TemplateObject>();
  const parts = variants.map(({ template, ...part }) => ({ ...part, value: template }));
  const template = new Merge(conditions).template(base, parts);
  return { template, conditions: Object.fromEntries(conditions) };
}

interface Part {
  readonly condition: string;
  readonly choice: string;
  /** Undefined: not there. */
  readonly value: TemplateValue | undefined;
}

/** What of a resource is no value that may be chosen. */
const FIXED_ATTRIBUTES = ["Type", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy"];

class Merge {
  readonly #conditions: Map<string, TemplateObject>;

  constructor(conditions: Map<string, TemplateObject>) {
    this.#conditions = conditions;
  }

  template(base: TemplateObject, parts: readonly Part[]): TemplateObject {
    const { Resources, ...others } = base;
    const { value } = { value: this.#objects(others, without(parts, "Resources"), []) };
    return { Resources: this.#resources(objectOf(Resources), member(parts, "Resources")), ...value };
  }

  #resources(base: TemplateObject, parts: readonly Part[]): TemplateObject {
    return Object.fromEntries(
      keysOf(base, parts).map((id) => [id, this.#resource(base[id], member(parts, id), ["Resources", id])]),
    );
  }

  /** One that not every part has is made on a condition. */
  #resource(base: TemplateValue | undefined, parts: readonly Part[], path: readonly string[]): TemplateObject {
    const [having, lacking] = [parts.filter(({ value }) => value !== undefined), parts.filter(isMissing)];
    if (base === undefined) {
      const [first] = having;
      if (having.some(({ value }) => !isDeepStrictEqual(value, first?.value))) {
        throw conflict(having, path);
      }
      return { ...objectOf(first?.value), Condition: this.#any(having) };
    }
    const merged = objectOf(this.#value(base, having, path));
    return lacking.length === 0 ? merged : { ...merged, Condition: this.#none(lacking) };
  }

  #value(base: TemplateValue | undefined, parts: readonly Part[], path: readonly string[]): TemplateValue {
    const changed = parts.filter(({ value }) => !isDeepStrictEqual(value, base));
    if (changed.length === 0 && base !== undefined) {
      return base;
    }
    const values = [base, ...changed.map(({ value }) => value)];
    if (isTemplateObject(base) && values.every((value) => isTemplateObject(value) && !isIntrinsic(value))) {
      return this.#objects(base, parts, path);
    }
    const merged = isList(base) ? this.#lists(base, parts, path) : undefined;
    return merged ?? this.#choose(base, changed, path);
  }

  #objects(base: TemplateObject, parts: readonly Part[], path: readonly string[]): TemplateObject {
    return Object.fromEntries(
      keysOf(base, parts).map((key) => [key, this.#value(base[key], member(parts, key), [...path, key])]),
    );
  }

  /** Undefined where some list is neither as long as the base nor the base with more in between. */
  #lists(base: readonly TemplateValue[], parts: readonly Part[], path: readonly string[]): TemplateValue | undefined {
    const aligned = parts.map(({ value, ...part }) => ({
      part,
      list: isList(value) ? alignLists(base, value) : undefined,
    }));
    if (aligned.some(({ list }) => list === undefined)) {
      return undefined;
    }
    const inserted = (gap: number) =>
      this.#insertions(
        aligned.flatMap(({ part, list }) => (list?.inserted[gap] ?? []).map((value) => ({ ...part, value }))),
      );
    const items = base.flatMap((item, index) => [
      ...inserted(index),
      this.#value(
        item,
        aligned.map(({ part, list }) => ({ ...part, value: list?.items[index] })),
        [...path, String(index)],
      ),
    ]);
    return [...items, ...inserted(base.length)];
  }

  #insertions(parts: readonly Part[]): readonly TemplateValue[] {
    return grouped(parts).map((same) => ({ "Fn::If": [this.#any(same), same[0]?.value ?? NO_VALUE, NO_VALUE] }));
  }

  #choose(base: TemplateValue | undefined, changed: readonly Part[], path: readonly string[]): TemplateValue {
    const isFixed = path[0] === "Resources" && FIXED_ATTRIBUTES.includes(path[2] ?? "");
    if (isFixed || new Set(changed.map(({ choice }) => choice)).size > 1) {
      throw conflict(changed, path);
    }
    return grouped(changed).reduceRight<TemplateValue>(
      (otherwise, same) => ({ "Fn::If": [this.#any(same), same[0]?.value ?? NO_VALUE, otherwise] }),
      base ?? NO_VALUE,
    );
  }

  /** The name of a condition that is true where one of the parts is wanted. */
  #any(parts: readonly Part[]): string {
    const names = parts.map(({ condition }) => condition);
    const [only = "", ...others] = names;
    return others.length === 0
      ? only
      : this.#named(names.join("Or"), { "Fn::Or": names.map((Condition) => ({ Condition })) });
  }

  #none(parts: readonly Part[]): string {
    const Condition = this.#any(parts);
    return this.#named(`Not${Condition}`, { "Fn::Not": [{ Condition }] });
  }

  #named(name: string, condition: TemplateObject): string {
    this.#conditions.set(name, condition);
    return name;
  }
}

function isMissing({ value }: Part): boolean {
  return value === undefined;
}

/** The parts that have the same value, together. */
function grouped(parts: readonly Part[]): readonly (readonly Part[])[] {
  return [...Map.groupBy(parts, ({ value }) => JSON.stringify(value)).values()];
}

function member(parts: readonly Part[], key: string): readonly Part[] {
  return parts.map(({ value, ...part }) => ({ ...part, value: objectOf(value)[key] }));
}

function without(parts: readonly Part[], key: string): readonly Part[] {
  return parts.map(({ value, ...part }) => {
    const { [key]: _left, ...others } = objectOf(value);
    return { ...part, value: others };
  });
}

function keysOf(base: TemplateObject, parts: readonly Part[]): readonly string[] {
  return [...new Set([base, ...parts.map(({ value }) => objectOf(value))].flatMap(Object.keys))];
}

function objectOf(value: TemplateValue | undefined): TemplateObject {
  return isTemplateObject(value) ? value : {};
}

function conflict(parts: readonly Part[], path: readonly string[]): Error {
  const names = [...new Set(parts.map(({ condition }) => condition))];
  return new Error(`${path.join(".")} cannot depend on ${names.join(" and ")}: one template has no place for it`);
}
