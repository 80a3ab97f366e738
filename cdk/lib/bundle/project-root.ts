import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

const LOCK_FILES = ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"];

/**
 * The folder of the project that a file belongs to: of the nearest lock file on the way up, which in workspaces is at
 * their root; else of the nearest package.json; else the file's own.
 */
export function projectRootOf(file: string): string {
  const folders = foldersAbove(file);
  const holding = (names: readonly string[]) =>
    folders.find((folder) => names.some((name) => existsSync(join(folder, name))));
  return holding(LOCK_FILES) ?? holding(["package.json"]) ?? dirname(file);
}

/** From the nearest to the topmost, which is its own parent. */
function foldersAbove(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersAbove(folder)];
}
