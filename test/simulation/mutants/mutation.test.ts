// Whether the simulation can see: each planted bug is found, by seeds that find
// nothing without it. Prints what found each of them, and after how many seeds.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { simulate } from "../simulation.ts";
import { applyEdit } from "./load-mutant.ts";
import { MUTANTS } from "./mutants.ts";
import type { MutantResult } from "./run-mutant.ts";

/** The bug that is hardest to find needs two thirds of them from the first seed on. */
const MAX_SEEDS = 800;
const STEPS = 250;
const TIMEOUT_MS = 900_000;

const program = fileURLToPath(new URL("run-mutant.ts", import.meta.url));
const results = new Map<string, MutantResult>();

beforeAll(async () => {
  await mapConcurrently(MUTANTS, availableParallelism(), async ({ name }) => {
    const result = await runMutant(name);
    results.set(name, result);
    const where = result.seed === undefined ? "its script" : `${result.seeds} seeds, at ${result.seed}`;
    console.log(`${result.invariant ?? "survived"} after ${where}: ${name}`);
  });
}, TIMEOUT_MS);

describe.each(MUTANTS)("the bug: $name", ({ name, edits }) => {
  test("is planted in text that is there once", async () => {
    for (const edit of edits) {
      const text = await readFile(new URL(`../../../${edit.file}`, import.meta.url), "utf8");

      expect(applyEdit(name, text, edit)).not.toBe(text);
    }
  });

  test("is found", () => {
    expect(results.get(name)?.invariant, results.get(name)?.message).toBeDefined();
  });
});

test(
  "the seeds that found bugs find none where there is none",
  async () => {
    for (const { name, output, rejects = false } of MUTANTS) {
      const seed = results.get(name)?.seed;
      if (seed !== undefined) {
        const { violation } = await simulate({ seed, steps: STEPS, output, rejects });

        expect(violation, `seed ${seed}: ${violation?.message}`).toBeUndefined();
      }
    }
  },
  TIMEOUT_MS,
);

/** One that cannot be planted or run is not found, and says why: the others go on. */
async function runMutant(name: string): Promise<MutantResult> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, name, `${MAX_SEEDS}`, `${STEPS}`]);
    // Printed by run-mutant.ts, of the same commit.
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as MutantResult;
  } catch (error) {
    return { seeds: 0, message: String(error) };
  }
}
