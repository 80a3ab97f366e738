import { describe, expect, test } from "vitest";
import { reportOutcome } from "../../../../../functions/scheduler/report-outcome.ts";
import type { BatchOutcome } from "../../../../../functions/scheduler/schedule-batch.ts";
import { LedgerIntegrityError, LedgerUnavailableError, RangeReadError } from "../../../../../shared/core/errors.ts";
import { MAX_PARTITIONS } from "../../../../../shared/core/limits.ts";
import { aRangeRecord } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

function kindsOf({ partitions }: BatchOutcome): readonly string[] {
  return partitions.map(({ kind }) => kind);
}

/** The ledger's reads, throttled for these partitions. */
function busyFor({ ledger }: SchedulerBench, partitions: readonly number[]): typeof ledger.newestRange {
  return async (chain) => {
    if (partitions.includes(chain.partition)) {
      throw new LedgerUnavailableError("the ledger throttles");
    }
    return ledger.newestRange(chain);
  };
}

describe("a run", () => {
  test("plans what is new per partition, dispatches it, and answers what it did", async () => {
    const bench = createSchedulerBench();
    bench.produce(0, 5);
    bench.produce(2, 7);

    const outcome = await bench.tick();

    expect(bench.chains()).toEqual(["0: PLANNED [0, 5)", "1: ANCHOR [0, 0)", "2: PLANNED [0, 7)"]);
    expect(outcome).toEqual({
      batchId: "id-1",
      partitions: [
        { topic: "orders", partition: 0, kind: "planned", fromOffset: 0n, untilOffset: 5n },
        { topic: "orders", partition: 1, kind: "anchored", fromOffset: 0n },
        { topic: "orders", partition: 2, kind: "planned", fromOffset: 0n, untilOffset: 7n },
      ],
      missing: [],
    });
  });

  test("dispatches each range as the ledger has it, with the leader to connect to", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);

    await bench.tick();

    const leader = bench.log.partition({ topic: "orders", partition: 0 })?.leader;
    expect(bench.dispatcher.accepted).toEqual([{ record: bench.ledger.all()[0], leader }]);
  });

  test("G2: goes on where the last range ended, through any number of runs", async () => {
    const bench = createSchedulerBench(1);
    for (let run = 0; run < 4; run += 1) {
      bench.produce(0, 3);
      await bench.tick();
      bench.completeAll();
    }

    expect(bench.chains()).toEqual([
      "0: COMPLETED [0, 3)",
      "0: COMPLETED [3, 6)",
      "0: COMPLETED [6, 9)",
      "0: COMPLETED [9, 12)",
    ]);
  });

  test("G6: a range begins with the leader epoch that the one before has read", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);
    await bench.tick();
    bench.completeAll();
    for (const record of bench.ledger.all()) {
      bench.ledger.put({ ...record, leaderEpoch: 4 });
    }
    bench.produce(0, 3);

    await bench.tick();

    expect(bench.ledger.all()[1]).toMatchObject({ fromOffset: 3n, leaderEpoch: 4 });
  });

  test("PP2: waits for a partition's open range, and says since when and how far it is behind", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await bench.tick();
    bench.produce(0, 5);
    bench.clock.advance(1_000);

    const { partitions } = await bench.tick();

    expect(partitions).toMatchObject([{ kind: "waiting", lag: 10n, openSince: START }]);
    expect(bench.chains()).toEqual(["0: PLANNED [0, 5)"]);
  });

  test("PP3: plans below the last stable offset under read_committed, to the high watermark otherwise", async () => {
    const plans = await Promise.all(
      (["read_committed", "read_uncommitted"] as const).map(async (isolationLevel) => {
        const bench = createSchedulerBench(1);
        bench.produce(0, 2);
        bench.log.appendInTransaction({ topic: "orders", partition: 0 }, ["open"]);
        await bench.tick({ isolationLevel });
        return bench.chains();
      }),
    );

    expect(plans).toEqual([["0: PLANNED [0, 2)"], ["0: PLANNED [0, 3)"]]);
  });

  test("G8: writes and dispatches nothing when nothing is new", async () => {
    const bench = createSchedulerBench();
    bench.produce(0, 5);
    await bench.tick();
    bench.completeAll();
    bench.dispatcher.take();
    const { writes } = bench.ledger;

    const outcome = await bench.tick();

    expect(kindsOf(outcome)).toEqual(["idle", "idle", "idle"]);
    expect(bench.ledger.writes).toBe(writes);
    expect(bench.dispatcher.accepted).toEqual([]);
  });

  test("asks for the beginning of a log only where the ledger has no chain", async () => {
    const bench = createSchedulerBench(2);
    bench.ledger.put(aRangeRecord({ status: "COMPLETED", partition: 0 }));
    bench.produce(0, 9);

    await bench.tick();

    expect(bench.source.listings).toContainEqual({ spec: "earliest", partitions: ["orders-1"] });
  });

  test("renews a checkpoint that the table is about to forget, and costs one write for it", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await bench.tick();
    bench.completeAll();
    bench.clock.advance(50_000_000);

    const outcome = await bench.tick();

    expect(kindsOf(outcome)).toEqual(["renewed"]);
    expect(bench.ledger.all()[0]?.expiresAt).toBe(START + 50_000_000 + bench.rules.retentionMs);
    expect(kindsOf(await bench.tick())).toEqual(["idle"]);
  });

  test("G6: does not claim to have renewed a checkpoint that was forgotten in that moment", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await bench.tick();
    bench.completeAll();
    bench.clock.advance(50_000_000);
    const changeRange: typeof bench.ledger.changeRange = async (seen, ...rest) => {
      bench.ledger.forget(seen);
      return bench.ledger.changeRange(seen, ...rest);
    };

    const outcome = await bench.tick({}, { ledger: { ...bench.ledger, changeRange } });

    expect(outcome.partitions).toMatchObject([{ kind: "collided", reason: "the record is gone" }]);
  });

  test("names what the source asks for and Kafka does not have", async () => {
    const bench = createSchedulerBench(1);

    const { missing } = await bench.tick({ selection: { topics: ["orders", "payments"] } });

    expect(missing).toEqual(["payments"]);
  });

  test("says why a source selects nothing, and logs it", async () => {
    const bench = createSchedulerBench(1);
    const logged: unknown[] = [];
    const logger = {
      info: () => undefined,
      warn: () => undefined,
      error: (...line: unknown[]) => void logged.push(line),
    };

    const byPattern = await bench.tick({ selection: { topicPattern: "ord" } });
    const byName = await bench.tick({ selection: { topics: ["payments", "returns"] } });
    const something = await bench.tick({ selection: { topicPattern: "ord.*" } });
    for (const batch of [byPattern, something]) {
      reportOutcome(logger, { addMetric: () => undefined }, { batch, reprocess: [] }, START);
    }

    const reason = expect.stringContaining('no topic matches the topicPattern "ord"');
    expect(byPattern.emptySource).toEqual(reason);
    expect(byName.emptySource).toMatch(/nothing that the source names exists.*: payments, returns$/);
    expect(something.emptySource).toBeUndefined();
    expect(logged).toEqual([["the source selects nothing", { reason }]]);
  });

  test("refuses a source of more partitions than it can plan in time", async () => {
    const bench = createSchedulerBench(MAX_PARTITIONS + 1);

    await expect(bench.tick()).rejects.toThrow(
      `${MAX_PARTITIONS + 1} partitions, more than ${MAX_PARTITIONS}; split it`,
    );
  });
});

