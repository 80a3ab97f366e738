// Integers run
//
// The integers pipeline on servers of its own, deployed as on AWS: what a test
// kills here is nobody else's.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import { deployApp } from "../../../functions/local/deploy/deploy-app.ts";
import { openPipeline, type RunningPipeline } from "../../../functions/local/deploy/deployed-pipeline.ts";
import { pipelineOutputs } from "../../../functions/local/deploy/pipeline-outputs.ts";
import { type KafkaBroker, startKafkaBroker } from "../../../functions/local/servers/kafka-broker.ts";
import { type MiniStack, startMiniStack } from "../../../functions/local/servers/ministack.ts";
import { repositoryProject } from "../../local/repository-project.ts";
import { openLocalDynamoDB } from "../../local/servers/local-dynamodb.ts";
import { killLambdaWorkers } from "../functions/lambda-workers.ts";
import { connectKafkaTopics } from "../kafka/kafka-topics.ts";
import { waitUntil } from "../wait-until.ts";
import { readSource, type SourceOutput } from "./integer-output.ts";

const APP = "test/support/integers/integers-app.ts";
const KILL_DEADLINE_MS = 300_000;

export interface IntegersRun extends AsyncDisposable {
  readonly broker: KafkaBroker;
  readonly endpoint: string;
  readonly topic: string;
  readonly ledgerTableName: string;
  /** One run of the scheduler; undefined when it failed, as it may while things are killed. */
  tick(event?: object): Promise<unknown>;
  /** How many integers of the live chains have taken effect. */
  progress(): Promise<number>;
  /** Ends every function's process while one of them is in the midst of a range, and a scheduler's run is under way. */
  killInTheAct(): Promise<void>;
  output(source: string): Promise<SourceOutput>;
}

export async function startIntegersRun(partitions: number): Promise<IntegersRun> {
  const folder = await mkdtemp(join(tmpdir(), "integers-"));
  const [broker, ministack] = await Promise.all([
    startKafkaBroker({ folder: join(folder, "kafka") }),
    startMiniStack({ folder: join(folder, "ministack") }),
  ]);
  const topics = await connectKafkaTopics(broker.bootstrapServers);
  const topic = await topics.create({ partitions });
  await topics.close();
  const { endpoint } = ministack;
  const context = { bootstrapServers: broker.bootstrapServers, topic };
  const stacks = await deployApp({ project: repositoryProject(APP), endpoint, folder: join(folder, "cdk"), context });
  const { IntegersTableName: tableName = "" } = stacks["Integers"] ?? {};
  const outputs = pipelineOutputs(stacks["Integers"], "Pipeline");
  const pipeline = openPipeline(endpoint, outputs);
  const dynamodb = openLocalDynamoDB(endpoint);
  const tick = (event?: object) => pipeline.schedule(event).catch(() => undefined);
  const stateKeys = [...Array(partitions).keys()].map((partition) => ({
    source: { S: `${topic}-${partition}` },
    row: { S: "state" },
  }));
  return {
    broker,
    endpoint,
    topic,
    ledgerTableName: outputs.LedgerTableName,
    tick,
    progress: async () => {
      const RequestItems = { [tableName]: { Keys: stateKeys, ConsistentRead: true } };
      const { Responses = {} } = await dynamodb.send(new BatchGetItemCommand({ RequestItems }));
      return (Responses[tableName] ?? []).reduce((sum, { count }) => sum + Number(count?.N), 0);
    },
    killInTheAct: killer(pipeline, ministack, tick),
    output: (source) => readSource(dynamodb, tableName, source),
    [Symbol.asyncDispose]: async () => {
      pipeline.close();
      dynamodb.destroy();
      await Promise.all([broker.kill(), ministack.kill()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A processor that dies in the act leaves its lease behind; one that was done before leaves none. */
function killer(pipeline: RunningPipeline, { pid }: MiniStack, tick: () => Promise<unknown>): () => Promise<void> {
  const dead = new Set<string>();
  const owners = async () => {
    const statuses = await pipeline.status();
    return statuses.flatMap(({ newest }) => newest?.lease?.owner ?? []);
  };
  return () =>
    waitUntil(
      "a processor is killed in the midst of a range",
      async () => {
        const alive = (await owners()).filter((owner) => !dead.has(owner));
        if (alive.length === 0) {
          await tick();
          return false;
        }
        const underWay = tick();
        killLambdaWorkers({ pid, stack: "Integers" });
        await underWay;
        const left = new Set(await owners());
        const killed = alive.filter((owner) => left.has(owner));
        for (const owner of killed) {
          dead.add(owner);
        }
        return killed.length > 0;
      },
      KILL_DEADLINE_MS,
    );
}
