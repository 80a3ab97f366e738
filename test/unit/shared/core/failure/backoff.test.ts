import { expect, test } from "vitest";
import { backoffMs } from "../../../../../shared/core/failure/backoff.ts";
import { ATTEMPT_BACKOFF_BASE_MS, ATTEMPT_BACKOFF_CAP_MS } from "../../../../../shared/core/limits.ts";

const ALMOST_ONE = 1 - Number.EPSILON;

test("doubles the ceiling with each failure", () => {
  const waits = [1, 2, 3, 4].map((failures) => backoffMs(failures, 0.5));

  expect(waits).toEqual([1, 2, 4, 8].map((factor) => (factor * ATTEMPT_BACKOFF_BASE_MS) / 2));
});

test.each([10, 31, 32, 1_000, Number.MAX_SAFE_INTEGER])("stays below the cap after %d failures", (failures) => {
  expect(backoffMs(failures, ALMOST_ONE)).toBe(ATTEMPT_BACKOFF_CAP_MS - 1);
});

test("is whole milliseconds in [0, ceiling)", () => {
  expect(backoffMs(1, 0)).toBe(0);
  expect(backoffMs(1, ALMOST_ONE)).toBe(ATTEMPT_BACKOFF_BASE_MS - 1);
  expect(backoffMs(1, 0.12345)).toBe(123);
});

test("takes no failure for the first", () => {
  expect(backoffMs(0, 0.5)).toBe(backoffMs(1, 0.5));
});
