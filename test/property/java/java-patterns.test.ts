// Topic patterns against java.util.regex.Pattern itself: random patterns of its grammar,
// and of what lies beside it, over random names.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { compileTopicPattern } from "../../../shared/core/pattern/topic-pattern.ts";
import { aPattern, aTopicName } from "../../support/builders/arbitrary-pattern.ts";
import { type JavaValues, startJavaValues } from "../../support/java/java-values.ts";

const folder = mkdtempSync(join(tmpdir(), "java-patterns-"));
let java: JavaValues;
beforeAll(async () => {
  java = await startJavaValues(folder);
});
afterAll(async () => {
  await java.stop();
  rmSync(folder, { recursive: true });
});

/** Of 50 patterns, each against 30 names. */
const RUNS = Number(process.env["TEST_PATTERN_RUNS"] ?? 150);

/** Undefined where the pattern is refused. */
function matching(pattern: string, names: readonly string[]): readonly string[] | undefined {
  try {
    return names.filter(compileTopicPattern(pattern));
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return undefined;
    }
    throw error;
  }
}

test(
  "TP1, MP2: a pattern matches the names that it matches in Java, or is refused",
  async () => {
    let taken = 0;
    let matched = 0;
    const batch = fc.tuple(
      fc.array(aPattern, { minLength: 50, maxLength: 50 }),
      fc.array(aTopicName, { minLength: 30, maxLength: 30 }),
    );

    await fc.assert(
      fc.asyncProperty(batch, async ([patterns, names]) => {
        const answers = await java.of("patterns", patterns, { names });
        for (const [index, pattern] of patterns.entries()) {
          const ours = matching(pattern, names);
          if (ours !== undefined) {
            expect({ pattern, names: ours }).toEqual({ pattern, names: answers[index] });
            taken += 1;
            matched += ours.length;
          }
        }
      }),
      { numRuns: RUNS },
    );

    // Most of what Java takes is taken, and says something.
    expect(taken).toBeGreaterThan(RUNS * 50 * 0.3);
    expect(matched).toBeGreaterThan(taken / 2);
  },
  60_000 + RUNS * 1_000,
);
