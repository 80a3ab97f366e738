import { App, Duration, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { type IVpc, Vpc } from "aws-cdk-lib/aws-ec2";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import { expect, test } from "vitest";
import { LedgerTable } from "../../cdk/lib/ledger-table.ts";
import { RangePipeline } from "../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../cdk/lib/runtime-function.ts";
import { decodeEnvironment } from "../../shared/wire/environment/environment-variables.ts";
import { processorEnvironment, schedulerEnvironment } from "../../shared/wire/environment/function-environment.ts";

const required = {
  bootstrapServers: ["b-1.example:9092", "b-2.example:9092"],
  topics: ["orders"],
  processorEntry: projectPath("functions/pipelines/word-count.ts"),
};

function aStack(): Stack {
  // Bundles are tested by themselves: they do not change the template.
  return new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
}

function synthesize(props: Partial<RangePipelineProps> = {}, stack = aStack()): Template {
  new RangePipeline(stack, "Orders", { ...required, ...props });
  return Template.fromStack(stack);
}

function functionOf(template: Template, description: RegExp) {
  const functions = Object.values(template.findResources("AWS::Lambda::Function"));
  const found = functions.find(({ Properties }) => description.test(Properties.Description));
  expect(found, `a function described as ${description}`).toBeDefined();
  return found?.["Properties"];
}

/** The function's own variables, with a name in place of what CloudFormation fills in. */
function variablesOf(template: Template, description: RegExp): Record<string, string> {
  const variables = Object.entries(functionOf(template, description).Environment.Variables);
  return Object.fromEntries(variables.map(([name, value]) => [name, typeof value === "string" ? value : "resolved"]));
}

test("the ledger outlives its stack, can be restored to a point in time and forgets by its TTL", () => {
  const template = synthesize();

  template.hasResource("AWS::DynamoDB::Table", {
    DeletionPolicy: "Retain",
    Properties: {
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
      BillingMode: "PAY_PER_REQUEST",
    },
  });
});

test("what the stack puts into the functions' environment is what the functions accept", () => {
  const template = synthesize();

  const scheduler = decodeEnvironment(schedulerEnvironment, variablesOf(template, /^Plans/));
  const processor = decodeEnvironment(processorEnvironment, variablesOf(template, /^Processes/));

  expect(scheduler).toMatchObject({
    pipeline: "Orders",
    bootstrapServers: ["b-1.example:9092", "b-2.example:9092"],
    topics: ["orders"],
    startingOffsets: "earliest",
    maxRecordsPerPartition: 10_000_000n,
    initialRecordsPerPartition: 10_000n,
    adaptiveSize: true,
    backpressure: "off",
    batchIntervalMs: 60_000,
    processorTimeoutMs: 300_000,
    dispatchTimeoutMs: 120_000,
  });
  expect(processor).toMatchObject({ isolationLevel: "read_committed", maxAttempts: 5, retentionMs: 2_592_000_000 });
});

test("G3: Lambda retries nothing by itself and tells the queue what it dropped", () => {
  const template = synthesize();

  template.allResourcesProperties("AWS::Lambda::EventInvokeConfig", { MaximumRetryAttempts: 0 });
  template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
    MaximumEventAgeInSeconds: 120,
    DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
  });
});

test.each([
  { dispatchTimeout: Duration.minutes(2), ofProcessor: 120 },
  { dispatchTimeout: Duration.minutes(10), ofProcessor: 600 },
  // Lambda takes no less than a minute.
  { dispatchTimeout: Duration.seconds(30), ofProcessor: 60 },
])("an event is dropped before its range is dispatched again, and a scheduler's before the next run: %o", (one) => {
  const template = synthesize({ dispatchTimeout: one.dispatchTimeout });

  const ages = Object.values(template.findResources("AWS::Lambda::EventInvokeConfig")).map(({ Properties }) => [
    JSON.stringify(Properties.FunctionName).includes("Scheduler") ? "scheduler" : "processor",
    Properties.MaximumEventAgeInSeconds,
  ]);

  expect(Object.fromEntries(ages)).toEqual({ scheduler: 60, processor: one.ofProcessor });
});

