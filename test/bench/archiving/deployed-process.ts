// An archiver as Lambda would run it: bundled as a function is, and with as much memory for
// V8 as a function of that size gives it. What runs TypeScript beside it would count as its memory.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { bundleEntry, findEsbuild } from "../../../cdk/lib/bundle/bundle-entry.ts";
import { addNativeCrc32 } from "../../../cdk/lib/bundle/native-crc32.ts";

const archiveProcess = new URL("archive-process.ts", import.meta.url).pathname;
const projectRoot = new URL("../../..", import.meta.url).pathname;

/** The other archiver of the process stays outside, as what a function does not use does. */
const UNUSED = ["*/kafkajs-archiver.ts"];

/** Writes the bundle into a folder below the given one, and answers what Node.js is to be started with. */
export async function deployArchiver(folder: string, functionMib: number): Promise<readonly string[]> {
  const target = join(folder, "function");
  await mkdir(target, { recursive: true });
  const esbuild = findEsbuild(archiveProcess);
  if (esbuild === undefined) {
    throw new Error("esbuild is not installed: npm ci");
  }
  bundleEntry(esbuild, archiveProcess, target, UNUSED);
  const architecture = process.arch === "arm64" ? "arm64" : "x86_64";
  const native = addNativeCrc32(target, { architecture, projectRoot });
  if (native.kind === "missing") {
    throw new Error(`the native CRC-32C is missing: ${native.why}`);
  }
  return [...heapOptions(functionMib), join(target, "index.mjs")];
}

/**
 * As the start script of Lambda's Node.js runtimes has them, unless NODE_OPTIONS says otherwise: a tenth of the
 * function's memory for the two halves of the young generation, the rest for the old one.
 */
function heapOptions(functionMib: number): readonly string[] {
  const young = Math.floor(functionMib / 10);
  return [`--max-semi-space-size=${Math.floor(young / 2)}`, `--max-old-space-size=${functionMib - young}`];
}
