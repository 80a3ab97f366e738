// What a function's start costs: its bundle, and the CPU of loading it above an empty handler's.

import { execFile } from "node:child_process";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { App, Stack } from "aws-cdk-lib";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import { type Bundle, bundlesOf } from "../../support/functions/function-bundle.ts";
import { median } from "../median.ts";
import { bytesBySource, type SourceBytes } from "./bytes-by-source.ts";

const run = promisify(execFile);
const loader = new URL("load-bundle.js", import.meta.url).pathname;

/** What a start consists of, in the order of load-bundle.js. */
const PARTS = ["whole", "node", "parse"] as const;

type Part = (typeof PARTS)[number];

export interface StartReport {
  readonly name: "processor" | "scheduler";
  readonly bundleBytes: number;
  readonly mapBytes: number;
  /** Median CPU of loading it, above an empty handler's. */
  readonly loadCpuMs: number;
  /** Of that, the parts of Node that it imports at once. */
  readonly nodeCpuMs: number;
  /** Of that, what V8 reads before the first line runs: in proportion to the size. */
  readonly parseCpuMs: number;
  /** Of that, the modules' own first run, with the configuration's checks and the clients. */
  readonly runCpuMs: number;
  readonly sources: readonly SourceBytes[];
}

/** The functions of a pipeline as the construct makes them. */
export async function measureStarts(folder: string, rounds: number): Promise<readonly StartReport[]> {
  const empty = await anEmptyFunction(folder);
  const functions = await bundleFunctions(folder);
  const loads = [empty, ...functions].flatMap((bundle) =>
    PARTS.map((part) => ({ bundle, part, measured: [] as number[] })),
  );
  for (let round = 0; round < rounds; round += 1) {
    // In turn, so that what else the machine does is everybody's.
    for (const { bundle, part, measured } of loads) {
      measured.push(await load(bundle, part));
    }
  }
  const medianOf = (bundle: Bundle, part: Part) =>
    median(loads.find((one) => one.bundle === bundle && one.part === part)?.measured ?? []);
  const above = (bundle: Bundle, part: Part) => medianOf(bundle, part) - medianOf(empty, part);
  return Promise.all(
    functions.map(async (bundle) => {
      const path = join(bundle.folder, "index.mjs");
      const [text, map] = await Promise.all([readFile(path, "utf8"), readFile(`${path}.map`, "utf8")]);
      const [loadCpuMs, nodeCpuMs, parseCpuMs] = [
        above(bundle, "whole"),
        above(bundle, "node"),
        above(bundle, "parse"),
      ];
      return {
        name: bundle.description.startsWith("Processes") ? ("processor" as const) : ("scheduler" as const),
        bundleBytes: (await stat(path)).size,
        mapBytes: (await stat(`${path}.map`)).size,
        loadCpuMs,
        nodeCpuMs,
        parseCpuMs,
        runCpuMs: loadCpuMs - nodeCpuMs - parseCpuMs,
        sources: bytesBySource(text, JSON.parse(map)),
      };
    }),
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

async function load({ folder, env }: Bundle, part: Part): Promise<number> {
  const account = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench" };
  const inLambda = { ...env, ...account, AWS_LAMBDA_FUNCTION_NAME: "bench" };
  const node = ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning", loader];
  const { stdout } = await run(process.execPath, [...node, part, join(folder, "index.mjs")], { env: inLambda });
  return Number(stdout);
}
