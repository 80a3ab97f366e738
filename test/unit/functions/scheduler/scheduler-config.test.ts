import { describe, expect, test } from "vitest";
import { readSchedulerConfig } from "../../../../functions/scheduler/scheduler-config.ts";
import { encodeEnvironment } from "../../../../shared/wire/environment/environment-variables.ts";
import { schedulerEnvironment } from "../../../../shared/wire/environment/function-environment.ts";
import { SCHEDULER_ENVIRONMENT } from "../../../support/pipeline/scheduler-environment.ts";

const required = {
  ...encodeEnvironment(schedulerEnvironment, SCHEDULER_ENVIRONMENT),
  RANGES_STARTING_OFFSETS: '{"orders":{"0":23,"1":-1,"2":-2}}',
};
const byTimestamp = { RANGES_STARTING_OFFSETS_BY_TIMESTAMP: '{"orders":{"0":5}}' };
const timestamp = { RANGES_STARTING_TIMESTAMP: "1700000000000" };

function rulesOf(variables: Record<string, string>) {
  return readSchedulerConfig({ ...required, ...variables }).rules;
}

describe("where a pipeline starts", () => {
  test("is Spark's JSON, or one of its words", () => {
    const offsets = { "orders-0": 23n, "orders-1": -1n, "orders-2": -2n };

    expect(rulesOf({})).toMatchObject({ startingOffsets: new Map(Object.entries(offsets)) });
    expect(rulesOf({ RANGES_STARTING_OFFSETS: "latest" })).toMatchObject({ startingOffsets: "latest" });
    expect(rulesOf({})).not.toHaveProperty("startingTimestamps");
  });

  test("by Spark's precedence: the timestamp before those by partition, and both before the offsets", () => {
    const named = new Map([["orders-0", 5n]]);

    expect(rulesOf(byTimestamp).startingTimestamps).toEqual({ timestamps: named, onNoMatch: "error" });
    expect(rulesOf({ ...byTimestamp, ...timestamp }).startingTimestamps).toEqual({
      timestamps: 1_700_000_000_000n,
      onNoMatch: "error",
    });
  });

  test("says what a timestamp without a match is", () => {
    expect(rulesOf({ ...timestamp, RANGES_ON_NO_MATCH: "latest" }).startingTimestamps).toMatchObject({
      onNoMatch: "latest",
    });
  });

  test.each([
    [
      { RANGES_STARTING_OFFSETS: "newest" },
      'RANGES_STARTING_OFFSETS "newest" is wrong: startingOffsets "newest" is not',
    ],
    [{ RANGES_STARTING_OFFSETS: '{"orders":{"0":-3}}' }, 'has "-3" for orders-0, which is not an offset'],
    [
      { RANGES_STARTING_OFFSETS_BY_TIMESTAMP: '{"orders":{"0":-1}}' },
      'has "-1" for orders-0, which is not a timestamp',
    ],
    [{ RANGES_STARTING_TIMESTAMP: "-1" }, 'RANGES_STARTING_TIMESTAMP "-1" is wrong: expected a whole number'],
    [{ RANGES_STARTING_TIMESTAMP: "9223372036854775808" }, "RANGES_STARTING_TIMESTAMP"],
    [{ RANGES_ON_NO_MATCH: "skip" }, 'RANGES_ON_NO_MATCH "skip" is wrong'],
  ])("refuses %j", (variables, message) => {
    expect(() => rulesOf(variables)).toThrow(message);
  });
});

describe("what a run may plan", () => {
  test("is bounded by the sizes alone where nothing else is said", () => {
    const rules = rulesOf({});

    expect(rules).toMatchObject({
      isSizeAdaptive: true,
      initialRecordsPerPartition: 10_000n,
      batchIntervalMs: 60_000,
      processorTimeoutMs: 300_000,
    });
    for (const name of ["minRecordsPerPartition", "maxRecordsPerBatch", "batchMinimum", "backpressure", "parallel"]) {
      expect(rules).not.toHaveProperty(name);
    }
  });

  test("is bounded by each limit that is set", () => {
    expect(
      rulesOf({
        RANGES_MIN_RECORDS_PER_PARTITION: "2",
        RANGES_MAX_RECORDS_PER_BATCH: "70",
        RANGES_MIN_RECORDS_PER_BATCH: "20",
        RANGES_MAX_BATCH_DELAY_MS: "900000",
        RANGES_ORDERED: "false",
        RANGES_MAX_RECORDS_PER_RANGE: "5",
        RANGES_MIN_PARTITIONS: "4",
        RANGES_BACKPRESSURE: "pid",
        RANGES_PID_PROPORTIONAL: "1",
        RANGES_PID_INTEGRAL: "0.2",
        RANGES_PID_DERIVED: "0",
        RANGES_PID_MIN_RATE: "100",
      }),
    ).toMatchObject({
      minRecordsPerPartition: 2n,
      maxRecordsPerBatch: 70n,
      batchMinimum: { minRecordsPerBatch: 20n, maxBatchDelayMs: 900_000 },
      parallel: { maxRecordsPerRange: 5n, minPartitions: 4 },
      backpressure: { proportional: 1, integral: 0.2, derived: 0, minRate: 100 },
    });
  });
});
