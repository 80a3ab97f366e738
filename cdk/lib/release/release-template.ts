// Release template
//
// One template of CloudFormation, with parameters, for a pipeline whose code is fixed: what
// `cdk deploy` would deploy, for who deploys in another way. No part of it is written here.
//
//   LT1  Its resources are the construct's own, for each combination of what the parameters say.
//   LT2  It asks for nothing of CDK's: no bootstrapping, no assets, no custom resource.
//   LT3  A prop that is fixed has no parameter; what neither says has the construct's default.

import { App, Stack } from "aws-cdk-lib";
import { joinProblems } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { withSaid } from "../kafka/params/settle-params.ts";
import { pipelineProblems } from "../pipeline-problems.ts";
import type { RangePipelineProps } from "../range-pipeline-props.ts";
import { mergeTemplates } from "../template/merge-templates.ts";
import { placeParameters } from "../template/place-parameters.ts";
import { placeChoices, tabulateChoices } from "../template/tabulate-choices.ts";
import { renderParameters, type TemplateParameter } from "../template/template-parameter.ts";
import { ref, type TemplateObject } from "../template/template-value.ts";
import { withDefault } from "./default-values.ts";
import { placeCode } from "./function-code.ts";
import { CODE_PARAMETERS } from "./parameters/code-parameters.ts";
import { ENTRY_CHOICE } from "./parameters/entry-choice.ts";
import type { ReleaseChoice } from "./parameters/release-choice.ts";
import { RELEASE_CHOICES } from "./parameters/release-choices.ts";
import { INTERVAL_PARAMETER, INTERVALS, intervalProps } from "./parameters/release-interval.ts";
import { RELEASE_SETTINGS, type ReleaseSetting } from "./parameters/release-setting.ts";
import { type ReleaseSource, variableParameter } from "./release-source.ts";
import { type ReleaseStack, type SynthesizedRelease, synthesizeRelease } from "./synthesize-release.ts";

const BASE = "Base";
const DEFAULTS = "Defaults";
const intervalName = (minutes: number) => `Interval${minutes}`;
/** Of the functions' code, until it is known what is in it. */
const UNNAMED = { scheduler: "scheduler.zip", processor: "processor.zip", manifests: "manifests.zip" };

export interface ReleaseTemplate extends Omit<SynthesizedRelease, "templates"> {
  /** With `scheduler.zip`, `processor.zip` and `manifests.zip` as the names of the code (function-code.ts gives it others). */
  readonly template: TemplateObject;
}

/** Throws ConfigurationError that lists what is wrong with the fixed props. Without `bundles` no code is. */
export function releaseTemplate(source: ReleaseSource, bundles = true): ReleaseTemplate {
  const plan = planRelease(source);
  const bundled = plan.choices.includes(ENTRY_CHOICE) ? "EntersByParams" : BASE;
  const { templates, ...synthesized } = synthesizeRelease(stacksOf(source, plan), bundles ? bundled : undefined);
  return { ...synthesized, template: assemble(plan, templates) };
}

interface Plan {
  readonly settings: readonly ReleaseSetting[];
  readonly choices: readonly ReleaseChoice[];
  readonly intervals: readonly number[];
  readonly variables: readonly TemplateParameter[];
  /** By the variables' own names. */
  readonly variableNames: ReadonlyMap<string, string>;
}

function planRelease(source: ReleaseSource): Plan {
  const { variables = [] } = source;
  const fixed = source.props(new Stack(new App(), BASE));
  const said = new Set(Object.keys(omitUndefined(withSaid(fixed))));
  const isOpen = ({ covers }: Pick<ReleaseSetting, "covers">) => !covers.some((prop) => said.has(prop));
  const plan = {
    settings: RELEASE_SETTINGS.filter(isOpen),
    choices: RELEASE_CHOICES.filter(isOpen),
    intervals: said.has("batchInterval") ? [] : INTERVALS,
    variableNames: new Map(variables.map(({ name }) => [name, variableParameter(name)])),
    variables: variables.map(
      (variable): TemplateParameter => ({
        name: variableParameter(variable.name),
        group: "Code",
        type: "String",
        description: `The variable ${variable.name} of the processor's code.`,
        ...omitUndefined({ default: variable.default }),
      }),
    ),
  };
  refuse([...clashes(plan), ...pipelineProblems(baseProps(source, plan, new Stack(new App(), BASE)), "Pipeline")]);
  return plan;
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) {
    throw new ConfigurationError(joinProblems([...new Set(problems)]));
  }
}

