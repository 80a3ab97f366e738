import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTemporaryFolder, removeLeftFolders } from "../../../../../functions/local/project/temporary-folder.ts";

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "temporary-folder-"));
});

afterEach(() => rm(parent, { recursive: true }));

/** Of a process that has ended. */
async function anEndedPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return Number(child.pid);
}

async function aFolder(name: string, pid?: string | number): Promise<void> {
  await mkdir(join(parent, name, "code"), { recursive: true });
  if (pid !== undefined) {
    await writeFile(join(parent, name, "pid"), String(pid));
  }
}

test("what a killed run has left is removed", async () => {
  await aFolder("ranges-dev-killed", await anEndedPid());

  await removeLeftFolders(parent);

  expect(await readdir(parent)).toEqual([]);
});

test("TMF1: what a run has that lives, or that names no process yet, stays", async () => {
  const own = await makeTemporaryFolder(parent);
  await aFolder("ranges-dev-unnamed");
  await aFolder("ranges-dev-half", "");

  await removeLeftFolders(parent);

  expect(await readdir(parent)).toEqual(
    expect.arrayContaining([basename(own), "ranges-dev-unnamed", "ranges-dev-half"]),
  );
});

test("what is not a run's, or only leads to something, stays", async () => {
  const pid = await anEndedPid();
  await aFolder("orders", pid);
  await symlink(join(parent, "orders"), join(parent, "ranges-dev-link"));

  await removeLeftFolders(parent);

  expect(await readdir(parent)).toEqual(["orders", "ranges-dev-link"]);
  expect(await readdir(join(parent, "orders"))).toEqual(["code", "pid"]);
});
