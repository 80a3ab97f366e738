import { expect, test } from "vitest";
import { checkpointOf, lagOf } from "../../../../../shared/core/range/chain-lag.ts";
import { RANGE_STATUSES } from "../../../../../shared/core/range/range-record.ts";
import { aRangeRecord } from "../../../../support/builders/builders.ts";

test.each(RANGE_STATUSES)("the checkpoint of a %s range is what has taken effect", (status) => {
  const record = aRangeRecord({ status, ...(status === "RUNNING" ? { committedOffset: 7n } : {}) });
  const expected = { ANCHOR: 5n, PLANNED: 5n, RUNNING: 7n, FAILED: 5n };

  expect(checkpointOf(record)).toBe({ ...expected, COMPLETED: 9n, QUARANTINED: 9n, SKIPPED: 9n, LOST: 9n }[status]);
});

test("lag is what lies between checkpoint and end", () => {
  expect(lagOf(aRangeRecord({ status: "RUNNING", committedOffset: 7n }), 20n)).toBe(13n);
  expect(lagOf(aRangeRecord({ status: "COMPLETED" }), 9n)).toBe(0n);
});

test("lag is never negative, also when the end went back", () => {
  expect(lagOf(aRangeRecord({ status: "COMPLETED" }), 3n)).toBe(0n);
});
