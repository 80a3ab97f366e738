import { describe, expect, test } from "vitest";
import { beginReprocess, driveReprocessRequests } from "../../../../../functions/scheduler/reprocess/reprocess.ts";
import type { OffsetRange } from "../../../../../shared/core/range/offset-range.ts";
import { isHalted } from "../../../../../shared/core/range/range-record.ts";
import { aHaltedRecord } from "../../../../support/builders/builders.ts";
import { aReprocessPayload, type PayloadOptions } from "../../../../support/builders/reprocess-builders.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const PIPELINE = "word-count";
const ID = "again-1";

const range = (partition: number, fromOffset: bigint, untilOffset: bigint): OffsetRange => ({
  topic: "orders",
  partition,
  fromOffset,
  untilOffset,
});

/** Three partitions of ten records each. */
function aBench(): SchedulerBench {
  const bench = createSchedulerBench();
  bench.produceToEach(10);
  return bench;
}

const everything = [range(0, 0n, 10n), range(1, 0n, 10n), range(2, 0n, 10n)];

function request(bench: SchedulerBench, asked: PayloadOptions = {}, ranges = everything) {
  return beginReprocess(bench.deps, bench.rules, aReprocessPayload(ID, ranges, asked));
}

async function drive(bench: SchedulerBench) {
  const [outcome] = await driveReprocessRequests(bench.deps, bench.rules);
  return outcome;
}

/** What was dispatched since the last time, as `partition: [from, until)`. */
const dispatched = (bench: SchedulerBench) =>
  bench.dispatcher.take().map(({ record }) => `${record.partition}: [${record.fromOffset}, ${record.untilOffset})`);

const inPieces = { split: { maxRecordsPerRange: 5n } } as const;

describe("PRQ1: of a request", () => {
  test("only so many ranges are open at a time, the next ones follow as others close", async () => {
    const bench = aBench();

    const first = await request(bench, { ...inPieces, pacing: { maxConcurrentRanges: 2 } });
    expect(dispatched(bench)).toEqual(["0: [0, 5)", "1: [0, 5)"]);
    expect(first.progress).toEqual({ total: 6, closed: 0, open: 2, halted: 0 });
    await drive(bench);
    expect(dispatched(bench)).toEqual([]);
    bench.completeAll();
    const second = await drive(bench);

    expect(dispatched(bench)).toEqual(["0: [5, 10)", "1: [5, 10)"]);
    expect(second?.progress).toEqual({ total: 6, closed: 2, open: 2, halted: 0 });
  });

  test("every range is run once, whatever the limit", async () => {
    const bench = aBench();
    const seen: string[] = [];
    await request(bench, { split: { maxRecordsPerRange: 3n }, pacing: { maxConcurrentRanges: 2 } });

    let outcome = await drive(bench);
    for (let runs = 0; runs < 20 && outcome !== undefined && !outcome.completed; runs += 1) {
      seen.push(...dispatched(bench));
      bench.completeAll();
      outcome = await drive(bench);
    }

    expect(outcome).toMatchObject({ completed: true, progress: { total: 12, closed: 12, open: 0 } });
    expect(seen).toHaveLength(12);
    expect(new Set(seen).size).toBe(12);
  });

  test("a halted range takes no place, and holds up its own partition alone", async () => {
    const bench = aBench();
    await request(bench, { ...inPieces, pacing: { maxConcurrentRanges: 1 } });
    halt(bench, 0);
    dispatched(bench);

    const outcome = await drive(bench);

    expect(outcome?.progress).toEqual({ total: 6, closed: 0, open: 2, halted: 1 });
    expect(outcome?.ranges.map(({ kind }) => kind)).toEqual(["halted", "planned"]);
    expect(dispatched(bench)).toEqual(["1: [0, 5)"]);
  });
});

describe("PRQ2: the ranges of one partition", () => {
  test("follow one another, so that its records keep their order", async () => {
    const bench = aBench();
    await request(bench, inPieces, [range(0, 0n, 10n), range(1, 0n, 5n)]);

    expect(dispatched(bench)).toEqual(["0: [0, 5)", "1: [0, 5)"]);
  });

  test("run beside one another where the request says that order does not matter", async () => {
    const bench = aBench();
    await request(bench, { ...inPieces, pacing: { isOrdered: false } }, [range(0, 0n, 10n)]);

    expect(dispatched(bench)).toEqual(["0: [0, 5)", "0: [5, 10)"]);
  });
});