describe("CO1: a range is in the ledger before it is dispatched", () => {
  test("FT1: so a dispatch that fails is a delay, and the range is dispatched again once overdue", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    bench.dispatcher.refuse(0, true);

    const failed = await bench.tick();
    bench.dispatcher.refuse(0, false);
    bench.clock.advance(bench.rules.dispatchTimeoutMs);
    const again = await bench.tick();

    expect(failed.partitions).toMatchObject([{ kind: "dispatchFailed", reason: expect.stringContaining("throttled") }]);
    expect(again.partitions).toMatchObject([{ kind: "redispatched", fromOffset: 0n, untilOffset: 5n }]);
    expect(bench.dispatcher.accepted).toHaveLength(1);
  });

  test("so a range that could not be written is not dispatched", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    const planRange = () => Promise.reject(new LedgerUnavailableError("the ledger is down"));

    const outcome = await bench.tick({}, { ledger: { ...bench.ledger, planRange } });

    expect(outcome.partitions).toMatchObject([{ kind: "failed", reason: expect.stringContaining("ledger is down") }]);
    expect(bench.dispatcher.accepted).toEqual([]);
  });

  test("FT5: also a lease that expired", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    bench.ledger.put(aRangeRecord({ status: "RUNNING", partition: 0, fromOffset: 0n, untilOffset: 5n }));
    bench.clock.advance(60_000);

    await bench.tick();

    expect(bench.dispatcher.accepted.map(({ record }) => record)).toEqual(bench.ledger.all());
    expect(bench.ledger.all()).toMatchObject([{ status: "FAILED", error: { name: "LeaseExpired" } }]);
  });
});

