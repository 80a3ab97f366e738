// `npm start` on a LocalStack of the user's own, to its proof. It deploys the stack that the
// end-to-end test deploys as well, so that each has an endpoint of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, inject, onTestFinished, test } from "vitest";
import { startLocalStack } from "./localstack.ts";

const script = new URL("../local/start.ts", import.meta.url).pathname;

test("npm start proves itself on a LocalStack that runs already", async () => {
  const folder = await mkdtemp(join(tmpdir(), "npm-start-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const localStack = await startLocalStack({ folder });
  onTestFinished(() => localStack.stop());
  const own = ["--aws-endpoint", localStack.endpoint, "--bootstrap-servers", inject("kafka.bootstrapServers")];

  const run = spawn(process.execPath, [script, ...own, "--batches", "3"], { stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(run, "exit");
  const [stdout, stderr, [code]] = await Promise.all([text(run.stdout), text(run.stderr), exited]);

  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toMatch(/^words produced \d+, in the log \d+, counted in DynamoDB [1-9]\d*: equal$/m);
  expect(stdout).toMatch(/^ledger: 12 chains, \d+ ranges: whole$/m);
}, 600_000);
