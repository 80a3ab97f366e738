// A cluster of Amazon MSK: which brokers are looked up, who may look, what is opened, and
// what contradicts it.

import { App, Stack, Token } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Connections, type IVpc, SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import { CfnCluster, CfnServerlessCluster } from "aws-cdk-lib/aws-msk";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import { expect, test } from "vitest";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";

const ARN = "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/0a1b-2";
const OTHER_ARN = "arn:aws:kafka:eu-west-1:123456789012:cluster/other/0a1b-3";

function aStack(): Stack {
  return new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
}

function aVpc(stack: Stack): IVpc {
  return Vpc.fromVpcAttributes(stack, "Vpc", {
    vpcId: "vpc-1",
    availabilityZones: ["eu-west-1a"],
    privateSubnetIds: ["subnet-1"],
  });
}

function aSecret(stack: Stack): ISecret {
  return Secret.fromSecretNameV2(stack, "Secret", "AmazonMSK_orders");
}

function synthesize(stack: Stack, props: Partial<RangePipelineProps>): Template {
  new RangePipeline(stack, "Orders", {
    topics: ["orders"],
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
    ...("vpc" in props ? {} : { vpc: aVpc(stack) }),
    ...props,
  });
  return Template.fromStack(stack);
}

function variablesOf(template: Template): readonly Record<string, unknown>[] {
  const functions = Object.values(template.findResources("AWS::Lambda::Function"));
  return functions.flatMap(({ Properties }) => {
    const variables = Properties.Environment?.Variables ?? {};
    return "RANGES_PIPELINE" in variables ? [variables] : [];
  });
}

/** What is asked of MSK, as the custom resource's handler gets it. */
function lookupOf(template: Template) {
  const [[id, { Properties }]] = Object.entries(template.findResources("Custom::MskBootstrapBrokers")) as [
    [string, { readonly Properties: Readonly<Record<"Create" | "Update", string>> }],
  ];
  return { id, calls: [JSON.parse(Properties.Create), JSON.parse(Properties.Update)] };
}

test.each<[string, (stack: Stack) => Partial<RangePipelineProps>, string, string, string | undefined]>([
  ["its roles", () => ({}), "BootstrapBrokerStringSaslIam", "SASL_SSL", "AWS_MSK_IAM"],
  [
    "IAM that is named",
    () => ({ sasl: { mechanism: "AWS_MSK_IAM" } }),
    "BootstrapBrokerStringSaslIam",
    "SASL_SSL",
    "AWS_MSK_IAM",
  ],
  [
    "SCRAM",
    (stack) => ({ sasl: { mechanism: "SCRAM-SHA-512", secret: aSecret(stack) } }),
    "BootstrapBrokerStringSaslScram",
    "SASL_SSL",
    "SCRAM-SHA-512",
  ],
  ["TLS", () => ({ securityProtocol: "SSL" }), "BootstrapBrokerStringTls", "SSL", undefined],
  ["plain text", () => ({ securityProtocol: "PLAINTEXT" }), "BootstrapBrokerString", "PLAINTEXT", undefined],
])("by %s the brokers of that listener are looked up when the stack is deployed", (_, props, field, protocol, by) => {
  const stack = aStack();

  const template = synthesize(stack, { mskCluster: ARN, ...props(stack) });

  const { id, calls } = lookupOf(template);
  const call = {
    service: "kafka",
    action: "GetBootstrapBrokers",
    parameters: { ClusterArn: ARN },
    physicalResourceId: { id: ARN },
    outputPaths: [field],
  };
  expect(calls).toEqual([call, call]);
  const variables = variablesOf(template);
  expect(variables).toHaveLength(2);
  for (const one of variables) {
    expect(one["RANGES_BOOTSTRAP_SERVERS"]).toEqual({ "Fn::GetAtt": [id, field] });
    expect([one["RANGES_SECURITY_PROTOCOL"], one["RANGES_SASL_MECHANISM"]]).toEqual([protocol, by]);
  }
});

