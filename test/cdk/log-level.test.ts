import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import type { LogLevel } from "../../cdk/lib/logs/log-volume.ts";
import { RangePipeline } from "../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../cdk/lib/runtime-function.ts";

/** What the stack says of logging to the function that is described so. */
function loggingOf(description: string, props: Partial<RangePipelineProps>) {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
  new RangePipeline(stack, "Orders", {
    bootstrapServers: ["b-1.example:9092"],
    topics: ["orders"],
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
    ...props,
  });
  const functions = Object.values(Template.fromStack(stack).findResources("AWS::Lambda::Function"));
  const { Properties } = functions.find((one) => one["Properties"].Description.startsWith(description)) ?? {};
  const { LogGroup: _itsOwn, ...config } = Properties.LoggingConfig;
  return { level: Properties.Environment.Variables.POWERTOOLS_LOG_LEVEL, config };
}

/** LV1, LV2: Lambda drops its lines on what went well, and nothing of the functions', whose metrics have no level. */
const QUIET = { LogFormat: "JSON", ApplicationLogLevel: "INFO", SystemLogLevel: "WARN" };

test.each<[LogLevel, string, string, object]>([
  ["DEBUG", "DEBUG", "DEBUG", {}],
  ["INFO", "INFO", "INFO", {}],
  ["WARN", "INFO", "WARN", QUIET],
  ["ERROR", "ERROR", "ERROR", QUIET],
])(
  "LV1, LV2, LV3: logLevel %s is %s for the scheduler and %s for the processor",
  (logLevel, scheduler, processor, config) => {
    expect(loggingOf("Plans", { logLevel })).toEqual({ level: scheduler, config });
    expect(loggingOf("Processes", { logLevel })).toEqual({ level: processor, config });
  },
);

test("without a logLevel the functions' own variables decide, and Lambda filters nothing", () => {
  const props = { processorEnvironment: { POWERTOOLS_LOG_LEVEL: "DEBUG" } };

  expect(loggingOf("Plans", props)).toEqual({ level: undefined, config: {} });
  expect(loggingOf("Processes", props)).toEqual({ level: "DEBUG", config: {} });
});
