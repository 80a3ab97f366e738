import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cleanEnvironment } from "../process/clean-environment.ts";
import { runCommand } from "../process/run-command.ts";

const projectFolder = new URL("../../../", import.meta.url).pathname;
const cdkProgram = join(projectFolder, "node_modules", "aws-cdk", "bin", "cdk");
const DEADLINE_MS = 300_000;

/** What a local endpoint takes for an account; it looks at no credentials. */
const LOCAL_ACCOUNT = { account: "000000000000", region: "us-east-1" } as const;

/** What every AWS client on a local endpoint is told; nobody looks at the credentials. */
export const LOCAL_AWS = {
  AWS_REGION: LOCAL_ACCOUNT.region,
  AWS_DEFAULT_REGION: LOCAL_ACCOUNT.region,
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
} as const;

export interface DeployOptions {
  /** A LocalStack-compatible AWS endpoint. */
  readonly endpoint: string;
  /** Takes the synthesized app, the outputs and the logs. */
  readonly folder: string;
  /** What the app reads as `-c name=value`. */
  readonly context: Readonly<Record<string, string>>;
  /** @default "cdk/bin/app.ts" */
  readonly app?: string;
}

/** By stack name, then by the name of the CfnOutput. */
export type StackOutputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Bootstraps the endpoint's account and deploys the app by the CDK CLI, as on AWS; deploying again updates. */
export async function deployApp(options: DeployOptions): Promise<StackOutputs> {
  const { folder } = options;
  await mkdir(folder, { recursive: true });
  const appArgs = appArgsOf(options);
  const outputsFile = join(folder, "outputs.json");
  await runCdk(options, "bootstrap", [`aws://${LOCAL_ACCOUNT.account}/${LOCAL_ACCOUNT.region}`, ...appArgs]);
  await runCdk(options, "deploy", [
    ...["--all", "--require-approval", "never", "--progress", "events", "--outputs-file", outputsFile],
    ...appArgs,
  ]);
  return JSON.parse(await readFile(outputsFile, "utf8"));
}

/** Takes the app's stacks down; what they are told to retain stays. */
export async function destroyApp(options: DeployOptions): Promise<void> {
  await runCdk(options, "destroy", ["--all", "--force", ...appArgsOf(options)]);
}

function appArgsOf({ folder, context, app = "cdk/bin/app.ts" }: DeployOptions): readonly string[] {
  const values = Object.entries(context).flatMap(([name, value]) => ["--context", `${name}=${value}`]);
  // The node that runs us runs the app: the shell's may be older.
  return ["--app", `"${process.execPath}" ${app}`, "--output", join(folder, "cdk.out"), ...values];
}

async function runCdk({ endpoint, folder }: DeployOptions, verb: string, args: readonly string[]): Promise<void> {
  await runCommand({
    name: `cdk ${verb}`,
    command: process.execPath,
    args: [cdkProgram, verb, "--ci", "--no-color", "--no-notices", "--no-version-reporting", ...args],
    cwd: projectFolder,
    env: { ...cleanEnvironment(), ...localAwsEnvironment(endpoint), CDK_DISABLE_CLI_TELEMETRY: "1" },
    logFile: join(folder, `cdk-${verb}.log`),
    deadlineMs: DEADLINE_MS,
  });
}

export function localEndpoint(endpoint: string) {
  // The asset bucket's name as a host name would not resolve.
  return { AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint };
}

/** Points every AWS client at the endpoint, and away from the user's own profile and account. */
function localAwsEnvironment(endpoint: string): Readonly<Record<string, string>> {
  return {
    ...localEndpoint(endpoint),
    ...LOCAL_AWS,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    CDK_DEFAULT_ACCOUNT: LOCAL_ACCOUNT.account,
    CDK_DEFAULT_REGION: LOCAL_ACCOUNT.region,
  };
}
