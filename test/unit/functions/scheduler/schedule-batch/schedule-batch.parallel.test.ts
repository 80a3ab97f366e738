import { describe, expect, test } from "vitest";
import { LedgerUnavailableError } from "../../../../../shared/core/errors.ts";
import { applyEvent } from "../../../../../shared/core/range/range-status.ts";
import { verifyChain } from "../../../../../shared/core/verify/verify-chain.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const rules = { parallel: { maxRecordsPerRange: 4n } };

/** Completes the range that begins at the offset, as a processor would. */
function complete(bench: SchedulerBench, fromOffset: bigint): void {
  const others = bench.ledger.all().filter((record) => record.fromOffset !== fromOffset);
  bench.completeAll();
  for (const record of others) {
    bench.ledger.put(record);
  }
}

function problems(bench: SchedulerBench) {
  return verifyChain(bench.ledger.all(), { now: bench.clock.now(), mode: "live" });
}

describe("a pipeline without order", () => {
  test("plans and dispatches several ranges of a partition at a time, adjacent, by Spark's cut", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 10);

    const { partitions } = await bench.tick(rules);

    expect(bench.chains()).toEqual(["0: PLANNED [0, 3)", "0: PLANNED [3, 6)", "0: PLANNED [6, 10)"]);
    expect(partitions.map(({ kind, fromOffset }) => [kind, fromOffset])).toEqual([
      ["planned", 0n],
      ["planned", 3n],
      ["planned", 6n],
    ]);
    expect(bench.dispatcher.accepted.map(({ record }) => record)).toEqual(bench.ledger.all());
    expect(problems(bench)).toEqual([]);
  });

  test("says of a range that is alone, too, that it follows none", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 2);

    await bench.tick(rules);
    complete(bench, 0n);
    bench.produce(0, 2);
    await bench.tick({});

    expect(bench.ledger.all().map(({ fromOffset, groupFrom }) => [fromOffset, groupFrom])).toEqual([
      [0n, 0n],
      [2n, undefined],
    ]);
  });

  test("cuts the batch as a whole into minPartitions", async () => {
    const bench = createSchedulerBench(2);
    bench.produce(0, 1);
    bench.produce(1, 20);

    await bench.tick({ parallel: { minPartitions: 5 } });

    expect(bench.chains()).toEqual([
      "0: PLANNED [0, 1)",
      "1: PLANNED [0, 5)",
      "1: PLANNED [5, 10)",
      "1: PLANNED [10, 15)",
      "1: PLANNED [15, 20)",
    ]);
  });

  test("RG1: plans nothing more of a partition before all of its group is closed, whichever closes first", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 10);
    await bench.tick(rules);
    bench.produce(0, 2);
    complete(bench, 6n);
    complete(bench, 0n);

    const { partitions } = await bench.tick(rules);
    complete(bench, 3n);
    await bench.tick(rules);

    expect(partitions).toMatchObject([{ kind: "waiting", lag: 9n }]);
    expect(bench.chains().slice(2)).toEqual(["0: COMPLETED [6, 10)", "0: PLANNED [10, 12)"]);
    expect(problems(bench)).toEqual([]);
  });

  test("drives each open range by itself: the due is dispatched again, the expired retried, the halted told", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 10);
    await bench.tick(rules);
    const [lost, running, failed] = bench.ledger.all();
    if (lost === undefined || running === undefined || failed === undefined) {
      throw new Error("no group was planned");
    }
    const claim = applyEvent(running, { kind: "claim", owner: "p", now: bench.clock.now(), leaseMs: 60_000 }, "w");
    bench.ledger.put(claim.kind === "changed" ? claim.record : running);
    bench.ledger.put({ ...failed, status: "FAILED", failedAttempts: 3 });
    bench.clock.advance(bench.rules.dispatchTimeoutMs);

    const first = await bench.tick(rules);
    bench.clock.advance(60_000);
    const second = await bench.tick(rules);

    expect(first.partitions.map(({ kind }) => kind)).toEqual(["redispatched", "waiting", "halted"]);
    expect(second.partitions.map(({ kind }) => kind)).toEqual(["redispatched", "redispatched", "halted"]);
    expect(first.partitions.map(({ lag }) => lag)).toEqual([10n, undefined, undefined]);
  });

  test("RG2, G2: a run that dies in the middle of a group leaves a shorter one, and the next goes on behind it", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 10);
    let plans = 0;
    const planRange: typeof bench.ledger.planRange = async (record) => {
      plans += 1;
      if (plans === 3) {
        throw new LedgerUnavailableError("the ledger is down");
      }
      return bench.ledger.planRange(record);
    };
    const died = await bench.tick(rules, { ledger: { ...bench.ledger, planRange } });
    complete(bench, 3n);
    const meanwhile = await bench.tick(rules);
    bench.completeAll();
    await bench.tick(rules);

    expect(died.partitions.map(({ kind }) => kind)).toEqual(["planned", "planned", "failed"]);
    expect(meanwhile.partitions).toMatchObject([{ kind: "waiting" }]);
    expect(bench.chains()).toEqual(["0: COMPLETED [0, 3)", "0: COMPLETED [3, 6)", "0: PLANNED [6, 10)"]);
    expect(problems(bench)).toEqual([]);
  });

  test("G2: of two runs at once one plans the group, however far each of them saw the log", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 10);
    const runs = [bench.tick(rules)];
    bench.produce(0, 7);
    runs.push(bench.tick(rules));

    await Promise.all(runs);

    expect(problems(bench)).toEqual([]);
  });

  test("SB1: a run that dies before it counts the partition as started is made up for, once for all its ranges", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 10);
    const writePipeline: typeof bench.ledger.writePipeline = (record) =>
      record.topics.length > 0 ? Promise.reject(new Error("died")) : bench.ledger.writePipeline(record);
    await expect(bench.tick(rules, { ledger: { ...bench.ledger, writePipeline } })).rejects.toThrow("died");

    await bench.tick(rules);

    expect(await bench.ledger.readPipeline("word-count")).toMatchObject({ topics: [{ partitions: [0] }] });
  });

  test("PP5, G2: what is closed of a group is kept from expiry while an earlier range of it is open", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 10);
    await bench.tick(rules);
    complete(bench, 3n);
    complete(bench, 6n);
    const half = bench.rules.retentionMs / 2;
    bench.clock.advance(half + 1);

    const { partitions } = await bench.tick(rules);

    expect(partitions).toMatchObject([{ kind: "renewed" }]);
    const kept = bench.clock.now() + bench.rules.retentionMs;
    expect(bench.ledger.all().map(({ expiresAt }) => expiresAt)).toEqual([undefined, kept, kept]);
    expect((await bench.tick(rules)).partitions).toMatchObject([{ kind: "redispatched", fromOffset: 0n }]);
  });

  test("G8: of a group that is closed only the newest range is kept from expiry", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 10);
    await bench.tick(rules);
    bench.completeAll();
    const { writes } = bench.ledger;
    bench.clock.advance(bench.rules.retentionMs / 2 + 1);

    await bench.tick(rules);

    expect(bench.ledger.writes).toBe(writes + 1);
    expect(bench.ledger.all().at(-1)?.expiresAt).toBe(bench.clock.now() + bench.rules.retentionMs);
  });

  test("RG3: a closed group costs its idle partition one more read, and no write; a single range costs neither", async () => {
    const bench = createSchedulerBench(2);
    bench.produce(0, 10);
    bench.produce(1, 1);
    await bench.tick(rules);
    bench.completeAll();
    const { writes } = bench.ledger;
    const reads: (bigint | undefined)[] = [];
    const rangesWithin: typeof bench.ledger.rangesWithin = (chain, bounds) => {
      reads.push(bounds.fromOffset);
      return bench.ledger.rangesWithin(chain, bounds);
    };

    const { partitions } = await bench.tick(rules, { ledger: { ...bench.ledger, rangesWithin } });

    expect(partitions).toMatchObject([
      { kind: "idle", lag: 0n },
      { kind: "idle", lag: 0n },
    ]);
    expect(reads).toEqual([0n]);
    expect(bench.ledger.writes).toBe(writes);
  });

  test("the leader epoch goes with the first range of a group only: nobody has read what is before the others", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);
    await bench.tick(rules);
    bench.completeAll();
    for (const record of bench.ledger.all()) {
      bench.ledger.put({ ...record, leaderEpoch: 4 });
    }
    bench.produce(0, 8);

    await bench.tick(rules);

    expect(bench.ledger.all().map(({ fromOffset, leaderEpoch }) => [fromOffset, leaderEpoch])).toEqual([
      [0n, 4],
      [3n, 4],
      [7n, undefined],
    ]);
  });

  test("the adaptive size is that of one range, and a group has at most MAX_RANGES_PER_GROUP of them", async () => {
    const bench = createSchedulerBench(1);
    const small = { parallel: {}, initialRecordsPerPartition: 2n, maxRecordsPerPartition: 10_000n };
    bench.produce(0, 2);
    await bench.tick(small);
    bench.completeAll();
    bench.produce(0, 2_000);

    const { partitions } = await bench.tick(small);

    expect(partitions).toHaveLength(100);
    expect(partitions.every((one) => (one.untilOffset ?? 0n) - (one.fromOffset ?? 0n) === 8n)).toBe(true);
    expect(partitions[0]?.limitedBy).toBe("adaptiveSize");
  });

  test("backpressure counts in every range of a group", async () => {
    const bench = createSchedulerBench(1);
    const backpressure = { proportional: 1, integral: 0.2, derived: 0, minRate: 1 };
    bench.produce(0, 10);
    await bench.tick({ ...rules, backpressure });
    bench.completeAll();
    bench.clock.advance(1_000);
    for (const record of bench.ledger.all()) {
      bench.ledger.put({ ...record, completedAt: bench.clock.now() });
    }

    await bench.tick({ ...rules, backpressure });

    expect((await bench.ledger.readPipeline("word-count"))?.rate).toMatchObject({ latestRate: 10 });
  });
});

test("a pipeline that keeps order again waits for the group that it finds", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 10);
  await bench.tick(rules);
  complete(bench, 6n);
  bench.produce(0, 5);

  const { partitions } = await bench.tick();

  expect(partitions.map(({ kind }) => kind)).toEqual(["waiting", "waiting"]);
});
