import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { AccountPrincipal, Role } from "aws-cdk-lib/aws-iam";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";

export type Grant = (pipeline: RangePipeline, role: Role) => void;

/** The actions that a role is granted, each once and in order, from the synthesized template. */
export function grantedActions(
  grant: Grant,
  propsIn: (stack: Stack) => Partial<RangePipelineProps> = () => ({}),
): readonly string[] {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
  const pipeline = new RangePipeline(stack, "Orders", {
    bootstrapServers: ["b-1.example:9092"],
    topics: ["orders"],
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
    ...propsIn(stack),
  });
  grant(pipeline, new Role(stack, "Operator", { assumedBy: new AccountPrincipal("123456789012") }));
  const policies = Template.fromStack(stack).findResources("AWS::IAM::Policy");
  const [, policy] = Object.entries(policies).find(([id]) => id.startsWith("Operator")) ?? [];
  const statements: readonly { readonly Action: string | readonly string[] }[] =
    policy?.["Properties"].PolicyDocument.Statement ?? [];
  return [...new Set(statements.flatMap(({ Action }) => Action))].toSorted();
}
