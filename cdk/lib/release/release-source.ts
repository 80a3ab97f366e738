import type { Stack } from "aws-cdk-lib";
import type { RangePipeline } from "../range-pipeline.ts";
import type { RangePipelineProps } from "../range-pipeline-props.ts";

/** What is fixed of a pipeline before anybody deploys it. */
export interface ReleaseSource {
  /** The props that are fixed, made anew for each stack; the others are parameters, or have their defaults. */
  readonly props: (stack: Stack) => FixedProps;
  /** Variables of the processor's code that become parameters. */
  readonly variables?: readonly ReleaseVariable[];
  /** What the stack has beside the pipeline. */
  readonly extend?: (stack: Stack, pipeline: RangePipeline) => void;
}

export type FixedProps = Partial<RangePipelineProps> & Pick<RangePipelineProps, "processorEntry">;

export interface ReleaseVariable {
  /** Of the function's environment: `ORDERS_TABLE`, whose parameter is OrdersTable. */
  readonly name: string;
  /** @default - none: it has to be given */
  readonly default?: string;
}

/** `ORDERS_TABLE` → `OrdersTable`. */
export function variableParameter(name: string): string {
  return name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
}