test("the lookup may ask for the brokers of this one cluster, and nothing else", () => {
  const template = synthesize(aStack(), { mskCluster: ARN });

  const policies = Object.entries(template.findResources("AWS::IAM::Policy"));
  const [, lookup] = policies.find(([id]) => id.includes("Brokers")) ?? [];
  expect(lookup?.["Properties"].PolicyDocument.Statement).toEqual([
    { Effect: "Allow", Action: "kafka:GetBootstrapBrokers", Resource: ARN },
  ]);
  const roles = lookup?.["Properties"].Roles.map(({ Ref }: { Ref: string }) => Ref);
  expect(roles).toEqual([expect.stringMatching(/^AWS679f53fac002430cb0da5b7982bd2287ServiceRole/)]);
});

test("with IAM both functions may read the cluster that is looked up", () => {
  const template = synthesize(aStack(), { mskCluster: ARN });

  const connect = { Effect: "Allow", Action: "kafka-cluster:Connect", Resource: ARN };
  const granting = { PolicyDocument: Match.objectLike({ Statement: Match.arrayWith([connect]) }) };
  expect(Object.keys(template.findResources("AWS::IAM::Policy", { Properties: granting }))).toHaveLength(2);
});

function ingressOf(template: Template) {
  return Object.values(template.findResources("AWS::EC2::SecurityGroupIngress")).map(
    ({ Properties: { GroupId, FromPort, ToPort } }) => ({ GroupId, ports: [FromPort, ToPort] }),
  );
}

test.each<[string, number, (stack: Stack) => Partial<RangePipelineProps>]>([
  ["IAM", 9098, () => ({})],
  ["SCRAM", 9096, (stack) => ({ sasl: { mechanism: "SCRAM-SHA-512", secret: aSecret(stack) } })],
  ["TLS", 9094, () => ({ securityProtocol: "SSL" })],
  ["plain text", 9092, () => ({ securityProtocol: "PLAINTEXT" })],
])("by %s the brokers' security groups are opened to both functions at port %i", (_, port, props) => {
  const stack = aStack();
  const mskSecurityGroups = [SecurityGroup.fromSecurityGroupId(stack, "Group", "sg-brokers")];

  const template = synthesize(stack, { mskCluster: ARN, mskSecurityGroups, ...props(stack) });

  const opened = { GroupId: "sg-brokers", ports: [port, port] };
  expect(ingressOf(template)).toEqual([opened, opened]);
});

test("functions whose security group lets nothing out are let out to the brokers", () => {
  const stack = aStack();
  const vpc = aVpc(stack);
  const own = new SecurityGroup(stack, "Own", { vpc, allowAllOutbound: false });
  const mskSecurityGroups = [SecurityGroup.fromSecurityGroupId(stack, "Group", "sg-brokers")];

  const template = synthesize(stack, { vpc, mskCluster: ARN, mskSecurityGroups, securityGroups: [own] });

  template.hasResourceProperties("AWS::EC2::SecurityGroupEgress", {
    FromPort: 9098,
    DestinationSecurityGroupId: "sg-brokers",
  });
});

test("a cluster that CDK makes brings its ARN and its security groups", () => {
  const stack = aStack();
  const mskCluster = new CfnCluster(stack, "Cluster", {
    clusterName: "orders",
    kafkaVersion: "3.9.x",
    numberOfBrokerNodes: 3,
    brokerNodeGroupInfo: { clientSubnets: ["subnet-1"], instanceType: "kafka.m7g.large", securityGroups: ["sg-made"] },
  });

  const template = synthesize(stack, { mskCluster });

  expect(ingressOf(template).map(({ GroupId }) => GroupId)).toEqual(["sg-made", "sg-made"]);
  expect(JSON.stringify(template.findResources("Custom::MskBootstrapBrokers"))).toContain(
    '{"Fn::GetAtt":["Cluster","Arn"]}',
  );
});

test("MSK Serverless is entered by IAM at port 9098", () => {
  const stack = aStack();

  const template = synthesize(stack, { mskCluster: aServerlessCluster(stack) });

  expect(ingressOf(template)).toContainEqual({ GroupId: "sg-serverless", ports: [9098, 9098] });
  expect(variablesOf(template)[0]).toMatchObject({ RANGES_SASL_MECHANISM: "AWS_MSK_IAM" });
});

function aServerlessCluster(stack: Stack): CfnServerlessCluster {
  return new CfnServerlessCluster(stack, "Cluster", {
    clusterName: "orders",
    clientAuthentication: { sasl: { iam: { enabled: true } } },
    vpcConfigs: [{ subnetIds: ["subnet-1"], securityGroups: ["sg-serverless"] }],
  });
}

