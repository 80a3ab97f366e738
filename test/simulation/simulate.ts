// Simulates seeds one after the other: npm run simulate -- --seeds N [--first S]
// [--steps M] [--soak MINUTES] [--verbose]. Exits 1 at the first violation, with the
// seed that replays it.

import { parseArgs } from "node:util";
import { type SimulationResult, simulate } from "./simulation.ts";

const PROGRESS_MS = 2_000;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    first: { type: "string", default: "1" },
    steps: { type: "string", default: "400" },
    soak: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});

const first = Number(values.first);
const soakMs = values.soak === undefined ? undefined : Number(values.soak) * 60_000;
const seeds = soakMs === undefined ? Number(values.seeds) : Number.POSITIVE_INFINITY;
const startedAt = Date.now();
const counts = new Map<string, number>();
let steps = 0;
let shownAt = startedAt;

for (let seed = first; seed < first + seeds; seed += 1) {
  const result = await simulate({
    seed,
    steps: Number(values.steps),
    ...(values.verbose ? { onLine: (line: string) => console.log(line) } : {}),
  });
  steps += result.steps;
  for (const [kind, count] of result.counts) {
    counts.set(kind, (counts.get(kind) ?? 0) + count);
  }
  if (result.violation !== undefined) {
    printViolation(result);
    process.exit(1);
  }
  const elapsedMs = Date.now() - startedAt;
  if (Date.now() - shownAt > PROGRESS_MS) {
    shownAt = Date.now();
    console.log(`seed ${seed}: ${seed - first + 1} seeds, ${steps} events, ${(elapsedMs / 1_000).toFixed(0)} s`);
  }
  if (soakMs !== undefined && elapsedMs > soakMs) {
    break;
  }
}
for (const [kind, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
  console.log(`${count.toString().padStart(10)} ${kind}`);
}
console.log(`no violation in ${steps} events, ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`);

function printViolation({ seed, violation }: SimulationResult): void {
  if (violation !== undefined) {
    const { invariant, message, step, trace } = violation;
    console.log(trace.join("\n"));
    console.log(`seed ${seed}, event ${step}: ${invariant} is broken: ${message}`);
    console.log(`replay: npm run simulate -- --seeds 1 --first ${seed} --steps ${values.steps} --verbose`);
  }
}
