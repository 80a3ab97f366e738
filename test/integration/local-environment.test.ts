import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect, onTestFinished, test, vi } from "vitest";
import { startMiniStack } from "../../functions/local/servers/ministack.ts";

test("a function of the local stack has the variables of its deployment, and none of the shell's", async () => {
  const folder = await mkdtemp(join(tmpdir(), "local-environment-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of ["RANGES_UNKNOWN", "AWS_PROFILE", "NODE_OPTIONS", "PERSISTENCE"]) {
    vi.stubEnv(name, name === "NODE_OPTIONS" ? "--no-deprecation" : "of the shell");
  }
  onTestFinished(() => void vi.unstubAllEnvs());
  const ministack = await startMiniStack({ folder: join(folder, "ministack") });
  onTestFinished(() => ministack.stop());
  const source = join(folder, "index.mjs");
  await writeFile(source, "export const handler = async () => process.env;");
  execFileSync("python3", ["-m", "zipfile", "-c", "code.zip", "index.mjs"], { cwd: folder });
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const lambda = new LambdaClient({ endpoint: ministack.endpoint, region: "us-east-1", credentials });

  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: "environment",
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: "arn:aws:iam::000000000000:role/any",
      Code: { ZipFile: await readFile(join(folder, "code.zip")) },
      Environment: { Variables: { RANGES_PIPELINE: "word-count" } },
    }),
  );
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: "environment" }));

  const variables = JSON.parse(Buffer.from(Payload ?? []).toString());
  expect(variables).toMatchObject({ RANGES_PIPELINE: "word-count" });
  expect(Object.keys(variables).filter((name) => name.startsWith("RANGES_"))).toEqual(["RANGES_PIPELINE"]);
  expect(variables).not.toHaveProperty("AWS_PROFILE");
  expect(variables).not.toHaveProperty("PERSISTENCE");
});
