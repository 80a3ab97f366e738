// Somebody new to it: the package installed from its tarball, a project of their own, and
// its pipeline's first ranges on this machine, by the commands that the README tells.

import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const TEMPLATES = join(ROOT, "functions/cli/init/templates");
const run = promisify(execFile);
const { exports } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
/** What a project imports; as long as the package does not have it, there is no project to try. */
const isWhole = ["./cdk", "./testing"].every((path) => path in exports);

let folder: string;
let project: string;

beforeAll(async () => {
  // A path with a space, as people have them.
  folder = await mkdtemp(join(tmpdir(), "new comer-"));
  project = join(folder, "my-pipeline");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.runIf(isWhole)(
  "installs, begins a project, tests it, and sees its first ranges completed",
  async () => {
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: ROOT });
    const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf("[")));
    const tarball = join(folder, filename);
    const inFolder = { cwd: folder, maxBuffer: 10_000_000 };
    const inProject = { ...inFolder, cwd: project };
    const install = ["install", "--prefer-offline", "--no-audit", "--no-fund"];

    const npx = ["exec", "--yes", "--package", tarball, "--", "kafka-offset-ranges"];
    await run("npm", [...npx, "init", "my-pipeline"], inFolder);
    // The registry does not have it yet.
    await run("npm", ["pkg", "set", `dependencies.kafka-offset-ranges=file:${tarball}`], inProject);
    await run("npm", install, inProject);
    await run("npm", ["run", "typecheck"], inProject);
    await run("npm", ["test"], inProject);
    for (const template of await readdir(TEMPLATES)) {
      await run("npm", [...npx, "init", template, "--template", template], inFolder);
      const inTemplate = { ...inFolder, cwd: join(folder, template) };
      await symlink(join(project, "node_modules"), join(folder, template, "node_modules"));
      await run("npm", ["run", "typecheck"], inTemplate);
      await run("npm", ["test"], inTemplate);
    }
    const own = ["--bootstrap-servers", inject("kafka.bootstrapServers"), "--aws-endpoint", inject("aws.endpoint")];
    const dev = ["run", "dev", "--", "--produce", "orders.jsonl", "--produce-as", "records", "--batches", "1", ...own];

    const { stdout: shown } = await run("npm", dev, inProject);

    expect(shown).toContain("order 1002 of Grace");
    expect(shown).toContain("VERIFIED: everything was processed, and the ledger is whole");
  },
  600_000,
);
