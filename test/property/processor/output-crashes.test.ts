// Outputs of other stores under crashes
//
// Random records, and a processor that dies before or after any step that leaves a trace, of
// the store or of the ledger, again and again: what the store shows is every record once.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProcessFunction } from "../../../functions/processor/session/processing-range.ts";
import { MAX_MEMO_BYTES } from "../../../shared/core/limits.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { Lives, mortalLedger, runToEnd } from "../../support/pipeline/lives.ts";
import { createProcessorBench, ORDERS_0 } from "../../support/pipeline/processor-bench.ts";
import {
  createPositionedStore,
  createPreparingStore,
  type MemoryStore,
  type OnStep,
} from "../../support/pipeline/stores.ts";

const codes: Readonly<Record<string, ProcessFunction<string>>> = {
  writeEach: (range) => range.writeEach(({ value }) => String(value)),
  writeAll: (range) => range.writeAll(),
  forEach: (range) =>
    range.forEach({ concurrency: 3, by: "record", commitIntervalMs: 0 }, ({ value }) => String(value)),
  returned: async (range) => {
    const values: string[] = [];
    for await (const { value } of range.records()) {
      values.push(String(value));
    }
    return values;
  },
  committed: async (range) => {
    for await (const { offset, value } of range.records()) {
      await range.commit(offset + 1n, [String(value)]);
    }
  },
};

const stores: Readonly<Record<string, (onStep: OnStep, fullAt: number, receiptBytes: number) => MemoryStore>> = {
  positioned: createPositionedStore,
  prepared: createPreparingStore,
};

const endOf = ({ untilOffset }: RangeRecord) => untilOffset;

const cases = Object.keys(stores).flatMap((store) => Object.keys(codes).map((code) => [store, code] as const));

test.each(cases)(
  "G2, G5, FB1, FB2, OC1, OC2, OS1, OS2, OS3, OS4, PW1, PW2: with a %s store, %s takes effect exactly once",
  async (storeName, codeName) => {
    let died = 0;
    let cut = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 1, max: 14 }), { maxLength: 5 }),
        // Receipts of which a range has room for eight, and for more than there are.
        fc.constantFrom(MAX_MEMO_BYTES, 0),
        async (batches, fullAt, diesAt, receiptBytes) => {
          const lives = new Lives(diesAt);
          const bench = createProcessorBench();
          let count = 0;
          for (const size of batches) {
            bench.log.append(
              ORDERS_0,
              Array.from({ length: size }, () => `v${count++}`),
            );
          }
          bench.plan(0n, BigInt(count));
          const output = stores[storeName]?.(lives.step, fullAt, receiptBytes);
          const code = codes[codeName];
          if (output === undefined || code === undefined) {
            throw new Error("no such case");
          }

          const attempts = await runToEnd(bench, lives, () =>
            bench.attempt(code, { deps: { ledger: mortalLedger(bench.ledger, lives), output } }),
          );

          died += attempts - 1;
          expect(output.visible).toEqual(Array.from({ length: count }, (_, index) => `v${index}`));
          const ranges = bench.ledger.all();
          cut += ranges.length - 1;
          expect(ranges.map(({ fromOffset }) => fromOffset)).toEqual([0n, ...ranges.slice(0, -1).map(endOf)]);
          expect(endOf(ranges.at(-1) ?? expect.unreachable())).toBe(BigInt(count));
          for (const { counts, fromOffset, untilOffset, prepared } of ranges) {
            expect(counts).toMatchObject({ delivered: untilOffset - fromOffset, aborted: 0n, control: 0n });
            expect(prepared).toBeUndefined();
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(died).toBeGreaterThan(40);
    expect(cut > 0).toBe(storeName === "prepared" && codeName !== "returned");
  },
);
