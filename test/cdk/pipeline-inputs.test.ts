// What people write into props of a pipeline: what no run could use is refused where
// the stack is synthesized, by the code that the functions read it with.

import { App, Stack, Token } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import type { IamSasl } from "../../cdk/lib/kafka/kafka-sasl.ts";
import { RangePipeline } from "../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../cdk/lib/runtime-function.ts";
import { decodeEnvironment } from "../../shared/wire/environment/environment-variables.ts";
import { schedulerEnvironment } from "../../shared/wire/environment/function-environment.ts";

const required = {
  bootstrapServers: ["b-1.example:9092"],
  topics: ["orders"],
  processorEntry: projectPath("functions/pipelines/word-count.ts"),
};

/** The scheduler's variables, with a name in place of what CloudFormation fills in. */
function synthesize({ topicPattern, ...props }: Partial<RangePipelineProps>): Record<string, string> {
  // Bundles are tested by themselves: they do not change the template.
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
  const { topics, ...others } = required;
  const source = topicPattern === undefined ? { topics } : { topicPattern };
  new RangePipeline(stack, "Orders", { ...others, ...source, ...props });
  const functions = Object.values(Template.fromStack(stack).findResources("AWS::Lambda::Function"));
  const scheduler = functions.find(({ Properties }) => Properties.Description.startsWith("Plans"));
  const variables: object = scheduler?.["Properties"].Environment.Variables;
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, typeof value === "string" ? value : "resolved"]),
  );
}

test("a start from a consumer group arrives as its name, and a topic called group stays a topic", () => {
  const decode = (props: Partial<RangePipelineProps>) =>
    decodeEnvironment(schedulerEnvironment, synthesize({ topics: ["group"], ...props }));

  expect(decode({ startingOffsets: { group: "orders-service" }, onNoMatch: "earliest" })).toMatchObject({
    startingOffsetsFromGroup: "orders-service",
    onNoMatch: "earliest",
  });
  expect(decode({ startingOffsets: { group: "latest" } }).startingOffsets).toEqual(new Map([["group-*", -1n]]));
});

test("the last line of a checkpoint's offsets arrives as it is", () => {
  const line = '{"orders":{"0":9007199254740993,"1":0}}';

  expect(decodeEnvironment(schedulerEnvironment, synthesize({ startingOffsets: line })).startingOffsets).toEqual(
    new Map([
      ["orders-0", 9_007_199_254_740_993n],
      ["orders-1", 0n],
    ]),
  );
});

test("words for topics, times in ISO 8601 and protocols in front of brokers arrive as what they say", () => {
  const variables = synthesize({
    bootstrapServers: ["PLAINTEXT://b-1.example:9092", "[2001:db8::1]:9092"],
    startingOffsets: { orders: "latest" },
    startingTimestamp: "2026-01-01T01:00:00+01:00",
    startingOffsetsByTimestamp: { orders: { 0: "2026-01-01T00:00:00Z", 1: new Date("2026-01-01T00:00:00Z") } },
  });

  expect(decodeEnvironment(schedulerEnvironment, variables)).toMatchObject({
    bootstrapServers: ["PLAINTEXT://b-1.example:9092", "[2001:db8::1]:9092"],
    startingOffsets: new Map([["orders-*", -1n]]),
    startingTimestamp: 1_767_225_600_000n,
    startingOffsetsByTimestamp: new Map([
      ["orders-0", 1_767_225_600_000n],
      ["orders-1", 1_767_225_600_000n],
    ]),
  });
});

test("a pattern in Java's dialect arrives as it is, also where it is known only when the stack is deployed", () => {
  const unknown = Token.asString({ Ref: "AWS::StackName" });

  expect(synthesize({ topicPattern: "\\Qord-\\E[a-z&&[^x]]++" })).toMatchObject({
    RANGES_TOPIC_PATTERN: "\\Qord-\\E[a-z&&[^x]]++",
  });
  expect(synthesize({ topicPattern: unknown })).toMatchObject({ RANGES_TOPIC_PATTERN: "resolved" });
});

