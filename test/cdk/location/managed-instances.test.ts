import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { type IVpc, SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import { CapacityProvider } from "aws-cdk-lib/aws-lambda";
import { expect, test } from "vitest";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";

test("a processor is put on Lambda Managed Instances by CDK's own construct, as the guide has it", () => {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
  const vpc = new Vpc(stack, "Vpc") as IVpc;
  const pipeline = new RangePipeline(stack, "Orders", {
    bootstrapServers: ["b-1.example:9092"],
    topics: ["orders"],
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
    processorMemorySize: 4_096,
  });
  const instances = new CapacityProvider(stack, "Instances", {
    subnets: vpc.privateSubnets,
    securityGroups: [new SecurityGroup(stack, "Group", { vpc })],
  });

  instances.addFunction(pipeline.processorFunction, { perExecutionEnvironmentMaxConcurrency: 20 });

  const functions = Object.values(Template.fromStack(stack).findResources("AWS::Lambda::Function"));
  const providers = functions.map(
    ({ Properties: { Description, CapacityProviderConfig, ReservedConcurrentExecutions } }) => [
      Description,
      CapacityProviderConfig?.LambdaManagedInstancesCapacityProviderConfig.PerExecutionEnvironmentMaxConcurrency,
      ReservedConcurrentExecutions,
    ],
  );
  expect(providers.filter(([description]) => /of Orders/.test(description))).toEqual([
    ["Processes offset ranges of Orders", 20, undefined],
    ["Plans and dispatches offset ranges of Orders", undefined, undefined],
  ]);
});
