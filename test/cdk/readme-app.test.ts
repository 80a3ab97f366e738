// The pipeline of one's own that cdk/README.md shows, as it stands there.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectPath } from "../../cdk/lib/runtime-function.ts";

const run = promisify(execFile);

/** A clone with the two files in it. */
let clone: string;

beforeAll(async () => {
  // Within the project, as every entry is.
  await mkdir(projectPath(".cache"), { recursive: true });
  clone = await mkdtemp(projectPath(".cache/readme-app-"));
  const readme = await readFile(projectPath("cdk/README.md"), "utf8");
  const [code = "", app = ""] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, block]) => block);
  await mkdir(join(clone, "cdk/bin"), { recursive: true });
  await mkdir(join(clone, "functions/pipelines"), { recursive: true });
  await Promise.all([
    writeFile(join(clone, "package.json"), '{ "type": "module" }'),
    writeFile(join(clone, "cdk/bin/orders.ts"), app),
    writeFile(join(clone, "functions/pipelines/orders.ts"), code),
    ...["cdk/lib", "functions/processor", "node_modules"].map((path) => symlink(projectPath(path), join(clone, path))),
  ]);
});

afterAll(() => rm(clone, { recursive: true, force: true }));

test("the app synthesizes a stack that puts out what its text names", async () => {
  const context = { "aws:cdk:bundling-stacks": [], bootstrapServers: "b-1.example:9092", topic: "orders" };
  const env = { ...process.env, CDK_OUTDIR: join(clone, "cdk.out"), CDK_CONTEXT_JSON: JSON.stringify(context) };

  await run(process.execPath, ["cdk/bin/orders.ts"], { cwd: clone, env });

  const template = JSON.parse(await readFile(join(clone, "cdk.out/Orders.template.json"), "utf8"));
  expect(Object.keys(template.Outputs)).toEqual(
    expect.arrayContaining(["OrdersLedgerTableName", "OrdersSchedulerFunctionName", "OrdersProcessorFunctionName"]),
  );
});

test("the code is a processor, which only lacks its environment", async () => {
  const env = { ...process.env, AWS_LAMBDA_FUNCTION_NAME: "orders" };

  await expect(run(process.execPath, ["functions/pipelines/orders.ts"], { cwd: clone, env })).rejects.toThrow(
    "the function's environment is wrong: RANGES_PIPELINE is not set",
  );
});
