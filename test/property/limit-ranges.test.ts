import fc from "fast-check";
import { expect, test } from "vitest";
import { type BatchLimits, limitRanges } from "../../shared/core/choice/limit-ranges.ts";
import { MAX_OFFSET, smallerOf } from "../../shared/core/range/offset-range.ts";

const aSize = fc.oneof(fc.bigInt(0n, 100n), fc.bigInt(0n, MAX_OFFSET));
const aLimit = fc.oneof(fc.bigInt(1n, 200n), fc.bigInt(1n, MAX_OFFSET));
const sizes = fc.array(aSize, { minLength: 1, maxLength: 20 });

function limited(lags: readonly bigint[], limits: BatchLimits): readonly bigint[] {
  const ranges = lags.map((lag, partition) => ({ topic: "orders", partition, fromOffset: 0n, untilOffset: lag }));
  return limitRanges(ranges, limits).map(({ untilOffset }) => untilOffset);
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

test("LR1, LR2: each range keeps at least one offset of what it has, and gains none, at any size up to 2^63 - 1", () => {
  fc.assert(
    fc.property(sizes, aLimit, aLimit, (lags, maxRecordsPerBatch, maxRecordsPerPartition) => {
      const taken = limited(lags, { maxRecordsPerBatch, maxRecordsPerPartition });

      taken.forEach((records, index) => {
        const lag = lags[index] ?? 0n;
        expect(records <= lag && records <= maxRecordsPerPartition).toBe(true);
        expect(records > 0n).toBe(lag > 0n);
      });
    }),
  );
});

test("a batch exceeds maxRecordsPerBatch by less than one offset per partition", () => {
  // Up to where double precision, in which Spark computes the shares, is exact.
  const exact = fc.array(fc.bigInt(0n, 1_000_000_000n), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(exact, fc.bigInt(1n, 1_000_000_000n), (lags, maxRecordsPerBatch) => {
      const taken = sum(limited(lags, { maxRecordsPerBatch }));
      const busy = lags.filter((lag) => lag > 0n).length;

      expect(taken <= maxRecordsPerBatch + BigInt(busy)).toBe(true);
      expect(taken >= smallerOf(sum(lags), maxRecordsPerBatch) - BigInt(busy)).toBe(true);
    }),
  );
});

test("who has more gets no less, and a larger limit takes from nobody", () => {
  fc.assert(
    fc.property(sizes, aLimit, aLimit, (lags, one, other) => {
      const [small, large] = one < other ? [one, other] : [other, one];
      const taken = limited(lags, { maxRecordsPerBatch: small });
      const more = limited(lags, { maxRecordsPerBatch: large });

      lags.forEach((lag, index) => {
        expect((taken[index] ?? 0n) <= (more[index] ?? 0n)).toBe(true);
        lags.forEach((otherLag, otherIndex) => {
          expect(lag < otherLag || (taken[index] ?? 0n) >= (taken[otherIndex] ?? 0n)).toBe(true);
        });
      });
    }),
  );
});
