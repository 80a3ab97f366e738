import { describe, expect, test } from "vitest";
import { type BatchRules, planBatch } from "../../../../../shared/core/plan/plan-batch.ts";
import type { PartitionState } from "../../../../../shared/core/plan/plan-partition.ts";
import type { Routing } from "../../../../../shared/core/plan/route-ranges.ts";
import { aPartition, aPartitionState, aRangeRecord, planRules } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

const minimum = { batchMinimum: { minRecordsPerBatch: 15n, maxBatchDelayMs: 5_000 } };

/** A partition whose newest range, planned at START, is [5, 9), and that has this much after it. */
function behind(lag: bigint, partition = 3): PartitionState {
  return aPartitionState({
    partition: aPartition({ partition }),
    newest: aRangeRecord({ status: "COMPLETED", partition }),
    end: { kind: "listed", offset: 9n + lag },
  });
}

function decide(states: readonly PartitionState[], rules: Partial<BatchRules>, now = START + 1_000, rate?: number) {
  return planBatch(states, planRules(rules), { now, rate }).map(({ decision }) => decision);
}

/** What is planned of each partition, and by what it was shortened. */
function taken(lags: readonly bigint[], rules: Partial<BatchRules>) {
  return decide(lags.map(behind), rules).map((decision) =>
    decision.kind === "plan"
      ? [decision.untilOffset - decision.fromOffset, decision.limitedBy ?? "nothing"]
      : decision.kind,
  );
}

describe("PB1: limits", () => {
  test("take at most maxRecordsPerPartition of a partition, and all of it when that is exactly what there is", () => {
    expect(taken([11n, 10n, 9n], { maxRecordsPerPartition: 10n })).toEqual([
      [10n, "maxRecordsPerPartition"],
      [10n, "nothing"],
      [9n, "nothing"],
    ]);
  });

  test("share maxRecordsPerBatch out by lag, with Spark's rounding, and name the tighter of two", () => {
    expect(taken([100n, 200n], { maxRecordsPerBatch: 10n })).toEqual([
      [3n, "maxRecordsPerBatch"],
      [6n, "maxRecordsPerBatch"],
    ]);
    expect(taken([100n, 200n], { maxRecordsPerBatch: 10n, maxRecordsPerPartition: 5n })).toEqual([
      [3n, "maxRecordsPerBatch"],
      [5n, "maxRecordsPerPartition"],
    ]);
  });

  test("PB2: leave a partition one offset of a share that comes to less, and idle ones nothing", () => {
    expect(taken([1_000_000n, 5n, 0n], { maxRecordsPerBatch: 2n })).toEqual([
      [1n, "maxRecordsPerBatch"],
      [1n, "maxRecordsPerBatch"],
      "idle",
    ]);
  });

  test("give a partition minRecordsPerPartition whatever its share is, as far as it has as many", () => {
    expect(taken([1_000n, 20n, 2n], { maxRecordsPerBatch: 10n, minRecordsPerPartition: 4n })).toEqual([
      [9n, "maxRecordsPerBatch"],
      [4n, "maxRecordsPerBatch"],
      [2n, "nothing"],
    ]);
  });

  test("bound a first range by initialRecordsPerPartition, and give way to minRecordsPerPartition", () => {
    const first = { ...aPartitionState(), end: { kind: "listed", offset: 5_000n } as const };
    const initial = { initialRecordsPerPartition: 100n };

    expect(decide([first], initial)).toEqual([
      { kind: "plan", fromOffset: 0n, untilOffset: 100n, limitedBy: "initialRecordsPerPartition", adaptiveSize: 100n },
    ]);
    expect(decide([first], { ...initial, minRecordsPerPartition: 300n })).toMatchObject([{ untilOffset: 300n }]);
  });

  test("share the rate of backpressure out by lag, below the initial size while there is none", () => {
    const rules = { backpressure: { proportional: 1, integral: 0.2, derived: 0, minRate: 100 }, batchIntervalMs: 500 };
    const some = (rate?: number) =>
      planBatch(
        [behind(600n, 0), behind(400n, 1)],
        planRules({ ...rules, isSizeAdaptive: false, initialRecordsPerPartition: 30n }),
        { now: START, rate },
      ).map(({ decision }) => (decision.kind === "plan" ? [decision.untilOffset - 9n, decision.limitedBy] : decision));

    expect(some()).toEqual([
      [30n, "initialRecordsPerPartition"],
      [30n, "initialRecordsPerPartition"],
    ]);
    expect(some(100)).toEqual([
      [30n, "backpressure"],
      [20n, "backpressure"],
    ]);
    expect(some(1)).toEqual([
      [1n, "backpressure"],
      [1n, "backpressure"],
    ]);
  });

  test("count only partitions that can be planned, and change no other decision", () => {
    const states = [behind(50n, 0), aPartitionState({ newest: aRangeRecord() }), aPartitionState({ problem: "gone" })];

    expect(decide(states, { maxRecordsPerBatch: 10n })).toMatchObject([
      { kind: "plan", untilOffset: 19n },
      { kind: "drive" },
      { kind: "held" },
    ]);
  });
});

