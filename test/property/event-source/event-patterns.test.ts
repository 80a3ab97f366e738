// Patterns of events against AWS's own matcher of them, Event Ruler: random patterns of its grammar, and
// of what lies beside it, over random events.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileEventPattern } from "../../../functions/event-source/filter/event-pattern.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { type RulerOracle, startRulerOracle } from "../../support/java/ruler-oracle.ts";

const folder = mkdtempSync(join(tmpdir(), "event-patterns-"));
let ruler: RulerOracle;
beforeAll(async () => {
  ruler = await startRulerOracle(folder);
});
afterAll(async () => {
  await ruler.stop();
  rmSync(folder, { recursive: true });
});

/** Of 100 patterns, each against its own event. */
const RUNS = Number(process.env["PATTERN_RUNS"] ?? 60);

const text = fc.oneof(
  fc.constantFrom("", "a", "ab", "abc", "AB", "é", "É", "b", "a*b", "10.0.0.7", "10.0.1.9", "2001:db8::1", "null"),
  fc.string({ unit: fc.constantFrom("a", "b", "*", "\\", "É", "😀"), maxLength: 4 }),
);
const number = fc.constantFrom(0, 1, 2, 5, 10, -3, 0.5, 300, 1e21);
const leaf = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const name = fc.constantFrom("x", "y", "z");

const event = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(name, tie("value"), { maxKeys: 3 }),
  ),
})).value;

const few = <Value>(one: fc.Arbitrary<Value>) => fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 3 }));
const textOperator = (argument: fc.Arbitrary<unknown>) =>
  fc.oneof(
    argument.map((prefix) => ({ prefix })),
    argument.map((suffix) => ({ suffix })),
    argument.map((given) => ({ "equals-ignore-case": given })),
    argument.map((wildcard) => ({ wildcard })),
  );
const comparison = fc.constantFrom("=", "<", "<=", ">", ">=");
const operator = fc.oneof(
  textOperator(text),
  text.map((exactly) => ({ exactly })),
  text.map((given) => ({ prefix: { "equals-ignore-case": given } })),
  text.map((given) => ({ suffix: { "equals-ignore-case": given } })),
  fc.tuple(comparison, number).map((numeric) => ({ numeric })),
  fc.tuple(fc.constantFrom(">", ">="), number, fc.constantFrom("<", "<="), number).map((numeric) => ({ numeric })),
  fc.boolean().map((exists) => ({ exists })),
  fc.constantFrom("10.0.0.0/24", "10.0.0.0/8", "2001:db8::/32", "10.0.0.0", "x/8").map((cidr) => ({ cidr })),
  few(text).map((given) => ({ "anything-but": given })),
  few(number).map((given) => ({ "anything-but": given })),
  textOperator(few(text)).map((given) => ({ "anything-but": given })),
  fc.constantFrom({}, { regex: "a" }, { prefix: "a", suffix: "b" }, { exists: 1 }, { numeric: ["<", 1, ">", 0] }),
);
const value = fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 4, arbitrary: operator });
const list = fc.oneof({ weight: 30, arbitrary: fc.array(value, { minLength: 1, maxLength: 3 }) }, fc.constant([]));

/** `$or` is about other fields than those beside it: one that is named twice is overridden, which nobody means. */
const pattern = fc.letrec((tie) => ({
  fields: fc.dictionary(name, fc.oneof({ maxDepth: 2 }, list, tie("fields")), { minKeys: 1, maxKeys: 2 }),
  whole: fc.oneof(
    { weight: 4, arbitrary: tie("fields") },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.dictionary(fc.constantFrom("v", "w"), list, { maxKeys: 1 }),
          fc.array(tie("fields"), { minLength: 1, maxLength: 3 }),
        )
        .map(([beside, sides]) => ({ ...(beside as object), $or: sides })),
    },
  ),
})).whole as fc.Arbitrary<object>;

/** Undefined where the pattern is refused. */
function matched(given: object, one: object): boolean | undefined {
  try {
    return compileEventPattern(given, "pattern")(one);
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return undefined;
    }
    throw error;
  }
}

test(
  "NP1, NP2, VM1, VM2: a pattern matches the events that it matches in Event Ruler, and is refused where it is",
  async () => {
    const seen = { taken: 0, matched: 0, refused: 0 };
    const one = fc.tuple(pattern, fc.dictionary(fc.constantFrom("x", "y", "z", "v", "w"), event));

    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 100, maxLength: 100 }), async (cases) => {
        const texts = cases.map(([given, happened]) => ({
          pattern: JSON.stringify(given),
          event: JSON.stringify(happened),
        }));
        const answers = await ruler.matched(texts);
        for (const [index, [given, happened]] of cases.entries()) {
          const ours = matched(given, happened);
          expect({ ...texts[index], matched: ours ?? null }).toEqual({ ...texts[index], matched: answers[index] });
          seen.taken += ours === undefined ? 0 : 1;
          seen.matched += ours === true ? 1 : 0;
          seen.refused += ours === undefined ? 1 : 0;
        }
      }),
      { numRuns: RUNS },
    );

    // Else it would have shown nothing.
    expect(Math.min(seen.taken, seen.matched * 10, seen.refused * 5)).toBeGreaterThan(RUNS * 30);
  },
  60_000 + RUNS * 1_000,
);
