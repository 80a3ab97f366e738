// What a function finds when LocalStack runs it in a process: what Lambda promises, as far as the pipelines need it.

import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateFunctionCommand, InvokeCommand, LambdaClient, waitUntilFunctionActiveV2 } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { localClient } from "../../functions/local/deploy/local-aws.ts";

const SOURCE = `
let invocations = 0;
export async function handler({ act, ...event }, context) {
  invocations += 1;
  console.log("invoked to", act);
  if (act === "throw") throw new RangeError("beyond");
  if (act === "exit") process.exit(7);
  if (act === "hang") await new Promise((resolve) => setTimeout(resolve, 3_600_000));
  const { awsRequestId, functionName } = context;
  const names = Object.keys(process.env).filter((name) => /^(OWN|LAMBDA|PYTHON|GATEWAY)_/.test(name)).sort();
  const left = context.getRemainingTimeInMillis();
  return { invocations, pid: process.pid, event, awsRequestId, functionName, names, isTimeLeft: left > 0 && left <= 5_000 };
}`;

const client = new LambdaClient({ ...localClient(inject("aws.endpoint")), maxAttempts: 1 });
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "functions-"));
  await create("acts", SOURCE);
  await create("broken", "throw new TypeError('not today');");
});

afterAll(async () => {
  client.destroy();
  await rm(folder, { recursive: true, force: true });
});

async function create(name: string, source: string): Promise<void> {
  await writeFile(join(folder, "index.mjs"), source);
  execFileSync("python3", ["-m", "zipfile", "-c", `${name}.zip`, "index.mjs"], { cwd: folder });
  await client.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: "arn:aws:iam::000000000000:role/any",
      Timeout: 5,
      Code: { ZipFile: await readFile(join(folder, `${name}.zip`)) },
      Environment: { Variables: { OWN_NAME: name } },
    }),
  );
  await waitUntilFunctionActiveV2({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { FunctionName: name });
}

async function invoke(name: string, event: object = {}) {
  const { FunctionError, Payload, LogResult } = await client.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), LogType: "Tail" }),
  );
  return {
    error: FunctionError,
    answer: JSON.parse(Buffer.from(Payload ?? []).toString()),
    log: Buffer.from(LogResult ?? "", "base64").toString(),
  };
}

test("a function is loaded once, and has its own variables, its context and its log", async () => {
  const first = await invoke("acts", { act: "answer", text: "größer", offset: 1 });
  const second = await invoke("acts", { act: "answer" });

  expect(first).toMatchObject({
    error: undefined,
    answer: {
      event: { text: "größer", offset: 1 },
      functionName: "acts",
      isTimeLeft: true,
      names: ["LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "OWN_NAME"],
    },
    log: expect.stringContaining("invoked to answer\n"),
  });
  expect(second.answer).toMatchObject({ pid: first.answer.pid, invocations: first.answer.invocations + 1 });
  expect(second.answer.awsRequestId).not.toBe(first.answer.awsRequestId);
});

test("what a function throws is its answer", async () => {
  expect(await invoke("acts", { act: "throw" })).toMatchObject({
    error: "Unhandled",
    answer: { errorType: "RangeError", errorMessage: "beyond", trace: expect.arrayContaining(["RangeError: beyond"]) },
  });
});

test("a function that does not load says why", async () => {
  expect(await invoke("broken")).toMatchObject({
    error: "Unhandled",
    answer: { errorType: "TypeError", errorMessage: "not today" },
  });
});

test.each([
  ["exit", "Runtime.ExitError"],
  ["hang", "Sandbox.Timedout"],
])("after a function's %s its next invocation has a process of its own", async (act, errorType) => {
  const { answer: before } = await invoke("acts", { act: "answer" });

  expect(await invoke("acts", { act })).toMatchObject({ error: "Unhandled", answer: { errorType } });

  const { answer: after } = await invoke("acts", { act: "answer" });
  expect(after).toMatchObject({ invocations: 1 });
  expect(after.pid).not.toBe(before.pid);
});

test("a process that was killed while idle is replaced, and nobody is told", async () => {
  const { answer: before } = await invoke("acts", { act: "answer" });

  process.kill(before.pid, "SIGKILL");

  const { error, answer: after } = await invoke("acts", { act: "answer" });
  expect(error).toBeUndefined();
  expect(after).toMatchObject({ invocations: 1 });
  expect(after.pid).not.toBe(before.pid);
});