test("the pace of dispatches arrives at the scheduler", () => {
  const paced = variablesOf(synthesize({ dispatchesPerSecond: 100 }), /^Plans/);

  expect(decodeEnvironment(schedulerEnvironment, paced).dispatchesPerSecond).toBe(100);
  expect(decodeEnvironment(schedulerEnvironment, variablesOf(synthesize(), /^Plans/)).dispatchesPerSecond).toBe(1_000);
});

test("the scheduler runs each interval, once", () => {
  synthesize({ batchInterval: Duration.minutes(5) }).hasResourceProperties("AWS::Scheduler::Schedule", {
    ScheduleExpression: "rate(5 minutes)",
    Target: { RetryPolicy: { MaximumRetryAttempts: 0 }, Input: JSON.stringify({ tick: {} }) },
  });
});

test("both functions run on Node 24 with logs that end, and have no more rights than they use", () => {
  const template = synthesize();

  template.allResourcesProperties("AWS::Lambda::Function", {
    Runtime: "nodejs24.x",
    TracingConfig: { Mode: "Active" },
  });
  template.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: 30 });
  const policies = Object.values(template.findResources("AWS::IAM::Policy"));
  const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  const granted = [...new Set(statements.flatMap(({ Action }) => Action))].toSorted((a, b) => (a < b ? -1 : 1));
  expect(granted).toEqual([
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
    "lambda:InvokeFunction",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:SendMessage",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
  ]);
  const onEverything = statements.filter(({ Resource }) => Resource === "*").flatMap(({ Action }) => Action);
  expect(onEverything.every((action: string) => action.startsWith("xray:"))).toBe(true);
});

test("maxConcurrency reserves the processor's concurrency and is told to the scheduler, which gets its own", () => {
  const template = synthesize({ maxConcurrency: 50 });

  expect(functionOf(template, /^Processes/).ReservedConcurrentExecutions).toBe(50);
  expect(functionOf(template, /^Plans/).ReservedConcurrentExecutions).toBe(2);
  expect(decodeEnvironment(schedulerEnvironment, variablesOf(template, /^Plans/)).maxConcurrency).toBe(50);
  const unlimited = synthesize();
  expect(functionOf(unlimited, /^Processes/).ReservedConcurrentExecutions).toBeUndefined();
  expect(functionOf(unlimited, /^Plans/).ReservedConcurrentExecutions).toBeUndefined();
});

test("alarms read the pipeline's own metrics", () => {
  const template = synthesize();

  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    Namespace: "KafkaOffsetRanges",
    MetricName: "PartitionsStuck",
    Dimensions: [
      { Name: "pipeline", Value: "Orders" },
      { Name: "service", Value: "Orders" },
    ],
  });
  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    MetricName: "OldestOpenTransactionAge",
    Threshold: 900_000,
    Period: 300,
    // The scheduler does not measure it in every run.
    TreatMissingData: "ignore",
  });
});

