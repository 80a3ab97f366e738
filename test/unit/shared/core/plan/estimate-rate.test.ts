import { describe, expect, test } from "vitest";
import type { RateState } from "../../../../../shared/core/ledger/pipeline-record.ts";
import {
  batchSince,
  type CompletedBatch,
  estimateRate,
  rateInForce,
  shareByRate,
} from "../../../../../shared/core/plan/estimate-rate.ts";
import { aRangeRecord } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

type Weights = Partial<Parameters<typeof estimateRate>[2]>;

const sparksDefaults = { proportional: 1, integral: 0.2, derived: 0, minRate: 100, batchIntervalMs: 20 };

/** Ended at, records, time and delay, in the order of Spark's PIDRateEstimator.compute. */
type Batch = readonly [number, bigint, number, number];

function batchOf([endedAt, records, processingMs, schedulingDelayMs]: Batch): CompletedBatch {
  return { endedAt, records, processingMs, schedulingDelayMs };
}

/** The rate in force after each batch; "nothing" where one says nothing. */
function ratesAfter(batches: readonly Batch[], weights: Weights = {}) {
  let state: RateState | undefined;
  return batches.map((batch) => {
    const next = estimateRate(state, batchOf(batch), { ...sparksDefaults, ...weights });
    state = next ?? state;
    return next === undefined ? "nothing" : rateInForce(next);
  });
}

describe("ER1: the first batch only measures", () => {
  test("a rate is in force from the second on (Spark's vector)", () => {
    const weights = { integral: 0, minRate: 10 };

    expect(
      ratesAfter(
        [
          [0, 10n, 10, 0],
          [10, 10n, 10, 0],
        ],
        weights,
      ),
    ).toEqual([undefined, 1_000]);
  });
});

describe("ER2: nothing is learnt from a batch", () => {
  test.each<[string, Batch]>([
    ["that ended when the last one did", [20, 10n, 10, 0]],
    ["that ended before it", [19, 10n, 10, 0]],
    ["of no record", [40, 0n, 10, 0]],
    ["of no time", [40, 10n, 0, 0]],
    ["whose clock went back", [40, 10n, -1, 0]],
  ])("%s", (_, batch) => {
    expect(ratesAfter([[20, 10n, 10, 0], batch])).toEqual([undefined, "nothing"]);
  });

  test("that comes before any other and took no time", () => {
    expect(ratesAfter([[0, 10n, 0, 0]])).toEqual(["nothing"]);
  });
});

describe("the formula", () => {
  const first: Batch = [0, 100n, 100, 0];

  test("follows the pace with Spark's weights, and falls below it by what waited", () => {
    // The pace is 2,000 a second; 10 of 20 ms waited: 2,000 - 0.2 * 10 * 2,000 / 20.
    expect(ratesAfter([first, [1_000, 100n, 50, 10]])).toEqual([undefined, 1_800]);
  });

  test("weighs the error and its change", () => {
    // Error 1,000 - 2,000; change (-1,000 - 0) / 1 s; then from 1,600: error -400, change (-400 + 1,000) / 2 s.
    const batches: readonly Batch[] = [first, [1_000, 100n, 50, 0], [3_000, 100n, 50, 0]];

    expect(ratesAfter(batches, { proportional: 0.5, integral: 0, derived: 0.1 })).toEqual([undefined, 1_600, 1_770]);
  });

  test("does not fall below the least rate", () => {
    expect(ratesAfter([first, [1_000, 1n, 1_000, 0]])).toEqual([undefined, 100]);
  });

  test("is in force rounded down, as Spark publishes it", () => {
    expect(rateInForce({ latestTime: 0, latestRate: 123.9, latestError: 0 })).toBe(123);
  });
});

describe("the share of a partition", () => {
  test.each([
    [100, [50n]],
    [50, [25n]],
    [20, [10n]],
  ])("at %d a second is what half a second takes (Spark's vector)", (rate, taken) => {
    expect(shareByRate([5_000n], rate, 500)).toEqual(taken);
  });

  test("follows its lag, and is nothing without one", () => {
    expect(shareByRate([1_000n, 0n, 3_000n], 100, 1_000)).toEqual([25n, 0n, 75n]);
    expect(shareByRate([0n], 100, 1_000)).toEqual([0n]);
  });

  test("is exact to double precision at the largest offsets", () => {
    expect(shareByRate([2n ** 63n - 1n, 2n ** 63n - 1n], 101, 1_000)).toEqual([50n, 50n]);
  });
});

describe("what was completed", () => {
  const done = (startedAt: number, completedAt: number, untilOffset: bigint) =>
    aRangeRecord({
      status: "COMPLETED",
      fromOffset: 0n,
      untilOffset,
      startedAt: START + startedAt,
      completedAt: START + completedAt,
    });

  test("since the last time counts as one batch, as slow as its slowest range", () => {
    expect(batchSince([done(100, 1_000, 40n), done(300, 900, 2n), undefined], START)).toEqual({
      endedAt: START + 1_000,
      records: 42n,
      processingMs: 900,
      schedulingDelayMs: 300,
    });
  });

  test("counts once, and neither does what is open, nor what was closed without being processed", () => {
    const others = [aRangeRecord(), aRangeRecord({ status: "RUNNING" }), aRangeRecord({ status: "SKIPPED" })];

    expect(batchSince([done(0, 1_000, 40n), ...others], START + 1_000)).toBeUndefined();
    expect(batchSince([done(0, 1_000, 40n), done(0, 1_001, 2n)], START + 1_000)).toMatchObject({ records: 2n });
    expect(batchSince([done(0, 1_000, 40n)], undefined)).toMatchObject({ records: 40n });
  });
});