describe("a range that was completed and forgotten by the table", () => {
  test("DQ2: is not run again while another one of its request is halted", async () => {
    const bench = aBench();
    await request(bench, inPieces);
    halt(bench, 1);
    bench.completeAll();
    await drive(bench);
    bench.completeAll();
    await drive(bench);
    const closed = bench.ledger.all().filter((record) => !isHalted(record));
    dispatched(bench);

    for (const record of closed) {
      bench.ledger.forget(record);
    }
    const outcome = await drive(bench);

    expect(closed).toHaveLength(4);
    expect(dispatched(bench)).toEqual([]);
    expect(outcome?.progress).toEqual({ total: 6, closed: 4, open: 1, halted: 1 });
  });

  test("DQ2: is not run again although no run has seen it closed", async () => {
    const bench = aBench();
    await request(bench, inPieces, [range(0, 0n, 10n)]);
    bench.completeAll();
    dispatched(bench);

    for (const record of bench.ledger.all()) {
      bench.ledger.forget(record);
    }
    await drive(bench);

    expect(dispatched(bench)).toEqual(["0: [5, 10)"]);
  });
});

describe("DQ1: a run that dies after it planned", () => {
  test("and before it wrote so plans nothing twice", async () => {
    const bench = aBench();
    const changeReprocess = () => Promise.reject(new Error("the function was stopped"));
    const dying = { ...bench.deps, ledger: { ...bench.ledger, changeReprocess } };
    const died = beginReprocess(dying, bench.rules, aReprocessPayload(ID, everything));
    await expect(died).rejects.toThrow("stopped");
    expect(dispatched(bench)).toHaveLength(3);

    const next = await drive(bench);
    const afterwards = await drive(bench);

    expect(next?.ranges.map(({ kind }) => kind)).toEqual(["collided", "collided", "collided"]);
    expect(afterwards?.ranges.map(({ kind }) => kind)).toEqual(["waiting", "waiting", "waiting"]);
    expect(dispatched(bench)).toEqual([]);
    expect(bench.ledger.all()).toHaveLength(3);
  });
});

describe("a cancelled request", () => {
  const cancelled = { by: "ada", reason: "wrong topic", at: 1 };
  const cancel = (bench: SchedulerBench) =>
    bench.ledger.changeReprocess(PIPELINE, ID, (present) => ({ ...present, cancelled }));

  test("PRQ4: skips the ranges that no processor holds, plans nothing more and is completed, with who and why", async () => {
    const bench = aBench();
    await request(bench, { ...inPieces, pacing: { maxConcurrentRanges: 2 } });
    await cancel(bench);
    dispatched(bench);

    const outcome = await drive(bench);

    expect(outcome).toMatchObject({ closed: true, completed: false, cancelled: true });
    expect(outcome?.offsets).toMatchObject({ total: 30n, processed: 0n, skipped: 10n, left: 20n });
    expect(outcome?.ranges.map(({ kind }) => kind)).toEqual(["skipped", "skipped"]);
    expect(dispatched(bench)).toEqual([]);
    expect(bench.ledger.all()).toMatchObject(
      [0, 1].map((partition) => ({
        partition,
        status: "SKIPPED",
        committedOffset: 0n,
        operator: { by: "ada", reason: "wrong topic" },
      })),
    );
    expect(await bench.ledger.readReprocess(PIPELINE, ID)).toMatchObject({
      completion: { settled: [0, 2], cancelled },
    });
  });

  test("lets what runs finish, and is completed after it", async () => {
    const bench = aBench();
    await request(bench, {}, [range(0, 0n, 10n)]);
    const [dispatch] = bench.dispatcher.take();
    const { record } = dispatch ?? expect.unreachable("nothing was dispatched");
    const now = bench.clock.now();
    await bench.ledger.changeRange(record, { kind: "claim", owner: "processor", now, leaseMs: 60_000 });
    await cancel(bench);

    const running = await drive(bench);
    bench.clock.advance(60_000);
    bench.completeAll();
    const finished = await drive(bench);

    expect(running).toMatchObject({ completed: false, ranges: [{ kind: "waiting", reason: "processor finishes it" }] });
    expect(finished).toMatchObject({ closed: true, completed: true, cancelled: true, progress: { closed: 1 } });
    expect(bench.ledger.all()).toMatchObject([{ status: "COMPLETED" }]);
  });

  test("PRQ4: takes back what a run planned that had not heard of it", async () => {
    const bench = aBench();
    await request(bench, { ...inPieces, pacing: { maxConcurrentRanges: 1 } });
    bench.completeAll();
    let isFirst = true;
    const planRange: typeof bench.ledger.planRange = async (record) => {
      if (isFirst) {
        isFirst = false;
        await cancel(bench);
        await drive(bench);
      }
      return bench.ledger.planRange(record);
    };

    await driveReprocessRequests({ ...bench.deps, ledger: { ...bench.ledger, planRange } }, bench.rules);

    expect(await bench.ledger.openReprocesses(PIPELINE)).toEqual([]);
    expect(bench.ledger.all()).toMatchObject([
      { fromOffset: 0n, status: "COMPLETED" },
      { fromOffset: 5n, status: "SKIPPED", operator: { by: "ada" } },
    ]);
  });

  test("RQ3, PRQ4: skips as well what a run planned that died before it kept what it had done", async () => {
    const bench = aBench();
    const changeReprocess = () => Promise.reject(new Error("died"));
    const deps = { ...bench.deps, ledger: { ...bench.ledger, changeReprocess } };
    const payload = aReprocessPayload(ID, everything, inPieces);
    await expect(beginReprocess(deps, bench.rules, payload)).rejects.toThrow("died");
    await cancel(bench);

    const outcome = await drive(bench);

    expect(outcome).toMatchObject({ closed: true, completed: false, cancelled: true, offsets: { skipped: 15n } });
    expect(bench.ledger.all().length).toBeGreaterThan(0);
    expect(new Set(bench.ledger.all().map(({ status }) => status))).toEqual(new Set(["SKIPPED"]));
  });

  test("RQ2: stays cancelled when it is asked for again", async () => {
    const bench = aBench();
    await request(bench);
    await cancel(bench);
    await drive(bench);
    dispatched(bench);

    const again = await request(bench);

    expect(again).toMatchObject({ closed: true, cancelled: true, offsets: { skipped: 30n }, ranges: [] });
    expect(dispatched(bench)).toEqual([]);
  });
});

