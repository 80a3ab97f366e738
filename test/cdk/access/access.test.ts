// Who may do what: the statements of the synthesized roles, and what a user opens.

import { App, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { type IVpc, Port, SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { expect, test } from "vitest";
import { LedgerTable } from "../../../cdk/lib/ledger-table.ts";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";

const clusterArn = "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/0a1b-2";

function aStack(): Stack {
  return new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
}

function aPipeline(stack: Stack, props: Partial<RangePipelineProps> = {}): RangePipeline {
  return new RangePipeline(stack, "Orders", {
    bootstrapServers: ["b-1.example:9092"],
    ...(props.topicPattern === undefined ? { topics: ["orders"] } : {}),
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
    ...props,
  });
}

/** The statements of both functions' roles that grant an action of this service. */
function statementsFor(template: Template, service: string) {
  const policies = Object.values(template.findResources("AWS::IAM::Policy"));
  const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  return statements.filter(({ Action }) => [Action].flat().some((action: string) => action.startsWith(service)));
}

test("in a shared ledger a pipeline's functions reach the keys of their own pipeline, and the list of all", () => {
  const stack = aStack();
  aPipeline(stack, { ledger: new LedgerTable(stack, "Shared") });

  const granted = statementsFor(Template.fromStack(stack), "dynamodb:");

  expect(granted).toHaveLength(2);
  for (const { Action, Condition } of granted) {
    expect(Action).toEqual(["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"]);
    expect(Condition).toEqual({
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["v1#pipelines", "v1#Orders#*"] },
    });
  }
});

test("a restored table is adopted by its name, with the customer key that encrypts it", () => {
  const stack = aStack();
  const encryptionKey = new Key(stack, "Key") as IKey;

  aPipeline(stack, { ledger: LedgerTable.fromTableName(stack, "Ledger", "orders-restored", { encryptionKey }) });

  const template = Template.fromStack(stack);
  template.resourceCountIs("AWS::DynamoDB::Table", 0);
  expect(JSON.stringify(statementsFor(template, "dynamodb:"))).toContain("table/orders-restored");
  expect(statementsFor(template, "kms:")).toHaveLength(2);
  template.hasResourceProperties("AWS::Lambda::Function", {
    Environment: { Variables: Match.objectLike({ RANGES_LEDGER_TABLE: "orders-restored" }) },
  });
});

test.each([
  { props: {}, isProtected: true },
  { props: { removalPolicy: RemovalPolicy.DESTROY }, isProtected: false },
  { props: { deletionProtection: false }, isProtected: false },
])("a ledger is protected from deletion unless it is told otherwise: $isProtected", ({ props, isProtected }) => {
  const stack = aStack();

  new LedgerTable(stack, "Ledger", props);

  Template.fromStack(stack).hasResourceProperties("AWS::DynamoDB::Table", { DeletionProtectionEnabled: isProtected });
});

test.each<[string, Partial<RangePipelineProps>, readonly string[]]>([
  ["topics that are named", { topics: ["orders", "bills"] }, ["orders", "bills"]],
  ["the topics of assigned partitions, once", assigned(["orders", "orders"]), ["orders"]],
  ["a pattern", { topicPattern: "ord.*" }, ["*"]],
  ["more topics than a policy has room for", { topics: Array.from({ length: 21 }, (_, i) => `t-${i}`) }, ["*"]],
])("MSK's IAM lets the functions read %s", (_, props, topics) => {
  const stack = aStack();
  aPipeline(stack, { sasl: { mechanism: "AWS_MSK_IAM", clusterArn }, ...props });

  const read = statementsFor(Template.fromStack(stack), "kafka-cluster:ReadData");

  const arns = topics.map((topic) => `arn:aws:kafka:eu-west-1:123456789012:topic/orders/0a1b-2/${topic}`);
  expect(read.map(({ Resource }) => [Resource].flat())).toEqual([arns, arns]);
});

test("MSK's IAM lets the scheduler alone tell the group that it is to tell", () => {
  const stack = aStack();
  aPipeline(stack, { sasl: { mechanism: "AWS_MSK_IAM", clusterArn }, commitGroupId: "orders-pipeline" });

  const template = Template.fromStack(stack);

  expect(statementsFor(template, "kafka-cluster:AlterGroup")).toEqual([
    expect.objectContaining({
      Action: ["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"],
      Resource: "arn:aws:kafka:eu-west-1:123456789012:group/orders/0a1b-2/orders-pipeline",
    }),
  ]);
  template.hasResourceProperties("AWS::Lambda::Function", {
    Environment: { Variables: Match.objectLike({ RANGES_COMMIT_GROUP_ID: "orders-pipeline" }) },
  });
});

test("MSK's IAM lets the scheduler alone see the group that the pipeline starts from", () => {
  const stack = aStack();
  aPipeline(stack, { sasl: { mechanism: "AWS_MSK_IAM", clusterArn }, startingOffsets: { group: "orders-service" } });

  const statements = statementsFor(Template.fromStack(stack), "kafka-cluster:DescribeGroup");

  expect(statements).toEqual([
    expect.objectContaining({
      Action: "kafka-cluster:DescribeGroup",
      Resource: "arn:aws:kafka:eu-west-1:123456789012:group/orders/0a1b-2/orders-service",
    }),
  ]);
});

test("the group that is told is none of those that keep positions of outputs", () => {
  expect(() => aPipeline(aStack(), { commitGroupId: "kafka-offset-ranges.orders" })).toThrow("commitGroupId");
});

function assigned(topics: readonly string[]): Partial<RangePipelineProps> {
  const assign = topics.map((topic, partition) => ({ topic, partition }));
  // Takes the place of the topics that a pipeline of these tests has.
  return { topics: undefined, assign } as unknown as Partial<RangePipelineProps>;
}

test("a secret that is imported by its name is readable with the customer key that is named beside it", () => {
  const stack = aStack();
  const secret = Secret.fromSecretNameV2(stack, "Secret", "AmazonMSK_orders");
  const encryptionKey = Key.fromKeyArn(stack, "Key", "arn:aws:kms:eu-west-1:123456789012:key/0a1b");

  aPipeline(stack, { sasl: { mechanism: "SCRAM-SHA-512", secret, encryptionKey } });

  const decrypt = statementsFor(Template.fromStack(stack), "kms:Decrypt");
  expect(decrypt.map(({ Resource }) => Resource)).toEqual([encryptionKey.keyArn, encryptionKey.keyArn]);
});

test("the brokers' security group is opened to both functions by one line", () => {
  const stack = aStack();
  const vpc = new Vpc(stack, "Vpc") as IVpc;
  const brokers = new SecurityGroup(stack, "Brokers", { vpc });
  const pipeline = aPipeline(stack, { vpc });

  brokers.connections.allowFrom(pipeline, Port.tcp(9098));

  const rules = Object.values(Template.fromStack(stack).findResources("AWS::EC2::SecurityGroupIngress"));
  expect(rules.map(({ Properties }) => Properties.FromPort)).toEqual([9098, 9098]);
});

test("outside of a VPC there is no security group to open, and it says what to give", () => {
  const pipeline = aPipeline(aStack());

  expect(() => pipeline.connections).toThrow("Test/Orders is in no VPC and has no security groups; give it a vpc");
});

test("options for Node.js are added to the functions' own", () => {
  const stack = aStack();

  aPipeline(stack, { processorEnvironment: { NODE_OPTIONS: "--max-semi-space-size=64" } });

  Template.fromStack(stack).hasResourceProperties("AWS::Lambda::Function", {
    Environment: {
      Variables: Match.objectLike({
        NODE_OPTIONS: "--max-semi-space-size=64",
        RANGES_ON_FAILURE: "halt",
      }),
    },
  });
});

test("a strategy has variables of its own, and its function is a grantee", () => {
  const stack = aStack();
  const pipeline = aPipeline(stack, { schedulerEnvironment: { TENANTS: "a,b" } });
  const secret = new Secret(stack, "Tenants");

  secret.grantRead(pipeline.schedulerFunction);

  const template = Template.fromStack(stack);
  template.hasResourceProperties("AWS::Lambda::Function", {
    Environment: { Variables: Match.objectLike({ TENANTS: "a,b", RANGES_TOPICS: "orders" }) },
  });
  expect(statementsFor(template, "secretsmanager:")).toHaveLength(1);
});
