import fc from "fast-check";
import { expect, test } from "vitest";
import { estimateRate, shareByRate } from "../../shared/core/plan/estimate-rate.ts";

test("whatever waited, the rate stays below the pace of the batches (Spark's vector)", () => {
  const aBatch = fc.record({
    records: fc.bigInt(1n, 1_000_000n),
    schedulingDelayMs: fc.integer({ min: 1, max: 1_000 }),
  });
  fc.assert(
    fc.property(fc.array(aBatch, { minLength: 2, maxLength: 50 }), (batches) => {
      const rules = { proportional: 1, integral: 0.01, derived: 0, minRate: 1e-9, batchIntervalMs: 20 };
      let state: ReturnType<typeof estimateRate>;
      batches.forEach((batch, index) => {
        state = estimateRate(state, { ...batch, endedAt: index * 20, processingMs: 20 }, rules) ?? state;

        const pace = Number(batch.records) * 50;
        expect(index === 0 || (state?.latestRate ?? pace) < pace).toBe(true);
      });
    }),
  );
});

test("the shares of a rate come to no more than it, and to less than one offset per partition below", () => {
  const lags = fc.array(fc.bigInt(0n, 1_000_000_000n), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(lags, fc.integer({ min: 1, max: 1_000_000 }), (all, rate) => {
      fc.pre(all.some((lag) => lag > 0n));

      const sum = Number(shareByRate(all, rate, 60_000).reduce((total, share) => total + share, 0n));

      expect(sum).toBeLessThanOrEqual(rate * 60 + 1e-3);
      expect(sum).toBeGreaterThan(rate * 60 - all.length - 1e-3);
    }),
  );
});
