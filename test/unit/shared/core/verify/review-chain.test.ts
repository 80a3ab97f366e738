import { expect, test } from "vitest";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { NO_OFFSETS, totalOffsets } from "../../../../../shared/core/verify/offset-totals.ts";
import { reviewChain } from "../../../../../shared/core/verify/review-chain.ts";
import { aHaltedRecord, aRangeRecord } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

const LATER = { now: START + 60_001, openLongAfterMs: 60_000 };

function remarks(record: RangeRecord, rules = LATER): readonly string[] {
  return reviewChain([record], rules).map(
    ({ kind, fromOffset, untilOffset }) => `${kind} [${fromOffset}, ${untilOffset})`,
  );
}

test.each(["PLANNED", "RUNNING", "FAILED"] as const)(
  "a range that is %s for too long is told, not before",
  (status) => {
    const record = aRangeRecord({ status });

    expect(remarks(record)).toEqual(["openLong [5, 9)"]);
    expect(remarks(record, { ...LATER, now: START + 60_000 })).toEqual([]);
  },
);

test("a halted range is told at once, with its error", () => {
  const [remark] = reviewChain([aHaltedRecord()], { ...LATER, now: START });

  expect(remark).toMatchObject({
    kind: "halted",
    message: "orders-3 [5, 9) waits for an operator after 1 attempts: RangeReadError: the broker is gone",
  });
});

test.each(["COMPLETED", "ANCHOR", "SKIPPED", "LOST", "QUARANTINED"] as const)(
  "there is nothing to tell of a range that is %s",
  (status) => {
    expect(remarks(aRangeRecord({ status }))).toEqual([]);
  },
);

test("the totals of a chain add up to its length, whatever became of its ranges", () => {
  const counts = { delivered: 3n, aborted: 2n, control: 1n, bytes: 100n };
  const chain = [
    aRangeRecord({ status: "COMPLETED", fromOffset: 0n, untilOffset: 10n, counts }),
    aRangeRecord({ status: "SKIPPED", fromOffset: 10n, committedOffset: 14n, untilOffset: 20n }),
    aRangeRecord({ status: "RUNNING", fromOffset: 20n, committedOffset: 21n, untilOffset: 30n }),
  ];

  const { bytes, ...offsets } = totalOffsets(chain);

  expect(offsets).toEqual({ delivered: 3n, aborted: 2n, control: 1n, absent: 4n + 4n + 1n, unprocessed: 6n, open: 9n });
  expect(Object.values(offsets).reduce((sum, count) => sum + count, 0n)).toBe(30n);
  expect(bytes).toBe(100n);
  expect(totalOffsets([])).toEqual(NO_OFFSETS);
});
