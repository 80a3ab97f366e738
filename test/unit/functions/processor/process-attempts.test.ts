import { describe, expect, test } from "vitest";
import {
  ConfigurationError,
  DataLossError,
  LedgerUnavailableError,
  RangeReadError,
} from "../../../../shared/core/errors.ts";
import { LEASE_MARGIN_MS, MAX_ERROR_MESSAGE_LENGTH } from "../../../../shared/core/limits.ts";
import { NO_COUNTS, type RangeRecord } from "../../../../shared/core/range/range-record.ts";
import { aHaltedRecord, aRangeRecord } from "../../../support/builders/builders.ts";
import { START } from "../../../support/fake-clock.ts";
import { aProcessorBench, createProcessorBench, ORDERS_0, takeAll } from "../../../support/pipeline/processor-bench.ts";

const fail = (error: unknown) => async () => {
  throw error;
};

describe("a range that is processed", () => {
  test("G1: gets every record of the range, once, in order, and completes with what its code returns", async () => {
    const bench = aProcessorBench();

    const outcome = await bench.attempt(takeAll);

    expect(bench.ledger.outputs).toEqual(["b", "c", "d", "e"]);
    expect(outcome).toEqual({ kind: "completed", record: bench.range() });
    expect(bench.range()).toMatchObject({
      status: "COMPLETED",
      committedOffset: 5n,
      counts: { delivered: 4n, aborted: 0n, control: 0n },
      attempt: 1,
      completedAt: START,
      expiresAt: START + 86_400_000,
      leaderEpoch: 0,
    });
  });

  test("needs no outputs", async () => {
    const bench = aProcessorBench();
    const process = async (range: Parameters<typeof takeAll>[0]) => void (await takeAll(range));

    expect(await bench.attempt(process)).toMatchObject({ kind: "completed" });
    expect(bench.ledger.outputs).toEqual([]);
  });

  test("leases the range for longer than the invocation can live", async () => {
    const bench = aProcessorBench();
    let lease: RangeRecord["lease"];

    await bench.attempt(
      async (range) => {
        lease = bench.range().lease;
        return takeAll(range);
      },
      { remainingMs: 42_000 },
    );

    expect(lease).toEqual({ owner: "processor-1", counter: 1, expiresAt: START + 42_000 + LEASE_MARGIN_MS });
  });

  test("hands the reader the topic's id, so that a re-created topic is not read", async () => {
    const bench = aProcessorBench();
    bench.log.deleteTopic("orders");
    bench.log.createTopic("orders", 1);
    bench.log.append(ORDERS_0, ["A", "B", "C", "D", "E"]);

    const outcome = await bench.attempt(takeAll);

    expect(outcome).toMatchObject({ kind: "halted", error: expect.any(DataLossError) });
    expect(bench.ledger.outputs).toEqual([]);
  });
});

test("AT6: what has failed is read over connections of its own in the next invocation, and else over warm ones", async () => {
  const failed = aProcessorBench();
  const handedBack = aProcessorBench({ attempt: 1, committedOffset: 2n });

  await failed.attempt(fail(new Error("no")));
  failed.clock.advance(600_000);
  await failed.attempt(takeAll);
  await handedBack.attempt(takeAll);

  expect(failed.range()).toMatchObject({ status: "COMPLETED", attempt: 2 });
  expect(failed.reader.requests.map(({ isRetry }) => isRetry)).toEqual([undefined, true]);
  expect(handedBack.range()).toMatchObject({ status: "COMPLETED", attempt: 2 });
  expect(handedBack.reader.requests.map(({ isRetry }) => isRetry)).toEqual([undefined]);
});

test("AT4: a read that was left half way is ended with the attempt", async () => {
  const bench = aProcessorBench();

  await bench.attempt(async (range) => {
    await range.batches()[Symbol.asyncIterator]().next();
  });

  expect(bench.reader.requests.map(({ signal }) => signal?.aborted)).toEqual([true]);
});

test("G6: the reader is told which leader epoch precedes the range, to see a truncation", async () => {
  const bench = createProcessorBench();
  bench.log.append(ORDERS_0, ["A", "B"]);
  bench.plan(0n, 2n, { leaderEpoch: 7 });

  await bench.attempt(takeAll);

  expect(bench.reader.requests).toMatchObject([{ previousLeaderEpoch: 7 }]);
});

describe("AT1: a range that is not claimed is not read", () => {
  const refusals: readonly [string, RangeRecord][] = [
    ["closed", aRangeRecord({ ...ORDERS_0, status: "COMPLETED" })],
    ["held", aRangeRecord({ ...ORDERS_0, status: "RUNNING" })],
    ["notDue", aRangeRecord({ ...ORDERS_0, status: "FAILED" })],
    ["halted", aHaltedRecord(ORDERS_0)],
  ];

  test.each(refusals)("when it is %s", async (reason, record) => {
    const bench = createProcessorBench();
    bench.ledger.put(record);

    const outcome = await bench.attempt(() => expect.unreachable("nothing was claimed"));

    expect(outcome).toEqual({ kind: "notClaimed", reason });
    expect(bench.reader.requests).toEqual([]);
    expect(bench.range()).toEqual(record);
  });

  test("when the ledger does not have it", async () => {
    const bench = aProcessorBench();
    bench.ledger.forget(bench.range());

    const outcome = await bench.attempt(() => expect.unreachable("nothing was claimed"));

    expect(outcome).toEqual({ kind: "notClaimed", reason: "missing" });
    expect(bench.reader.requests).toEqual([]);
  });

  test("when a duplicate of its event was faster", async () => {
    const bench = aProcessorBench();

    const outcomes = await Promise.all([bench.attempt(takeAll), bench.attempt(takeAll)]);

    expect(outcomes.map(({ kind }) => kind)).toEqual(["completed", "notClaimed"]);
    expect(bench.ledger.outputs).toEqual(["b", "c", "d", "e"]);
  });
});

