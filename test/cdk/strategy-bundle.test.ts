import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RangePipeline } from "../../cdk/lib/range-pipeline.ts";
import { projectPath } from "../../cdk/lib/runtime-function.ts";
import { type Bundle, bundlesOf, evaluateIn } from "../support/functions/function-bundle.ts";

const LOAD = 'const { handler } = await import(process.cwd() + "/index.mjs");';

let output: string;
let scheduler: Bundle;

beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), "strategy-"));
  const app = new App({ outdir: output });
  new RangePipeline(new Stack(app, "Test"), "Tenants", {
    bootstrapServers: ["b-1.example:9092"],
    strategyEntry: projectPath("functions/pipelines/tenant-topics.ts"),
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
  });
  app.synth();
  const bundles = await bundlesOf(output, "Test");
  const found = bundles.find(({ description }) => description.startsWith("Plans"));
  expect(found).toBeDefined();
  scheduler = found ?? scheduler;
});

afterAll(() => rm(output, { recursive: true, force: true }));

test("a strategy is bundled with the scheduler, into a handler of two parameters", async () => {
  const loaded = await evaluateIn(scheduler, `${LOAD} console.log(handler.length); process.exit(0);`);

  expect(scheduler.env).toMatchObject({ RANGES_STRATEGY: "true" });
  expect(scheduler.env).not.toHaveProperty("RANGES_TOPICS");
  expect(loaded).toBe(2);
});

test("a scheduler with a strategy reads nothing else: configured topics are refused at its start", async () => {
  const { RANGES_STRATEGY: _strategy, ...env } = scheduler.env;

  await expect(evaluateIn({ ...scheduler, env: { ...env, RANGES_TOPICS: "orders" } }, LOAD)).rejects.toThrow(
    "the scheduler has a strategy but RANGES_STRATEGY is not true",
  );
  await expect(evaluateIn({ ...scheduler, env }, LOAD)).rejects.toThrow(
    "expected exactly one of topics, topicPattern, assign and strategy",
  );
});
