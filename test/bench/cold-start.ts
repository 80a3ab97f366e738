// npm run bench:cold-start: what of a function's cold start is the product's own.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { renderTargets } from "./render-report.ts";
import { measureStarts, type StartReport } from "./starting/measure-start.ts";
import type { Target } from "./targets.ts";
import { wholeNumber } from "./whole-number.ts";

const MAX_BUNDLE_BYTES = { processor: 700_000, scheduler: 750_000 } as const;
const MAX_LOAD_CPU_MS = 100;
const SHOWN_SOURCES = 10;

interface Arguments {
  readonly rounds: number;
  readonly json?: string;
}

const { rounds, json } = new Command("npm run bench:cold-start --")
  .description(
    "Bundles both functions as the construct does, and measures the CPU of loading each in a new process, above that of an empty handler. A target that is not met is told, not failed.",
  )
  .option("--rounds <n>", "of which the median counts", wholeNumber, 15)
  .option("--json <file>", "write the measurements there too")
  .parse()
  .opts<Arguments>();

const folder = await mkdtemp(join(tmpdir(), "bench-cold-start-"));
const machine = `${cpus()[0]?.model ?? "unknown CPU"}, ${availableParallelism()} cores, Node ${process.version}`;
process.stdout.write(`${machine}; median of ${rounds} rounds\n\n`);
const starts = await measureStarts(folder, rounds);
for (const start of starts) {
  process.stdout.write(renderStart(start));
}
const targets = starts.flatMap(judge);
process.stdout.write(`\n${renderTargets(targets)}`);
if (json !== undefined) {
  await writeFile(json, `${JSON.stringify({ machine, rounds, starts, targets }, undefined, 2)}\n`);
}
await rm(folder, { recursive: true, force: true });

function judge({ name, bundleBytes, loadCpuMs }: StartReport): readonly Target[] {
  const maxBytes = MAX_BUNDLE_BYTES[name];
  return [
    {
      promise: `a ${name} of at most ${kilobytes(maxBytes)}`,
      measured: kilobytes(bundleBytes),
      isMet: bundleBytes <= maxBytes,
    },
    {
      promise: `at most ${MAX_LOAD_CPU_MS} ms of CPU to load the ${name}, above an empty handler`,
      measured: `${loadCpuMs.toFixed(0)} ms`,
      isMet: loadCpuMs <= MAX_LOAD_CPU_MS,
    },
  ];
}

function renderStart(start: StartReport): string {
  const { name, bundleBytes, mapBytes, loadCpuMs, nodeCpuMs, parseCpuMs, runCpuMs, sources } = start;
  const sizes = `${kilobytes(bundleBytes)}, and ${kilobytes(mapBytes)} of source map, which only an error loads`;
  const largest = sources.slice(0, SHOWN_SOURCES).map(({ source, bytes }) => `${source} ${kilobytes(bytes)}`);
  const parts = `${nodeCpuMs.toFixed(0)} ms Node's modules, ${parseCpuMs.toFixed(0)} ms parsing, ${runCpuMs.toFixed(0)} ms running`;
  return `${name}: ${sizes}\n  of ${largest.join(", ")}\n  ${loadCpuMs.toFixed(0)} ms of CPU to load: ${parts}\n`;
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1_000)} KB`;
}
