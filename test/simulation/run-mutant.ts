// Runs the seeds of one mutant, in a process of its own: run-mutant.ts <name> <seeds>
// <steps>. Prints what found it, as JSON. Without a name nothing is mutated.

import { loadMutant } from "./load-mutant.ts";
import { MUTANTS } from "./mutants.ts";

export interface MutantResult {
  /** How many seeds it took; all of them when nothing was found. */
  readonly seeds: number;
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
console.log(JSON.stringify(await findMutant(Number(seeds), Number(steps))));

async function findMutant(limit: number, stepsPerSeed: number): Promise<MutantResult> {
  for (let seed = 1; seed <= limit; seed += 1) {
    const { violation } = await simulate({ seed, steps: stepsPerSeed });
    if (violation !== undefined) {
      return { seeds: seed, invariant: violation.invariant, message: violation.message.split("\n")[0] ?? "" };
    }
  }
  return { seeds: limit };
}