/** What CloudFormation would know two of by one name. */
function clashes({ settings, choices, variables, variableNames }: Plan): readonly string[] {
  const own = [
    ...CODE_PARAMETERS,
    INTERVAL_PARAMETER,
    ...settings.map(({ parameter }) => parameter),
    ...choices.flatMap(({ parameters }) => parameters),
  ].map(({ name }) => name);
  return [...variableNames].flatMap(([variable, name], index) =>
    own.includes(name) || variables.findIndex((one) => one.name === name) !== index
      ? [`the variable ${variable} would be the parameter ${name}, which the template has; choose another name`]
      : [],
  );
}

function baseProps({ props }: ReleaseSource, plan: Plan, stack: Stack, isDefault = false): RangePipelineProps {
  const fixed = props(stack);
  const settings = plan.settings.filter(({ isRequired = false }) => isRequired || !isDefault);
  const variables = Object.fromEntries([...plan.variableNames.keys()].map((name) => [name, "named-later"]));
  return {
    ...Object.assign({}, ...settings.map((setting) => setting.props)),
    ...fixed,
    ...(plan.variableNames.size === 0 ? {} : { processorEnvironment: { ...fixed.processorEnvironment, ...variables } }),
  };
}

function stacksOf(source: ReleaseSource, plan: Plan): readonly ReleaseStack[] {
  const base = (stack: Stack) => baseProps(source, plan, stack);
  const { extend } = source;
  return [
    { name: BASE, props: base, extend },
    { name: DEFAULTS, props: (stack) => baseProps(source, plan, stack, true), extend },
    ...plan.choices
      .flatMap(({ parts }) => parts)
      .map(
        (part): ReleaseStack => ({
          name: part.condition,
          props: (stack) => ({ ...base(stack), ...part.props(stack) }),
          extend: (stack, pipeline) => {
            extend?.(stack, pipeline);
            part.extend?.(pipeline);
          },
        }),
      ),
    ...plan.intervals.map(
      (minutes): ReleaseStack => ({
        name: intervalName(minutes),
        props: (stack) => ({ ...base(stack), ...intervalProps(minutes) }),
        extend,
      }),
    ),
  ];
}

function assemble(plan: Plan, templates: SynthesizedRelease["templates"]): TemplateObject {
  const places = [
    ...plan.settings.flatMap((setting) => setting.places),
    ...[...plan.variableNames].map(([key, name]) => ({ key, by: ref(name) })),
  ];
  const placed = (name: string, own: ReleaseSetting["places"] = []) =>
    placeParameters(placeCode(templates.get(name) ?? {}, UNNAMED), [...own, ...places]) as TemplateObject;
  const base = placed(BASE);
  const parts = plan.choices.flatMap(({ name, parts: ofChoice }) =>
    ofChoice.map((part) => ({ ...part, choice: name })),
  );
  const merged = mergeTemplates(
    base,
    parts.map(({ condition, choice, places: own }) => ({ condition, choice, template: placed(condition, own) })),
  );
  const table = tabulateChoices(
    INTERVAL_PARAMETER.name,
    new Map(plan.intervals.map((minutes) => [String(minutes), placed(intervalName(minutes))])),
  );
  const defaults = templates.get(DEFAULTS) ?? {};
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "Code over exact offset ranges of Kafka topics (kafka-offset-ranges).",
    ...renderParameters([
      ...CODE_PARAMETERS,
      ...plan.variables,
      ...plan.settings.map((setting) => withDefault(setting, base, defaults)),
      ...plan.choices.flatMap(({ parameters }) => parameters),
      ...(plan.intervals.length === 0 ? [] : [INTERVAL_PARAMETER]),
    ]),
    ...section("Rules", Object.assign({}, ...plan.choices.map(({ rules }) => rules ?? {}))),
    ...section("Mappings", plan.intervals.length === 0 ? {} : table.mappings),
    ...section("Conditions", {
      ...Object.fromEntries(parts.map(({ condition, when }) => [condition, when])),
      ...merged.conditions,
    }),
    ...placeChoices(merged.template, base, table),
  };
}

/** CloudFormation refuses an empty one. */
function section(name: string, value: TemplateObject): TemplateObject {
  return Object.keys(value).length === 0 ? {} : { [name]: value };
}
