import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { TemplateObject } from "./template-value.ts";

/** What whoever deploys the template may say, or has to. */
export interface TemplateParameter {
  readonly name: string;
  /** Under which heading CloudFormation's console asks for it. */
  readonly group: ParameterGroup;
  readonly type: "String" | "Number";
  readonly description: string;
  /** @default - none: it has to be given */
  readonly default?: string | number;
  readonly allowedValues?: readonly (string | number)[];
  /** Of the whole value. */
  readonly allowedPattern?: string;
  readonly minValue?: number;
  readonly maxValue?: number;
  /** What is told of a value that is refused: what it must be. */
  readonly constraint?: string;
}

export const PARAMETER_GROUPS = [
  "Code",
  "Pipeline",
  "Kafka",
  "Network",
  "Start and pace",
  "Functions",
  "Alarms",
] as const;

export type ParameterGroup = (typeof PARAMETER_GROUPS)[number];

/** The template's section of parameters, and what the console shows them by. */
export function renderParameters(parameters: readonly TemplateParameter[]): {
  readonly Parameters: TemplateObject;
  readonly Metadata: TemplateObject;
} {
  const groups = PARAMETER_GROUPS.map((group) => ({
    Label: { default: group },
    Parameters: parameters.filter((one) => one.group === group).map(({ name }) => name),
  }));
  const ParameterGroups = groups.filter((group) => group.Parameters.length > 0);
  return {
    Parameters: Object.fromEntries(parameters.map((parameter) => [parameter.name, renderParameter(parameter)])),
    Metadata: { "AWS::CloudFormation::Interface": { ParameterGroups } },
  };
}

function renderParameter(parameter: TemplateParameter): TemplateObject {
  const { type, description, allowedValues, allowedPattern, minValue, maxValue, constraint } = parameter;
  return {
    Type: type,
    Description: description,
    ...omitUndefined({
      Default: parameter.default,
      AllowedValues: allowedValues,
      AllowedPattern: allowedPattern,
      MinValue: minValue,
      MaxValue: maxValue,
      ConstraintDescription: constraint,
    }),
  };
}