describe("AT3: an attempt that fails", () => {
  test("leaves the range due again after a back-off, with the error", async () => {
    const bench = aProcessorBench();
    const error = new RangeReadError("the broker is gone");

    const outcome = await bench.attempt(fail(error));

    expect(outcome).toEqual({ kind: "failed", record: bench.range(), error });
    expect(bench.range()).toMatchObject({
      status: "FAILED",
      failedAttempts: 0,
      outages: 1,
      nextAttemptAt: START + 750,
      error: { name: "RangeReadError", message: "the broker is gone" },
    });
  });

  test("JF2: outages are none of its attempts, and are forgotten once it moves or fails by itself", async () => {
    const bench = aProcessorBench({ failedAttempts: 1, outages: 30 });

    await bench.attempt(fail(new RangeReadError("the broker is gone")));
    expect(bench.range()).toMatchObject({ status: "FAILED", failedAttempts: 1, outages: 31 });
    bench.clock.advance(600_000);
    await bench.attempt(fail(new Error("boom")));

    expect(bench.range()).toMatchObject({ status: "FAILED", failedAttempts: 2 });
    expect(bench.range()).not.toHaveProperty("outages");
  });

  test.each([
    ["after maxAttempts without progress", 2, new Error("boom"), "halted"],
    ["not before", 1, new Error("boom"), "failed"],
    [
      "at once when no retry can help",
      0,
      new DataLossError("gone", { fromOffset: 1n, loss: { kind: "truncated" } }),
      "halted",
    ],
  ])("halts %s", async (_, failedAttempts, error, kind) => {
    const bench = aProcessorBench({ failedAttempts });

    expect(await bench.attempt(fail(error))).toMatchObject({ kind });
    expect("nextAttemptAt" in bench.range()).toBe(kind === "failed");
  });

  test("begins its failures anew once it has made progress", async () => {
    const bench = aProcessorBench({ failedAttempts: 2 });

    const outcome = await bench.attempt(async (range) => {
      for await (const { offset } of range.records()) {
        await range.commit(offset + 1n, []);
        throw new Error("boom");
      }
      return undefined;
    });

    expect(outcome).toMatchObject({ kind: "failed", record: { failedAttempts: 1, committedOffset: 2n } });
  });

  test("resumes at the last commit, and applies each record's effect once (G5)", async () => {
    const bench = aProcessorBench();
    await bench.attempt(async (range) => {
      for await (const { offset, value } of range.records()) {
        if (offset === 3n) {
          throw new Error("boom");
        }
        await range.commit(offset + 1n, [String(value)]);
      }
      return undefined;
    });
    bench.clock.advance(1_000);
    const seen: unknown[] = [];

    const outcome = await bench.attempt(async (range) => {
      seen.push({ attempt: range.attempt, leaseCounter: range.leaseCounter, committedOffset: range.committedOffset });
      return takeAll(range);
    });

    expect(outcome.kind).toBe("completed");
    expect(seen).toEqual([{ attempt: 2, leaseCounter: 2, committedOffset: 3n }]);
    expect(bench.reader.requests[1]?.range).toEqual({ ...ORDERS_0, fromOffset: 3n, untilOffset: 5n });
    expect(bench.ledger.outputs).toEqual(["b", "c", "d", "e"]);
    expect(bench.range().counts.delivered).toBe(4n);
  });

  test("completes without reading again when everything was committed before", async () => {
    const bench = aProcessorBench({ committedOffset: 5n, counts: { ...NO_COUNTS, delivered: 4n } });

    const outcome = await bench.attempt(() => expect.unreachable("there is nothing left to process"));

    expect(outcome).toMatchObject({ kind: "completed", record: { counts: { delivered: 4n } } });
  });

  test("is recorded also when the reader refuses the request itself", async () => {
    const bench = aProcessorBench();
    const readRange = () => {
      throw new ConfigurationError("fetchBytes 0 is below 1");
    };

    const outcome = await bench.attempt(takeAll, { deps: { reader: { ...bench.reader, readRange } } });

    expect(outcome).toMatchObject({ kind: "failed" });
    expect(bench.range()).toMatchObject({ status: "FAILED", error: { message: "fetchBytes 0 is below 1" } });
  });

  test("cuts a long error and names a thrown value that is none", async () => {
    const long = aProcessorBench();
    const odd = aProcessorBench();

    await long.attempt(fail(new Error("x".repeat(1_000))));
    await odd.attempt(fail("just a string"));

    expect(long.range().error?.message).toBe(`${"x".repeat(MAX_ERROR_MESSAGE_LENGTH)}…`);
    expect(odd.range().error).toEqual({ name: "string", message: "just a string" });
  });

  test("FT5: rejects when the outcome cannot be recorded, and leaves the range to its lease", async () => {
    const bench = aProcessorBench();
    let isDown = false;
    const changeRange: typeof bench.ledger.changeRange = (...args) => {
      if (isDown) {
        throw new LedgerUnavailableError("the ledger is down");
      }
      return bench.ledger.changeRange(...args);
    };

    const attempt = bench.attempt(
      async () => {
        isDown = true;
        throw new Error("boom");
      },
      { deps: { ledger: { ...bench.ledger, changeRange } } },
    );

    await expect(attempt).rejects.toThrow("the ledger is down");
    expect(bench.range().status).toBe("RUNNING");
  });
});
