import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectPath } from "../../cdk/lib/runtime-function.ts";

const run = promisify(execFile);
const cdk = projectPath("node_modules/aws-cdk/bin/cdk");

/** Runs the CDK CLI as a user would, without any account. */
async function synth(output: string, context: Readonly<Record<string, string>>): Promise<void> {
  const values = Object.entries(context).flatMap(([name, value]) => ["--context", `${name}=${value}`]);
  const args = [
    "synth",
    "--quiet",
    "--no-notices",
    "--app",
    `"${process.execPath}" cdk/bin/app.ts`,
    "--output",
    output,
  ];
  const { PATH = "" } = process.env;
  const env = { PATH, HOME: output, CDK_DISABLE_CLI_TELEMETRY: "1", AWS_EC2_METADATA_DISABLED: "true" };
  await run(process.execPath, [cdk, ...args, ...values], { cwd: projectPath("."), env });
}

interface FunctionResource {
  readonly Type: string;
  readonly Properties: {
    readonly Code: { readonly S3Key: string };
    readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
  };
}

interface Bundle {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What Lambda would get: each function's files and variables, with a name in place of what CloudFormation fills in. */
async function bundlesOf(output: string): Promise<readonly Bundle[]> {
  const template = JSON.parse(await readFile(join(output, "KafkaOffsetRanges.template.json"), "utf8"));
  const functions = Object.values<FunctionResource>(template.Resources).filter(
    ({ Type }) => Type === "AWS::Lambda::Function",
  );
  return functions.map(({ Properties: { Code, Environment } }) => ({
    folder: join(output, `asset.${Code.S3Key.replace(".zip", "")}`),
    env: Object.fromEntries(
      Object.entries(Environment.Variables).map(([name, value]) => [name, typeof value === "string" ? value : "name"]),
    ),
  }));
}

async function evaluate({ folder, env }: Bundle, script: string): Promise<unknown> {
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: folder,
    env: { ...env, AWS_REGION: "us-east-1" },
  });
  return JSON.parse(stdout);
}

let output: string;
let bundles: readonly Bundle[];

beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), "cdk-"));
  await synth(output, { bootstrapServers: "b-1.example:9092", topics: "lines" });
  bundles = await bundlesOf(output);
});

afterAll(() => rm(output, { recursive: true, force: true }));

test("each function's bundle loads under Node 24 with a handler of two parameters, which Lambda demands", async () => {
  const script = `
    const { handler } = await import(process.cwd() + "/index.mjs");
    console.log(JSON.stringify({ major: parseInt(process.versions.node), type: typeof handler, arity: handler.length }));
    process.exit(0);`;

  const loaded = await Promise.all(bundles.map((bundle) => evaluate(bundle, script)));

  const expected = { major: 24, type: "function", arity: 2 };
  expect(loaded).toEqual([expected, expected]);
});

test("the native CRC-32C build loads from beside each bundle", async () => {
  const script = `
    const { createRequire } = await import("node:module");
    const { crc32c } = createRequire(process.cwd() + "/index.mjs")("@node-rs/crc32");
    console.log(crc32c("123456789"));`;

  const checksums = await Promise.all(bundles.map((bundle) => evaluate(bundle, script)));

  expect(checksums).toEqual([0xe3069283, 0xe3069283]);
});

test("a function whose environment is wrong fails at its start, naming the variable", async () => {
  const [bundle] = bundles;

  const load = evaluate(
    { folder: bundle?.folder ?? "", env: { ...bundle?.env, RANGES_MAX_ATTEMPTS: "many" } },
    'await import(process.cwd() + "/index.mjs");',
  );

  await expect(load).rejects.toThrow('RANGES_MAX_ATTEMPTS "many" is wrong: expected a whole number');
});

test.each([
  [{ topics: "lines" }, "context bootstrapServers is not set; pass it as -c bootstrapServers="],
  [{ bootstrapServers: "b-1:9092" }, "context topics is not set; pass it as -c topics=lines"],
  [{ bootstrapServers: "b-1:9092", topics: "lines", maxRecordsPerPartition: "x" }, "context maxRecordsPerPartition is"],
])("the app with %o is refused, naming what to pass", async (context, message) => {
  await expect(synth(output, context)).rejects.toThrow(message);
});
