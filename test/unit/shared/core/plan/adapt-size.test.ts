import { describe, expect, test } from "vitest";
import { adaptSize, type SizeRules } from "../../../../../shared/core/plan/adapt-size.ts";
import { MAX_OFFSET } from "../../../../../shared/core/range/offset-range.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { aRangeRecord } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

/** A range has 60 seconds: it aims at 54. */
const rules: SizeRules = {
  initialRecordsPerPartition: 10_000n,
  batchIntervalMs: 60_000,
  processorTimeoutMs: 300_000,
};

interface Went extends Partial<RangeRecord> {
  readonly records: bigint;
  readonly seconds: number;
}

/** The size after a range of so many offsets that took so long. */
function nextAfter({ records, seconds, ...rest }: Went, others: Partial<SizeRules> = {}): bigint {
  const newest = aRangeRecord({
    status: "COMPLETED",
    fromOffset: 0n,
    untilOffset: records,
    // A clock of milliseconds shows the last one only once it is over.
    completedAt: START + seconds * 1_000 - 1,
    ...rest,
  });
  return adaptSize(newest, { ...rules, ...others });
}

describe("AS1: without history", () => {
  test.each([undefined, aRangeRecord({ status: "ANCHOR" })])("a range takes initialRecordsPerPartition", (newest) => {
    expect(adaptSize(newest, rules)).toBe(10_000n);
  });

  test("of its size, a range proves its own", () => {
    expect(nextAfter({ records: 80_000n, seconds: 54 })).toBe(80_000n);
    expect(nextAfter({ records: 10n, seconds: 54 })).toBe(10_000n);
  });
});

describe("AS2: a range within the aim", () => {
  test("grows the next to what would have fitted, MAX_SIZE_GROWTH times at most", () => {
    expect(nextAfter({ records: 10_000n, adaptiveSize: 10_000n, seconds: 27 })).toBe(20_000n);
    expect(nextAfter({ records: 10_000n, adaptiveSize: 10_000n, seconds: 2 })).toBe(40_000n);
  });

  test("never shrinks the next, however few records it had and however much of its time was a fixed cost", () => {
    expect(nextAfter({ records: 10n, adaptiveSize: 10_000n, seconds: 2 })).toBe(10_000n);
    expect(nextAfter({ records: 1n, adaptiveSize: 10_000n, seconds: 54 })).toBe(10_000n);
  });

  test("counts as having taken a millisecond when its clock shows none, or went back", () => {
    expect(nextAfter({ records: 1n, adaptiveSize: 1n, seconds: 0 })).toBe(4n);
    expect(nextAfter({ records: 1n, adaptiveSize: 1n, seconds: -9 })).toBe(4n);
  });

  test("does not grow the next beyond the offsets there are", () => {
    expect(nextAfter({ records: MAX_OFFSET, adaptiveSize: MAX_OFFSET, seconds: 1 })).toBe(MAX_OFFSET);
  });
});

describe("AS3: a range that shrinks the next", () => {
  test("took longer than the aim: to what would have fitted, MAX_SIZE_SHRINK times at most", () => {
    expect(nextAfter({ records: 10_000n, adaptiveSize: 10_000n, seconds: 108 })).toBe(5_000n);
    expect(nextAfter({ records: 10_000n, adaptiveSize: 10_000n, seconds: 270 })).toBe(2_000n);
    expect(nextAfter({ records: 100n, adaptiveSize: 10_000n, seconds: 270 })).toBe(1_000n);
  });

  test("needed several invocations: to what one of them did, whatever the time was", () => {
    expect(nextAfter({ records: 10_000n, adaptiveSize: 10_000n, seconds: 1, attempt: 4 })).toBe(2_500n);
    expect(nextAfter({ records: 10_000n, adaptiveSize: 10_000n, seconds: 1, attempt: 40 })).toBe(1_000n);
    expect(nextAfter({ records: 10n, adaptiveSize: 10_000n, seconds: 1, attempt: 2 })).toBe(1_000n);
  });

  test("has its time cut by the processor's time-out where that is shorter than the interval", () => {
    const rangeOf30Seconds = { records: 10_000n, adaptiveSize: 10_000n, seconds: 30 };

    expect(nextAfter(rangeOf30Seconds, { processorTimeoutMs: 50_000 })).toBe(9_000n);
    expect(nextAfter(rangeOf30Seconds, { processorTimeoutMs: 900_000 })).toBe(18_000n);
  });
});

test("AS4: the size is never 0", () => {
  expect(nextAfter({ records: 1n, adaptiveSize: 1n, seconds: 299 })).toBe(1n);
  expect(nextAfter({ records: 1n, adaptiveSize: 1n, seconds: 1, attempt: 9 })).toBe(1n);
});

test.each(["SKIPPED", "LOST", "QUARANTINED"] as const)("AS5: a %s range leaves the size as it was", (status) => {
  const newest = aRangeRecord({ status, adaptiveSize: 700n, completedAt: START + 299_000 });

  expect(adaptSize(newest, rules)).toBe(700n);
  const huge = aRangeRecord({ status, fromOffset: 0n, untilOffset: 1_000_000n });
  expect(adaptSize(huge, rules)).toBe(10_000n);
});
