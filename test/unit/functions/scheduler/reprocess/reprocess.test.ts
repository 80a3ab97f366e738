import { describe, expect, test } from "vitest";
import type { SchedulerDeps } from "../../../../../functions/scheduler/deps/scheduler-deps.ts";
import { beginReprocess, driveReprocessRequests } from "../../../../../functions/scheduler/reprocess/reprocess.ts";
import { ConfigurationError, LedgerIntegrityError, LedgerUnavailableError } from "../../../../../shared/core/errors.ts";
import { accountFor, NO_OUTCOMES } from "../../../../../shared/core/range/offset-outcomes.ts";
import type { OffsetRange } from "../../../../../shared/core/range/offset-range.ts";
import { aReprocessPayload, type PayloadOptions } from "../../../../support/builders/reprocess-builders.ts";
import { START } from "../../../../support/fake-clock.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const range = (partition: number, fromOffset: bigint, untilOffset: bigint): OffsetRange => ({
  topic: "orders",
  partition,
  fromOffset,
  untilOffset,
});

/** Three partitions of ten records each; the live chain has planned none of them yet. */
function aBench(): SchedulerBench {
  const bench = createSchedulerBench();
  bench.produceToEach(10);
  return bench;
}

interface Asked extends PayloadOptions {
  readonly deps?: SchedulerDeps;
}

function request(
  bench: SchedulerBench,
  requestId: string,
  ranges: readonly OffsetRange[],
  { deps = bench.deps, ...asked }: Asked = {},
) {
  return beginReprocess(deps, bench.rules, aReprocessPayload(requestId, ranges, asked));
}

function drive(bench: SchedulerBench, deps: Partial<SchedulerDeps> = {}) {
  return driveReprocessRequests({ ...bench.deps, ...deps }, bench.rules);
}

describe("a reprocess request", () => {
  test("plans and dispatches exactly its ranges under its own id", async () => {
    const bench = aBench();

    const ranges = [range(0, 2n, 5n), range(0, 5n, 7n), range(2, 0n, 10n)];
    const outcome = await request(bench, "again-1", ranges, { pacing: { isOrdered: false } });

    expect(outcome).toMatchObject({ requestId: "again-1", completed: false });
    expect(outcome.ranges.map(({ kind }) => kind)).toEqual(["planned", "planned", "planned"]);
    expect(bench.dispatcher.accepted.map(({ record }) => record)).toEqual(bench.ledger.all());
    expect(bench.ledger.all()).toMatchObject([
      { chain: { requestId: "again-1", topicId: bench.topicId }, partition: 0, fromOffset: 2n, untilOffset: 5n },
      { chain: { requestId: "again-1", topicId: bench.topicId }, partition: 0, fromOffset: 5n, untilOffset: 7n },
      { chain: { requestId: "again-1", topicId: bench.topicId }, partition: 2, fromOffset: 0n, untilOffset: 10n },
    ]);
  });

  test("is completed by the run that finds all of its ranges closed, and left alone from then on", async () => {
    const bench = aBench();
    await request(bench, "again-1", [range(0, 2n, 5n)]);
    bench.completeAll();
    bench.clock.advance(1_000);

    expect(await drive(bench)).toEqual([
      {
        requestId: "again-1",
        closed: true,
        completed: true,
        cancelled: false,
        progress: { total: 1, closed: 1, open: 0, halted: 0 },
        offsets: accountFor(3n, { ...NO_OUTCOMES, processed: 3n }, 0n),
        ranges: [],
      },
    ]);
    expect(await bench.ledger.readReprocess("word-count", "again-1")).toMatchObject({
      completion: { completedAt: START + 1_000, settled: [0] },
    });
    expect(await drive(bench)).toEqual([]);
  });

  test("is not completed while one of its ranges is open", async () => {
    const bench = aBench();
    await request(bench, "again-1", [range(0, 2n, 5n), range(1, 2n, 5n)]);
    const [first] = bench.dispatcher.take();
    bench.completeAll();
    bench.ledger.put(first?.record ?? expect.unreachable("nothing was dispatched"));

    const [outcome] = await drive(bench);

    expect(outcome).toMatchObject({ completed: false, progress: { total: 2, closed: 1, open: 1 } });
    expect(outcome?.ranges.map(({ kind }) => kind)).toEqual(["waiting"]);
  });

  test("drives its ranges as the live chain drives its own", async () => {
    const bench = aBench();
    await request(bench, "again-1", [range(0, 2n, 5n)]);
    bench.clock.advance(bench.rules.dispatchTimeoutMs);

    const [outcome] = await drive(bench);

    expect(outcome?.ranges).toMatchObject([{ kind: "redispatched", fromOffset: 2n, untilOffset: 5n }]);
    expect(bench.dispatcher.accepted).toHaveLength(2);
  });
});

describe("RQ1: the live chain", () => {
  test("is neither read nor written (G9)", async () => {
    const bench = aBench();
    await bench.tick();
    bench.completeAll();
    const chains = bench.chains();
    const unreachable = () => expect.unreachable("the live chain was touched");
    const ledger = { ...bench.ledger, newestRange: unreachable, readPipeline: unreachable, writePipeline: unreachable };

    await request(bench, "again-1", [range(0, 2n, 5n)], { deps: { ...bench.deps, ledger } });
    await drive(bench, { ledger });

    expect(bench.chains()).toEqual(chains);
  });

  test("goes on beside a request for the same offsets", async () => {
    const bench = aBench();
    await request(bench, "again-1", [range(0, 0n, 10n)]);

    await bench.tick();

    expect(bench.chains()).toEqual([0, 1, 2].map((partition) => `${partition}: PLANNED [0, 10)`));
  });

  test("and another request for the same ranges are independent", async () => {
    const bench = aBench();

    await request(bench, "again-1", [range(0, 2n, 5n)]);
    await request(bench, "again-2", [range(0, 2n, 5n)]);

    expect(bench.dispatcher.accepted.map(({ record }) => record.chain.requestId)).toEqual(["again-1", "again-2"]);
  });
});

