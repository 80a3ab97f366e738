// Runs the seeds of one mutant, in a process of its own: run-mutant.ts <name> <seeds>
// <steps>. Prints what found it, as JSON. Without a name nothing is mutated.

import type { FoundViolation } from "../simulation.ts";
import { loadMutant } from "./load-mutant.ts";
import { MUTANTS } from "./mutants.ts";

export interface MutantResult {
  /** How many seeds it took; all of them when nothing was found, none where a script was played. */
  readonly seeds: number;
  /** The last one; absent where a script was played. */
  readonly seed?: number;
  /** What was broken; undefined when the mutant survived. */
  readonly invariant?: string;
  readonly message?: string;
}

const [name = "", seeds = "200", steps = "250"] = process.argv.slice(2);
const mutant = MUTANTS.find((one) => one.name === name);
if (mutant !== undefined) {
  loadMutant(mutant);
}
const { simulate } = await import("../simulation.ts");
const { playScript } = await import("../scripts.ts");
const first = mutant?.first ?? 1;
const result =
  typeof first === "string" ? found(0, await playScript(first)) : await search(first, Number(seeds), Number(steps));
console.log(JSON.stringify(result));

async function search(from: number, limit: number, stepsPerSeed: number): Promise<MutantResult> {
  for (let seed = from; seed < from + limit; seed += 1) {
    const { output = "dynamodb", rejects = false } = mutant ?? {};
    const { violation } = await simulate({ seed, steps: stepsPerSeed, output, rejects });
    if (violation !== undefined) {
      return { ...found(seed - from + 1, violation), seed };
    }
  }
  return { seeds: limit, seed: from + limit - 1 };
}

function found(seedCount: number, violation: FoundViolation | undefined): MutantResult {
  const [message = ""] = violation?.message.split("\n") ?? [];
  return { seeds: seedCount, ...(violation === undefined ? {} : { invariant: violation.invariant, message }) };
}
