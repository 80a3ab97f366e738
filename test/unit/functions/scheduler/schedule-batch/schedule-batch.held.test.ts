import { describe, expect, test } from "vitest";
import { RangeReadError } from "../../../../../shared/core/errors.ts";
import { MAX_TRANSACTIONS_NAMED } from "../../../../../shared/core/limits.ts";
import { START } from "../../../../support/fake-clock.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const MINUTE = 60_000;
const ORDERS_0 = { topic: "orders", partition: 0 };
const looking = { transactionCheckMs: 5 * MINUTE };
/** The clock of the bench begins at a check; so does this run. */
const atCheck = (bench: SchedulerBench) => bench.tick(looking);

/** Three records, then four of a transaction that stays open. */
function withOpenTransaction(bench: SchedulerBench) {
  bench.produce(0, 3);
  return bench.log.appendInTransaction(ORDERS_0, ["a", "b", "c", "d"]);
}

describe("an open transaction", () => {
  test("is named with what it holds back and since when, and moves no plan", async () => {
    const bench = createSchedulerBench(2);
    const { producerId } = withOpenTransaction(bench);

    const { heldBack } = await atCheck(bench);

    expect(bench.chains()).toEqual(["0: PLANNED [0, 3)", "1: ANCHOR [0, 0)"]);
    expect(heldBack).toEqual({
      records: 4n,
      partitions: [
        {
          ...ORDERS_0,
          stableOffset: 3n,
          highWatermark: 7n,
          transaction: { producerId, producerEpoch: 0, startOffset: 3n, lastTimestamp: START },
          since: START,
        },
      ],
    });
  });

  test("is over for the next check once it has ended, and what it held is planned", async () => {
    const bench = createSchedulerBench(1);
    const transaction = withOpenTransaction(bench);
    await atCheck(bench);
    bench.completeAll();
    bench.log.endTransaction(ORDERS_0, transaction, "committed");
    bench.clock.advance(5 * MINUTE);

    const { heldBack } = await atCheck(bench);

    expect(heldBack).toEqual({ records: 0n, partitions: [] });
    expect(bench.chains()).toEqual(["0: COMPLETED [0, 3)", "0: PLANNED [3, 8)"]);
  });

  test("is as old as what moved last: its own records, or the partition's plan", async () => {
    const bench = createSchedulerBench(1);
    withOpenTransaction(bench);
    bench.clock.advance(5 * MINUTE);
    await bench.tick();
    bench.completeAll();
    bench.clock.advance(20 * MINUTE);

    const { heldBack } = await atCheck(bench);

    expect(heldBack?.partitions).toMatchObject([{ since: START + 5 * MINUTE }]);
  });

  test("with a timestamp to come is as old as the partition's plan", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);
    await bench.tick();
    bench.completeAll();
    bench.clock.advance(60 * MINUTE);
    bench.log.appendInTransaction(ORDERS_0, ["a"]);
    bench.clock.advance(-30 * MINUTE);

    const { heldBack } = await atCheck(bench);

    expect(heldBack?.partitions).toMatchObject([{ since: START }]);
  });

  test("that the scheduler may not ask about holds back as much, and fails nothing", async () => {
    const bench = createSchedulerBench(1);
    withOpenTransaction(bench);
    bench.source.refuseTransactions(new RangeReadError("allow it READ on topic orders"));

    const { heldBack, partitions } = await atCheck(bench);

    expect(partitions).toMatchObject([{ kind: "planned" }]);
    expect(heldBack).toMatchObject({ records: 4n, partitions: [{ transaction: "allow it READ on topic orders" }] });
  });

  test("is asked about in a bounded number of partitions, those that were planned longest ago", async () => {
    const bench = createSchedulerBench(MAX_TRANSACTIONS_NAMED + 2);
    bench.produce(7, 1);
    await bench.tick();
    bench.completeAll();
    bench.clock.advance(5 * MINUTE);
    for (let partition = 0; partition < MAX_TRANSACTIONS_NAMED + 2; partition++) {
      bench.produce(partition, partition === 7 ? 0 : 1);
      bench.log.appendInTransaction({ topic: "orders", partition }, ["a", "b"]);
    }

    const { heldBack } = await atCheck(bench);

    expect(heldBack?.records).toBe(2n * BigInt(MAX_TRANSACTIONS_NAMED + 2));
    expect(heldBack?.partitions).toHaveLength(MAX_TRANSACTIONS_NAMED);
    expect(bench.source.transactionQuestions).toHaveLength(1);
    expect(bench.source.transactionQuestions[0]).toContain("orders-7");
  });
});

describe("looking for open transactions", () => {
  test("costs an idle run nothing but in the first one of five minutes, and then one listing", async () => {
    const bench = createSchedulerBench(1);
    const listings: number[] = [];
    for (let minute = 0; minute < 11; minute++) {
      const before = bench.source.listings.length;
      await bench.tick(looking);
      listings.push(bench.source.listings.slice(before).filter(({ spec }) => spec === "latest").length);
      bench.clock.advance(MINUTE);
    }

    expect(listings).toEqual([2, 1, 1, 1, 1, 2, 1, 1, 1, 1, 2]);
    expect(bench.source.transactionQuestions).toEqual([]);
  });

  test("happens in each run where runs are farther apart", async () => {
    const bench = createSchedulerBench(1);
    bench.clock.advance(7 * MINUTE);

    expect(await bench.tick({ ...looking, batchIntervalMs: 10 * MINUTE })).toHaveProperty("heldBack");
  });

  test("is not for a pipeline that reads uncommitted records", async () => {
    const bench = createSchedulerBench(1);

    expect(await bench.tick({ ...looking, isolationLevel: "read_uncommitted" })).not.toHaveProperty("heldBack");
  });
});