test("a Cluster of aws-msk-alpha is taken by its shape, with its connections where it knows them", () => {
  const stack = aStack();
  const group = SecurityGroup.fromSecurityGroupId(stack, "Group", "sg-alpha");
  const known = { clusterArn: ARN, connections: new Connections({ securityGroups: [group] }) };
  const imported = {
    clusterArn: ARN,
    get connections(): Connections {
      throw new Error("an imported cluster");
    },
  };

  expect(ingressOf(synthesize(stack, { mskCluster: known }))).toHaveLength(2);
  expect(ingressOf(synthesize(aStack(), { mskCluster: imported }))).toEqual([]);
});

test.each<[string, (stack: Stack) => Partial<RangePipelineProps>, readonly string[]]>([
  [
    "no cluster at all",
    () => ({}),
    ["bootstrapServers is not set, and has no default; give the brokers, or an mskCluster"],
  ],
  [
    "two clusters, outside of a VPC",
    () => ({ bootstrapServers: ["b-1:9098"], mskCluster: ARN, vpc: undefined as unknown as IVpc }),
    [
      "bootstrapServers contradicts mskCluster, whose brokers are looked up; give one of them",
      "mskCluster is reached from within its VPC; give vpc, or bootstrapServers of its public access",
    ],
  ],
  [
    "what is no cluster",
    () => ({ mskCluster: "orders" }),
    ['mskCluster is "orders"; choose the ARN of an MSK cluster, a CfnCluster'],
  ],
  [
    "another cluster's ARN",
    () => ({ mskCluster: ARN, sasl: { mechanism: "AWS_MSK_IAM", clusterArn: OTHER_ARN } }),
    [`sasl.clusterArn ${OTHER_ARN} contradicts mskCluster ${ARN}; leave it out`],
  ],
  [
    "a mechanism that MSK lacks",
    (stack) => ({ mskCluster: ARN, sasl: { mechanism: "PLAIN", secret: aSecret(stack) } }),
    ["sasl.mechanism PLAIN is not to be had of MSK; choose AWS_MSK_IAM or SCRAM-SHA-512"],
  ],
  [
    "a protocol that MSK lacks",
    () => ({ mskCluster: ARN, securityProtocol: "SASL_PLAINTEXT", sasl: { mechanism: "AWS_MSK_IAM" } }),
    ["securityProtocol SASL_PLAINTEXT is not to be had of MSK; choose SASL_SSL, SSL or PLAINTEXT"],
  ],
  [
    "SCRAM on MSK Serverless",
    (stack) => ({
      mskCluster: aServerlessCluster(stack),
      sasl: { mechanism: "SCRAM-SHA-512", secret: aSecret(stack) },
    }),
    ["sasl.mechanism SCRAM-SHA-512 is not to be had of MSK Serverless, which takes AWS_MSK_IAM alone"],
  ],
  [
    "TLS on MSK Serverless",
    (stack) => ({ mskCluster: aServerlessCluster(stack), securityProtocol: "SSL" }),
    ["securityProtocol SSL is not to be had of MSK Serverless, which takes AWS_MSK_IAM alone"],
  ],
  [
    "security groups, and IAM, of no cluster",
    (stack) => ({
      bootstrapServers: ["b-1:9098"],
      mskSecurityGroups: [SecurityGroup.fromSecurityGroupId(stack, "Group", "sg-1")],
      sasl: { mechanism: "AWS_MSK_IAM" },
    }),
    [
      "mskSecurityGroups are opened for an mskCluster, and none is given",
      "sasl.clusterArn is not set, and has no default; give it, or an mskCluster",
    ],
  ],
])("refuses %s, all at once", (_, props, messages) => {
  const stack = aStack();

  const refused = () => synthesize(stack, props(stack));

  expect(refused).toThrow(messages.join("\n  "));
});

test("a cluster's ARN may be known only when the stack is deployed", () => {
  const mskCluster = Token.asString({ "Fn::ImportValue": "cluster" });

  const template = synthesize(aStack(), { mskCluster });

  expect(JSON.stringify(template.findResources("Custom::MskBootstrapBrokers"))).toContain(
    '"Fn::ImportValue":"cluster"',
  );
});