describe("RQ4: what a run reads", () => {
  test("is one record once every request is completed, however many there were", async () => {
    const bench = aBench();
    for (const requestId of ["a", "b", "c"]) {
      await beginReprocess(bench.deps, bench.rules, aReprocessPayload(requestId, everything));
      bench.completeAll();
      await drive(bench);
    }
    const unreachable = () => expect.unreachable("a completed request was read");
    const ledger = {
      ...bench.ledger,
      readReprocess: unreachable,
      rangesWithin: unreachable,
      reprocessRequests: unreachable,
    };

    expect(await driveReprocessRequests({ ...bench.deps, ledger }, bench.rules)).toEqual([]);
  });

  test("of a request are its open ranges", async () => {
    const bench = aBench();
    await request(bench, inPieces, [range(0, 0n, 10n)]);
    bench.completeAll();
    await drive(bench);
    const read: bigint[] = [];
    const rangesWithin: typeof bench.ledger.rangesWithin = (chain, bounds) => {
      read.push(bounds.fromOffset);
      return bench.ledger.rangesWithin(chain, bounds);
    };
    const reprocessRanges = () => expect.unreachable("every range was read");

    await driveReprocessRequests(
      { ...bench.deps, ledger: { ...bench.ledger, rangesWithin, reprocessRanges } },
      bench.rules,
    );

    expect(read).toEqual([5n]);
  });

  test("and writes is nothing while nothing moves", async () => {
    const bench = aBench();
    await request(bench);
    const { writes } = bench.ledger;

    await drive(bench);

    expect(bench.ledger.writes).toBe(writes);
  });
});

test("a choice that comes to nothing is completed at once", async () => {
  const bench = createSchedulerBench();
  const choice = {
    starting: { offsets: "earliest" },
    ending: { offsets: "latest" },
    onNoMatch: "error",
    limits: {},
  } as const;
  const payload = { ...aReprocessPayload(ID, []), target: { kind: "choice", choice } } as const;

  expect(await beginReprocess(bench.deps, bench.rules, payload)).toMatchObject({
    completed: true,
    progress: { total: 0, closed: 0 },
  });
});

/** Puts the open range of a partition into the state that waits for an operator. */
function halt({ ledger }: SchedulerBench, partition: number): void {
  const open = ledger.all().find((record) => record.partition === partition && record.status === "PLANNED");
  const { chain, fromOffset, untilOffset } = open ?? expect.unreachable("no open range");
  ledger.put(aHaltedRecord({ chain, partition, fromOffset, untilOffset, committedOffset: fromOffset }));
}
