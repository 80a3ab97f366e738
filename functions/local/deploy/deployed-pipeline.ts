// Deployed pipeline
//
// A pipeline as it runs on an AWS endpoint: its functions are invoked, its tables
// are read, nothing of it is replaced.

import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { type LedgerProof, proveLedger } from "../../cli/commands/verify-ledger.ts";
import { type LagDeps, type PartitionStatus, readStatus } from "../../cli/view/read-status.ts";
import { isClosed } from "../../../shared/core/range/range-record.ts";
import { createDynamoDBRangeLedger } from "../../../shared/dynamodb/sdk-range-ledger.ts";
import { TICK_EVENT } from "../../../shared/wire/events/scheduler-event.ts";
import { describeFailure } from "../run/repeat-run.ts";

const PIPELINE_OUTPUTS = [
  "PipelineName",
  "LedgerTableName",
  "SchedulerFunctionName",
  "ProcessorFunctionName",
  "OnFailureQueueUrl",
  "DeadLetterQueueUrl",
] as const;

/** What a RangePipeline says of itself, without its own name in front. */
export type PipelineOutputs = Readonly<Record<(typeof PIPELINE_OUTPUTS)[number], string>>;

/** The outputs of the shipped stack. */
export interface WordCountOutputs extends PipelineOutputs {
  readonly WordCountsTableName: string;
}

type Outputs = Readonly<Record<string, string>>;

/** Of a stack's outputs those of the pipeline with this id; throws where one is missing. */
export function pipelineOutputs(outputs: Outputs | undefined, id: string): PipelineOutputs {
  const entries = PIPELINE_OUTPUTS.map((name) => [name, outputOf(outputs, `${id}${name}`)] as const);
  // Each name is there: they were read one by one.
  return Object.fromEntries(entries) as PipelineOutputs;
}

/** The outputs of the shipped stack; throws where one is missing. */
export function wordCountOutputs(outputs: Outputs | undefined): WordCountOutputs {
  return {
    ...pipelineOutputs(outputs, "WordCount"),
    WordCountsTableName: outputOf(outputs, "WordCountsTableName"),
  };
}

function outputOf(outputs: Outputs | undefined, name: string): string {
  const value = outputs?.[name];
  if (value === undefined) {
    throw new Error(`the deployment has no output ${name}; it has ${Object.keys(outputs ?? {}).join(", ")}`);
  }
  return value;
}

export interface RunningPipeline {
  /** Invokes the scheduler, by default with a tick, and waits for its answer; throws when it failed. */
  schedule(event?: object): Promise<unknown>;
  /** Every started partition, by topic and number; none before the first batch. */
  status(lag?: LagDeps): Promise<readonly PartitionStatus[]>;
  prove(): Promise<LedgerProof>;
  close(): void;
}

export interface DeployedPipeline extends RunningPipeline {
  readonly outputs: PipelineOutputs;
  /** Invokes the processor and waits for its answer; throws when it failed. */
  process(event: object): Promise<unknown>;
  /** How often each word was counted, over all sources for which `isCounted` holds. */
  wordCounts(isCounted: (source: string) => boolean): Promise<ReadonlyMap<string, number>>;
}

const LOCAL_CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

export function openDeployedPipeline(endpoint: string, outputs: WordCountOutputs): DeployedPipeline {
  const dynamodb = openLocalDynamoDB(endpoint);
  const lambda = openLocalLambda(endpoint);
  const running = openPipeline(endpoint, outputs);
  return {
    ...running,
    outputs,
    process: (event) => invoke(lambda, outputs.ProcessorFunctionName, event),
    wordCounts: (isCounted) => sumWords(dynamodb, outputs.WordCountsTableName, isCounted),
    close: () => {
      running.close();
      dynamodb.destroy();
      lambda.destroy();
    },
  };
}

export function openLocalDynamoDB(endpoint: string): DynamoDBClient {
  return new DynamoDBClient(localConfig(endpoint));
}

export function openPipeline(endpoint: string, outputs: PipelineOutputs): RunningPipeline {
  const dynamodb = openLocalDynamoDB(endpoint);
  const lambda = openLocalLambda(endpoint);
  const newId = () => crypto.randomUUID();
  const ledger = createDynamoDBRangeLedger(dynamodb, { tableName: outputs.LedgerTableName, newId });
  return {
    schedule: (event = TICK_EVENT) => invoke(lambda, outputs.SchedulerFunctionName, event),
    status: async (lag) => {
      const record = await ledger.readPipeline(outputs.PipelineName);
      return record === undefined ? [] : readStatus(ledger, record, lag);
    },
    prove: () => proveLedger({ ledger, now: () => Date.now() }, outputs.PipelineName),
    close: () => {
      dynamodb.destroy();
      lambda.destroy();
    },
  };
}

/** What it invokes is not repeated. */
function openLocalLambda(endpoint: string): LambdaClient {
  return new LambdaClient({ ...localConfig(endpoint), maxAttempts: 1 });
}

export function localConfig(endpoint: string) {
  return { endpoint, region: "us-east-1", credentials: LOCAL_CREDENTIALS };
}

/** Whether everything that Kafka showed is processed. */
export function isDrained(statuses: readonly PartitionStatus[]): boolean {
  return statuses.every(({ newest, lag }) => newest !== undefined && isClosed(newest) && lag?.lagRecords === 0n);
}

async function invoke(client: LambdaClient, functionName: string, event: object): Promise<unknown> {
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) }),
  );
  const answer = Payload === undefined ? "" : Buffer.from(Payload).toString();
  if (FunctionError !== undefined) {
    throw new Error(`${functionName} failed: ${describeFailure(answer)}`);
  }
  return JSON.parse(answer);
}

async function sumWords(
  client: DynamoDBClient,
  tableName: string,
  isCounted: (source: string) => boolean,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for await (const page of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
    for (const { word, source, count } of page.Items ?? []) {
      if (word?.S !== undefined && source?.S !== undefined && isCounted(source.S)) {
        counts.set(word.S, (counts.get(word.S) ?? 0) + Number(count?.N));
      }
    }
  }
  return counts;
}
