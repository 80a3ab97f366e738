// cdk-nag's AwsSolutions rules over stacks as users write them. What is found is
// mended, or acknowledged with its reason in cdk/lib/acknowledged-findings.ts.

import { App, Duration, Stack } from "aws-cdk-lib";
import { type IVpc, SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Bucket, type IBucket } from "aws-cdk-lib/aws-s3";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { AwsSolutionsChecks } from "cdk-nag";
import { expect, test } from "vitest";
import { WordCountStack } from "../../cdk/lib/app/word-count-stack.ts";
import { ArchiveBucket } from "../../cdk/lib/archive/archive-bucket.ts";
import type { KafkaSasl } from "../../cdk/lib/kafka/kafka-sasl.ts";
import { LedgerTable } from "../../cdk/lib/ledger-table.ts";
import { RangePipeline } from "../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../cdk/lib/runtime-function.ts";

const brokers = {
  bootstrapServers: ["b-1.example:9092"],
  processorEntry: projectPath("functions/pipelines/word-count.ts"),
};

const msk: KafkaSasl = {
  mechanism: "AWS_MSK_IAM",
  clusterArn: "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/0a1b-2",
};

function anApp(): App {
  return new App({ context: { "aws:cdk:bundling-stacks": [] } });
}

/** `path: rule` of each finding that nobody has acknowledged. */
function findingsIn(app: App): readonly string[] {
  const { violations } = new AwsSolutionsChecks().validateScope(app);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => `${constructPath}: ${ruleName}`),
  );
}

/** What surrounds the pipeline is the user's own: it is imported, and so not judged here. */
function aVpc(stack: Stack): Pick<RangePipelineProps, "vpc" | "vpcSubnets" | "securityGroups"> {
  const vpc = Vpc.fromVpcAttributes(stack, "Vpc", {
    vpcId: "vpc-1",
    availabilityZones: ["eu-west-1a"],
    privateSubnetIds: ["subnet-1"],
  }) as IVpc;
  const securityGroups = [SecurityGroup.fromSecurityGroupId(stack, "Group", "sg-1")];
  return { vpc, vpcSubnets: { subnets: vpc.privateSubnets }, securityGroups };
}

/** Every option that adds to the stack or changes a resource of it. */
function everyOption(stack: Stack, sasl: KafkaSasl): RangePipelineProps {
  const encryptionKey = new Key(stack, "Key", { enableKeyRotation: true }) as IKey;
  return {
    ...brokers,
    ...aVpc(stack),
    strategyEntry: projectPath("functions/pipelines/tenant-topics.ts"),
    sasl,
    ledger: new LedgerTable(stack, "Ledger", { tableName: "ranges", encryptionKey }),
    pipelineName: "orders",
    batchInterval: Duration.minutes(5),
    maxConcurrency: 100,
    schedulerReservedConcurrency: 3,
    processorTimeout: Duration.minutes(15),
    processorMemorySize: 3_008,
    processorEnvironment: { NODE_OPTIONS: "--max-semi-space-size=64" },
    schedulerEnvironment: { TENANTS: "a" },
    onFailure: "quarantine",
    manifests: new ArchiveBucket(stack, "Archive", { bucket: anArchive(stack, encryptionKey), prefix: "archive" }),
    logRetention: RetentionDays.ONE_WEEK,
    logLevel: "WARN",
    alarmTopic: Topic.fromTopicArn(stack, "Alarms", "arn:aws:sns:eu-west-1:123456789012:alarms"),
  };
}

function anArchive(stack: Stack, encryptionKey: IKey): IBucket {
  return Bucket.fromBucketAttributes(stack, "Bucket", { bucketName: "orders-archive", encryptionKey });
}

test("a stack with all defaults has no finding that is not acknowledged", () => {
  const app = anApp();
  new RangePipeline(new Stack(app, "Defaults"), "Orders", { ...brokers, topics: ["orders"] });

  expect(findingsIn(app)).toEqual([]);
});

test("a stack with every option has none either, by IAM", () => {
  const app = anApp();
  const stack = new Stack(app, "Options");

  new RangePipeline(stack, "Orders", everyOption(stack, msk));

  expect(findingsIn(app)).toEqual([]);
});

test("nor of a cluster whose brokers are looked up", () => {
  const app = anApp();
  const stack = new Stack(app, "Options");
  const { sasl: _sasl, bootstrapServers: _servers, ...options } = everyOption(stack, msk);
  const mskSecurityGroups = [SecurityGroup.fromSecurityGroupId(stack, "Brokers", "sg-2")];

  new RangePipeline(stack, "Orders", {
    ...options,
    mskCluster: "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/0a1b-2",
    mskSecurityGroups,
  });

  expect(findingsIn(app)).toEqual([]);
});

test("nor by a secret that a customer key encrypts", () => {
  const app = anApp();
  const stack = new Stack(app, "Options");
  const secret: ISecret = Secret.fromSecretNameV2(stack, "Secret", "AmazonMSK_orders");
  const encryptionKey = Key.fromKeyArn(stack, "SecretKey", "arn:aws:kms:eu-west-1:123456789012:key/0a1b");

  new RangePipeline(stack, "Orders", everyOption(stack, { mechanism: "SCRAM-SHA-512", secret, encryptionKey }));

  expect(findingsIn(app)).toEqual([]);
});

test("nor of an archive that is the stack's own", () => {
  const app = anApp();
  const stack = new Stack(app, "Defaults");
  const bucket = new Bucket(stack, "Bucket", { enforceSSL: true, serverAccessLogsPrefix: "log" }) as IBucket;

  new RangePipeline(stack, "Orders", {
    ...brokers,
    topics: ["orders"],
    manifests: new ArchiveBucket(stack, "Archive", { bucket }),
  });

  expect(findingsIn(app)).toEqual([]);
});

test("nor does the shipped app", () => {
  const app = anApp();
  new WordCountStack(app, "KafkaOffsetRanges", { pipeline: { ...brokers, topics: ["lines"] } });

  expect(findingsIn(app)).toEqual([]);
});

test("what is not acknowledged is found: a queue beside the pipeline that takes requests without TLS", () => {
  const app = anApp();
  const stack = new Stack(app, "Defaults");
  const pipeline = new RangePipeline(stack, "Orders", { ...brokers, topics: ["orders"] });

  new Queue(pipeline, "Another");

  expect(findingsIn(app)).toEqual([
    "Defaults/Orders/Another/Resource: AwsSolutions-SQS3",
    "Defaults/Orders/Another/Resource: AwsSolutions-SQS4",
  ]);
});
