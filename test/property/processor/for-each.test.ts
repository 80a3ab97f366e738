// Records side by side
//
// Random records and keys, work of random length in an order that fast-check draws, random
// failures and moments of the clock: what forEach promises of order, bound and commits, and that
// the attempts together do every record.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { ForEachRules, ProcessFunction } from "../../../functions/processor/session/processing-range.ts";
import { type RecordInput, recordsOf, type TestRecord } from "../../../functions/testing/records-of.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { createInMemoryRangeReader } from "../../../shared/memory/in-memory-range-reader.ts";
import { createProcessorBench } from "../../support/pipeline/processor-bench.ts";

const record = fc.record({
  key: fc.constantFrom("a", "b", "c", null),
  skips: fc.integer({ min: 0, max: 2 }),
  aborted: fc.boolean(),
  /** How often its work fails before it succeeds. */
  failures: fc.integer({ min: 0, max: 12 }).map((drawn) => Math.max(0, drawn - 10)),
  /** How many steps its work takes, and whether the clock goes on with it. */
  steps: fc.integer({ min: 0, max: 3 }),
  isSlow: fc.boolean(),
});

const rules = fc.record({
  concurrency: fc.integer({ min: 1, max: 5 }),
  by: fc.constantFrom("key", "record"),
  commitIntervalMs: fc.constantFrom(0, 1_500, 60_000),
}) as fc.Arbitrary<Required<ForEachRules>>;

/** What is seen of the work, from outside of forEach. */
class Watch {
  readonly #records: readonly TestRecord[];
  readonly #rules: Required<ForEachRules>;
  #running: TestRecord[] = [];
  /** In this attempt. */
  #begun: TestRecord[] = [];
  #failed: bigint[] = [];
  readonly done = new Set<bigint>();
  mostAtATime = 0;
  /** Rules that did not hold. */
  broken: readonly string[] = [];

  constructor(records: readonly TestRecord[], given: Required<ForEachRules>) {
    this.#records = records.filter(({ isAborted }) => !isAborted);
    this.#rules = given;
  }

  beginAttempt(): void {
    this.#begun = [];
    this.#failed = [];
  }

  begin(begun: TestRecord): void {
    this.#require(
      "EP5",
      this.#failed.every((offset) => offset > begun.offset),
    );
    if (this.#rules.by === "key" && begun.key !== null) {
      const ofKey = (one: TestRecord) => one.key !== null && begun.key !== null && one.key.equals(begun.key);
      this.#require("EP1", !this.#running.some(ofKey));
      this.#require(
        "EP1",
        this.#begun.filter(ofKey).every(({ offset }) => offset < begun.offset),
      );
    }
    this.#running.push(begun);
    this.#begun.push(begun);
    this.mostAtATime = Math.max(this.mostAtATime, this.#running.length);
  }

  end({ offset }: TestRecord, isDone: boolean): void {
    this.#running = this.#running.filter((one) => one.offset !== offset);
    if (isDone) {
      this.done.add(offset);
    } else {
      this.#failed.push(offset);
    }
  }

  /** FE1, EP3: of the offsets that a commit covers. */
  requireDone(fromOffset: bigint, untilOffset: bigint): void {
    const lowest = this.lowestUnfinished(fromOffset);
    this.#require("FE1", lowest === undefined || untilOffset <= lowest);
  }

  /** Kept, since what the work throws is only one more failure. */
  #require(rule: string, holds: boolean): void {
    this.broken = holds ? this.broken : [...this.broken, rule];
  }

  get isAtWork(): boolean {
    return this.#running.length > 0;
  }

  get lowestFailed(): bigint | undefined {
    return this.#failed.toSorted((a, b) => (a < b ? -1 : 1))[0];
  }

  /** The first record that is visible and not done, of those that this attempt has to do. */
  lowestUnfinished(from: bigint): bigint | undefined {
    const inAttempt = new Set(this.#begun.map(({ offset }) => offset));
    return this.#records.find(
      ({ offset }) =>
        offset >= from && !(inAttempt.has(offset) && this.done.has(offset) && !this.#failed.includes(offset)),
    )?.offset;
  }
}

