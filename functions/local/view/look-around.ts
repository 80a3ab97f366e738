import type { TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import { TICK_EVENT } from "../../../shared/wire/events/scheduler-event.ts";
import { commandLine } from "../../cli/output/command-line.ts";
import { type AwsEnvironment, localEndpoint, localIdentity } from "../deploy/local-aws.ts";
import type { PipelineOutputs } from "../deploy/pipeline-outputs.ts";

export interface LookAround {
  readonly endpoint: string;
  readonly environment: AwsEnvironment;
  readonly bootstrapServers: string;
  readonly pipelines: readonly SeenPipeline[];
}

export interface SeenPipeline {
  readonly outputs: PipelineOutputs;
  /** Of those that it reads, where that is known. */
  readonly partition?: TopicPartition | undefined;
}

/** What another shell needs to look at the deployed pipelines while they run, ready to paste. */
export function lookAroundLines(seen: LookAround): readonly string[] {
  const { endpoint, environment, bootstrapServers, pipelines } = seen;
  const variables = Object.entries({ ...localEndpoint(endpoint), ...localIdentity(environment) }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const topic = pipelines.find(({ partition }) => partition !== undefined)?.partition?.topic;
  return [
    "to look around while this runs, paste into another shell, in this folder:",
    "",
    "unset AWS_PROFILE AWS_SESSION_TOKEN",
    `export ${variables.join(" ")}`,
    `export BOOTSTRAP_SERVERS=${bootstrapServers}${topic === undefined ? "" : ` TOPIC=${topic}`}`,
    ...pipelines.flatMap((pipeline) => pipelineLines(pipeline, bootstrapServers)),
    "",
  ];
}

function pipelineLines({ outputs, partition }: SeenPipeline, bootstrapServers: string): readonly string[] {
  const { LedgerTableName: table, PipelineName: pipeline, SchedulerFunctionName: scheduler } = outputs;
  const options = { pipeline, "bootstrap-servers": bootstrapServers };
  const invoke = `aws lambda invoke --function-name ${scheduler} --payload '${JSON.stringify(TICK_EVENT)}'`;
  return [
    commandLine("status", { table }, options),
    commandLine("verify", { table }, options),
    ...(partition === undefined
      ? []
      : [
          `npx ranges reprocess --function ${scheduler} --request-id again-1 --range ${partition.topic}:${partition.partition}:0:10 --wait`,
        ]),
    deadLettersLine(outputs, bootstrapServers),
    `${invoke} --cli-binary-format raw-in-base64-out /dev/stdout   # a tick by hand, with AWS CLI v2`,
  ];
}

/** A topic is read from the brokers; a queue and a bucket by the endpoint that the shell was told. */
function deadLettersLine(
  { DeadLetterTarget: target, PipelineName: pipeline }: PipelineOutputs,
  brokers: string,
): string {
  const list = `npx ranges dead-letters list --target ${target} --pipeline ${pipeline}`;
  return target.startsWith("topic:") ? `${list} --bootstrap-servers ${brokers}` : list;
}