describe("CO2: one partition's trouble never stops another", () => {
  test("when its offsets cannot be listed", async () => {
    const bench = createSchedulerBench();
    bench.produceToEach(5);
    bench.source.failListing({ topic: "orders", partition: 1 }, new RangeReadError("leader is away"));

    const outcome = await bench.tick();

    expect(kindsOf(outcome)).toEqual(["planned", "held", "planned"]);
    expect(outcome.partitions[1]?.reason).toContain("leader is away");
  });

  test("when its dispatch, or its write, fails", async () => {
    const bench = createSchedulerBench();
    bench.produceToEach(5);
    bench.dispatcher.refuse(0, true);
    const planRange: typeof bench.ledger.planRange = async (record) => {
      if (record.partition === 1) {
        throw new LedgerUnavailableError("throttled");
      }
      return bench.ledger.planRange(record);
    };

    const outcome = await bench.tick({}, { ledger: { ...bench.ledger, planRange } });

    expect(kindsOf(outcome)).toEqual(["dispatchFailed", "failed", "planned"]);
  });

  test("FT10, OP2: when the ledger is too busy to give its record", async () => {
    const bench = createSchedulerBench();
    await bench.tick();
    bench.produceToEach(5);

    const outcome = await bench.tick({}, { ledger: { ...bench.ledger, newestRange: busyFor(bench, [1]) } });

    expect(kindsOf(outcome)).toEqual(["planned", "held", "planned"]);
    expect(outcome.partitions[1]?.reason).toBe("the next run asks again: the ledger throttles");
    expect(kindsOf(await bench.tick())).toEqual(["waiting", "planned", "waiting"]);
  });

  test("but a ledger that gives no record at all fails the run", async () => {
    const bench = createSchedulerBench();
    await bench.tick();

    const run = bench.tick({}, { ledger: { ...bench.ledger, newestRange: busyFor(bench, [0, 1, 2]) } });

    await expect(run).rejects.toThrow(LedgerUnavailableError);
  });

  test("G6: but where a pipeline starts is decided by a run that has read everything", async () => {
    const bench = createSchedulerBench();
    bench.produceToEach(5);
    const busy = { ledger: { ...bench.ledger, newestRange: busyFor(bench, [1]) } };

    await expect(bench.tick({ startingOffsets: "latest" }, busy)).rejects.toThrow(LedgerUnavailableError);
    await bench.tick({ startingOffsets: "latest" });

    expect(bench.chains()).toEqual(["0: ANCHOR [5, 5)", "1: ANCHOR [5, 5)", "2: ANCHOR [5, 5)"]);
  });

  test("when its record in the ledger cannot be read", async () => {
    const bench = createSchedulerBench();
    bench.produceToEach(5);
    const newestRange: typeof bench.ledger.newestRange = async (chain) => {
      if (chain.partition === 1) {
        throw new LedgerIntegrityError("item v1#word-count#1 is not a range record");
      }
      return bench.ledger.newestRange(chain);
    };

    const outcome = await bench.tick({}, { ledger: { ...bench.ledger, newestRange } });

    expect(kindsOf(outcome)).toEqual(["planned", "held", "planned"]);
    expect(outcome.partitions[1]?.reason).toContain("item v1#word-count#1 is not a range record");
  });

  test("when its log went back", async () => {
    const bench = createSchedulerBench(2);
    bench.produce(0, 5);
    bench.produce(1, 5);
    await bench.tick();
    bench.completeAll();
    bench.log.truncate({ topic: "orders", partition: 0 }, 3n);
    bench.produce(1, 5);

    const outcome = await bench.tick();

    expect(kindsOf(outcome)).toEqual(["held", "planned"]);
    expect(outcome.partitions[0]).toMatchObject({ lag: 0n, reason: expect.stringContaining("ends at 3, below 5") });
  });

  test("when it is halted", async () => {
    const bench = createSchedulerBench(2);
    const { nextAttemptAt: _none, ...halted } = aRangeRecord({ status: "FAILED", partition: 0 });
    bench.ledger.put(halted);
    bench.produce(1, 5);

    const outcome = await bench.tick();

    expect(kindsOf(outcome)).toEqual(["halted", "planned"]);
    expect(outcome.partitions[0]?.reason).toContain("the broker is gone");
  });

  test("but a Kafka, or a ledger, that answers nothing fails the run", async () => {
    const bench = createSchedulerBench();
    const newestRange = () => Promise.reject(new LedgerUnavailableError("the ledger is down"));

    await expect(bench.tick({}, { ledger: { ...bench.ledger, newestRange } })).rejects.toThrow("the ledger is down");
    bench.source.setReachable(false);
    await expect(bench.tick()).rejects.toThrow("no broker answers");
  });
});
