import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Construct } from "constructs";
import { expect, test } from "vitest";
import { RangePipeline } from "../../cdk/lib/range-pipeline.ts";
import { projectPath } from "../../cdk/lib/runtime-function.ts";

test("a pipeline puts out what `ranges` and an operator ask for, by stable names, beside other pipelines of the stack", () => {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
  const processorEntry = projectPath("functions/pipelines/word-count.ts");
  const props = { bootstrapServers: ["b-1:9092"], topics: ["orders"], processorEntry };
  new RangePipeline(stack, "Orders", { ...props, pipelineName: "orders-v2" });
  new RangePipeline(new Construct(stack, "Eu-1"), "Orders", props);

  const outputs = Template.fromStack(stack).findOutputs("*");

  expect(Object.keys(outputs).toSorted()).toEqual(
    ["Eu1Orders", "Orders"].flatMap((pipeline) =>
      [
        "DeadLetterQueueUrl",
        "DeadLetterTarget",
        "LedgerTableName",
        "OnFailureQueueUrl",
        "PipelineName",
        "ProcessorFunctionName",
        "SchedulerFunctionName",
      ].map((name) => `${pipeline}${name}`),
    ),
  );
  expect(outputs["OrdersPipelineName"]).toEqual({ Value: "orders-v2" });
  expect(outputs["OrdersLedgerTableName"]?.["Value"].Ref).toMatch(/^OrdersLedger/);
  expect(outputs["OrdersSchedulerFunctionName"]?.["Value"].Ref).toMatch(/^OrdersScheduler/);
});
