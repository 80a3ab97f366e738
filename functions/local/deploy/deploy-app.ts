// Deploy app
//
// Deploys an app's stacks to a local endpoint by the project's own CDK CLI, as on AWS:
// each to the account and the region that it names, or to the local ones.

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cleanEnvironment } from "../process/clean-environment.ts";
import { runCommand } from "../process/run-command.ts";
import { type AssemblyStack, readAssembly } from "./assembly.ts";
import type { CdkProject } from "./cdk-project.ts";
import { type AwsEnvironment, localAwsVariables } from "./local-aws.ts";
import { synthesizeApp } from "./synthesize-app.ts";

const DEADLINE_MS = 300_000;

export interface DeployOptions {
  readonly project: CdkProject;
  /** A LocalStack-compatible AWS endpoint. */
  readonly endpoint: string;
  /** Takes the synthesized app, the outputs and the logs. */
  readonly folder: string;
  /** What the app reads as `-c name=value`. */
  readonly context: Readonly<Record<string, string>>;
}

/** By stack name, then by the name of the CfnOutput. */
export type StackOutputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Synthesizes, bootstraps the endpoint's account and deploys; deploying again updates. */
export async function deployApp(options: DeployOptions): Promise<StackOutputs> {
  const assemblyFolder = join(options.folder, "cdk.out");
  await synthesizeApp({ ...options, assemblyFolder, logFile: join(options.folder, "cdk-app.log") });
  const stacks = readAssembly(assemblyFolder);
  for (const environment of environmentsOf(stacks)) {
    await bootstrap(options, environment);
  }
  return deployAssembly(options, assemblyFolder, stacks);
}

/** The accounts and regions that the stacks go to, each once. */
export function environmentsOf(stacks: readonly AssemblyStack[]): readonly AwsEnvironment[] {
  return [...new Map(stacks.map(({ environment }) => [nameOf(environment), environment])).values()];
}

/** Makes the bucket and the roles that the CDK CLI deploys by. */
export async function bootstrap(options: DeployOptions, environment: AwsEnvironment): Promise<void> {
  await runCdk(options, environment, ["bootstrap", nameOf(environment)]);
}

/** Deploys what is synthesized. */
export async function deployAssembly(
  options: DeployOptions,
  assemblyFolder: string,
  stacks: readonly AssemblyStack[],
): Promise<StackOutputs> {
  const outputs: StackOutputs[] = [];
  for (const environment of environmentsOf(stacks)) {
    const ids = stacks.filter((stack) => nameOf(stack.environment) === nameOf(environment)).map(({ id }) => id);
    const outputsFile = join(options.folder, "outputs.json");
    await runCdk(options, environment, [
      ...["deploy", ...ids, "--app", assemblyFolder, "--exclusively", "--require-approval", "never"],
      ...["--progress", "events", "--outputs-file", outputsFile],
    ]);
    outputs.push(JSON.parse(await readFile(outputsFile, "utf8")));
  }
  return Object.assign({}, ...outputs);
}

/** Takes the app's stacks down; what they are told to retain stays. */
export async function destroyApp(options: DeployOptions): Promise<void> {
  const assemblyFolder = join(options.folder, "cdk.out");
  for (const environment of environmentsOf(readAssembly(assemblyFolder))) {
    await runCdk(options, environment, ["destroy", "--all", "--force", "--app", assemblyFolder]);
  }
}

async function runCdk(
  { endpoint, folder, project }: DeployOptions,
  environment: AwsEnvironment,
  [verb = "", ...args]: readonly string[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await runCommand({
    name: `cdk ${verb}`,
    command: process.execPath,
    args: [project.cli, verb, "--ci", "--no-color", "--no-notices", "--no-version-reporting", ...args],
    // Away from the app's cdk.json: what it says is in the assembly.
    cwd: folder,
    env: { ...cleanEnvironment(), ...localAwsVariables(endpoint, environment), CDK_DISABLE_CLI_TELEMETRY: "1" },
    logFile: join(folder, `cdk-${verb}.log`),
    deadlineMs: DEADLINE_MS,
  });
}

function nameOf({ account, region }: AwsEnvironment): string {
  return `aws://${account}/${region}`;
}