describe("RQ2: the same request id twice", () => {
  test("runs once, whatever happened in between", async () => {
    const bench = aBench();
    const again = () => request(bench, "again-1", [range(0, 2n, 5n)]);

    await again();
    const open = await again();
    bench.completeAll();
    const closed = await again();
    const completed = await again();

    expect(open.ranges).toMatchObject([{ kind: "waiting" }]);
    expect([closed, completed]).toMatchObject([{ completed: true }, { completed: true }]);
    expect(bench.dispatcher.accepted).toHaveLength(1);
  });

  test("runs once also at the same time", async () => {
    const bench = aBench();
    const again = () => request(bench, "again-1", [range(0, 2n, 5n), range(1, 2n, 5n)]);

    await Promise.all([again(), again(), again()]);

    expect(bench.dispatcher.accepted).toHaveLength(2);
    expect(bench.ledger.all()).toHaveLength(2);
  });

  test("runs once also when the log has moved on: its ranges were frozen", async () => {
    const bench = aBench();
    await request(bench, "again-1", [range(0, 2n, 5n)]);
    bench.log.deleteBelow({ topic: "orders", partition: 0 }, 9n);

    expect(await request(bench, "again-1", [range(0, 2n, 5n)])).toMatchObject({ ranges: [{ kind: "waiting" }] });
  });

  test.each([
    ["other offsets", [range(0, 2n, 6n)]],
    ["another partition", [range(1, 2n, 5n)]],
    ["more ranges", [range(0, 2n, 5n), range(1, 2n, 5n)]],
  ])("with %s is refused, with when it was used", async (_, ranges) => {
    const bench = aBench();
    await request(bench, "again-1", [range(0, 2n, 5n)]);

    const refused = request(bench, "again-1", ranges);

    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow("again-1 was used on 2026-01-01T00:00:00.000Z for other ranges; choose");
    expect(bench.dispatcher.accepted).toHaveLength(1);
  });

  test("with other ranges is refused also when both come at the same time", async () => {
    const bench = aBench();

    const outcomes = await Promise.allSettled([
      request(bench, "again-1", [range(0, 2n, 5n)]),
      request(bench, "again-1", [range(0, 3n, 5n)]),
    ]);

    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(bench.ledger.all()).toMatchObject([{ fromOffset: 2n }]);
  });
});

describe("RQ3: a run that dies", () => {
  test("after the request was frozen leaves it to the next run", async () => {
    const bench = aBench();
    const openReprocesses = () => Promise.reject(new LedgerUnavailableError("the ledger is down"));
    const deps = { ...bench.deps, ledger: { ...bench.ledger, openReprocesses } };
    const died = request(bench, "again-1", [range(0, 2n, 5n)], { deps });
    await expect(died).rejects.toThrow("the ledger is down");

    const [outcome] = await drive(bench);

    expect(outcome?.ranges).toMatchObject([{ kind: "planned" }]);
  });

  test("between two of its ranges leaves the others to the next run", async () => {
    const bench = aBench();
    const planRange: typeof bench.ledger.planRange = async (record) => {
      if (record.partition === 1) {
        throw new LedgerUnavailableError("throttled");
      }
      return bench.ledger.planRange(record);
    };
    const deps = { ...bench.deps, ledger: { ...bench.ledger, planRange } };
    const first = await request(bench, "again-1", [range(0, 2n, 5n), range(1, 2n, 5n), range(2, 2n, 5n)], { deps });

    const [second] = await drive(bench);

    expect(first.ranges.map(({ kind }) => kind)).toEqual(["planned", "failed", "planned"]);
    expect(second?.ranges.map(({ kind }) => kind)).toEqual(["waiting", "waiting", "planned"]);
  });

  test("before its dispatch arrived leaves the range to the dispatch timeout", async () => {
    const bench = aBench();
    bench.dispatcher.refuse(0, true);
    const outcome = await request(bench, "again-1", [range(0, 2n, 5n)]);
    bench.dispatcher.refuse(0, false);
    bench.clock.advance(bench.rules.dispatchTimeoutMs);

    await drive(bench);

    expect(outcome.ranges).toMatchObject([{ kind: "dispatchFailed" }]);
    expect(bench.dispatcher.accepted).toHaveLength(1);
  });

  test("of one request does not keep the others from going on", async () => {
    const bench = aBench();
    await request(bench, "again-1", [range(0, 2n, 5n)]);
    await request(bench, "again-2", [range(1, 2n, 5n)]);
    bench.clock.advance(bench.rules.dispatchTimeoutMs);
    bench.dispatcher.take();
    const rangesWithin: typeof bench.ledger.rangesWithin = (chain, bounds) => {
      if (chain.requestId === "again-1") {
        throw new LedgerIntegrityError("item v1#word-count#reprocess#again-1 is not a range record");
      }
      return bench.ledger.rangesWithin(chain, bounds);
    };

    const outcomes = await drive(bench, { ledger: { ...bench.ledger, rangesWithin } });

    expect(outcomes).toMatchObject([
      { requestId: "again-1", completed: false, ranges: [], failure: expect.stringContaining("again-1") },
      { requestId: "again-2", completed: false, ranges: [{ partition: 1, kind: "redispatched" }] },
    ]);
  });
});
