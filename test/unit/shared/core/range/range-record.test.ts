import { expect, test } from "vitest";
import {
  addCounts,
  assertRangeRecord,
  isClosed,
  isHalted,
  NO_COUNTS,
  RANGE_STATUSES,
  type RangeRecord,
  type RangeStatus,
  subtractCounts,
} from "../../../../../shared/core/range/range-record.ts";
import { aChain, aHaltedRecord, aRangeRecord } from "../../../../support/builders/builders.ts";

const lease = { owner: "processor-1", counter: 1, expiresAt: 1 };

test.each(RANGE_STATUSES)("accepts a well-formed %s record", (status) => {
  const record = aRangeRecord({ status });

  expect(assertRangeRecord(record)).toBe(record);
});

test.each<[string, RangeStatus, Partial<RangeRecord>, string]>([
  ["whose chain is of another partition", "PLANNED", { chain: aChain({ partition: 4 }) }, "different partitions"],
  ["committed below its start", "PLANNED", { committedOffset: 4n }, "committedOffset 4 lies outside [5, 9]"],
  ["committed above its end", "PLANNED", { committedOffset: 10n }, "committedOffset 10 lies outside [5, 9]"],
  ["that holds a lease", "PLANNED", { lease, leaseCounter: 1 }, "a PLANNED range and its lease disagree"],
  ["whose lease is not the last", "RUNNING", { leaseCounter: 2 }, "not the last one given"],
  ["of zero length", "PLANNED", { fromOffset: 9n, committedOffset: 9n }, "a PLANNED range of length 0"],
  ["of some length", "ANCHOR", { untilOffset: 9n }, "a ANCHOR range of length 4"],
  ["that is not wholly committed", "COMPLETED", { committedOffset: 8n }, "is not wholly committed"],
  ["with reversed offsets", "PLANNED", { untilOffset: 4n }, "untilOffset 4 is below fromOffset 5"],
])("refuses a record %s (%s)", (_, status, overrides, message) => {
  const record = { ...aRangeRecord({ status }), ...overrides };

  expect(() => assertRangeRecord(record)).toThrow(message);
});

test("refuses a RUNNING record without a lease", () => {
  const { lease: _none, ...record } = aRangeRecord({ status: "RUNNING" });

  expect(() => assertRangeRecord(record)).toThrow("a RUNNING range and its lease disagree");
});

test("is open while something may still happen to it", () => {
  const open = RANGE_STATUSES.filter((status) => !isClosed({ status }));

  expect(open).toEqual(["PLANNED", "RUNNING", "FAILED"]);
});

test("is halted only when it failed and no next attempt is due", () => {
  const halted = [aHaltedRecord(), ...RANGE_STATUSES.map((status) => aRangeRecord({ status }))].filter(isHalted);

  expect(halted).toEqual([aHaltedRecord()]);
});

test("counts add and subtract field by field", () => {
  const a = { delivered: 10n, aborted: 8n, control: 6n, bytes: 400n };
  const b = { delivered: 1n, aborted: 2n, control: 3n, bytes: 4n };

  expect(addCounts(a, b)).toEqual({ delivered: 11n, aborted: 10n, control: 9n, bytes: 404n });
  expect(subtractCounts(a, b)).toEqual({ delivered: 9n, aborted: 6n, control: 3n, bytes: 396n });
  expect(subtractCounts(a, a)).toEqual(NO_COUNTS);
});
