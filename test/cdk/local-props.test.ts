import { App, Duration, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Port, Vpc } from "aws-cdk-lib/aws-ec2";
import { expect, test } from "vitest";
import { RangePipeline } from "../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../cdk/lib/range-pipeline-props.ts";
import { LOCAL_BOOTSTRAP_SERVERS, LOCAL_BUNDLE } from "../../shared/wire/environment/local-context.ts";

const CLUSTER_ARN = "arn:aws:kafka:eu-west-1:123456789012:cluster/mine/1";

const BROKERS = {
  bootstrapServers: ["b-1.example:9098"],
  sasl: { mechanism: "AWS_MSK_IAM", clusterArn: CLUSTER_ARN },
} as const;

/** As somebody has it for MSK in a VPC; synthesized for good, or with the context of a local endpoint. */
function synthesize(
  context: Readonly<Record<string, string>>,
  dispatchTimeout?: Duration,
  cluster: Partial<RangePipelineProps> = BROKERS,
): Template {
  const app = new App({ context: { ...context, "aws:cdk:bundling-stacks": [] } });
  const stack = new Stack(app, "Mine", { env: { account: "123456789012", region: "eu-west-1" } });
  const pipeline = new RangePipeline(stack, "Orders", {
    ...cluster,
    topics: ["orders"],
    processorEntry: "functions/pipelines/word-count.ts",
    vpc: Vpc.fromLookup(stack, "Vpc", { vpcId: "vpc-0123" }),
    rackId: "availability-zone-id",
    ...(dispatchTimeout === undefined ? {} : { dispatchTimeout }),
  });
  pipeline.connections.allowToAnyIpv4(Port.tcp(9098));
  return Template.fromStack(stack);
}

const LOCAL = { [LOCAL_BOOTSTRAP_SERVERS]: "127.0.0.1:9092,127.0.0.1:9093" };

const functions = (template: Template) =>
  Object.values(template.findResources("AWS::Lambda::Function")).filter(
    ({ Properties }) => "RANGES_PIPELINE" in (Properties.Environment?.Variables ?? {}),
  );

test("on a local endpoint a pipeline has its brokers, without security, network and schedule", () => {
  const template = synthesize(LOCAL);

  for (const { Properties } of functions(template)) {
    expect(Properties.VpcConfig).toBeUndefined();
    expect(Properties.Environment.Variables).toMatchObject({
      RANGES_BOOTSTRAP_SERVERS: "127.0.0.1:9092,127.0.0.1:9093",
      RANGES_SECURITY_PROTOCOL: "PLAINTEXT",
    });
    expect(Properties.Environment.Variables).not.toHaveProperty("RANGES_SASL_MECHANISM");
    expect(Properties.Environment.Variables).not.toHaveProperty("RANGES_RACK_ID");
  }
  template.hasResourceProperties("AWS::Scheduler::Schedule", { State: "DISABLED" });
});

test("on a local endpoint kafkaParams say what is read, and nothing of the cluster, its secrets and its stores", () => {
  const kafkaParams = {
    "kafka.bootstrap.servers": "b-1.example:9096",
    "kafka.security.protocol": "SASL_SSL",
    "kafka.sasl.mechanism": "PLAIN",
    "kafka.sasl.jaas.config": `a.PlainLoginModule required username=a password="\${secretsmanager:orders:password}";`,
    "kafka.ssl.truststore.location": "s3://stores/orders.p12",
    "kafka.client.id": "orders",
    "kafka.isolation.level": "read_uncommitted",
    "kafka.config.providers": "secretsmanager",
  };

  const template = synthesize(LOCAL, undefined, { kafkaParams });

  for (const { Properties } of functions(template)) {
    expect(Properties.Environment.Variables).toMatchObject({
      RANGES_BOOTSTRAP_SERVERS: "127.0.0.1:9092,127.0.0.1:9093",
      RANGES_SECURITY_PROTOCOL: "PLAINTEXT",
      RANGES_CLIENT_ID: "orders",
      RANGES_ISOLATION_LEVEL: "read_uncommitted",
    });
    expect(Properties.Environment.Variables).not.toHaveProperty("RANGES_KAFKA_PARAMS");
  }
  expect(JSON.stringify(template.toJSON())).not.toMatch(/secretsmanager:GetSecretValue|s3:GetObject/);
});

test("on a local endpoint no cluster's brokers are looked up", () => {
  const template = synthesize(LOCAL, undefined, { mskCluster: CLUSTER_ARN });

  expect(functions(template)).toHaveLength(2);
  expect(
    functions(template).map(({ Properties }) => Properties.Environment.Variables.RANGES_BOOTSTRAP_SERVERS),
  ).toEqual(Array(2).fill(LOCAL[LOCAL_BOOTSTRAP_SERVERS]));
  template.resourceCountIs("Custom::MskBootstrapBrokers", 0);
});

test("on a local endpoint what was missed is dispatched again within 20 seconds, or sooner where the pipeline says so", () => {
  const timeoutOf = (template: Template) =>
    functions(template).flatMap(({ Properties }) => Properties.Environment.Variables.RANGES_DISPATCH_TIMEOUT_MS ?? []);

  expect(timeoutOf(synthesize(LOCAL))).toEqual(["20000"]);
  expect(timeoutOf(synthesize(LOCAL, Duration.minutes(10)))).toEqual(["20000"]);
  expect(timeoutOf(synthesize(LOCAL, Duration.seconds(5)))).toEqual(["5000"]);
});

test("on a local endpoint each function tells how it is bundled", () => {
  const told = functions(synthesize(LOCAL)).map(({ Metadata }) => Metadata?.[LOCAL_BUNDLE]?.entryPoints);

  expect(told).toContainEqual([expect.stringMatching(/\/functions\/pipelines\/word-count\.ts$/)]);
});

test("LP1: without that context value the cluster's props are what they are", () => {
  const template = synthesize({});

  expect(functions(template)).toHaveLength(2);
  for (const { Properties, Metadata } of functions(template)) {
    expect(Properties.VpcConfig).toBeDefined();
    expect(Properties.Environment.Variables).toMatchObject({
      RANGES_BOOTSTRAP_SERVERS: "b-1.example:9098",
      RANGES_SASL_MECHANISM: "AWS_MSK_IAM",
    });
    expect(Metadata ?? {}).not.toHaveProperty(LOCAL_BUNDLE);
  }
  template.hasResourceProperties("AWS::Scheduler::Schedule", { State: "ENABLED" });
  template.hasResourceProperties("AWS::EC2::SecurityGroup", Match.anyValue());
});
