import { isDeepStrictEqual } from "node:util";
import { valueAt } from "../template/tabulate-choices.ts";
import type { TemplateParameter } from "../template/template-parameter.ts";
import {
  isList,
  isTemplateObject,
  ref,
  type TemplateObject,
  type TemplateValue,
  textOf,
} from "../template/template-value.ts";
import { type ReleaseSetting, thousandfold } from "./parameters/release-setting.ts";

/**
 * The setting's parameter, whose default is what stands in its place in `defaults`, the template of the construct's own
 * defaults. `base` is the template with the parameters in their places.
 */
export function withDefault(
  { parameter, isRequired }: ReleaseSetting,
  base: TemplateObject,
  defaults: TemplateObject,
): TemplateParameter {
  const plain = pathOf(base, ref(parameter.name));
  const path = plain ?? pathOf(base, thousandfold(parameter.name));
  if (path === undefined) {
    throw new Error(`the template has no place for the parameter ${parameter.name}`);
  }
  if (isRequired === true) {
    return parameter;
  }
  const value = valueAt(defaults, path);
  const ofNumber = Number(value) / (plain === undefined ? 1_000 : 1);
  return { ...parameter, default: parameter.type === "Number" ? ofNumber : textOf(value) };
}

/** To the first place that has exactly this value. */
function pathOf(value: TemplateValue, wanted: TemplateValue): readonly string[] | undefined {
  if (isDeepStrictEqual(value, wanted)) {
    return [];
  }
  const members = isTemplateObject(value) || isList(value) ? Object.entries<TemplateValue>(value) : [];
  for (const [key, member] of members) {
    const path = pathOf(member, wanted);
    if (path !== undefined) {
      return [key, ...path];
    }
  }
  return undefined;
}
