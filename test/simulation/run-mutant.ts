// Runs the seeds of one mutant, in a process of its own: run-mutant.ts <name> <seeds>
// <steps>. Prints what found it, as JSON. Without a name nothing is mutated.

import { loadMutant } from "./load-mutant.ts";
import { MUTANTS } from "./mutants.ts";

export interface MutantResult {
  /** How many seeds it took; all of them when nothing was found. */
  readonly seeds: number;
  /** The last one. */
  readonly seed: number;
  /** What was broken; undefined when the mutant survived. */
  readonly invariant?: string;
  readonly message?: string;
}

const [name = "", seeds = "200", steps = "250"] = process.argv.slice(2);
const mutant = MUTANTS.find((one) => one.name === name);
if (mutant !== undefined) {
  loadMutant(mutant);
}
const { simulate } = await import("./simulation.ts");
console.log(JSON.stringify(await search(mutant?.first ?? 1, Number(seeds), Number(steps))));

async function search(first: number, limit: number, stepsPerSeed: number): Promise<MutantResult> {
  for (let seed = first; seed < first + limit; seed += 1) {
    const { violation } = await simulate({ seed, steps: stepsPerSeed });
    if (violation !== undefined) {
      const { invariant, message } = violation;
      return { seeds: seed - first + 1, seed, invariant, message: message.split("\n")[0] ?? "" };
    }
  }
  return { seeds: limit, seed: first + limit - 1 };
}
