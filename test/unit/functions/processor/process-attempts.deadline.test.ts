import { describe, expect, test } from "vitest";
import { DeadlineError } from "../../../../shared/core/errors.ts";
import { DEADLINE_MARGIN_MS, LEASE_MARGIN_MS } from "../../../../shared/core/limits.ts";
import { aProcessorBench, commitEach, takeAll } from "../../../support/pipeline/processor-bench.ts";

describe("AT2: an invocation whose time is up", () => {
  test("ends the read, keeps what is committed and hands back the rest", async () => {
    const bench = aProcessorBench();
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
    const bench = aProcessorBench();
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
    const bench = aProcessorBench();
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
    const bench = aProcessorBench();
    const over = AbortSignal.abort(new DeadlineError("time is used up"));

    const attempt = bench.attempt(() => Promise.withResolvers<never>().promise, { deadline: over, lastCall: over });

    expect(await attempt).toMatchObject({ record: { status: expect.not.stringMatching("RUNNING") } });
  });

  test("AT2: claims nothing when no time is left for an attempt, so that none counts as failed", async () => {
    const bench = aProcessorBench();

    const outcomes = [
      await bench.attempt(takeAll, { remainingMs: DEADLINE_MARGIN_MS }),
      await bench.attempt(takeAll, { remainingMs: DEADLINE_MARGIN_MS + 1 }),
    ];

    expect(outcomes).toMatchObject([{ kind: "notClaimed", reason: "noTimeLeft" }, { kind: "completed" }]);
    expect(bench.range()).toMatchObject({ attempt: 1, failedAttempts: 0 });
  });

  test("has completed when the last call comes while the ledger says so", async () => {
    const bench = aProcessorBench();
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
    const bench = aProcessorBench();
    const over = AbortSignal.abort(new DeadlineError("time is nearly used up"));
    const outcomes: string[] = [];

    for (let attempt = 1; attempt <= 7; attempt += 1) {
      outcomes.push((await bench.attempt(takeAll, { deadline: over })).kind);
      bench.clock.advance(300_000);
    }

    // The range of four offsets is halved twice; the one that is left has all its attempts.
    expect(outcomes).toEqual(["failed", "narrowed", "failed", "narrowed", "failed", "failed", "halted"]);
    expect(bench.range().error).toMatchObject({ name: "DeadlineError", message: expect.stringContaining("commit") });
  });
});

describe("G3: a processor that lost its lease", () => {
  test("cannot commit, complete or fail: its successor's work stands alone", async () => {
    const bench = aProcessorBench();
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
    const bench = aProcessorBench();

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

describe("AT2: an invocation whose time a broker's quota took", () => {
  /** Reads nothing before the time is up, of which the quota took `throttleTimeMs` in 60 seconds. */
  function throttle(bench: ReturnType<typeof aProcessorBench>, throttleTimeMs: number) {
    const deadline = new AbortController();
    bench.reader.beforeFetch = () => {
      bench.clock.advance(60_000);
      bench.reader.throttleTimeMs += throttleTimeMs;
      deadline.abort(new DeadlineError("time is nearly used up"));
    };
    return { deadline: deadline.signal };
  }

  test("hands the range back without a failed attempt, and takes a shorter piece of it next", async () => {
    const bench = aProcessorBench();

    const outcome = await bench.attempt(takeAll, throttle(bench, 40_000));

    expect(outcome).toMatchObject({ kind: "released" });
    expect(bench.range()).toMatchObject({
      status: "PLANNED",
      committedOffset: 1n,
      failedAttempts: 0,
      narrowed: { length: 2n },
    });
    expect(bench.range().error).toBeUndefined();
  });

  test("hands even a single record back for as long as that lasts", async () => {
    const bench = aProcessorBench({ untilOffset: 2n });

    for (let attempts = 0; attempts < 10; attempts++) {
      expect(await bench.attempt(takeAll, throttle(bench, 60_000))).toMatchObject({ kind: "released" });
    }

    expect(bench.range()).toMatchObject({ status: "PLANNED", failedAttempts: 0, attempt: 10 });
  });

  test("leaves the search for a bad record as it is", async () => {
    const narrowed = { length: 2n, suspectUntil: 5n };
    const bench = aProcessorBench({ narrowed });

    await bench.attempt(takeAll, throttle(bench, 60_000));

    expect(bench.range()).toMatchObject({ status: "PLANNED", narrowed });
  });

  test("counts as failed where the quota took less than half of it", async () => {
    const bench = aProcessorBench();

    expect(await bench.attempt(takeAll, throttle(bench, 20_000))).toMatchObject({ kind: "failed" });
    expect(bench.range()).toMatchObject({ failedAttempts: 1, error: { name: "DeadlineError" } });
  });
});
