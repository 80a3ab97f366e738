// Tabulate choices
//
// What a template comes to for each value of one parameter, where CloudFormation cannot work
// it out: it has no arithmetic. The values that differ become a table of the template.

import { isDeepStrictEqual } from "node:util";
import { isList, isTemplateObject, ref, type TemplateObject, type TemplateValue } from "./template-value.ts";

export interface ChoiceTable {
  readonly mappings: TemplateObject;
  readonly places: readonly ChosenPlace[];
}

interface ChosenPlace {
  readonly path: readonly string[];
  readonly by: TemplateValue;
}

type Scalar = string | number | boolean;

/** The table of what differs between the templates, by the parameter's value; throws where more than single values do. */
export function tabulateChoices(parameter: string, templates: ReadonlyMap<string, TemplateObject>): ChoiceTable {
  const differing = differences([...templates.values()], []);
  const columns = new Map<string, { readonly name: string; readonly values: readonly Scalar[] }>();
  const places = differing.map(({ path, values }) => {
    const key = JSON.stringify(values);
    const { name } = columns.get(key) ?? {
      name: columnName(
        path,
        [...columns.values()].map((one) => one.name),
      ),
    };
    columns.set(key, { name, values });
    return { path, by: { "Fn::FindInMap": [parameter, ref(parameter), name] } };
  });
  const rows = [...templates.keys()].map((choice, index) => [
    choice,
    // CloudFormation's tables hold texts.
    Object.fromEntries([...columns.values()].map(({ name, values }) => [name, String(values[index])])),
  ]);
  return { mappings: { [parameter]: Object.fromEntries(rows) }, places };
}

/** The template with the table's values; they have to stand there as they did. */
export function placeChoices(template: TemplateObject, base: TemplateObject, { places }: ChoiceTable): TemplateObject {
  return places.reduce((placed, { path, by }) => {
    if (!isDeepStrictEqual(valueAt(placed, path), valueAt(base, path))) {
      throw new Error(
        `${path.join(".")} is chosen by a parameter and by a condition: one template has no place for both`,
      );
    }
    return replaceAt(placed, path, by) as TemplateObject;
  }, template);
}

interface Difference {
  readonly path: readonly string[];
  readonly values: readonly Scalar[];
}

function differences(values: readonly (TemplateValue | undefined)[], path: readonly string[]): readonly Difference[] {
  const [first] = values;
  if (values.every((value) => isDeepStrictEqual(value, first))) {
    return [];
  }
  if (values.every(isTemplateObject)) {
    const keys = [...new Set(values.flatMap(Object.keys))];
    return keys.flatMap((key) =>
      differences(
        values.map((value) => value[key]),
        [...path, key],
      ),
    );
  }
  if (values.every(isList) && isList(first) && values.every(({ length }) => length === first.length)) {
    return first.flatMap((_, index) =>
      differences(
        values.map((value) => value[index]),
        [...path, String(index)],
      ),
    );
  }
  if (values.every(isScalar)) {
    return [{ path, values }];
  }
  throw new Error(`${path.join(".")} differs by more than a value`);
}

function isScalar(value: TemplateValue | undefined): value is Scalar {
  return ["string", "number", "boolean"].includes(typeof value);
}

/** Letters and digits, as CloudFormation asks for it. */
function columnName(path: readonly string[], taken: readonly string[]): string {
  const name = path.at(-1)?.replaceAll(/[^A-Za-z0-9]/g, "") ?? "";
  return taken.includes(name) ? columnName([...path, `${path.at(-2)}${name}`], taken) : name;
}

export function valueAt(value: TemplateValue | undefined, path: readonly string[]): TemplateValue | undefined {
  return path.reduce<TemplateValue | undefined>((inside, key) => {
    if (isList(inside)) {
      return inside[Number(key)];
    }
    return isTemplateObject(inside) ? inside[key] : undefined;
  }, value);
}

function replaceAt(
  value: TemplateValue | undefined,
  [key, ...path]: readonly string[],
  by: TemplateValue,
): TemplateValue {
  if (key === undefined) {
    return by;
  }
  if (isList(value)) {
    return value.with(Number(key), replaceAt(value[Number(key)], path, by));
  }
  return isTemplateObject(value) ? { ...value, [key]: replaceAt(value[key], path, by) } : by;
}
