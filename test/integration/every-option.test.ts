// A stack with every option, deployed, deployed again, given other code while ranges are
// open, and taken down. The stack with all defaults is that of end-to-end.test.ts.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { CreateClusterCommand, GetBootstrapBrokersCommand, KafkaClient } from "@aws-sdk/client-kafka";
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { projectPath } from "../../cdk/lib/runtime-function.ts";
import { readAssembly } from "../../functions/local/deploy/assembly.ts";
import {
  type DeployOptions,
  deployApp,
  deployAssembly,
  destroyApp,
  type StackOutputs,
} from "../../functions/local/deploy/deploy-app.ts";
import { openPipeline, type RunningPipeline } from "../../functions/local/deploy/deployed-pipeline.ts";
import { localClient } from "../../functions/local/deploy/local-aws.ts";
import { findPipelines, pipelineOutputs } from "../../functions/local/deploy/pipeline-outputs.ts";
import { synthesizeApp } from "../../functions/local/deploy/synthesize-app.ts";
import { repositoryProject } from "../local/repository-project.ts";
import { openLocalDynamoDB } from "../local/servers/local-dynamodb.ts";
import { connectKafkaTopics, type KafkaTopics } from "../support/kafka/kafka-topics.ts";
import { waitUntil } from "../support/wait-until.ts";

const APP = "test/support/deploy/every-option-app.ts";
const PARTITIONS = 3;
const RECORDS = 20;
const DEADLINE_MS = 120_000;

const endpoint = inject("aws.endpoint");
const cloudFormation = new CloudFormationClient(localClient(endpoint));
const kafka = new KafkaClient(localClient(endpoint));
const lambda = new LambdaClient(localClient(endpoint));
const dynamodb = openLocalDynamoDB(endpoint);
let topics: KafkaTopics;
let topic: string;
let clusterArn: string;
let folder: string;
let stacks: StackOutputs;
let pipeline: RunningPipeline;

/** Once the endpoint's account is bootstrapped. */
async function deployAgain(code: string): Promise<void> {
  const again = options(code);
  const assemblyFolder = join(folder, "cdk.out");
  await synthesizeApp({ ...again, assemblyFolder, logFile: join(folder, "cdk-app.log") });
  await deployAssembly(again, assemblyFolder, readAssembly(assemblyFolder));
}

function options(code: string): DeployOptions {
  const bootstrapServers = inject("kafka.bootstrapServers");
  const context = { bootstrapServers, topic, clusterArn, code, modules: projectPath("node_modules") };
  return { project: repositoryProject(APP), endpoint, folder, context };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "every-option-"));
  topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
  topic = await topics.create({ partitions: PARTITIONS });
  const broker = { ClientSubnets: ["subnet-1", "subnet-2"], InstanceType: "kafka.m7g.large" };
  const { ClusterArn = "" } = await kafka.send(
    new CreateClusterCommand({
      ClusterName: topic,
      KafkaVersion: "3.9.x",
      NumberOfBrokerNodes: 2,
      BrokerNodeGroupInfo: broker,
    }),
  );
  clusterArn = ClusterArn;
  const records = Array.from({ length: PARTITIONS * RECORDS }, (_, index) => ({
    partition: index % PARTITIONS,
    value: `order ${index}`,
  }));
  await topics.produce(topic, records);
  stacks = await deployApp(options("halfway.ts"));
  pipeline = openPipeline(endpoint, pipelineOutputs(stacks["EveryOption"], "Orders"));
}, 300_000);

afterAll(async () => {
  pipeline.close();
  cloudFormation.destroy();
  kafka.destroy();
  lambda.destroy();
  dynamodb.destroy();
  await topics.close();
  await rm(folder, { recursive: true, force: true });
});

test("the brokers of an MSK cluster are what the custom resource got of MSK when the stack was deployed", async () => {
  const { BootstrapBrokerStringSaslIam } = await kafka.send(new GetBootstrapBrokersCommand({ ClusterArn: clusterArn }));
  const outputs = findPipelines(stacks["EveryOption"] ?? {}).get("Msk");
  const { Environment } = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: outputs?.ProcessorFunctionName }),
  );

  expect(BootstrapBrokerStringSaslIam).toMatch(/:9098/);
  expect(Environment?.Variables).toMatchObject({
    RANGES_BOOTSTRAP_SERVERS: BootstrapBrokerStringSaslIam,
    RANGES_SASL_MECHANISM: "AWS_MSK_IAM",
  });
});

test("the function that writes manifests runs as it is deployed, and finds none that is due", async () => {
  const name = stacks["EveryOption"]?.["OrdersManifestFunctionName"];

  const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName: name, Payload: "{}" }));

  const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString());
  expect({ FunctionError, answer }).toEqual({ FunctionError: undefined, answer: { written: 0, waiting: 0 } });
});

test("G5: code that is deployed while ranges are open finishes them once, with the same offsets", async () => {
  await waitUntil(
    "every range was given up halfway",
    async () => {
      await pipeline.schedule();
      const statuses = await pipeline.status();
      return statuses.length === PARTITIONS && statuses.every(({ newest }) => newest?.status === "FAILED");
    },
    DEADLINE_MS,
  );
  const before = await ranges();

  await deployAgain("mended.ts");
  await waitUntil(
    "every range is completed",
    async () => {
      await pipeline.schedule();
      return (await pipeline.status()).every(({ newest }) => newest?.status === "COMPLETED");
    },
    DEADLINE_MS,
  );

  expect(await ranges()).toEqual(before);
  expect(await written()).toEqual(
    [...Array(PARTITIONS).keys()].flatMap((partition) =>
      [...Array(RECORDS).keys()].map((offset) => ({
        place: `${topic}-${partition} ${offset}`,
        release: offset < RECORDS / 2 ? "first" : "second",
        range: `0-${RECORDS}`,
      })),
    ),
  );
}, 300_000);

async function ranges(): Promise<readonly string[]> {
  const statuses = await pipeline.status();
  return statuses.map(({ partition, newest }) => `${partition}: [${newest?.fromOffset}, ${newest?.untilOffset})`);
}

async function written() {
  const TableName = (
    await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: pipeline.outputs.ProcessorFunctionName }))
  ).Environment?.Variables?.["OUTPUTS_TABLE"];
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName, ConsistentRead: true }));
  const rows = Items.map(({ source, offset, release, range }) => ({
    place: `${source?.S} ${offset?.N}`,
    release: release?.S,
    range: range?.S,
    order: [source?.S ?? "", Number(offset?.N)] as const,
  }));
  rows.sort(({ order: a }, { order: b }) => a[0].localeCompare(b[0]) || a[1] - b[1]);
  return rows.map(({ order: _order, ...row }) => row);
}

async function updatedAt(): Promise<string> {
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: "EveryOption" }));
  return JSON.stringify(
    Stacks?.map(({ StackStatus, CreationTime, LastUpdatedTime }) => [StackStatus, CreationTime, LastUpdatedTime]),
  );
}

test("the same app deployed again changes nothing: what it bundles and synthesizes is the same", async () => {
  const before = await updatedAt();

  await deployAgain("mended.ts");

  expect(await updatedAt()).toBe(before);
}, 120_000);

test("a stack that is taken down leaves its ledger, whole", async () => {
  const before = await ranges();

  await destroyApp(options("mended.ts"));

  await expect(updatedAt()).rejects.toThrow();
  expect(await ranges()).toEqual(before);
  expect((await pipeline.prove()).problems).toEqual([]);
}, 120_000);
