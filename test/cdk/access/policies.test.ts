// Every statement of every role that a pipeline makes: what is not listed here, nobody may do.

import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { type IVpc, SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import { Key } from "aws-cdk-lib/aws-kms";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { expect, test } from "vitest";
import { ArchiveBucket } from "../../../cdk/lib/archive/archive-bucket.ts";
import { LedgerTable } from "../../../cdk/lib/ledger-table.ts";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import { ROLE_ROWS, type RoleRow } from "../../support/deploy/role-rows.ts";

const CLUSTER = "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/0a1b-2";
const TOPIC = "arn:aws:kafka:eu-west-1:123456789012:topic/orders/0a1b-2/orders";

type Options = (stack: Stack) => Partial<RangePipelineProps>;

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** By role: `actions on resources`, and the conditions, with the names that CDK gives without their hashes. */
function policiesOf(options: Options): Readonly<Record<string, readonly string[]>> {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test", {
    env: { account: "123456789012", region: "eu-west-1" },
  });
  new RangePipeline(stack, "Orders", {
    topics: ["orders"],
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
    ...options(stack),
  });
  const template = Template.fromStack(stack);
  const inline = Object.values(template.findResources("AWS::IAM::Role")).filter(
    ({ Properties }) => Properties.Policies,
  );
  expect(inline).toEqual([]);
  return Object.fromEntries(
    Object.values(template.findResources("AWS::IAM::Policy")).map(({ Properties }) => [
      Properties.Roles.map(({ Ref }: { readonly Ref: string }) => nameOf(Ref)).join(),
      Properties.PolicyDocument.Statement.map(lineOf),
    ]),
  );
}

function lineOf({ Effect, Action, Resource, Condition }: Statement): string {
  expect(Effect).toBe("Allow");
  const condition = Condition === undefined ? "" : ` if ${JSON.stringify(Condition)}`;
  return `${[Action].flat().join(" ")} on ${[Resource].flat().map(resourceOf).join(" ")}${condition}`;
}

function resourceOf(resource: unknown): string {
  return typeof resource === "string"
    ? resource
    : JSON.stringify(resource)
        .replaceAll(/\{"Fn::GetAtt":\["(\w+)","Arn"\]\}/g, (_, id: string) => `"${nameOf(id)}"`)
        .replaceAll(/\{"Ref":"AWS::Partition"\}/g, '"aws"')
        .replaceAll(/\{"Fn::Join":\["",\[(.*)\]\]\}/g, (_, parts: string) =>
          parts
            .split(",")
            .map((part) => part.replaceAll('"', ""))
            .join(""),
        )
        .replaceAll('"', "");
}

const nameOf = (id: string) => id.replace(/[0-9A-F]{8}$/, "");

const LEDGER_ACTIONS = "dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem";
const OWN_KEYS = ' if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["v1#pipelines","v1#Orders#*"]}}';
const XRAY = "xray:PutTraceSegments xray:PutTelemetryRecords on *";
/** What CDK grants for a destination on failure. */
const SEND_ON_FAILURE = "sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl on OrdersOnFailure";
const SEND_LETTERS = "sqs:SendMessage on OrdersDeadLetters";
const INVOKE_PROCESSOR = "lambda:InvokeFunction on OrdersProcessorFunction:$LATEST OrdersProcessorFunction";
const IN_VPC: Options = (stack) => ({
  vpc: Vpc.fromVpcAttributes(stack, "Vpc", {
    vpcId: "vpc-0a1b2c3d",
    availabilityZones: ["eu-west-1a"],
    privateSubnetIds: ["subnet-0a1b2c3d"],
  }) as IVpc,
  mskSecurityGroups: [SecurityGroup.fromSecurityGroupId(stack, "Brokers", "sg-0a1b2c3d")],
  mskCluster: CLUSTER,
});

const BROKERS = { bootstrapServers: ["b-1.example:9092"] };

test("with all defaults a role may do exactly this", () => {
  const ledger = `${LEDGER_ACTIONS} on OrdersLedgerTable${OWN_KEYS}`;

  expect(policiesOf(() => ({ bootstrapServers: ["b-1.example:9092"] }))).toEqual({
    OrdersProcessorFunctionServiceRole: [XRAY, SEND_ON_FAILURE, ledger, SEND_LETTERS],
    OrdersSchedulerFunctionServiceRole: [XRAY, INVOKE_PROCESSOR, ledger],
    OrdersSchedulerScheduleRole: ["lambda:InvokeFunction on OrdersSchedulerFunction:$LATEST OrdersSchedulerFunction"],
  });
});

test("an MSK cluster adds entering it, reading its topic, and the lookup of its brokers", () => {
  const kafka = [
    `kafka-cluster:Connect on ${CLUSTER}`,
    `kafka-cluster:DescribeTopic kafka-cluster:ReadData on ${TOPIC}`,
  ];

  const policies = policiesOf(IN_VPC);

  expect(policies["OrdersProcessorFunctionServiceRole"]?.slice(-3)).toEqual([...kafka, SEND_LETTERS]);
  expect(policies["OrdersSchedulerFunctionServiceRole"]?.slice(-2)).toEqual(kafka);
  expect(Object.keys(policies)).toHaveLength(4);
  expect(Object.entries(policies).find(([name]) => name.startsWith("AWS679f"))?.[1]).toEqual([
    `kafka:GetBootstrapBrokers on ${CLUSTER}`,
  ]);
});

