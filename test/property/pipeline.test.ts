// The whole path under faults at random: who is killed, frozen, delivered twice, out
// of time, or cut off from the ledger, what operators retry, skip and pause meanwhile,
// and in which order everybody's steps come. A
// failure prints the seed and path that replay it; PROPERTY_RUNS=5000 searches longer.

import fc from "fast-check";
import { expect, test } from "vitest";
import { recordCount } from "../../shared/core/range/offset-range.ts";
import type { RangeRecord } from "../../shared/core/range/range-record.ts";
import type { OperatorVerb } from "../support/pipeline/simulated-operator.ts";
import { PARTITIONS, SimulatedPipeline, type Step, type Style } from "../support/pipeline/simulated-pipeline.ts";

const RUNS = Number(process.env["PROPERTY_RUNS"] ?? 300);

/** Backwards, within every time-out, beyond a dispatch's, a lease's, and the longest back-off. */
const CLOCK_STEPS_MS = [-20_000, 900, 31_000, 75_000, 301_000];

const index = fc.nat({ max: 5 });
const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("run" as const), steps: fc.integer({ min: 1, max: 8 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("produce" as const),
      partition: fc.nat({ max: PARTITIONS - 1 }),
      count: fc.integer({ min: 1, max: 6 }),
      how: fc.constantFrom("plain", "committed", "aborted"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("tick" as const), scheduler: fc.nat({ max: 1 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("deliver" as const),
      event: index,
      isDuplicate: fc.boolean(),
      style: fc.constantFrom<Style>("return", "commitRecords", "commitBatches"),
      crashAt: fc.nat({ max: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lose" as const), event: index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("kill", "timeUp"), actor: index }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("freeze" as const), actor: index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("thaw" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("cutOff" as const),
      actor: index,
      fault: fc.constantFrom("lostRequest", "lostAnswer"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("operate" as const),
      verb: fc.constantFrom<OperatorVerb>(
        "retry",
        "skip",
        "skipRecord",
        "skipRecord",
        "skipUntil",
        "pause",
        "resume",
        "resume",
      ),
      partition: fc.nat({ max: PARTITIONS - 1 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("clock" as const), ms: fc.constantFrom(...CLOCK_STEPS_MS) }),
  },
);

/** How a pipeline plans, and whether the order of a partition's outputs is its records'. */
const PIPELINES = [
  { name: "a pipeline that keeps order", runs: RUNS, rules: {}, inOrder: (values: readonly string[]) => values },
  {
    name: "a pipeline without order",
    runs: Math.ceil(RUNS / 3),
    rules: { parallel: { maxRecordsPerRange: 2n } },
    inOrder: (values: readonly string[]) => values.toSorted(),
  },
];

const skips = new Map<string, number>();

/** What operators named and processors split off: one record each (RS8). */
function noteSkips(name: string, records: readonly RangeRecord[]): void {
  const named = records.filter(({ status, operator }) => status === "SKIPPED" && operator?.reason === "to skipRecord");
  expect(named.every(({ committedOffset, untilOffset }) => untilOffset - committedOffset === 1n)).toBe(true);
  skips.set(name, (skips.get(name) ?? 0) + named.length);
}

test.each(PIPELINES)(
  "G2, G3, G4, G5, RS6, RS8: $name, two schedulers, three processors and operators under every fault, $runs runs",
  async ({ name, runs, rules, inOrder }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(aStep, { minLength: 20, maxLength: 150, size: "max" }),
        async (scheduler, steps) => {
          const pipeline = new SimulatedPipeline(scheduler, { rules });
          for (const step of steps) {
            await pipeline.take(step);
          }

          const isHealed = await pipeline.heal();

          expect(pipeline.ledger.violations).toEqual([]);
          expect(pipeline.surprises).toEqual([]);
          expect(isHealed).toBe(true);
          for (let partition = 0; partition < PARTITIONS; partition += 1) {
            const outputs = pipeline.ledger.outputs.filter((value) => value.startsWith(`${partition}:`));
            expect(inOrder(outputs)).toEqual(inOrder(pipeline.expected(partition)));
          }
          noteSkips(name, pipeline.ledger.all());
          for (const { counts, fromOffset, committedOffset } of pipeline.ledger.all()) {
            const committed = recordCount({ fromOffset, untilOffset: committedOffset });
            expect(counts.delivered + counts.aborted + counts.control).toBe(committed);
          }
        },
      ),
      // Shrinking ends before the test times out, so that seed and path are printed.
      { numRuns: runs, plugins: [fc.interruptAfterTimeLimit(90_000)] },
    );
    expect(skips.get(name)).toBeGreaterThan(runs / 20);
  },
);

/** Every fifth record, roughly: the values end in a running number. */
function isPoison(value: string): boolean {
  return /[05]$/.test(value);
}

let quarantines = 0;

test(`G2, G3, G4, G5, JF1, SF1: bad records are given up, and only those, under every fault, ${RUNS} runs`, async () => {
  const isNobodysVerb = (step: Step) => step.kind !== "operate";
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(aStep.filter(isNobodysVerb), { minLength: 20, maxLength: 120, size: "max" }),
      async (scheduler, steps) => {
        const pipeline = new SimulatedPipeline(scheduler, { isPoison });
        for (const step of steps) {
          await pipeline.take(step);
        }

        const isHealed = await pipeline.heal();

        expect(pipeline.ledger.violations).toEqual([]);
        expect(pipeline.surprises).toEqual([]);
        expect(isHealed).toBe(true);
        const visible = [0, 1].flatMap((partition) => pipeline.visible(partition));
        expect(pipeline.ledger.outputs.toSorted()).toEqual(visible.filter((value) => !isPoison(value)).toSorted());
        const sent = new Set(pipeline.deadLetters.letters.map(({ record }) => String(record?.value)));
        expect([...sent].toSorted()).toEqual(visible.filter(isPoison).toSorted());
        const marked = pipeline.ledger.all().filter(({ status }) => status === "QUARANTINED");
        expect(marked).toHaveLength(sent.size);
        expect(marked.every(({ committedOffset, untilOffset }) => untilOffset - committedOffset === 1n)).toBe(true);
        quarantines += marked.length;
      },
    ),
    { numRuns: RUNS, plugins: [fc.interruptAfterTimeLimit(90_000)] },
  );
  expect(quarantines).toBeGreaterThan(RUNS / 10);
});
