// cdk/guides/operators.md has the policies that the construct grants, for those who write
// their roles by hand.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Kafka's config providers are referred to.

import { readFileSync } from "node:fs";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { type IVpc, Vpc } from "aws-cdk-lib/aws-ec2";
import { AccountPrincipal, Role } from "aws-cdk-lib/aws-iam";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { expect, test } from "vitest";
import { ArchiveBucket } from "../../../cdk/lib/archive/archive-bucket.ts";
import { LedgerTable } from "../../../cdk/lib/ledger-table.ts";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import type { Grant } from "../../support/deploy/granted-actions.ts";

const guide = readFileSync(projectPath("cdk/guides/operators.md"), "utf8");

/** The statements below a heading of the guide. */
function written(heading: string): unknown {
  const [, json = "null"] =
    new RegExp(`## ${heading}\\n(?:(?!\\n## )[^])*?\`\`\`json\\n([^]*?)\`\`\``).exec(guide) ?? [];
  return JSON.parse(json)?.Statement;
}

type PropsIn = (stack: Stack) => Partial<RangePipelineProps>;

const BY_IAM: PropsIn = (stack) => ({
  mskCluster: "arn:aws:kafka:eu-west-1:123456789012:cluster/CLUSTER/UUID",
  vpc: Vpc.fromVpcAttributes(stack, "Vpc", {
    vpcId: "vpc-0a1b2c3d",
    availabilityZones: ["eu-west-1a"],
    privateSubnetIds: ["subnet-0a1b2c3d"],
  }) as IVpc,
});

/** As the guide writes them: with names in place of what CloudFormation fills in. */
function statementsOf(grant: Grant, propsIn: PropsIn): readonly Statement[] {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test", {
    env: { account: "123456789012", region: "eu-west-1" },
  });
  const pipeline = new RangePipeline(stack, "Orders", {
    pipelineName: "PIPELINE",
    topics: ["orders"],
    ledger: LedgerTable.fromTableName(stack, "Ledger", "TABLE"),
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
    ...propsIn(stack),
  });
  grant(pipeline, new Role(stack, "Operator", { assumedBy: new AccountPrincipal("123456789012") }));
  const found = Object.entries(Template.fromStack(stack).findResources("AWS::IAM::Policy"));
  const [, policy] = found.find(([id]) => id.startsWith("Operator")) ?? [];
  const json = JSON.stringify(policy?.["Properties"].PolicyDocument.Statement ?? []);
  const named = json
    .replaceAll(
      /\{"Fn::GetAtt":\["OrdersSchedulerFunction\w+","Arn"\]\}/g,
      '"arn:aws:lambda:eu-west-1:123456789012:function:SCHEDULER"',
    )
    .replaceAll(
      /\{"Fn::GetAtt":\["OrdersDeadLetters\w+","Arn"\]\}/g,
      '"arn:aws:sqs:eu-west-1:123456789012:DEAD-LETTERS"',
    )
    .replaceAll(/\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},"([^"]+)"\]\]\}/g, '"arn:aws$1"');
  return JSON.parse(named.replaceAll(/\{"Fn::Join":\["",\["([^"]+)",":\$LATEST"\]\]\}/g, '"$1:$LATEST"'));
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** Those for the same place and on the same condition as one, in which way ever they were granted. */
function joined(statements: readonly Statement[]): readonly Statement[] {
  const byPlace = Map.groupBy(statements, ({ Resource, Condition }) => JSON.stringify([Resource, Condition]));
  return [...byPlace.values()].flatMap(([first, ...others]) => {
    const actions = [first, ...others].flatMap((one) => one?.Action ?? []);
    return first === undefined
      ? []
      : [{ ...first, Action: actions.length === 1 ? (actions[0] ?? "") : [...new Set(actions)] }];
  });
}

const TO_LETTERS = /^(?:s3|sqs|kafka-cluster):/;
const ofLetters = ({ Action }: Statement) => [Action].flat().every((action) => TO_LETTERS.test(action));

const KAFKA_PARAMS = {
  "security.protocol": "SASL_SSL",
  "sasl.mechanism": "PLAIN",
  "sasl.jaas.config":
    'org.apache.kafka.common.security.plain.PlainLoginModule required username="${ssm::/orders/user}" password="${secretsmanager:SECRET:password}";',
  "ssl.truststore.location": "s3://STORES/orders.p12",
};

test.each<[string, string, Grant, PropsIn]>([
  ["To look", "grantReadLedger", (pipeline, role) => pipeline.grantReadLedger(role), brokers],
  ["To look and act", "grantOperate", (pipeline, role) => pipeline.grantOperate(role), brokers],
  ["To read Kafka, by MSK's IAM", "grantReadKafka", (pipeline, role) => pipeline.grantReadKafka(role), BY_IAM],
  [
    "To read Kafka, by what kafkaParams refer to",
    "grantReadKafka",
    (pipeline, role) => pipeline.grantReadKafka(role),
    () => ({ ...brokers(), kafkaParams: KAFKA_PARAMS }),
  ],
  ["To look into an archive", "grantVerify", (pipeline, role) => archiveOf(pipeline).grantVerify(role), brokers],
])("the guide's policy %s is what %s grants", (heading, _, grant, propsIn) => {
  expect(written(heading)).toEqual(joined(statementsOf(grant, propsIn)));
});

test.each<[string, PropsIn]>([
  [
    "Letters in a bucket",
    (stack) => ({
      ...brokers(),
      deadLetterTarget: { bucket: Bucket.fromBucketName(stack, "Letters", "LETTERS"), prefix: "dead" },
    }),
  ],
  ["Letters in a topic, by MSK's IAM", (stack) => ({ ...BY_IAM(stack), deadLetterTarget: { topic: "orders.dlq" } })],
])(
  "the guide's policy %s is what grantOperate grants of them, and grantReadLetters without changing any",
  (heading, propsIn) => {
    const operate = joined(statementsOf((pipeline, role) => pipeline.grantOperate(role), propsIn).filter(ofLetters));
    const look = joined(statementsOf((pipeline, role) => pipeline.grantReadLetters(role), propsIn));

    expect(written(heading)).toEqual(operate);
    const changes = /(?:DeleteObject|WriteData)$/;
    expect(look.map(({ Action }) => [Action].flat())).toEqual(
      operate.map(({ Action }) => [Action].flat().filter((action) => !changes.test(action))),
    );
  },
);

function archiveOf(scope: RangePipeline): ArchiveBucket {
  const bucket = Bucket.fromBucketName(scope, "Bucket", "BUCKET");
  return new ArchiveBucket(scope, "Archive", { bucket, prefix: "PREFIX" });
}

function brokers() {
  return { bootstrapServers: ["b-1.example:9092"] };
}
