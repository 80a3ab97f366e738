// What a function's start costs: its bundle, and the CPU of loading it above an empty handler's.

import { execFile } from "node:child_process";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { App, Stack } from "aws-cdk-lib";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import { type Bundle, bundlesOf } from "../../support/functions/function-bundle.ts";
import { median } from "../median.ts";

const run = promisify(execFile);
const loader = new URL("load-bundle.js", import.meta.url).pathname;

export interface StartReport {
  readonly name: "processor" | "scheduler";
  readonly bundleBytes: number;
  readonly mapBytes: number;
  /** Median CPU of loading it, above an empty handler's. */
  readonly loadCpuMs: number;
}

/** The functions of a pipeline as the construct makes them. */
export async function measureStarts(folder: string, rounds: number): Promise<readonly StartReport[]> {
  const empty = await anEmptyFunction(folder);
  const functions = await bundleFunctions(folder);
  const loads = new Map<Bundle, number[]>([empty, ...functions].map((one) => [one, []]));
  for (let round = 0; round < rounds; round += 1) {
    // In turn, so that what else the machine does is everybody's.
    for (const [bundle, measured] of loads) {
      measured.push(await load(bundle));
    }
  }
  const baseline = median(loads.get(empty) ?? []);
  return Promise.all(
    functions.map(async (bundle) => ({
      name: bundle.description.startsWith("Processes") ? ("processor" as const) : ("scheduler" as const),
      bundleBytes: (await stat(join(bundle.folder, "index.mjs"))).size,
      mapBytes: (await stat(join(bundle.folder, "index.mjs.map"))).size,
      loadCpuMs: median(loads.get(bundle) ?? []) - baseline,
    })),
  );
}

async function anEmptyFunction(folder: string): Promise<Bundle> {
  const empty = join(folder, "empty");
  await mkdir(empty);
  await writeFile(join(empty, "index.mjs"), "export const handler = async () => undefined;\n");
  return { description: "empty", folder: empty, env: {} };
}

async function bundleFunctions(folder: string): Promise<readonly Bundle[]> {
  const outdir = join(folder, "cdk.out");
  const app = new App({ outdir });
  new RangePipeline(new Stack(app, "Bench"), "WordCount", {
    bootstrapServers: ["b-1.example:9092"],
    topics: ["lines"],
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
    processorEnvironment: { WORD_COUNTS_TABLE: "counts" },
  });
  app.synth();
  return bundlesOf(outdir, "Bench");
}

async function load({ folder, env }: Bundle): Promise<number> {
  const account = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench" };
  const inLambda = { ...env, ...account, AWS_LAMBDA_FUNCTION_NAME: "bench" };
  const { stdout } = await run(process.execPath, [loader, join(folder, "index.mjs")], { env: inLambda });
  return Number(stdout);
}
