import { describe, expect, test } from "vitest";
import {
  ConfigurationError,
  DataLossError,
  DeadlineError,
  LedgerUnavailableError,
  RangeReadError,
} from "../../../../shared/core/errors.ts";
import { LEASE_MARGIN_MS, MAX_ERROR_MESSAGE_LENGTH } from "../../../../shared/core/limits.ts";
import { NO_COUNTS, type RangeRecord } from "../../../../shared/core/range-record.ts";
import { aHaltedRecord, aRangeRecord } from "../../../support/builders.ts";
import { START } from "../../../support/fake-clock.ts";
import { commitEach, createProcessorBench, ORDERS_0, takeAll } from "../../../support/processor-bench.ts";

/** A log [a, b, c, d, e, f] in batches of two, and the range [1, 5) of it. */
function aBench(overrides: Partial<RangeRecord> = {}) {
  const bench = createProcessorBench();
  for (const values of [
    ["a", "b"],
    ["c", "d"],
    ["e", "f"],
  ]) {
    bench.log.append(ORDERS_0, values);
  }
  bench.plan(1n, 5n, overrides);
  return bench;
}

const fail = (error: unknown) => async () => {
  throw error;
};

describe("a range that is processed", () => {
  test("G1: gets every record of the range, once, in order, and completes with what its code returns", async () => {
    const bench = aBench();

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
    const bench = aBench();
    const process = async (range: Parameters<typeof takeAll>[0]) => void (await takeAll(range));

    expect(await bench.attempt(process)).toMatchObject({ kind: "completed" });
    expect(bench.ledger.outputs).toEqual([]);
  });

  test("leases the range for longer than the invocation can live", async () => {
    const bench = aBench();
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
    const bench = aBench();
    bench.log.deleteTopic("orders");
    bench.log.createTopic("orders", 1);
    bench.log.append(ORDERS_0, ["A", "B", "C", "D", "E"]);

    const outcome = await bench.attempt(takeAll);

    expect(outcome).toMatchObject({ kind: "halted", error: expect.any(DataLossError) });
    expect(bench.ledger.outputs).toEqual([]);
  });
});

test("X4: a read that was left half way is ended with the attempt", async () => {
  const bench = aBench();

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

describe("X1: a range that is not claimed is not read", () => {
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
    const bench = aBench();
    bench.ledger.forget(bench.range());

    const outcome = await bench.attempt(() => expect.unreachable("nothing was claimed"));

    expect(outcome).toEqual({ kind: "notClaimed", reason: "missing" });
    expect(bench.reader.requests).toEqual([]);
  });

  test("when a duplicate of its event was faster", async () => {
    const bench = aBench();

    const outcomes = await Promise.all([bench.attempt(takeAll), bench.attempt(takeAll)]);

    expect(outcomes.map(({ kind }) => kind)).toEqual(["completed", "notClaimed"]);
    expect(bench.ledger.outputs).toEqual(["b", "c", "d", "e"]);
  });
});

