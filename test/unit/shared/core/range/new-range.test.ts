import { expect, test } from "vitest";
import { newRange } from "../../../../../shared/core/range/new-range.ts";
import { NO_COUNTS } from "../../../../../shared/core/range/range-record.ts";
import { aChain } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

const names = { chain: aChain(), topic: "orders", batchId: "batch-1", writeId: "write-1", now: START };

test("is the first revision of a range about to be dispatched", () => {
  expect(newRange({ ...names, fromOffset: 5n, untilOffset: 9n })).toEqual({
    chain: aChain(),
    topic: "orders",
    partition: 3,
    fromOffset: 5n,
    untilOffset: 9n,
    committedOffset: 5n,
    counts: NO_COUNTS,
    status: "PLANNED",
    revision: 1,
    writeId: "write-1",
    batchId: "batch-1",
    attempt: 0,
    failedAttempts: 0,
    leaseCounter: 0,
    plannedAt: START,
    dispatchedAt: START,
  });
});

test("of zero length is an ANCHOR, which is never dispatched", () => {
  const anchor = newRange({ ...names, fromOffset: 5n, untilOffset: 5n });

  expect(anchor).toMatchObject({ status: "ANCHOR", fromOffset: 5n, untilOffset: 5n, committedOffset: 5n });
  expect(anchor).not.toHaveProperty("dispatchedAt");
});

test("OR1: is checked when it is made", () => {
  expect(() => newRange({ ...names, fromOffset: 9n, untilOffset: 5n })).toThrow("untilOffset 5 is below fromOffset 9");
});
