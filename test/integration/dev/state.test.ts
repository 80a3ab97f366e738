// `ranges dev` from one run to the next, on servers of its own: what survives, what the
// verdict is, and that nothing is left running.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { areFree } from "../../../functions/local/process/free-port.ts";
import { startDev } from "../../support/dev/dev-process.ts";
import { createDevProject, type DevProject } from "../../support/dev/dev-project.ts";

let project: DevProject;

beforeAll(async () => {
  project = await createDevProject({
    topic: "orders",
    props: "maxAttempts: 1,",
    each: '      if (order.orderId === "bad") throw new Error("a bad order");',
  });
  await writeFile(join(project.folder, "good.jsonl"), '{"orderId":"1"}\n{"orderId":"2"}\n{"orderId":"3"}\n');
  await writeFile(join(project.folder, "bad.jsonl"), '{"value":{"orderId":"bad"},"partition":0}\n');
});

afterAll(() => project.remove());

async function runBatch(...args: readonly string[]) {
  return startDev(project.folder, ["--batches", "1", ...args]).ended();
}

/** The servers that were started for the project: their arguments or their ports are its own. */
async function whatIsLeft(): Promise<readonly string[]> {
  const { ports } = JSON.parse(await readFile(join(project.folder, ".ranges/state.json"), "utf8"));
  const processes = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" }).split("\n");
  const isFree = await areFree([...ports.kafka, ports.ministack]);
  return [...processes.filter((line) => line.includes(project.folder)), ...(isFree ? [] : ["a port is taken"])];
}

/** A temporary folder of a run whose process has ended. */
async function aLeftFolder(): Promise<string> {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  const left = await mkdtemp(join(tmpdir(), "ranges-dev-"));
  await writeFile(join(left, "pid"), String(pid));
  return left;
}

test("a run of batches ends with exit code 0 where everything was processed, and leaves no process", async () => {
  const left = await aLeftFolder();

  const { code, output } = await runBatch("--produce", "good.jsonl");

  expect(output).toContain("created orders (3 partitions)");
  expect(output).toContain("3 offsets = 3 delivered");
  expect(output).toContain("VERIFIED: everything was processed, and the ledger is whole");
  expect(code).toBe(0);
  expect(await whatIsLeft()).toEqual([]);
  expect(existsSync(left)).toBe(false);
}, 240_000);

test("the next run goes on from the ledger and the log, and ends with exit code 1 where a partition has halted", async () => {
  const { code, output } = await runBatch("--produce", "bad.jsonl", "--produce-as", "records");

  expect(output).toContain("4 offsets = 3 delivered + 1 open");
  expect(output).toMatch(/orders-0 of \w+ has halted: .*a bad order\n {2}npx ranges retry --table/);
  expect(output).toContain("FAILED: not everything was processed");
  expect(code).toBe(1);
}, 240_000);

test("a fresh run knows nothing of those before", async () => {
  const { code, output } = await runBatch("--fresh");

  expect(output).toContain("created orders (3 partitions)");
  expect(output).not.toContain("delivered");
  expect(code).toBe(0);
  expect(await whatIsLeft()).toEqual([]);
}, 240_000);
