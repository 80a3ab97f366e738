// An app with every option: one pipeline whose ranges flow on a local Kafka, and one of a
// cluster of MSK, whose brokers are looked up.
// `-c bootstrapServers=… -c topic=… -c clusterArn=… -c code=halfway.ts -c modules=node_modules`

import { fileURLToPath } from "node:url";
import { App, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import { type IVpc, SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import { Key } from "aws-cdk-lib/aws-kms";
import { SingletonFunction } from "aws-cdk-lib/aws-lambda";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Topic } from "aws-cdk-lib/aws-sns";
import recommendedFlags from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };
import { ArchiveBucket } from "../../../cdk/lib/archive/archive-bucket.ts";
import { LedgerTable } from "../../../cdk/lib/ledger-table.ts";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";

const app = new App({ context: recommendedFlags });
const context = (name: string) => String(app.node.getContext(name));
const stack = new Stack(app, "EveryOption");
const vpc = new Vpc(stack, "Vpc", { maxAzs: 2, natGateways: 0, restrictDefaultSecurityGroup: false }) as IVpc;
const securityGroups = [new SecurityGroup(stack, "Functions", { vpc })];
const outputs = new Table(stack, "Outputs", {
  partitionKey: { name: "source", type: AttributeType.STRING },
  sortKey: { name: "offset", type: AttributeType.NUMBER },
  billingMode: BillingMode.PAY_PER_REQUEST,
  removalPolicy: RemovalPolicy.RETAIN,
});
const options: Omit<RangePipelineProps, "processorEntry"> = {
  ledger: new LedgerTable(stack, "Ledger", { encryptionKey: new Key(stack, "Key", { enableKeyRotation: true }) }),
  clientId: "every-option",
  isolationLevel: "read_committed",
  startingTimestamp: 0,
  onNoMatch: "latest",
  requireConsecutiveOffsets: true,
  batchInterval: Duration.minutes(5),
  adaptiveSize: false,
  initialRecordsPerPartition: 50,
  maxRecordsPerPartition: 50,
  minRecordsPerPartition: 1,
  maxRecordsPerBatch: 1_000,
  minRecordsPerBatch: 1,
  maxBatchDelay: Duration.minutes(1),
  ordered: true,
  backpressure: "pid",
  pidProportional: 1,
  pidIntegral: 0.2,
  pidDerived: 0,
  pidMinRate: 1_000,
  maxAttempts: 100,
  maxOutageAttempts: 100,
  onFailure: "halt",
  maxQuarantinedPerRange: 5,
  onDataLoss: "skip",
  onTopicRecreated: "restart",
  dispatchTimeout: Duration.seconds(5),
  dispatchesPerSecond: 50,
  maxConcurrency: 20,
  schedulerReservedConcurrency: 2,
  retention: Duration.days(7),
  schedulerEnvironment: { TENANTS: "a" },
  processorTimeout: Duration.seconds(20),
  processorMemorySize: 1_024,
  vpc,
  vpcSubnets: { subnets: vpc.isolatedSubnets },
  securityGroups,
  logRetention: RetentionDays.ONE_WEEK,
  logLevel: "WARN",
  maxOpenRangeAge: Duration.hours(1),
  alarmTopic: new Topic(stack, "Alarms"),
  topics: [context("topic")],
};

const flowing = new RangePipeline(stack, "Orders", {
  ...options,
  pipelineName: "orders",
  manifests: new ArchiveBucket(stack, "Archive", { prefix: "archive" }),
  bootstrapServers: context("bootstrapServers").split(","),
  securityProtocol: "PLAINTEXT",
  rackId: "availability-zone-id",
  processorEntry: fileURLToPath(new URL(context("code"), import.meta.url)),
  processorEnvironment: { OUTPUTS_TABLE: outputs.tableName },
});
outputs.grant(flowing, "dynamodb:PutItem");

new RangePipeline(stack, "Msk", {
  ...options,
  mskCluster: context("clusterArn"),
  // Without mskSecurityGroups: the local endpoint has no AWS::EC2::SecurityGroupIngress (test/cdk/kafka/msk.test.ts has them).
  processorEntry: fileURLToPath(new URL(context("code"), import.meta.url)),
  processorEnvironment: { OUTPUTS_TABLE: outputs.tableName },
});

// The function of CDK's that asks MSK: Lambda brings the SDK, the local endpoint does not.
for (const construct of stack.node.findAll()) {
  if (construct instanceof SingletonFunction) {
    construct.addEnvironment("NODE_PATH", context("modules"));
  }
}
