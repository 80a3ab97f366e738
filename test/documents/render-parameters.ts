import { CODE_PARAMETERS } from "../../cdk/lib/release/parameters/code-parameters.ts";
import { RELEASE_CHOICES } from "../../cdk/lib/release/parameters/release-choices.ts";
import { INTERVAL_PARAMETER } from "../../cdk/lib/release/parameters/release-interval.ts";
import { RELEASE_SETTINGS } from "../../cdk/lib/release/parameters/release-setting.ts";
import { PARAMETER_GROUPS, type TemplateParameter } from "../../cdk/lib/template/template-parameter.ts";
import { renderTable } from "./documents.ts";

interface Row {
  readonly parameter: TemplateParameter;
  readonly value: string;
  readonly props: readonly string[];
}

/** Every parameter of a release's template, in the groups of CloudFormation's console. */
export function renderParameters(): string {
  const rows: readonly Row[] = [
    ...CODE_PARAMETERS.map((parameter) => ({ parameter, value: defaultOf(parameter), props: [] })),
    ...RELEASE_SETTINGS.map(({ parameter, isRequired = false, covers }) => ({
      parameter,
      value: isRequired ? "required" : "the prop's",
      props: covers,
    })),
    ...RELEASE_CHOICES.flatMap(({ parameters, covers }) =>
      parameters.map((parameter) => ({ parameter, value: defaultOf(parameter), props: covers })),
    ),
    { parameter: INTERVAL_PARAMETER, value: defaultOf(INTERVAL_PARAMETER), props: ["batchInterval"] },
  ];
  const grouped = PARAMETER_GROUPS.flatMap((group) => rows.filter(({ parameter }) => parameter.group === group));
  return renderTable(
    ["Parameter", "Default", "Meaning", "Not asked where one of these is fixed"],
    grouped.map(({ parameter, value, props }) => [
      `\`${parameter.name}\``,
      value,
      meaningOf(parameter),
      props.map((prop) => `\`${prop}\``).join(", "),
    ]),
  );
}

function defaultOf(parameter: TemplateParameter): string {
  return parameter.default === undefined ? "required" : `${parameter.default}` || "empty";
}

function meaningOf({ description, allowedValues = [] }: TemplateParameter): string {
  return allowedValues.length === 0 ? description : `${description} One of ${allowedValues.join(", ")}.`;
}
