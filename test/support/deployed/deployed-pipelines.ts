// Deployed pipelines
//
// Pipelines as their app synthesizes them, their functions run as Lambda runs them: the bundle
// and the files that an asset has, in a process with the template's variables and no others.
// What a scheduler dispatches is kept, for the processor to be invoked with.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { App, Stack } from "aws-cdk-lib";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import { LedgerTable } from "../../../cdk/lib/ledger-table.ts";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import { hostArchitecture } from "../../../functions/local/process/host-architecture.ts";
import { ARCHITECTURE_CONTEXT } from "../../../shared/wire/deployment/architecture-context.ts";
import { TICK_EVENT } from "../../../shared/wire/events/scheduler-event.ts";
import { type Bundle, bundlesOf } from "../functions/function-bundle.ts";
import { serveFunction } from "../functions/function-endpoint.ts";
import { type InvokedHandler, invokeHandler } from "../functions/invoke-handler.ts";

export type EntryProps = Pick<
  RangePipelineProps,
  "topics" | "kafkaParams" | "bootstrapServers" | "sasl" | "securityProtocol" | "processorEnvironment"
> & {
  /** @default - code that reads its range and writes nothing */
  readonly processorEntry?: string;
  readonly kafkaParamsSecret?: (stack: Stack) => ISecret;
};

export interface DeployedOptions {
  readonly topic: string;
  /** What answers for AWS. */
  readonly endpoint: string;
  readonly ledgerTable: string;
  /** By the pipelines' names. */
  readonly pipelines: Readonly<Record<string, EntryProps>>;
}

export interface DeployedPipelines extends AsyncDisposable {
  /** Where the app was synthesized to. */
  readonly output: string;
  bundleOf(pipeline: string, role: "scheduler" | "processor"): Bundle;
  /** One run of the scheduler, in an environment of its own. */
  schedule(pipeline: string): Promise<InvokedHandler>;
  /** One attempt at what was dispatched of the pipeline last. */
  process(pipeline: string): Promise<InvokedHandler>;
}

const ENTRY = projectPath("test/support/deployed/read-all.ts");

export async function deployPipelines(options: DeployedOptions): Promise<DeployedPipelines> {
  const output = await mkdtemp(join(tmpdir(), "deployed-"));
  const bundles = await synthesize(output, options);
  const dispatched = new Map<string, string>();
  const lambda = await serveFunction(async (event) => {
    const { record } = event as { readonly record: { readonly chain: { readonly pipeline: string } } }; // As it encodes them.
    dispatched.set(record.chain.pipeline, JSON.stringify(event));
  });
  const bundleOf = (pipeline: string, role: "scheduler" | "processor") => {
    const begins = role === "scheduler" ? "Plans" : "Processes";
    const found = bundles.find(
      ({ description, env }) => description.startsWith(begins) && env["RANGES_PIPELINE"] === pipeline,
    );
    if (found === undefined) {
      throw new Error(`no ${role} of ${pipeline}`);
    }
    return found;
  };
  const invoke = ({ folder, env }: Bundle, event: string) =>
    invokeHandler({
      source: `const { handler } = await import(${JSON.stringify(pathToFileURL(join(folder, "index.mjs")).href)});`,
      env: {
        ...env,
        AWS_ENDPOINT_URL: options.endpoint,
        AWS_ENDPOINT_URL_LAMBDA: lambda.url,
        LAMBDA_TASK_ROOT: folder,
      },
      event,
    });
  return {
    output,
    bundleOf,
    schedule: (pipeline) => invoke(bundleOf(pipeline, "scheduler"), JSON.stringify(TICK_EVENT)),
    process: (pipeline) => invoke(bundleOf(pipeline, "processor"), dispatched.get(pipeline) ?? "null"),
    [Symbol.asyncDispose]: async () => {
      await lambda[Symbol.asyncDispose]();
      await rm(output, { recursive: true, force: true });
    },
  };
}

async function synthesize(outdir: string, options: DeployedOptions): Promise<readonly Bundle[]> {
  // More pipelines than CloudFormation takes in one stack: nobody deploys this one.
  const context = { [ARCHITECTURE_CONTEXT]: hostArchitecture(), "@aws-cdk/core:stackResourceLimit": 0 };
  const app = new App({ outdir, context });
  const stack = new Stack(app, "Deployed");
  const ledger = LedgerTable.fromTableName(stack, "Ledger", options.ledgerTable);
  for (const [pipeline, { kafkaParamsSecret, ...props }] of Object.entries(options.pipelines)) {
    new RangePipeline(stack, pipeline, {
      topics: [options.topic],
      processorEntry: ENTRY,
      ledger,
      ...(kafkaParamsSecret === undefined ? {} : { kafkaParamsSecret: kafkaParamsSecret(stack) }),
      ...props,
    });
  }
  app.synth();
  return bundlesOf(outdir, "Deployed");
}
