// Temporary folder
//
// Where a run's functions unpack their code: outside of the project, whose package.json they
// would take for their own. A run that ends removes its folder. One that was killed cannot,
// so that the next run on this machine, of whichever project, does it.
//
//   TMF1  The folder of a run that lives is never removed: it names its process, and one that names none is left.

import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isRunning } from "../process/is-running.ts";

const PREFIX = "ranges-dev-";
const PID = "pid";

/** A new one in `parent`, the system's folder for such. */
export async function makeTemporaryFolder(parent: string): Promise<string> {
  const folder = await mkdtemp(join(parent, PREFIX));
  await writeFile(join(folder, PID), String(process.pid));
  return folder;
}

/** Removes those in `parent` whose runs are gone. What cannot be removed stays. */
export async function removeLeftFolders(parent: string): Promise<void> {
  const left = readdirSync(parent).filter((name) => name.startsWith(PREFIX));
  await Promise.allSettled(
    left
      .map((name) => join(parent, name))
      .filter((folder) => isLeft(folder))
      .map((folder) => rm(folder, { recursive: true, force: true })),
  );
}

/** Others' are not looked into, nor is what a link leads to. */
function isLeft(folder: string): boolean {
  try {
    const found = lstatSync(folder);
    const pid = readFileSync(join(folder, PID), "utf8");
    return found.isDirectory() && found.uid === process.getuid?.() && pid !== "" && !isRunning(Number(pid));
  } catch {
    // It was removed meanwhile, or names no process: an earlier version's, or one that is just made.
    return false;
  }
}
