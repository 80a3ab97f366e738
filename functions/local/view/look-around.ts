import { commandLine } from "../../cli/output/command-line.ts";
import { TICK_EVENT } from "../../../shared/wire/events/scheduler-event.ts";
import { LOCAL_AWS, localEndpoint } from "../deploy/deploy-app.ts";
import type { PipelineOutputs } from "../deploy/deployed-pipeline.ts";

export interface LookAround {
  readonly endpoint: string;
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly outputs: PipelineOutputs;
}

/** What another shell needs to look at the deployed pipeline while it runs, ready to paste. */
export function lookAroundLines({ endpoint, bootstrapServers, topic, outputs }: LookAround): readonly string[] {
  const { LedgerTableName: table, PipelineName: pipeline, SchedulerFunctionName: scheduler } = outputs;
  const variables = Object.entries({ ...localEndpoint(endpoint), ...LOCAL_AWS }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const options = { pipeline, "bootstrap-servers": bootstrapServers };
  const invoke = `aws lambda invoke --function-name ${scheduler} --payload '${JSON.stringify(TICK_EVENT)}'`;
  return [
    "to look around while this runs, paste into another shell, in this folder:",
    "",
    "unset AWS_PROFILE AWS_SESSION_TOKEN",
    `export ${variables.join(" ")}`,
    `export BOOTSTRAP_SERVERS=${bootstrapServers} TOPIC=${topic}`,
    commandLine("status", { table }, options),
    commandLine("verify", { table }, options),
    `npx ranges reprocess --function ${scheduler} --request-id again-1 --range ${topic}:0:0:10 --wait`,
    `${invoke} --cli-binary-format raw-in-base64-out /dev/stdout   # a tick by hand, with AWS CLI v2`,
    "",
  ];
}
