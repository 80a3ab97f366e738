// Deployed pipeline
//
// A pipeline as it runs on an AWS endpoint: its functions are invoked, its tables
// are read, nothing of it is replaced.

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { isClosed, isHalted } from "../../../shared/core/range/range-record.ts";
import { createDynamoDBRangeLedger } from "../../../shared/dynamodb/sdk-range-ledger.ts";
import { decodeEnvironment } from "../../../shared/wire/environment/environment-variables.ts";
import {
  type SchedulerEnvironment,
  schedulerEnvironment,
} from "../../../shared/wire/environment/function-environment.ts";
import { TICK_EVENT } from "../../../shared/wire/events/scheduler-event.ts";
import { type LedgerProof, proveLedger } from "../../cli/commands/verify-ledger.ts";
import { type LagDeps, type PartitionStatus, readStatus } from "../../cli/view/read-status.ts";
import { describeFailure } from "./describe-failure.ts";
import { type AwsEnvironment, LOCAL_ENVIRONMENT, localClient } from "./local-aws.ts";
import type { PipelineOutputs } from "./pipeline-outputs.ts";

export interface RunningPipeline {
  readonly outputs: PipelineOutputs;
  readonly ledger: RangeLedger<never>;
  /** Invokes the scheduler, by default with a tick, and waits for its answer; throws when it failed. */
  schedule(event?: object): Promise<unknown>;
  /** Invokes the processor and waits for its answer; throws when it failed. */
  process(event: object): Promise<unknown>;
  /** Every started partition, by topic and number; none before the first batch. */
  status(lag?: LagDeps): Promise<readonly PartitionStatus[]>;
  prove(): Promise<LedgerProof>;
  /** What the deployment has told the scheduler. */
  readConfig(): Promise<SchedulerEnvironment>;
  /** Where the processor logs. */
  readLogGroup(): Promise<string>;
  close(): void;
}

export function openPipeline(
  endpoint: string,
  outputs: PipelineOutputs,
  environment: AwsEnvironment = LOCAL_ENVIRONMENT,
): RunningPipeline {
  const dynamodb = new DynamoDBClient(localClient(endpoint, environment));
  // What it invokes is not repeated.
  const lambda = new LambdaClient({ ...localClient(endpoint, environment), maxAttempts: 1 });
  const newId = () => crypto.randomUUID();
  const ledger = createDynamoDBRangeLedger(dynamodb, { tableName: outputs.LedgerTableName, newId });
  const configurationOf = (FunctionName: string) => lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  return {
    outputs,
    ledger,
    schedule: (event = TICK_EVENT) => invoke(lambda, outputs.SchedulerFunctionName, event),
    process: (event) => invoke(lambda, outputs.ProcessorFunctionName, event),
    status: async (lag) => {
      const record = await ledger.readPipeline(outputs.PipelineName);
      return record === undefined ? [] : readStatus(ledger, record, lag);
    },
    prove: () => proveLedger({ ledger, now: () => Date.now() }, outputs.PipelineName),
    readConfig: async () => {
      const { Environment } = await configurationOf(outputs.SchedulerFunctionName);
      return decodeEnvironment(schedulerEnvironment, Environment?.Variables ?? {});
    },
    readLogGroup: async () => {
      const name = outputs.ProcessorFunctionName;
      return (await configurationOf(name)).LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`;
    },
    close: () => {
      dynamodb.destroy();
      lambda.destroy();
    },
  };
}

/** Whether everything that Kafka showed is processed. */
export function isDrained(statuses: readonly PartitionStatus[]): boolean {
  return statuses.every(({ newest, lag }) => newest !== undefined && isClosed(newest) && lag?.lagRecords === 0n);
}

/** Whether nothing moves any more by itself: each partition is drained, or waits for an operator. */
export function isSettled(statuses: readonly PartitionStatus[]): boolean {
  return statuses.every((status) => isDrained([status]) || (status.newest !== undefined && isHalted(status.newest)));
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
