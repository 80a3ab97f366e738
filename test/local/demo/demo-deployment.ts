import { join } from "node:path";
import { deployApp, destroyApp } from "../../../functions/local/deploy/deploy-app.ts";
import { repositoryProject } from "../repository-project.ts";
import { openWordCountPipeline, type WordCountPipeline, wordCountOutputs } from "./word-count-pipeline.ts";

/**
 * How soon the demo notices a killed processor: its lease ends with the time it would have had. A slow machine needs
 * as long to start all processors at once.
 */
const PROCESSOR_TIMEOUT_SECONDS = 30;
const DISPATCH_TIMEOUT_SECONDS = 20;
/** Small enough that the busiest partition shows several ranges. */
const MAX_RECORDS_PER_PARTITION = 1_000;

export interface DemoDeployment {
  readonly endpoint: string;
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly folder: string;
}

/** Deploys the shipped app, as it is on AWS but for its time-outs. */
export async function deployDemo(deployment: DemoDeployment): Promise<WordCountPipeline> {
  const stacks = await deployApp(cdkOptions(deployment));
  return openWordCountPipeline(deployment.endpoint, wordCountOutputs(stacks["KafkaOffsetRanges"]));
}

/** Takes the stack down again; its tables stay, as they are told to. */
export async function destroyDemo(deployment: DemoDeployment): Promise<void> {
  await destroyApp(cdkOptions(deployment));
}

function cdkOptions({ endpoint, bootstrapServers, topic, folder }: DemoDeployment) {
  return {
    project: repositoryProject(),
    endpoint,
    folder: join(folder, "cdk"),
    context: {
      bootstrapServers,
      topics: topic,
      processorTimeoutSeconds: String(PROCESSOR_TIMEOUT_SECONDS),
      dispatchTimeoutSeconds: String(DISPATCH_TIMEOUT_SECONDS),
      maxRecordsPerPartition: String(MAX_RECORDS_PER_PARTITION),
    },
  };
}
