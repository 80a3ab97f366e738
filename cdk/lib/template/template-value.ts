// What a template of CloudFormation consists of, as JSON has it.

export type TemplateValue = string | number | boolean | null | readonly TemplateValue[] | TemplateObject;

export interface TemplateObject {
  readonly [key: string]: TemplateValue;
}

/** A property or an element of a list that is not there. */
export const NO_VALUE: TemplateObject = { Ref: "AWS::NoValue" };

export function isTemplateObject(value: TemplateValue | undefined): value is TemplateObject {
  return typeof value === "object" && value !== null && !isList(value);
}

export function isList(value: TemplateValue | undefined): value is readonly TemplateValue[] {
  return Array.isArray(value);
}

/** `{ Ref: … }` or `{ "Fn::…": … }`: a value that CloudFormation works out, and nothing to look into. */
export function isIntrinsic(value: TemplateObject): boolean {
  const [key = "", ...others] = Object.keys(value);
  return others.length === 0 && (key === "Ref" || key.startsWith("Fn::"));
}

export function ref(name: string): TemplateObject {
  return { Ref: name };
}

/** Whether the parameter has a value that is not empty. */
export function isGiven(parameter: string): TemplateObject {
  return { "Fn::Not": [isEmpty(parameter)] };
}

export function isEmpty(parameter: string): TemplateObject {
  return isSet(parameter, "");
}

export function isSet(parameter: string, value: string): TemplateObject {
  return { "Fn::Equals": [ref(parameter), value] };
}

/** What stands there, as CloudFormation takes a number or a flag for its text; empty for what is none. */
export function textOf(value: TemplateValue | undefined): string {
  return typeof value === "object" || value === undefined ? "" : String(value);
}
