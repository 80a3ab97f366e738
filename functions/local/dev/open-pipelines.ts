import type { SchedulerEnvironment } from "../../../shared/wire/environment/function-environment.ts";
import type { AssemblyStack } from "../deploy/assembly.ts";
import type { StackOutputs } from "../deploy/deploy-app.ts";
import { openPipeline } from "../deploy/deployed-pipeline.ts";
import type { AwsEnvironment } from "../deploy/local-aws.ts";
import { findPipelines } from "../deploy/pipeline-outputs.ts";
import type { LocalPipeline } from "../run/local-run.ts";

export interface DevPipeline extends LocalPipeline {
  readonly config: SchedulerEnvironment;
  readonly environment: AwsEnvironment;
  readonly logGroup: string;
}

/** Each RangePipeline of the stacks, with what its deployment has told it. */
export async function openPipelines(
  endpoint: string,
  stacks: readonly AssemblyStack[],
  outputs: StackOutputs,
): Promise<readonly DevPipeline[]> {
  const found = stacks.flatMap(({ name, environment }) =>
    [...findPipelines(outputs[name] ?? {}).values()].map((pipeline) => ({ pipeline, environment })),
  );
  return Promise.all(
    found.map(async ({ pipeline, environment }) => {
      const running = openPipeline(endpoint, pipeline, environment);
      const [config, logGroup] = await Promise.all([running.readConfig(), running.readLogGroup()]);
      return { running, config, environment, logGroup };
    }),
  );
}
