// Release choice
//
// A part of a pipeline that whoever deploys the template may want or not. It is made by the
// construct itself, from props as an app would give them, and merged into the template on its
// condition (merge-templates.ts).

import type { Construct } from "constructs";
import type { RangePipeline } from "../../range-pipeline.ts";
import type { RangePipelineProps } from "../../range-pipeline-props.ts";
import type { Place } from "../../template/place-parameters.ts";
import type { TemplateParameter } from "../../template/template-parameter.ts";
import type { TemplateObject } from "../../template/template-value.ts";

/** One of the parts of a choice, which exclude each other; without any of them it is the construct's default. */
export interface ReleasePart {
  /** The name of its condition. */
  readonly condition: string;
  readonly when: TemplateObject;
  readonly props: (scope: Construct) => Partial<RangePipelineProps>;
  readonly places?: readonly Place[];
  readonly extend?: (pipeline: RangePipeline) => void;
}

export interface ReleaseChoice {
  readonly name: string;
  readonly parameters: readonly TemplateParameter[];
  /** The props that it is about: a release where one of them is fixed has no such choice. */
  readonly covers: readonly (keyof RangePipelineProps)[];
  readonly parts: readonly ReleasePart[];
  /** What parameters may not say together: CloudFormation's rules. */
  readonly rules?: TemplateObject;
}

/** An ARN of the service, or nothing. */
export function optionalArn(service: string, resource: string): string {
  return String.raw`(arn:[\w-]+:${service}:[\w-]*:(\d{12}|aws):${resource})?`;
}
