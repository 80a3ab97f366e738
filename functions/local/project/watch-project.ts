// Watch project
//
// Tells that a file of the project was saved. Folders that are made, not written, are not
// looked at, and neither are those of others' packages, logs, and what an editor writes
// beside the file that it saves.

import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { basename, join } from "node:path";

/** `4913` is how Vim tries whether it may write in a folder. */
const UNWATCHED = new Set(["node_modules", "cdk.out", "dist", "build", "coverage", "4913"]);
const UNWATCHED_ENDINGS = [".log", "~", ".swp", ".swx", "___jb_tmp___", "___jb_old___"];
/** What Emacs keeps of a file that is not saved yet. */
const EMACS_SAVE = /^#.*#$/;
/** A save is several events: a new file, its text, its name. */
const QUIET_MS = 100;
/** A folder beyond them is not watched: each takes a handle of the system's. */
const MAX_FOLDERS = 2_000;

export interface ProjectWatch {
  /** What was saved since it was last asked, by absolute path; waits for it, or until the signal fires. */
  nextSave(signal: AbortSignal): Promise<ReadonlySet<string>>;
  close(): void;
}

export function watchProject(folder: string): ProjectWatch {
  const watchers = new Map<string, FSWatcher>();
  let saves = new Set<string>();
  let isQuiet = true;
  let wake: () => void = () => undefined;
  let quiet: NodeJS.Timeout | undefined;
  const saved = (path: string) => {
    saves.add(path);
    isQuiet = false;
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      isQuiet = true;
      wake();
    }, QUIET_MS);
  };
  const add = (path: string) => {
    if (watchers.has(path) || watchers.size >= MAX_FOLDERS) {
      return;
    }
    try {
      const watcher = watch(path, (_, name) => {
        if (name === null || isUnwatched(name)) {
          return;
        }
        addFolders(join(path, name));
        saved(join(path, name));
      });
      watcher.on("error", () => remove(path));
      watchers.set(path, watcher);
    } catch {
      // It is gone again, or may not be read.
      return;
    }
    for (const entry of readFolder(path)) {
      if (entry.isDirectory() && !isUnwatched(entry.name)) {
        add(join(path, entry.name));
      }
    }
  };
  const remove = (path: string) => {
    watchers.get(path)?.close();
    watchers.delete(path);
  };
  /** What is new may be a folder; what was one is gone. */
  const addFolders = (path: string) => {
    remove(path);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
      add(path);
    }
  };
  add(folder);
  return {
    nextSave: (signal) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      signal.addEventListener("abort", () => resolve(), { once: true });
      if ((saves.size > 0 && isQuiet) || signal.aborted) {
        resolve();
      }
      return promise.then(() => {
        const all = saves;
        saves = new Set();
        return all;
      });
    },
    close: () => {
      clearTimeout(quiet);
      for (const watcher of watchers.values()) {
        watcher.close();
      }
    },
  };
}

function isUnwatched(name: string): boolean {
  const own = basename(name);
  return (
    UNWATCHED.has(own) ||
    own.startsWith(".") ||
    UNWATCHED_ENDINGS.some((ending) => own.endsWith(ending)) ||
    EMACS_SAVE.test(own)
  );
}

function readFolder(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