test("every option arrives where it belongs", () => {
  const stack = aStack();
  const { topics: _topics, ...rest } = required;
  // CDK declares its interfaces without exactOptionalPropertyTypes in mind.
  const vpc = new Vpc(stack, "Vpc") as IVpc;

  new RangePipeline(stack, "All", {
    ...rest,
    assign: [{ topic: "orders", partition: 3 }],
    pipelineName: "orders-v2",
    securityProtocol: "SSL",
    startingOffsets: "latest",
    isolationLevel: "read_uncommitted",
    requireConsecutiveOffsets: true,
    rackId: "availability-zone-id",
    consumerCacheMaxCapacity: 8,
    maxRecordsPerPartition: 7,
    minRecordsPerPartition: 2,
    adaptiveSize: false,
    ordered: false,
    maxRecordsPerRange: 3,
    minPartitions: 4,
    backpressure: "pid",
    pidIntegral: 0.05,
    initialRecordsPerPartition: 5,
    batchInterval: Duration.minutes(2),
    maxRecordsPerBatch: 70,
    minRecordsPerBatch: 20,
    maxAttempts: 9,
    dispatchTimeout: Duration.seconds(30),
    retention: Duration.days(7),
    ledger: new LedgerTable(stack, "Shared", { tableName: "SharedLedger" }),
    processorEnvironment: { MODE: "fast" },
    processorTimeout: Duration.minutes(15),
    processorMemorySize: 512,
    vpc,
    logRetention: RetentionDays.ONE_WEEK,
  });
  const template = Template.fromStack(stack);

  expect(decodeEnvironment(schedulerEnvironment, variablesOf(template, /^Plans/))).toMatchObject({
    pipeline: "orders-v2",
    securityProtocol: "SSL",
    assign: [{ topic: "orders", partition: 3 }],
    startingOffsets: "latest",
    isolationLevel: "read_uncommitted",
    maxRecordsPerPartition: 7n,
    minRecordsPerPartition: 2n,
    adaptiveSize: false,
    ordered: false,
    maxRecordsPerRange: 3n,
    minPartitions: 4,
    backpressure: "pid",
    pidProportional: 1,
    pidIntegral: 0.05,
    pidDerived: 0,
    pidMinRate: 100,
    initialRecordsPerPartition: 5n,
    batchIntervalMs: 120_000,
    processorTimeoutMs: 900_000,
    maxRecordsPerBatch: 70n,
    minRecordsPerBatch: 20n,
    maxBatchDelayMs: 900_000,
    maxAttempts: 9,
    dispatchTimeoutMs: 30_000,
    retentionMs: 604_800_000,
  });
  expect(functionOf(template, /^Processes/)).toMatchObject({
    Timeout: 900,
    MemorySize: 512,
    VpcConfig: expect.anything(),
  });
  expect(variablesOf(template, /^Processes/)).toMatchObject({
    MODE: "fast",
    RANGES_REQUIRE_CONSECUTIVE_OFFSETS: "true",
    RANGES_RACK_ID: "availability-zone-id",
    RANGES_CONSUMER_CACHE_MAX_CAPACITY: "8",
  });
  template.resourceCountIs("AWS::DynamoDB::Table", 1);
  template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", { MaximumEventAgeInSeconds: 60 });
  template.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: 7 });
});

test("starting offsets and timestamps by partition arrive exactly", () => {
  const template = synthesize({
    startingOffsets: { orders: { 0: 23, 1: -1, 2: 9_007_199_254_740_993n } },
    startingTimestamp: new Date("2026-01-01T00:00:00Z"),
    startingOffsetsByTimestamp: { orders: { 0: 1_700_000_000_000 } },
    onNoMatch: "latest",
  });

  expect(decodeEnvironment(schedulerEnvironment, variablesOf(template, /^Plans/))).toMatchObject({
    startingOffsets: new Map([
      ["orders-0", 23n],
      ["orders-1", -1n],
      ["orders-2", 9_007_199_254_740_993n],
    ]),
    startingTimestamp: 1_767_225_600_000n,
    startingOffsetsByTimestamp: new Map([["orders-0", 1_700_000_000_000n]]),
    onNoMatch: "latest",
  });
});

test("more than an environment holds is refused where the stack is synthesized", () => {
  const offsets = Object.fromEntries(Array.from({ length: 500 }, (_, partition) => [partition, 1_000_000]));

  expect(() => synthesize({ startingOffsets: { orders: offsets } })).toThrow(/has \d+ bytes, more than the 3800/);
});

