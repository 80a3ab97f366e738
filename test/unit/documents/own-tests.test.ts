// The pipeline and the test of it that functions/README.md shows, run as a user would run them.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const run = promisify(execFile);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "own-tests-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The document's file of this name, with the package's entries where they are in the checkout. */
async function writeExample(name: string): Promise<void> {
  const text = await readFile(join(ROOT, "functions/README.md"), "utf8");
  const [, code = ""] = new RegExp(`\`\`\`ts\n(// ${name}\n[\\s\\S]*?)\`\`\``).exec(text) ?? [];
  const entry = (file: string) => JSON.stringify(join(ROOT, "functions/package", file));
  const imported = code
    .replace('"kafka-offset-ranges/testing"', entry("testing.ts"))
    .replace('"kafka-offset-ranges"', entry("pipeline.ts"));
  expect(imported, `functions/README.md shows ${name}`).toContain("import ");
  await writeFile(join(folder, name), imported);
}

/** With nothing in its environment. */
const node = (...args: readonly string[]) => run(process.execPath, args, { cwd: folder, env: {} });

test("the documented test passes, without any environment", async () => {
  await Promise.all([writeExample("orders.ts"), writeExample("orders.test.ts")]);

  const { stdout } = await node("--test", "--test-reporter=tap", "orders.test.ts");

  expect(stdout).toMatch(/^ok 1 - the last order of an id counts, wherever the processor dies/m);
  expect(stdout).toMatch(/^# fail 0/m);
});

test("it fails where the pipeline does something else", async () => {
  await writeExample("orders.test.ts");
  await writeExample("orders.ts");
  const orders = await readFile(join(folder, "orders.ts"), "utf8");
  await writeFile(join(folder, "orders.ts"), orders.replace("put(", "put2(").replace("put,", "del as put2,"));

  await expect(node("--test", "--test-reporter=tap", "orders.test.ts")).rejects.toMatchObject({
    stdout: expect.stringMatching(/^# fail 1/m),
  });
});

test.each(["word-count.ts", "tenant-topics.ts"])("%s, which is shipped, can be imported too", async (name) => {
  const path = JSON.stringify(join(ROOT, "functions/pipelines", name));

  const { stdout } = await node("--input-type=module", "--eval", `console.log(typeof (await import(${path})).handler)`);

  expect(stdout).toBe("function\n");
});

test("in Lambda the shipped pipeline names every variable that is missing when it is loaded", async () => {
  const path = JSON.stringify(join(ROOT, "functions/pipelines/word-count.ts"));
  const env = { AWS_LAMBDA_FUNCTION_NAME: "word-count", AWS_REGION: "us-east-1" };

  const loaded = run(process.execPath, ["--input-type=module", "--eval", `await import(${path})`], { env });

  await expect(loaded).rejects.toThrow(
    /RANGES_PIPELINE is not set[\s\S]*RANGES_LEDGER_TABLE is not set[\s\S]*WORD_COUNTS_TABLE is not set/,
  );
});