describe("X3: an attempt that fails", () => {
  test("leaves the range due again after a back-off, with the error", async () => {
    const bench = aBench();
    const error = new RangeReadError("the broker is gone");

    const outcome = await bench.attempt(fail(error));

    expect(outcome).toEqual({ kind: "failed", record: bench.range(), error });
    expect(bench.range()).toMatchObject({
      status: "FAILED",
      failedAttempts: 1,
      nextAttemptAt: START + 500,
      error: { name: "RangeReadError", message: "the broker is gone" },
    });
  });

  test.each([
    ["after maxAttempts without progress", 2, new Error("boom"), "halted"],
    ["not before", 1, new Error("boom"), "failed"],
    ["at once when no retry can help", 0, new DataLossError("gone", { fromOffset: 1n }), "halted"],
  ])("halts %s", async (_, failedAttempts, error, kind) => {
    const bench = aBench({ failedAttempts });

    expect(await bench.attempt(fail(error))).toMatchObject({ kind });
    expect("nextAttemptAt" in bench.range()).toBe(kind === "failed");
  });

  test("begins its failures anew once it has made progress", async () => {
    const bench = aBench({ failedAttempts: 2 });

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
    const bench = aBench();
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
    const bench = aBench({ committedOffset: 5n, counts: { ...NO_COUNTS, delivered: 4n } });

    const outcome = await bench.attempt(() => expect.unreachable("there is nothing left to process"));

    expect(outcome).toMatchObject({ kind: "completed", record: { counts: { delivered: 4n } } });
  });

  test("is recorded also when the reader refuses the request itself", async () => {
    const bench = aBench();
    const readRange = () => {
      throw new ConfigurationError("fetchBytes 0 is below 1");
    };

    const outcome = await bench.attempt(takeAll, { deps: { reader: { ...bench.reader, readRange } } });

    expect(outcome).toMatchObject({ kind: "halted" });
    expect(bench.range()).toMatchObject({ status: "FAILED", error: { message: "fetchBytes 0 is below 1" } });
  });

  test("cuts a long error and names a thrown value that is none", async () => {
    const long = aBench();
    const odd = aBench();

    await long.attempt(fail(new Error("x".repeat(1_000))));
    await odd.attempt(fail("just a string"));

    expect(long.range().error?.message).toBe("x".repeat(MAX_ERROR_MESSAGE_LENGTH));
    expect(odd.range().error).toEqual({ name: "string", message: "just a string" });
  });

  test("rejects when the outcome cannot be recorded, and leaves the range to its lease", async () => {
    const bench = aBench();
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

describe("X2: an invocation whose time is up", () => {
  test("ends the read, keeps what is committed and hands back the rest", async () => {
    const bench = aBench();
    const deadline = new AbortController();
    bench.reader.beforeFetch = (_, position) => {
      if (position === 4n) {
        deadline.abort(new DeadlineError("time is nearly used up"));
      }
    };

    const outcome = await bench.attempt(commitEach, { deadline: deadline.signal });

    expect(outcome).toEqual({ kind: "released", record: bench.range() });
    expect(bench.range()).toMatchObject({ status: "PLANNED", committedOffset: 4n, failedAttempts: 0 });
    expect(await bench.attempt(commitEach)).toMatchObject({ kind: "completed" });
    expect(bench.ledger.outputs).toEqual(["b", "c", "d", "e"]);
  });

  test("may still commit what it has between the deadline and the last call", async () => {
    const bench = aBench();
    const deadline = new AbortController();

    const outcome = await bench.attempt(
      async (range) => {
        for await (const batch of range.batches()) {
          deadline.abort(new DeadlineError("time is nearly used up"));
          await range.commit(
            batch.untilOffset,
            [...batch].map(({ value }) => String(value)),
          );
        }
        return undefined;
      },
      { deadline: deadline.signal },
    );

    expect(outcome).toMatchObject({ kind: "released", record: { committedOffset: 2n } });
    expect(bench.ledger.outputs).toEqual(["b"]);
  });

  test("hands back at the last call although the pipeline's code hangs", async () => {
    const bench = aBench();
    const deadline = new AbortController();
    const lastCall = new AbortController();
    const hang = Promise.withResolvers<void>();

    const attempt = bench.attempt(
      async (range) => {
        for await (const { offset } of range.records()) {
          await range.commit(offset + 1n, ["b"]);
          deadline.abort(new DeadlineError("time is nearly used up"));
          lastCall.abort();
          await hang.promise;
        }
        return undefined;
      },
      { deadline: deadline.signal, lastCall: lastCall.signal },
    );

    expect(await attempt).toMatchObject({ kind: "released", record: { committedOffset: 2n } });
    hang.resolve();
  });

  test("hands back at once when the last call came before the code was begun", async () => {
    const bench = aBench();
    const over = AbortSignal.abort(new DeadlineError("time is used up"));

    const attempt = bench.attempt(() => Promise.withResolvers<never>().promise, { deadline: over, lastCall: over });

    expect(await attempt).toMatchObject({ record: { status: expect.not.stringMatching("RUNNING") } });
  });

  test("has completed when the last call comes while the ledger says so", async () => {
    const bench = aBench();
    const lastCall = new AbortController();
    const changeRange: typeof bench.ledger.changeRange = async (seen, event, outputs) => {
      const outcome = await bench.ledger.changeRange(seen, event, outputs);
      if (event.kind === "complete") {
        lastCall.abort();
      }
      return outcome;
    };

    const outcome = await bench.attempt(takeAll, {
      lastCall: lastCall.signal,
      deps: { ledger: { ...bench.ledger, changeRange } },
    });

    expect(outcome).toEqual({ kind: "completed", record: bench.range() });
  });

  test("G7: counts as a failed attempt when it made no progress, so that it is not repeated without end", async () => {
    const bench = aBench();
    const over = AbortSignal.abort(new DeadlineError("time is nearly used up"));
    const outcomes: string[] = [];

    for (let attempt = 1; attempt <= 3; attempt += 1) {
      outcomes.push((await bench.attempt(takeAll, { deadline: over })).kind);
      bench.clock.advance(300_000);
    }

    expect(outcomes).toEqual(["failed", "failed", "halted"]);
    expect(bench.range().error).toMatchObject({ name: "DeadlineError", message: expect.stringContaining("commit") });
  });
});

describe("G3: a processor that lost its lease", () => {
  test("cannot commit, complete or fail: its successor's work stands alone", async () => {
    const bench = aBench();
    const frozen = Promise.withResolvers<void>();
    const thawed = Promise.withResolvers<void>();
    const zombie = bench.attempt(async (range) => {
      for await (const { offset, value } of range.records()) {
        if (offset === 2n) {
          frozen.resolve();
          await thawed.promise;
        }
        await range.commit(offset + 1n, [`zombie ${value?.toString()}`]);
      }
      return ["zombie's last word"];
    });
    await frozen.promise;
    bench.clock.advance(60_000 + LEASE_MARGIN_MS);

    const successor = await bench.attempt(takeAll);
    const completed = bench.range();
    thawed.resolve();

    expect(successor.kind).toBe("completed");
    expect(await zombie).toEqual({ kind: "superseded" });
    expect(bench.ledger.outputs).toEqual(["zombie b", "c", "d", "e"]);
    expect(bench.range()).toEqual(completed);
  });

  test("is superseded also when its code hides the lost commit behind an error of its own", async () => {
    const bench = aBench();

    const outcome = await bench.attempt(async (range) => {
      bench.clock.advance(120_000);
      await bench.ledger.changeRange(bench.range(), { kind: "expire", now: bench.clock.now(), mayRetry: true });
      return takeAll(range).catch((cause) => {
        throw new Error("wrapped", { cause });
      });
    });

    expect(outcome).toEqual({ kind: "superseded" });
    expect(bench.range()).toMatchObject({ status: "FAILED", error: { name: "LeaseExpired" } });
  });
});