test("manifests add a function that reads the ledger, keeps how far it is, and puts nothing but manifests", () => {
  const before = policiesOf(() => BROKERS);

  const after = policiesOf((stack) => ({
    ...BROKERS,
    manifests: new ArchiveBucket(stack, "Archive", {
      bucket: Bucket.fromBucketName(stack, "Bucket", "orders-archive"),
      prefix: "archive",
    }),
  }));

  const keys = 'if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["v1#Orders#manifests"]}}';
  expect(after).toEqual({
    ...before,
    OrdersManifestsFunctionServiceRole: [
      XRAY,
      `dynamodb:GetItem dynamodb:Query on OrdersLedgerTable${OWN_KEYS}`,
      `dynamodb:UpdateItem on OrdersLedgerTable ${keys}`,
      "s3:PutObject s3:GetObject on arn:aws:s3:::orders-archive/archive*_manifests/*",
    ],
    OrdersManifestsScheduleRole: ["lambda:InvokeFunction on OrdersManifestsFunction:$LATEST OrdersManifestsFunction"],
  });
});

/** What makes each row of the document's table. */
const ADDING: Readonly<Record<RoleRow["prop"], Options>> = {
  "a deadLetterTarget of a bucket": (stack) => ({
    ...BROKERS,
    deadLetterTarget: { bucket: Bucket.fromBucketName(stack, "Letters", "letters"), prefix: "dead" },
  }),
  "a deadLetterTarget of a topic, with MSK's IAM": (stack) => ({
    ...IN_VPC(stack),
    deadLetterTarget: { topic: "orders.dlq" },
  }),
  "commitGroupId, with MSK's IAM": (stack) => ({ ...IN_VPC(stack), commitGroupId: "orders-pipeline" }),
  "startingOffsets of a group, with MSK's IAM": (stack) => ({ ...IN_VPC(stack), startingOffsets: { group: "before" } }),
  "locationStrategy with a variant": () => ({
    ...BROKERS,
    locationStrategy: { preferFixed: { "orders:0": "large" }, variants: { large: { memorySize: 2048 } } },
  }),
  "kafkaParams that refer to a secret, a parameter and an object": (stack) => ({
    ...BROKERS,
    kafkaParams: {
      "security.protocol": "SASL_SSL",
      "sasl.mechanism": "PLAIN",
      "sasl.jaas.config": `org.apache.kafka.common.security.plain.PlainLoginModule required username="\${ssm::/orders/user}" password="\${secretsmanager:orders:password}";`,
      "ssl.truststore.location": { bucket: Bucket.fromBucketName(stack, "Stores", "stores"), key: "orders.p12" },
    },
  }),
  "kafkaParamsSecret, with its key": (stack) => ({
    ...BROKERS,
    kafkaParamsSecret: Secret.fromSecretAttributes(stack, "Whole", {
      secretCompleteArn: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:whole-AbCdEf",
      encryptionKey: Key.fromKeyArn(stack, "Key", "arn:aws:kms:eu-west-1:123456789012:key/whole"),
    }),
  }),
};

test.each(ROLE_ROWS)(
  "$prop adds exactly this, and a variant has its processor's role",
  ({ prop, processor, scheduler }) => {
    const before = policiesOf((stack) => (prop.includes("IAM") ? IN_VPC(stack) : BROKERS));

    const after = policiesOf(ADDING[prop]);

    const added = (role: string) => {
      const known = before[role] ?? [];
      return after[role]?.filter((line) => !known.includes(line));
    };

    expect(added("OrdersProcessorFunctionServiceRole")).toEqual(processor);
    expect(added("OrdersSchedulerFunctionServiceRole")).toEqual(scheduler);
    expect(Object.keys(after)).toEqual(Object.keys(before));
  },
);

test("a secret, and a ledger of a customer key, add those keys and that secret alone", () => {
  const key = "arn:aws:kms:eu-west-1:123456789012:key/0a1b";
  const policies = policiesOf((stack) => ({
    ...IN_VPC(stack),
    ledger: LedgerTable.fromTableName(stack, "Ledger", "ranges", {
      encryptionKey: Key.fromKeyArn(stack, "LedgerKey", "arn:aws:kms:eu-west-1:123456789012:key/ledger"),
    }),
    sasl: {
      mechanism: "SCRAM-SHA-512",
      secret: Secret.fromSecretNameV2(stack, "Secret", "AmazonMSK_ranges"),
      encryptionKey: Key.fromKeyArn(stack, "Key", key),
    },
  }));

  const own = [
    `${LEDGER_ACTIONS} on arn:aws:dynamodb:eu-west-1:123456789012:table/ranges${OWN_KEYS}`,
    "kms:Decrypt kms:Encrypt kms:ReEncrypt* kms:GenerateDataKey* on arn:aws:kms:eu-west-1:123456789012:key/ledger",
    "secretsmanager:GetSecretValue secretsmanager:DescribeSecret on arn:aws:secretsmanager:eu-west-1:123456789012:secret:AmazonMSK_ranges-??????",
    `kms:Decrypt on ${key}`,
  ];
  expect(policies["OrdersProcessorFunctionServiceRole"]).toEqual([XRAY, SEND_ON_FAILURE, ...own, SEND_LETTERS]);
  expect(policies["OrdersSchedulerFunctionServiceRole"]).toEqual([XRAY, INVOKE_PROCESSOR, ...own]);
});
