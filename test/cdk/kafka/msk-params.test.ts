// A cluster of Amazon MSK with Kafka's own settings: the listener is the settings', and what
// contradicts it is refused by its name.

import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import { CfnServerlessCluster } from "aws-cdk-lib/aws-msk";
import { expect, test } from "vitest";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";

const ARN = "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/0a1b-2";
const SCRAM = {
  "kafka.security.protocol": "SASL_SSL",
  "kafka.sasl.mechanism": "SCRAM-SHA-512",
  "kafka.sasl.jaas.config": `org.apache.kafka.common.security.scram.ScramLoginModule required username="\${secretsmanager:u:username}" password="\${secretsmanager:u:password}";`,
};
const IAM = {
  "security.protocol": "SASL_SSL",
  "sasl.mechanism": "AWS_MSK_IAM",
  "sasl.jaas.config": "software.amazon.msk.auth.iam.IAMLoginModule required;",
  "sasl.client.callback.handler.class": "software.amazon.msk.auth.iam.IAMClientCallbackHandler",
};

function synthesize(props: Partial<RangePipelineProps>, isServerless = false): Template {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
  const serverless = () =>
    new CfnServerlessCluster(stack, "Cluster", {
      clusterName: "orders",
      clientAuthentication: { sasl: { iam: { enabled: true } } },
      vpcConfigs: [],
    });
  new RangePipeline(stack, "Orders", {
    topics: ["orders"],
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
    vpc: Vpc.fromVpcAttributes(stack, "Vpc", {
      vpcId: "vpc-1",
      availabilityZones: ["eu-west-1a"],
      privateSubnetIds: ["subnet-1"],
    }),
    mskCluster: isServerless ? serverless() : ARN,
    mskSecurityGroups: [SecurityGroup.fromSecurityGroupId(stack, "Group", "sg-brokers")],
    ...props,
  });
  return Template.fromStack(stack);
}

const TLS_ONLY = { "ssl.enabled.protocols": "TLSv1.3" };

test.each<[string, Partial<RangePipelineProps>, string, number, string | undefined]>([
  ["SCRAM", { kafkaParams: SCRAM }, "BootstrapBrokerStringSaslScram", 9096, undefined],
  ["IAM", { kafkaParams: IAM }, "BootstrapBrokerStringSaslIam", 9098, "AWS_MSK_IAM"],
  ["TLS", { kafkaParams: { "security.protocol": "SSL" } }, "BootstrapBrokerStringTls", 9094, undefined],
  ["plain text", { kafkaParams: { "security.protocol": "PLAINTEXT" } }, "BootstrapBrokerString", 9092, undefined],
  ["nothing of an entry", { kafkaParams: { "client.id": "a" } }, "BootstrapBrokerStringSaslIam", 9098, "AWS_MSK_IAM"],
  ["only how to speak TLS", { kafkaParams: TLS_ONLY }, "BootstrapBrokerStringSaslIam", 9098, "AWS_MSK_IAM"],
  [
    "the same as a prop",
    { kafkaParams: IAM, sasl: { mechanism: "AWS_MSK_IAM" } },
    "BootstrapBrokerStringSaslIam",
    9098,
    "AWS_MSK_IAM",
  ],
])("settings that say %s lead to that listener, at its port", (_, props, brokers, port, mechanism) => {
  const template = synthesize(props);

  expect(JSON.stringify(template.findResources("Custom::MskBootstrapBrokers"))).toContain(`[\\"${brokers}\\"]`);
  const opened = Object.values(template.findResources("AWS::EC2::SecurityGroupIngress"));
  expect(opened.map(({ Properties }) => Properties.FromPort)).toEqual([port, port]);
  const variables = Object.values(template.findResources("AWS::Lambda::Function"))
    .map(({ Properties }) => Properties.Environment?.Variables ?? {})
    .filter((one) => "RANGES_PIPELINE" in one);
  expect(variables.map((one) => one["RANGES_SASL_MECHANISM"])).toEqual([mechanism, mechanism]);
});

test("IAM by settings is granted by the cluster, as by the prop", () => {
  const granted = (props: Partial<RangePipelineProps>) =>
    JSON.stringify(synthesize(props).findResources("AWS::IAM::Policy"));

  expect(granted({ kafkaParams: IAM })).toBe(granted({ sasl: { mechanism: "AWS_MSK_IAM" } }));
  expect(granted({ kafkaParams: IAM })).toContain('"kafka-cluster:ReadData"');
});

const JAAS_WITH_ROLE = 'x.IAMLoginModule required awsRoleArn="arn:aws:iam::123456789012:role/r";';

test.each<[string, Partial<RangePipelineProps>, string, boolean?]>([
  [
    "a mechanism that MSK lacks",
    { kafkaParams: { ...SCRAM, "kafka.sasl.mechanism": "SCRAM-SHA-256" } },
    "kafkaParams: kafka.sasl.mechanism SCRAM-SHA-256 is not to be had of MSK; choose AWS_MSK_IAM or SCRAM-SHA-512",
  ],
  [
    "a protocol that MSK lacks",
    { kafkaParams: { ...SCRAM, "kafka.security.protocol": "SASL_PLAINTEXT" } },
    "kafkaParams: kafka.security.protocol SASL_PLAINTEXT is not to be had of MSK; choose SASL_SSL, SSL or PLAINTEXT",
  ],
  [
    "SCRAM on MSK Serverless",
    { kafkaParams: SCRAM },
    "kafkaParams: kafka.sasl.mechanism SCRAM-SHA-512 is not to be had of MSK Serverless",
    true,
  ],
  [
    "another mechanism than the prop's",
    { kafkaParams: { "sasl.mechanism": "SCRAM-SHA-512" }, sasl: { mechanism: "AWS_MSK_IAM" } },
    "sasl.mechanism is SCRAM-SHA-512, and the prop sasl.mechanism says AWS_MSK_IAM",
  ],
  [
    "another protocol than the prop's",
    { kafkaParams: IAM, securityProtocol: "SSL" },
    "security.protocol is SASL_SSL, and the prop securityProtocol says SSL",
  ],
  [
    "brokers beside those that are looked up",
    { kafkaParams: { ...IAM, "bootstrap.servers": "b-1:9098" } },
    "bootstrapServers contradicts mskCluster",
  ],
  [
    "a role that signs",
    { kafkaParams: { ...IAM, "sasl.jaas.config": JAAS_WITH_ROLE } },
    "awsRoleArn of sasl.jaas.config is not taken: with AWS_MSK_IAM the functions sign with their own roles",
  ],
  [
    "a login of another mechanism",
    { kafkaParams: { ...IAM, "sasl.jaas.config": "x.ScramLoginModule required;" } },
    "AWS_MSK_IAM needs IAMLoginModule; sasl.jaas.config names ScramLoginModule",
  ],
])("refuses %s", (_, props, message, isServerless) => {
  expect(() => synthesize(props, isServerless)).toThrow(message);
});