test("FE1, FE2, EP1, EP2, EP3, EP5: order per key, the bound, and commits at the lowest unfinished offset hold", async () => {
  let sideBySide = 0;
  let failed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(record, { minLength: 1, maxLength: 24 }),
      rules,
      fc.integer({ min: 1, max: 5 }),
      async (scheduler, drawn, given, recordsPerBatch) => {
        let offset = 0n;
        const inputs = drawn.map(({ key, skips, aborted }): RecordInput => {
          offset += BigInt(skips) + 1n;
          return { key, value: String(offset), aborted, offset };
        });
        const records = recordsOf(inputs);
        const works = new Map(records.map((one, index) => [one.offset, { ...(drawn[index] ?? expect.unreachable()) }]));
        const watch = new Watch(records, given);
        const bench = createProcessorBench();
        bench.plan(0n, offset + 1n);
        const ledger: RangeLedger<string> = {
          ...bench.ledger,
          changeRange: async (seen, event, outputs) => {
            if (event.kind === "commit") {
              watch.requireDone(seen.committedOffset, event.untilOffset);
            }
            return bench.ledger.changeRange(seen, event, outputs);
          },
        };
        const process: ProcessFunction<string> = (range) =>
          range.forEach(given, async (one) => {
            const work = works.get(one.offset) ?? expect.unreachable("no such record");
            const begun = one as TestRecord;
            watch.begin(begun);
            for (let step = 0; step < work.steps; step += 1) {
              await scheduler.schedule(Promise.resolve(), `${one.offset}`);
            }
            bench.clock.advance(work.isSlow ? 1_000 : 0);
            work.failures -= 1;
            watch.end(begun, work.failures < 0);
            if (work.failures >= 0) {
              throw new Error(`not ${one.offset}`);
            }
            return String(one.value);
          });

        for (let attempt = 0; bench.range().status !== "COMPLETED"; attempt += 1) {
          expect(attempt).toBeLessThan(60);
          watch.beginAttempt();
          const before = bench.range().committedOffset;
          const reader = createInMemoryRangeReader({ records, recordsPerBatch });
          const attempted = bench.attempt(process, { maxAttempts: 100, deps: { ledger, reader } });
          await scheduler.waitFor(attempted);

          expect(watch.broken).toEqual([]);
          // FE2: none is left behind, and what is done below the failure is committed.
          expect(watch.isAtWork).toBe(false);
          if (bench.range().status !== "COMPLETED") {
            failed += 1;
            const { lowestFailed } = watch;
            expect(bench.range().committedOffset).toBe(watch.lowestUnfinished(before));
            expect(bench.range().committedOffset).toBe(lowestFailed);
            expect(bench.range().error).toMatchObject({
              message: `not ${lowestFailed}`,
              inHand: { fromOffset: lowestFailed, untilOffset: (lowestFailed ?? 0n) + 1n },
            });
          }
          bench.clock.advance(3_600_000);
        }

        expect(watch.mostAtATime).toBeLessThanOrEqual(given.concurrency);
        sideBySide += watch.mostAtATime > 1 ? 1 : 0;
        const visible = records.filter(({ isAborted }) => !isAborted);
        // Each once, in the order of offsets.
        expect(bench.ledger.outputs).toEqual(visible.map(({ value }) => String(value)));
        expect(bench.range().counts).toMatchObject({
          delivered: BigInt(visible.length),
          aborted: BigInt(records.length - visible.length),
        });
      },
    ),
    { numRuns: 300 },
  );

  // Else it would have shown nothing.
  expect(sideBySide).toBeGreaterThan(100);
  expect(failed).toBeGreaterThan(100);
}, 60_000);
