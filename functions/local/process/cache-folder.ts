import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Of this repository, or, where the package is installed, of the user: each project needs the same. */
const cacheRoot = import.meta.url.endsWith(".ts")
  ? fileURLToPath(new URL("../../../.cache/", import.meta.url))
  : join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "kafka-offset-ranges");
const PARTIAL_KEPT_MS = 3_600_000;

export interface CachedDownload {
  /** With its version: "kafka-4.1.0". */
  readonly name: string;
  /** Shown before the first download: "Kafka 4.1.0 (54 MB)". */
  readonly title: string;
  /** Fills an empty folder; it may run in several processes at once, each with a folder of its own. */
  fill(folder: string): Promise<void>;
}

/** The folder of a download, filled on first use: whole or absent, never half. */
export async function cachedFolder(download: CachedDownload): Promise<string> {
  const folder = join(cacheRoot, download.name);
  if (existsSync(folder)) {
    return folder;
  }
  await mkdir(cacheRoot, { recursive: true });
  await removeAbandoned(download.name);
  const partial = await mkdtemp(join(cacheRoot, `${download.name}.partial-`));
  try {
    process.stderr.write(`downloading ${download.title} ...\n`);
    await download.fill(partial);
    await publish(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}

async function publish(partial: string, folder: string): Promise<void> {
  try {
    await rename(partial, folder);
  } catch (error) {
    // Another process was first, and its folder is as whole as ours.
    if (!existsSync(folder)) {
      throw error;
    }
  }
}

/** Removes what killed downloads left behind, but nothing that may still be filled. */
async function removeAbandoned(name: string): Promise<void> {
  for (const entry of await readdir(cacheRoot)) {
    const path = join(cacheRoot, entry);
    if (entry.startsWith(`${name}.partial-`) && (await stat(path)).mtimeMs < Date.now() - PARTIAL_KEPT_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}
