import { describe, expect, test } from "vitest";
import { beginReprocess, driveReprocessRequests } from "../../../../../functions/scheduler/reprocess/reprocess.ts";
import type { RangeLedger } from "../../../../../shared/core/ledger/range-ledger.ts";
import { NO_OUTCOMES } from "../../../../../shared/core/range/offset-outcomes.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { aReprocessPayload, type PayloadOptions } from "../../../../support/builders/reprocess-builders.ts";
import { giveUp } from "../../../../support/give-up.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const PIPELINE = "word-count";
const ID = "again-1";
const ASKED = [{ topic: "orders", partition: 0, fromOffset: 0n, untilOffset: 10n }];

/** A request of the ten offsets of one partition. */
async function aBench(options: PayloadOptions = {}): Promise<SchedulerBench> {
  const bench = createSchedulerBench(1);
  bench.produce(0, 10);
  await request(bench, options);
  return bench;
}

function request(bench: SchedulerBench, options: PayloadOptions = {}) {
  return beginReprocess(bench.deps, bench.rules, aReprocessPayload(ID, ASKED, options));
}

async function drive(bench: SchedulerBench, ledger: Partial<RangeLedger<never>> = {}) {
  const deps = { ...bench.deps, ledger: { ...bench.ledger, ...ledger } };
  const [outcome] = await driveReprocessRequests(deps, bench.rules);
  return outcome;
}

function openRange({ ledger }: SchedulerBench): RangeRecord {
  return ledger.all().find(({ status }) => status === "PLANNED") ?? expect.unreachable("nothing is open");
}

function cancel({ ledger }: SchedulerBench) {
  const cancelled = { by: "ada", reason: "wrong topic", at: 1 };
  return ledger.changeReprocess(PIPELINE, ID, (present) => ({ ...present, cancelled }));
}

/** All that the table has kept of the ranges. */
function forgetAll({ ledger }: SchedulerBench): void {
  for (const record of ledger.all()) {
    ledger.forget(record);
  }
}

const QUARANTINED = { total: 10n, processed: 9n, quarantined: 1n, skipped: 0n, lost: 0n, unknown: 0n, left: 0n };

describe("a request of which a record was quarantined", () => {
  test("is closed by the run that sees it, and not completed: the answer says what became of the offsets", async () => {
    const bench = await aBench();
    await giveUp(bench.ledger, openRange(bench), { at: 1n, first: "QUARANTINED" });

    const meanwhile = await drive(bench);
    bench.completeAll();
    const closed = await drive(bench);

    expect(meanwhile).toMatchObject({ closed: false, completed: false, offsets: { quarantined: 1n, left: 9n } });
    expect(closed).toMatchObject({
      closed: true,
      completed: false,
      progress: { total: 1, closed: 1 },
      offsets: QUARANTINED,
    });
  });

  test("says so still when the table has forgotten its ranges", async () => {
    const bench = await aBench();
    await giveUp(bench.ledger, openRange(bench), { at: 1n, first: "QUARANTINED" });
    bench.completeAll();
    await drive(bench);
    forgetAll(bench);

    expect(await request(bench)).toMatchObject({ closed: true, completed: false, offsets: QUARANTINED });
  });

  test("OO1: is told as unknown where the table forgot its range before any run saw how it ended", async () => {
    const bench = await aBench();
    bench.completeAll();
    forgetAll(bench);

    const outcome = await drive(bench);

    expect(outcome).toMatchObject({ closed: true, completed: false, offsets: { processed: 0n, unknown: 10n } });
  });
});

describe("PRQ3: what became of a range is counted once", () => {
  test("when the answer to the write is lost, and the run after it goes on", async () => {
    const bench = await aBench({ split: { maxRecordsPerRange: 5n } });
    bench.completeAll();
    const changeReprocess: typeof bench.ledger.changeReprocess = async (...change) => {
      await bench.ledger.changeReprocess(...change);
      throw new Error("the answer is lost");
    };
    await expect(drive(bench, { changeReprocess })).rejects.toThrow("the answer is lost");
    await drive(bench);
    bench.completeAll();

    expect(await drive(bench)).toMatchObject({ completed: true, offsets: { total: 10n, processed: 10n, unknown: 0n } });
  });

  test("OO2: when two runs see it closed at the same time", async () => {
    const bench = await aBench();
    bench.completeAll();

    const both = await Promise.all([drive(bench), drive(bench)]);

    expect(both.map((outcome) => outcome?.offsets.processed)).toEqual([10n, 10n]);
    expect(await bench.ledger.readReprocess(PIPELINE, ID)).toMatchObject({
      completion: { outcomes: { ...NO_OUTCOMES, processed: 10n } },
    });
  });
});

describe("DQ3: a cancelled request", () => {
  test("goes on with what a split left to do while it was being skipped", async () => {
    const bench = await aBench();
    await cancel(bench);
    const seen = openRange(bench);
    const changeRange: typeof bench.ledger.changeRange = async (record, event) => {
      await giveUp(bench.ledger, seen, { at: 1n, first: "QUARANTINED" });
      return bench.ledger.changeRange(record, event);
    };

    const first = await drive(bench, { changeRange });
    const second = await drive(bench);

    expect(first).toMatchObject({ closed: false, progress: { closed: 0, open: 1 } });
    expect(second).toMatchObject({ closed: true, completed: false, offsets: { quarantined: 1n, skipped: 9n } });
  });

  test("counts what a run had planned, and processors completed, before it died", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 10);
    const changeReprocess = () => Promise.reject(new Error("died"));
    const deps = { ...bench.deps, ledger: { ...bench.ledger, changeReprocess } };
    await expect(beginReprocess(deps, bench.rules, aReprocessPayload(ID, ASKED))).rejects.toThrow("died");
    bench.completeAll();
    await cancel(bench);

    expect(await drive(bench)).toMatchObject({ closed: true, completed: true, offsets: { processed: 10n, left: 0n } });
  });
});

test("a range of which a split's first record alone is seen is neither settled nor driven", async () => {
  const bench = await aBench();
  await giveUp(bench.ledger, openRange(bench), { at: 1n, first: "QUARANTINED" });
  const rangesWithin: typeof bench.ledger.rangesWithin = async function* first(chain, bounds) {
    for await (const record of bench.ledger.rangesWithin(chain, bounds)) {
      yield record;
      return;
    }
  };

  const cut = await drive(bench, { rangesWithin });

  expect(cut).toMatchObject({ closed: false, progress: { closed: 0, open: 1 }, ranges: [{ kind: "waiting" }] });
});
