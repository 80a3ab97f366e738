// Evaluate template
//
// What CloudFormation makes of a template and of parameters' values, before it makes any
// resource: conditions, tables and texts are worked out, and what a resource will be called
// stays as it is written. Every number is a text, as parameters are.

import {
  isList,
  isTemplateObject,
  type TemplateObject,
  type TemplateValue,
  textOf,
} from "../../../cdk/lib/template/template-value.ts";

export type ParameterValues = Readonly<Record<string, string | number>>;

export interface EvaluatedTemplate {
  readonly Resources: TemplateObject;
  readonly Outputs: TemplateObject;
}

/** Throws for a parameter that is missing, unknown or refused by its constraints, and for a rule that is broken. */
export function evaluateTemplate(template: TemplateObject, given: ParameterValues = {}): EvaluatedTemplate {
  const evaluation = new Evaluation(template, parameterValues(objectAt(template, "Parameters"), given));
  evaluation.checkRules();
  const resources = Object.entries(objectAt(template, "Resources")).flatMap(([id, resource]) => {
    const { Condition, ...others } = resource as TemplateObject;
    return Condition === undefined || evaluation.holds({ Condition }) ? [[id, evaluation.value(others)]] : [];
  });
  return {
    Resources: Object.fromEntries(resources),
    Outputs: evaluation.value(objectAt(template, "Outputs")) as TemplateObject,
  };
}

const REMOVED = Symbol("AWS::NoValue");

type Evaluated = TemplateValue | typeof REMOVED;

class Evaluation {
  readonly #template: TemplateObject;
  readonly #values: ReadonlyMap<string, string>;

  constructor(template: TemplateObject, values: ReadonlyMap<string, string>) {
    this.#template = template;
    this.#values = values;
  }

  checkRules(): void {
    for (const rule of Object.values(objectAt(this.#template, "Rules")) as readonly TemplateObject[]) {
      const isAsked = rule["RuleCondition"] === undefined || this.holds(rule["RuleCondition"]);
      const broken = (rule["Assertions"] as readonly TemplateObject[]).filter(({ Assert }) => !this.holds(Assert));
      if (isAsked && broken.length > 0) {
        throw new RangeError(textOf(broken[0]?.["AssertDescription"]));
      }
    }
  }

  holds(condition: TemplateValue | undefined): boolean {
    const [name, argument] = callOf((condition ?? {}) as TemplateObject);
    const list = isList(argument) ? argument : [];
    switch (name) {
      case "Condition":
        return this.holds(objectAt(this.#template, "Conditions")[textOf(argument)]);
      case "Fn::Equals":
        return this.value(list[0] ?? "") === this.value(list[1] ?? "");
      case "Fn::Not":
        return !this.holds(list[0]);
      case "Fn::And":
        return list.every((one) => this.holds(one));
      case "Fn::Or":
        return list.some((one) => this.holds(one));
      case "Fn::Contains":
        return (list[0] as readonly string[]).includes(textOf(this.value(list[1] ?? "")));
      default:
        throw new TypeError(`no condition: ${JSON.stringify(condition)}`);
    }
  }

  value(value: TemplateValue): TemplateValue {
    const evaluated = this.#evaluate(value);
    if (evaluated === REMOVED) {
      throw new TypeError("a whole section is removed");
    }
    return evaluated;
  }

  #evaluate(value: TemplateValue): Evaluated {
    if (isList(value)) {
      return value.map((one) => this.#evaluate(one)).filter((one) => one !== REMOVED);
    }
    if (!isTemplateObject(value)) {
      return textOf(value);
    }
    const [name, argument] = callOf(value);
    return this.#call(name, argument) ?? this.#members(value);
  }

  #members(value: TemplateObject): TemplateObject {
    const members = Object.entries(value).map(([key, one]) => [key, this.#evaluate(one)] as const);
    return Object.fromEntries(members.flatMap(([key, one]) => (one === REMOVED ? [] : [[key, one]])));
  }

  /** Undefined for what is no function of CloudFormation, or names what is made later. */
  #call(name: string, argument: TemplateValue): Evaluated | undefined {
    const list = isList(argument) ? argument : [];
    switch (name) {
      case "Ref":
        return argument === "AWS::NoValue" ? REMOVED : this.#values.get(textOf(argument));
      case "Fn::If":
        return this.#evaluate((this.holds({ Condition: list[0] ?? "" }) ? list[1] : list[2]) ?? null);
      case "Fn::Sub":
        return textOf(argument).replaceAll(
          /\$\{(\w+)\}/g,
          (_, parameter: string) => this.#values.get(parameter) ?? "?",
        );
      case "Fn::FindInMap":
        return this.#find(list);
      case "Fn::Join":
        return join(textOf(list[0]), this.value(list[1] ?? []) as readonly TemplateValue[]);
      case "Fn::Split": {
        const text = this.value(list[1] ?? "");
        return typeof text === "string" ? text.split(textOf(list[0])) : undefined;
      }
      case "Fn::Select":
        return (this.value(list[1] ?? []) as readonly TemplateValue[])[Number(list[0])];
      default:
        return undefined;
    }
  }

  #find([table, row, column]: readonly TemplateValue[]): string {
    const rows = objectAt(objectAt(this.#template, "Mappings"), textOf(table));
    return textOf(objectAt(rows, textOf(this.value(row ?? "")))[textOf(column)]);
  }
}

/** The only key, and what it has. */
function callOf(value: TemplateObject): readonly [name: string, argument: TemplateValue] {
  return Object.entries(value)[0] ?? ["", null];
}

function join(separator: string, parts: readonly TemplateValue[]): TemplateValue {
  const joined: TemplateValue[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string" && separator === "") {
      joined.splice(-1, 1, last + part);
    } else {
      joined.push(part);
    }
  }
  return joined.every((part) => typeof part === "string")
    ? joined.join(separator)
    : { "Fn::Join": [separator, joined] };
}

function parameterValues(declared: TemplateObject, given: ParameterValues): ReadonlyMap<string, string> {
  const unknown = Object.keys(given).filter((name) => !(name in declared));
  if (unknown.length > 0) {
    throw new RangeError(`the template has no parameters ${unknown.join(", ")}`);
  }
  return new Map(
    Object.entries(declared as Readonly<Record<string, TemplateObject>>).map(([name, parameter]) => {
      const value = given[name] ?? parameter["Default"];
      if (value === undefined) {
        throw new RangeError(`${name} has no value`);
      }
      if (!isAccepted(parameter, textOf(value))) {
        throw new RangeError(`${name} ${textOf(parameter["ConstraintDescription"]) || "is none of its values"}`);
      }
      return [name, textOf(value)];
    }),
  );
}

export function isAccepted(parameter: TemplateObject, value: string): boolean {
  const { AllowedPattern, AllowedValues, MinValue, MaxValue } = parameter;
  return (
    (AllowedPattern === undefined || new RegExp(`^(?:${textOf(AllowedPattern)})$`).test(value)) &&
    (!isList(AllowedValues) || AllowedValues.map(textOf).includes(value)) &&
    (MinValue === undefined || Number(value) >= Number(MinValue)) &&
    (MaxValue === undefined || Number(value) <= Number(MaxValue)) &&
    (parameter["Type"] !== "Number" || Number.isFinite(Number(value)))
  );
}

function objectAt(value: TemplateObject, key: string): TemplateObject {
  const found = value[key];
  return isTemplateObject(found) ? found : {};
}
