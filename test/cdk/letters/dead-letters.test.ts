// Where dead letters go: what the processor is told of it, what it may do there, and what alarms.

import { App, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { expect, test } from "vitest";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";

const clusterArn = "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/0a1b-2";

function synthesize(propsOf: (stack: Stack) => Partial<RangePipelineProps>) {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
  const pipeline = new RangePipeline(stack, "Orders", {
    bootstrapServers: ["b-1.example:9092"],
    topics: ["orders"],
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
    ...propsOf(stack),
  });
  return { pipeline, template: Template.fromStack(stack) };
}

const grants = (template: Template, action: string) =>
  Object.values(template.findResources("AWS::IAM::Policy"))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => [Action].flat().some((one: string) => one.startsWith(action)));

test("without a target there is a queue of the pipeline's own, which alarms by what waits in it", () => {
  const { pipeline, template } = synthesize(() => ({}));

  template.resourceCountIs("AWS::SQS::Queue", 2);
  expect(pipeline.deadLetterQueueUrl).toBe(pipeline.deadLetterTarget);
  expect(grants(template, "sqs:SendMessage")).toHaveLength(2);
  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    AlarmDescription: Match.stringLikeRegexp("ten days old"),
  });
});

test("to a bucket the processor may only write, below the prefix, and the letters that are written alarm", () => {
  const { pipeline, template } = synthesize((stack) => ({
    deadLetterTarget: { bucket: Bucket.fromBucketName(stack, "Letters", "orders-letters"), prefix: "dead" },
  }));

  template.resourceCountIs("AWS::SQS::Queue", 1);
  template.hasResourceProperties("AWS::Lambda::Function", {
    Environment: {
      Variables: Match.objectLike({ RANGES_DEAD_LETTER_BUCKET: "orders-letters", RANGES_DEAD_LETTER_PREFIX: "dead" }),
    },
  });
  expect(pipeline.deadLetterTarget).toBe("s3://orders-letters/dead");
  const [granted, ...others] = grants(template, "s3:");
  expect(others).toEqual([]);
  expect([granted.Action].flat()).not.toContain("s3:GetObject");
  expect(JSON.stringify(granted.Resource)).toContain(":s3:::orders-letters/dead/*");
  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    MetricName: "DeadLettersKept",
    Statistic: "Sum",
    Threshold: 1,
  });
  expect(JSON.stringify(template.findResources("AWS::CloudWatch::Alarm"))).not.toContain("ten days old");
});

test("to a topic of an MSK cluster the processor alone may write, and it reads what it read before", () => {
  const { pipeline, template } = synthesize(() => ({
    deadLetterTarget: { topic: "orders.dlq" },
    sasl: { mechanism: "AWS_MSK_IAM", clusterArn },
  }));

  expect(pipeline.deadLetterTarget).toBe("topic:orders.dlq");
  template.hasResourceProperties("AWS::Lambda::Function", {
    Environment: { Variables: Match.objectLike({ RANGES_DEAD_LETTER_TOPIC: "orders.dlq" }) },
  });
  const writes = grants(template, "kafka-cluster:").filter(({ Action }) => Action.includes("kafka-cluster:WriteData"));
  expect(writes).toHaveLength(1);
  expect(JSON.stringify(writes)).toContain("topic/orders/0a1b-2/orders.dlq");
  expect(() => pipeline.deadLetterQueueUrl).toThrow(/has no dead-letter queue: its letters go to topic:orders.dlq/);
});

test.each<[string, unknown, string]>([
  ["a text", "s3://letters", 'deadLetterTarget is "s3://letters"; choose { bucket, prefix } or { topic }'],
  ["a bucket's name", { bucket: "letters" }, 'deadLetterTarget.bucket is "letters"; choose a Bucket'],
  [
    "a topic that cannot be",
    { topic: "orders dlq" },
    'deadLetterTarget.topic "orders dlq" is wrong: is not a legal Kafka topic name',
  ],
  ["an unknown prop", { topic: "orders.dlq", prefix: "a" }, "deadLetterTarget.prefix"],
])("refuses %s", (_, deadLetterTarget, message) => {
  expect(() => synthesize(() => ({ deadLetterTarget }) as Partial<RangePipelineProps>)).toThrow(message);
});

test.each(["/dead", "dead/", "a//b", "a/../b", "a b"])("refuses the prefix %j, which keys would not keep", (prefix) => {
  expect(() =>
    synthesize((stack) => ({ deadLetterTarget: { bucket: Bucket.fromBucketName(stack, "L", "letters"), prefix } })),
  ).toThrow(/deadLetterTarget.prefix.*expected parts of letters/);
});
