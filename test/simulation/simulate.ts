// Simulates seeds one after the other. Exits 1 at the first violation, with the seed
// that replays it; 2 for options that it does not know.

import { Command, InvalidArgumentError, Option } from "commander";
import { OUTPUT_KINDS, type OutputKind } from "./outputs/output-kind.ts";
import { type SimulationResult, simulate } from "./simulation.ts";

const PROGRESS_MS = 2_000;

const values = new Command("simulate")
  .description("Simulates the whole system from seeds, each with faults of its own; exits 1 at the first violation.")
  .option("--seeds <n>", "how many", positive, 1_000)
  .option("--first <seed>", "the first of them; the others follow", positive, 1)
  .option("--steps <n>", "events before the faults of a seed stop", positive, 400)
  .option("--soak <minutes>", "seeds until this time is over, instead of a number of them", positive)
  .addOption(new Option("--output <where>", "where outputs go (default: as each seed says)").choices(OUTPUT_KINDS))
  .option("--verbose", "print every event", false)
  .configureOutput({ outputError: (text, write) => write(`${text.trim().replaceAll("\n", " ")}\n`) })
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<{ seeds: number; first: number; steps: number; soak?: number; output?: OutputKind; verbose: boolean }>();

/** Of no seeds, and of no events, it would say that nothing is broken. */
function positive(text: string): number {
  if (!/^0*[1-9]\d{0,14}$/.test(text)) {
    throw new InvalidArgumentError("expected a whole number above 0");
  }
  return Number(text);
}

const { first, steps: stepsPerSeed } = values;
const soakMs = values.soak === undefined ? undefined : values.soak * 60_000;
const seeds = soakMs === undefined ? values.seeds : Number.POSITIVE_INFINITY;
const startedAt = Date.now();
const counts = new Map<string, number>();
let steps = 0;
let shownAt = startedAt;

for (let seed = first; seed < first + seeds; seed += 1) {
  const result = await simulate({
    seed,
    steps: stepsPerSeed,
    ...(values.output === undefined ? {} : { output: values.output }),
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
    const output = values.output === undefined ? "" : ` --output ${values.output}`;
    console.log(`replay: npm run simulate -- --seeds 1 --first ${seed} --steps ${stepsPerSeed}${output} --verbose`);
  }
}