describe("PB3: a batch below minRecordsPerBatch", () => {
  test("is put off in every partition, with what there is and until when", () => {
    const reason = `14 new offsets, below minRecordsPerBatch 15; waits until ${new Date(START + 5_000).toISOString()} at most`;

    expect(decide([behind(10n, 0), behind(4n, 1), behind(0n, 2)], minimum)).toEqual([
      { kind: "delayed", reason },
      { kind: "delayed", reason },
      { kind: "idle" },
    ]);
  });

  test("is planned from the minimum on, which new partitions count towards from their log's beginning", () => {
    const found = aPartitionState({ end: { kind: "listed", offset: 5n } });

    expect(decide([behind(15n)], minimum)).toMatchObject([{ kind: "plan" }]);
    expect(decide([behind(10n), found], minimum)).toMatchObject([{ kind: "plan" }, { kind: "plan" }]);
    expect(decide([behind(9n), found], minimum)).toMatchObject([{ kind: "delayed" }, { kind: "delayed" }]);
  });

  test("is planned once maxBatchDelayMs have passed since the last batch of any partition", () => {
    const later = { ...behind(0n, 1), newest: aRangeRecord({ status: "COMPLETED", plannedAt: START + 100 }) };
    const kindAt = (now: number) => decide([behind(1n), later], minimum, now)[0]?.kind;

    expect(kindAt(START + 5_099)).toBe("delayed");
    expect(kindAt(START + 5_100)).toBe("plan");
  });

  test("does not wait when it is the first, also after an anchor", () => {
    const anchored = aPartitionState({
      newest: aRangeRecord({ status: "ANCHOR" }),
      end: { kind: "listed", offset: 6n },
    });

    expect(decide([aPartitionState()], minimum)).toMatchObject([{ kind: "plan" }]);
    expect(decide([anchored], minimum)).toMatchObject([{ kind: "plan" }]);
  });

  test("delays no open range and no anchor", () => {
    const states = [
      behind(1n, 0),
      aPartitionState({ newest: aRangeRecord() }),
      aPartitionState({ end: { kind: "listed", offset: 0n } }),
    ];

    expect(decide(states, minimum).map(({ kind }) => kind)).toEqual(["delayed", "drive", "anchor"]);
  });
});

describe("a variant of the processor", () => {
  const routing = (maxConcurrency?: number): Routing => {
    const large = { name: "large", timeoutMs: 900_000, ...(maxConcurrency === undefined ? {} : { maxConcurrency }) };
    return { byPartition: new Map([0, 1, 2].map((partition) => [`orders:${partition}`, large])), byRack: new Map() };
  };

  test("sizes its ranges by its own time-out", () => {
    const newest = (partition: number) =>
      aRangeRecord({
        status: "COMPLETED",
        partition,
        adaptiveSize: 100n,
        startedAt: START,
        completedAt: START + 60_000,
      });
    const states = [0, 3].map((partition) =>
      aPartitionState({
        partition: aPartition({ partition }),
        newest: newest(partition),
        end: { kind: "listed", offset: 1_000n },
      }),
    );

    const decisions = decide(states, { routing: routing(), batchIntervalMs: 600_000, processorTimeoutMs: 20_000 });

    const sizes = decisions.map((one) => (one.kind === "plan" ? one.adaptiveSize : undefined));
    expect(sizes[0]).toBeGreaterThanOrEqual(100n);
    expect(sizes[1]).toBeLessThan(100n);
  });

  test("with a limit of its own has its own room, and one without it the pipeline's", () => {
    const states = [0, 1, 2, 3, 4].map((partition) => behind(5n, partition));
    const kinds = (limit?: number) =>
      decide(states, { routing: routing(limit), maxConcurrency: 1 }).map((one) =>
        one.kind === "queued" ? one.reason : one.kind,
      );

    const ofPipeline = "waits for one of 0 ranges in flight: maxConcurrency is 1";
    const ofVariant = "waits for one of 0 ranges in flight: maxConcurrency of variant large is 2";
    expect(kinds(2)).toEqual(["plan", "plan", ofVariant, "plan", ofPipeline]);
    expect(kinds()).toEqual(["plan", ofPipeline, ofPipeline, ofPipeline, ofPipeline]);
  });
});