test("PR3: brokers may be known only when the stack is deployed", () => {
  const brokers = Token.asString({ Ref: "AWS::StackName" });

  expect(synthesize({ bootstrapServers: [brokers] })).toMatchObject({ RANGES_BOOTSTRAP_SERVERS: "resolved" });
  expect(synthesize({ bootstrapServers: [`${brokers}:9092`] })).toMatchObject({
    RANGES_BOOTSTRAP_SERVERS: "resolved",
  });
});

test.each<[string, Partial<RangePipelineProps>, string]>([
  ["a pattern that is none", { topicPattern: "*" }, "nothing stands before * that it could repeat, at character 1"],
  ["a pattern that breaks out of the whole name", { topicPattern: "a)|(?:b" }, "a ) closes no group, at character 2"],
  [
    "a pattern of another dialect",
    { topicPattern: "(?P<n>a)" },
    'topicPattern "(?P<n>a)" is wrong: expected a regular',
  ],
  [
    "a role that the functions would not sign with",
    { sasl: { mechanism: "AWS_MSK_IAM", clusterArn: "arn", awsRoleArn: "arn" } as IamSasl },
    "sasl.awsRoleArn is not a prop; there are mechanism, clusterArn\n  with AWS_MSK_IAM the functions sign with their own",
  ],
  ["a group without a name", { startingOffsets: { group: "" } }, 'startingOffsets.group is ""; give a consumer group'],
  [
    "offsets as a text that is none",
    { startingOffsets: "none" },
    'startingOffsets "none" is not a JSON object; expected earliest, latest or JSON',
  ],
  [
    "the beginning for a timestamp without a match",
    { startingTimestamp: "2026-01-01T00:00:00Z", onNoMatch: "earliest" },
    "earliest is of a start from a consumer group; by timestamps choose error or latest",
  ],
  [
    "the beginning for no match where nothing is matched",
    { onNoMatch: "earliest" },
    "earliest is of a start from a consumer group",
  ],
  ["a broker's port 0", { bootstrapServers: ["b-1:0"] }, "expected host:port, with a port from 1 to 65535"],
  ["a broker's port beyond 65535", { bootstrapServers: ["b-1:70000"] }, "with a port from 1 to 65535"],
  ["an IPv6 address without brackets", { bootstrapServers: ["::1:9092"] }, "expected host:port"],
  [
    "a broker of another protocol",
    { bootstrapServers: ["SASL_SSL://b-1:9092"] },
    "says SASL_SSL, but the security protocol is PLAINTEXT",
  ],
  [
    "starting offsets of a topic that is not read",
    { startingOffsets: { other: { 0: 1 } } },
    "it names other-0, which the pipeline does not read",
  ],
  ["a list as starting offsets", { startingOffsets: { orders: [0, 1] } }, "has no object of partitions under orders"],
  [
    "a list as timestamps",
    { startingOffsetsByTimestamp: { orders: ["2026-01-01T00:00:00Z"] } },
    "has no object of partitions under orders",
  ],
  [
    "a partition with a leading zero",
    { startingOffsets: { orders: Object.fromEntries([["00", 1]]) } },
    'names partition "00" of orders',
  ],
  [
    "a start in seconds",
    { startingTimestamp: 1_767_225_600 },
    "startingTimestamp is 1767225600; choose a valid Date, ms since the epoch",
  ],
  ["a start without a zone", { startingTimestamp: "2026-01-01T00:00:00" }, "without a zone; say 2026-01-01T00:00:00Z"],
  [
    "a date of seconds",
    { startingTimestamp: new Date(1_767_225_600) },
    "in seconds; in milliseconds it is 1767225600000",
  ],
  [
    "seconds of a partition",
    { startingOffsetsByTimestamp: { orders: { 0: 1_767_225_600 } } },
    "which is in seconds; in milliseconds it is 1767225600000",
  ],
  [
    "a variable that the function would refuse",
    { processorEnvironment: { RANGES_MODE: "fast" } },
    "processorEnvironment has RANGES_MODE; choose other names",
  ],
])("refuses %s where the stack is synthesized", (_, props, message) => {
  expect(() => synthesize(props)).toThrow(message);
});