test.each<[string, Partial<RangePipelineProps>, string]>([
  [
    "a starting offset below -2",
    { startingOffsets: { orders: { 0: -3 } } },
    'has "-3" for orders-0, which is not an offset',
  ],
  ["a rounded starting offset", { startingOffsets: { orders: { 0: 2 ** 53 } } }, 'has "9007199254740992" for orders-0'],
  ["an illegal topic", { startingOffsets: { "a b": { 0: 1 } } }, 'names "a b", which is not a legal topic'],
  ["a negative partition", { startingOffsets: { orders: { [-1]: 1 } } }, 'names partition "-1" of orders'],
  ["a date that is none", { startingTimestamp: new Date("soon") }, "startingTimestamp is NaN; choose a valid Date"],
  ["a time before the epoch", { startingTimestamp: -1 }, "startingTimestamp is -1"],
  [
    "a negative timestamp of a partition",
    { startingOffsetsByTimestamp: { orders: { 0: -1 } } },
    'has "-1" for orders-0, which is not a timestamp',
  ],
  ["two sources", { topicPattern: "o.*" }, "expected exactly one of topics, topicPattern, assign and strategy"],
  ["no brokers", { bootstrapServers: [] }, "bootstrapServers [] is wrong"],
  ["a broker without a port", { bootstrapServers: ["b-1"] }, 'bootstrapServers ["b-1"] is wrong: expected host:port'],
  ["an illegal pipeline name", { pipelineName: "a#b" }, 'pipelineName "a#b" is wrong'],
  ["too many attempts", { maxAttempts: 101 }, "maxAttempts 101 is wrong"],
  ["a weight without its formula", { pidDerived: 1 }, "pidDerived 1 is wrong: backpressure pid and its four weights"],
  ["cuts in a pipeline that keeps order", { maxRecordsPerRange: 3 }, 'maxRecordsPerRange "3" is wrong: ranges are cut'],
  ["half a record", { maxRecordsPerBatch: 0.5 }, "maxRecordsPerBatch is 0.5; choose a whole number"],
  [
    "limits that contradict each other",
    { minRecordsPerBatch: 5, maxRecordsPerBatch: 4 },
    'minRecordsPerBatch "5" is wrong: expected at most maxRecordsPerBatch 4',
  ],
  [
    "a delay of nothing",
    { maxBatchDelay: Duration.minutes(1) },
    "maxBatchDelayMs 60000 is wrong: minRecordsPerBatch and maxBatchDelayMs need each other",
  ],
  ["ranges of no record", { maxRecordsPerPartition: 0 }, 'maxRecordsPerPartition "0" is wrong'],
  [
    "a short time-out",
    { processorTimeout: Duration.seconds(9) },
    "processorTimeout is 9 seconds; choose 10 seconds to 15 minutes",
  ],
  [
    "half a minute's interval",
    { batchInterval: Duration.seconds(30) },
    "batchInterval is 30 seconds; choose whole minutes",
  ],
  [
    "an interval above a day",
    { batchInterval: Duration.hours(25) },
    "choose whole minutes, which EventBridge schedules, up to a day",
  ],
])("refuses %s where the stack is synthesized", (_, props, message) => {
  expect(() => synthesize(props)).toThrow(message);
});

/** What both functions' roles may do beside what every pipeline's may. */
function grantedTo(template: Template, service: string) {
  const policies = Object.values(template.findResources("AWS::IAM::Policy"));
  const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  return statements.filter(({ Action }) => [Action].flat().some((action: string) => action.startsWith(service)));
}

test("a client id is that of both functions, and of every invocation", () => {
  const template = synthesize({ clientId: "billing" });

  expect(decodeEnvironment(schedulerEnvironment, variablesOf(template, /^Plans/))).toMatchObject({
    clientId: "billing",
  });
  expect(decodeEnvironment(processorEnvironment, variablesOf(template, /^Processes/))).toMatchObject({
    clientId: "billing",
  });
  expect(() => synthesize({ clientId: "" })).toThrow(/clientId "" is wrong: expected a name/);
});

test("with a secret for SCRAM both functions may read it, and connect by SASL_SSL", () => {
  const stack = aStack();

  const template = synthesize(
    { sasl: { mechanism: "SCRAM-SHA-512", secret: new Secret(stack, "AmazonMSK_orders") as ISecret } },
    stack,
  );

  const security = { securityProtocol: "SASL_SSL", saslMechanism: "SCRAM-SHA-512", saslSecret: "resolved" };
  expect(decodeEnvironment(schedulerEnvironment, variablesOf(template, /^Plans/))).toMatchObject(security);
  expect(decodeEnvironment(processorEnvironment, variablesOf(template, /^Processes/))).toMatchObject(security);
  expect(grantedTo(template, "secretsmanager:")).toHaveLength(2);
});

test("with MSK's IAM both functions may read the cluster's topics, and write nothing", () => {
  const clusterArn = "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/0a1b-2";

  const template = synthesize({ sasl: { mechanism: "AWS_MSK_IAM", clusterArn } });

  const granted = grantedTo(template, "kafka-cluster:").map(({ Action, Resource }) => ({ Action, Resource }));
  const connect = { Action: "kafka-cluster:Connect", Resource: clusterArn };
  const read = {
    Action: ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"],
    Resource: "arn:aws:kafka:eu-west-1:123456789012:topic/orders/0a1b-2/orders",
  };
  expect(granted).toEqual([connect, read, connect, read]);
  const security = { securityProtocol: "SASL_SSL", saslMechanism: "AWS_MSK_IAM" };
  expect(decodeEnvironment(schedulerEnvironment, variablesOf(template, /^Plans/))).toMatchObject(security);
});
