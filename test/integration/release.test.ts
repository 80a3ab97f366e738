// The shipped release, deployed as a team without CDK does it: its zips copied to a bucket,
// its template given to CloudFormation with parameters.

import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackUpdateComplete,
} from "@aws-sdk/client-cloudformation";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { projectPath } from "../../cdk/lib/runtime-function.ts";
import { localClient } from "../../functions/local/deploy/local-aws.ts";
import { outputOf, pipelineOutputs } from "../../functions/local/deploy/pipeline-outputs.ts";
import { addWords } from "../local/demo/sample-lines.ts";
import { openWordCountPipeline, type WordCountPipeline } from "../local/demo/word-count-pipeline.ts";
import { localAccess } from "../support/aws-access.ts";
import { connectKafkaTopics, type KafkaTopics } from "../support/kafka/kafka-topics.ts";
import { createBucket } from "../support/s3-bucket.ts";
import { waitUntil } from "../support/wait-until.ts";

const StackName = "WithoutCdk";
const PREFIX = "releases/word-count/";
const PARTITIONS = 3;
const LINES = 90;
const DEADLINE_MS = 120_000;
const WAITING = { maxWaitTime: 120, minDelay: 1, maxDelay: 1 };

const endpoint = inject("aws.endpoint");
const cloudFormation = new CloudFormationClient(localClient(endpoint));
let folder: string;
let topics: KafkaTopics;
let topic: string;
let template: string;
let parameters: Readonly<Record<string, string>>;
let pipeline: WordCountPipeline;

function stackOf(more: Readonly<Record<string, string>> = {}) {
  return {
    StackName,
    TemplateBody: template,
    Capabilities: ["CAPABILITY_IAM" as const],
    Parameters: Object.entries({ ...parameters, ...more }).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "release-"));
  topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
  topic = await topics.create({ partitions: PARTITIONS });
  await promisify(execFile)(process.execPath, [projectPath("cdk/package/release.ts"), folder], {
    cwd: projectPath(""),
  });
  template = await readFile(join(folder, "template.json"), "utf8");
  const bucket = await createBucket(localAccess(endpoint));
  for (const name of await readdir(folder)) {
    const { status } = await fetch(`${endpoint}/${bucket}/${PREFIX}${name}`, {
      method: "PUT",
      body: await readFile(join(folder, name)),
    });
    expect(status).toBe(200);
  }
  parameters = {
    CodeBucket: bucket,
    CodePrefix: PREFIX,
    PipelineName: "without-cdk",
    BootstrapServers: inject("kafka.bootstrapServers"),
    Topics: topic,
    // The test runs the scheduler itself.
    ScheduleState: "DISABLED",
    MaxRecordsPerPartition: "20",
    ProcessorTimeoutSeconds: "30",
  };
  await cloudFormation.send(new CreateStackCommand(stackOf()));
  await waitUntilStackCreateComplete({ client: cloudFormation, ...WAITING }, { StackName });
  const outputs = await stackOutputs();
  pipeline = openWordCountPipeline(endpoint, {
    ...pipelineOutputs(outputs, "Ranges"),
    WordCountsTableName: outputOf(outputs, "WordCountsTableName"),
  });
}, 300_000);

afterAll(async () => {
  pipeline.close();
  cloudFormation.destroy();
  await topics.close();
  await rm(folder, { recursive: true, force: true });
});

async function stackOutputs(): Promise<Readonly<Record<string, string>>> {
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
  const outputs = Stacks.flatMap(({ Outputs = [] }) => Outputs);
  return Object.fromEntries(outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
}

test("G5: a stack of the release's template counts every word once", async () => {
  const produced = new Map<string, number>();
  const lines = Array.from({ length: LINES }, (_, index) => `line ${index} says w${index % 7}`);
  await topics.produce(
    topic,
    lines.map((value, index) => ({ partition: index % PARTITIONS, value })),
  );
  addWords(produced, lines);

  await waitUntil(
    "every range is completed",
    async () => {
      await pipeline.schedule();
      const statuses = await pipeline.status();
      const done = statuses.filter(({ newest }) => newest?.status === "COMPLETED" && newest.untilOffset === 30n);
      return done.length === PARTITIONS;
    },
    DEADLINE_MS,
  );

  expect(await pipeline.wordCounts(() => true)).toEqual(produced);
  expect((await pipeline.prove()).problems).toEqual([]);
  expect(await pipeline.readConfig()).toMatchObject({
    pipeline: "without-cdk",
    topics: [topic],
    maxRecordsPerPartition: 20n,
    processorTimeoutMs: 30_000,
    batchIntervalMs: 60_000,
  });
}, 180_000);

test("the same again is no update, and another value updates what it is about", async () => {
  await expect(cloudFormation.send(new UpdateStackCommand(stackOf()))).rejects.toThrow(
    "No updates are to be performed",
  );

  await cloudFormation.send(new UpdateStackCommand(stackOf({ MaxConcurrency: "7", BatchIntervalMinutes: "5" })));
  await waitUntilStackUpdateComplete({ client: cloudFormation, ...WAITING }, { StackName });

  expect(await pipeline.readConfig()).toMatchObject({ maxConcurrency: 7, batchIntervalMs: 300_000 });
}, 180_000);

test.each([
  [{ BootstrapServers: "b-1.example" }, "must be host:port, or several of them separated by commas without blanks"],
  [{ SubnetIds: "subnet-0123456789abcdef0" }, "SubnetIds and SecurityGroupIds need each other: give both, or neither"],
  [{ SecurityProtocol: "SASL_SSL" }, "With SecurityProtocol SASL_SSL or SASL_PLAINTEXT give one of"],
  [{ BatchIntervalMinutes: "7" }, "BatchIntervalMinutes"],
])("a wrong parameter is refused before anything is made: %o", async (wrong, why) => {
  const refused = cloudFormation.send(new CreateStackCommand({ ...stackOf(wrong), StackName: "Refused" }));

  await expect(refused).rejects.toThrow(why);
  await expect(cloudFormation.send(new DescribeStacksCommand({ StackName: "Refused" }))).rejects.toThrow();
});
