import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { ProcessFunction, ProcessingRange } from "../../../../../functions/processor/session/processing-range.ts";
import { LedgerUnavailableError } from "../../../../../shared/core/errors.ts";
import { MAX_OUTPUTS_PER_COMMIT } from "../../../../../shared/core/limits.ts";
import { NO_COUNTS, type RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { ORDERS_ID } from "../../../../support/builders/builders.ts";
import {
  commitEach,
  createProcessorBench,
  ORDERS_0,
  type ProcessorBench,
  takeAll,
} from "../../../../support/pipeline/processor-bench.ts";

/** A log of batches [a, b, c] and [d, e, f]; the range is all of it. */
function aBench(overrides: Partial<RangeRecord> = {}): ProcessorBench {
  const bench = createProcessorBench();
  bench.log.append(ORDERS_0, ["a", "b", "c"]);
  bench.log.append(ORDERS_0, ["d", "e", "f"]);
  bench.plan(0n, 6n, overrides);
  return bench;
}

async function errorOf(bench: ProcessorBench, process: ProcessFunction<string>): Promise<string> {
  const outcome = await bench.attempt(process);
  return "error" in outcome ? String(outcome.error) : outcome.kind;
}

/** Reads up to and including the record at `offset`, then leaves the loop. */
async function readTo(range: ProcessingRange<string>, offset: bigint): Promise<void> {
  for await (const record of range.records()) {
    if (record.offset === offset) {
      return;
    }
  }
}

test("shows the pipeline's code where it is and which attempt it is", async () => {
  const bench = aBench({ committedOffset: 2n, counts: { ...NO_COUNTS, delivered: 2n }, attempt: 4, leaseCounter: 4 });
  let seen: Partial<ProcessingRange<string>> = {};

  await bench.attempt(async (range) => {
    seen = range;
    return takeAll(range);
  });

  expect(seen).toMatchObject({
    pipeline: "word-count",
    topicId: ORDERS_ID,
    ...ORDERS_0,
    fromOffset: 0n,
    untilOffset: 6n,
    committedOffset: 2n,
    mode: "live",
    attempt: 5,
    leaseCounter: 5,
    batchId: "batch-1",
  });
  expect(seen).not.toHaveProperty("requestId");
});

test("tells a reprocessed range by its mode and request", async () => {
  const bench = createProcessorBench();
  bench.log.append(ORDERS_0, ["a"]);
  const chain = { pipeline: "word-count", topicId: ORDERS_ID, partition: 0, requestId: "again-1" };
  bench.plan(0n, 1n, { chain });
  let seen: Partial<ProcessingRange<string>> = {};

  await bench.attempt(async (range) => {
    seen = range;
    return takeAll(range);
  });

  expect(seen).toMatchObject({ mode: "reprocess", requestId: "again-1" });
});

describe("SN1: nothing is completed that was not read to its end", () => {
  const unread: readonly [string, bigint, ProcessFunction<string>][] = [
    ["that was not begun", 0n, async () => []],
    ["left in the middle of its first batch", 2n, (range) => readTo(range, 1n)],
    ["left in the middle of its last batch", 5n, (range) => readTo(range, 4n)],
    [
      "left between two batches",
      3n,
      async (range) => {
        for await (const _ of range.batches()) {
          break;
        }
        return undefined;
      },
    ],
  ];

  test.each(unread)("a range %s halts at offset %d", async (_, position, process) => {
    const bench = aBench();

    const outcome = await bench.attempt(process);

    expect(outcome).toMatchObject({ kind: "halted", error: { name: "UnreadRangeError" } });
    expect(bench.range().error?.message).toContain(`returned at offset ${position} of orders-0 [0, 6)`);
  });

  test("a range whose every batch was handed out completes, also when the code leaves the loop by itself", async () => {
    const bench = aBench();

    const outcome = await bench.attempt(async (range) => {
      for await (const { untilOffset } of range.batches()) {
        if (untilOffset === 6n) {
          break;
        }
      }
      return undefined;
    });

    expect(outcome.kind).toBe("completed");
  });

  test("a range without a visible record completes once it was iterated", async () => {
    const bench = createProcessorBench();
    const transaction = bench.log.appendInTransaction(ORDERS_0, ["x", "y"]);
    bench.log.endTransaction(ORDERS_0, transaction, "aborted");
    bench.plan(0n, 3n);

    expect(await bench.attempt(takeAll)).toMatchObject({
      kind: "completed",
      record: { counts: { delivered: 0n, aborted: 2n, control: 1n } },
    });
  });
});

describe("SN1: nothing is committed that was not delivered", () => {
  test.each([
    ["records() has handed out", 2n, async (range: ProcessingRange<string>) => readTo(range, 0n)],
    [
      "batches() has handed out",
      4n,
      async (range: ProcessingRange<string>) => {
        for await (const _ of range.batches()) {
          return;
        }
      },
    ],
  ])("a commit beyond what %s is refused", async (_, offset, read) => {
    const bench = aBench();

    const error = await errorOf(bench, async (range) => {
      await read(range);
      await range.commit(offset, ["early"]);
      return undefined;
    });

    expect(error).toContain(`commit(${offset}) of orders-0 [0, 6) lies outside [0, ${offset - 1n}]`);
    expect(bench.ledger.outputs).toEqual([]);
  });

  test("a commit before anything was read is refused", async () => {
    const error = await errorOf(aBench(), (range) => range.commit(1n, []));

    expect(error).toContain("lies outside [0, 0]");
  });

  test("a commit below the last one is refused", async () => {
    const error = await errorOf(aBench(), async (range) => {
      await readTo(range, 2n);
      await range.commit(2n, []);
      await range.commit(1n, []);
      return undefined;
    });

    expect(error).toContain("commit(1) of orders-0 [0, 6) lies outside [2, 3]");
  });
});

describe("outputs that have no offset of their own", () => {
  test("are refused by commit: a retry would not know whether they were written", async () => {
    const error = await errorOf(aBench(), async (range) => {
      await readTo(range, 0n);
      await range.commit(1n, ["a"]);
      await range.commit(1n, ["once more"]);
      return undefined;
    });

    expect(error).toContain("commit(1) of orders-0 [0, 6) has 1 outputs but no offset of its own");
  });

  test("G5: are refused by the completion too: an attempt that died before it would lose them", async () => {
    const bench = aBench();

    const error = await errorOf(bench, async (range) => {
      await commitEach(range);
      return ["the sum"];
    });

    expect(error).toContain("1 outputs but no offset of its own");
    expect(bench.ledger.outputs).toEqual(["a", "b", "c", "d", "e", "f"]);
  });

  test("an empty commit of what is committed already costs no write", async () => {
    const bench = aBench();
    const counted: number[] = [];

    await bench.attempt(async (range) => {
      counted.push(bench.ledger.writes);
      await range.commit(0n, []);
      counted.push(bench.ledger.writes);
      return takeAll(range);
    });

    expect(counted).toEqual([1, 1]);
  });

  test("more than fit one transaction are refused before anything is written", async () => {
    const bench = aBench();
    const tooMany = Array.from({ length: MAX_OUTPUTS_PER_COMMIT + 1 }, () => "x");

    const error = await errorOf(bench, async (range) => {
      await takeAll(range);
      return tooMany;
    });

    expect(error).toContain(`${MAX_OUTPUTS_PER_COMMIT + 1} outputs exceed ${MAX_OUTPUTS_PER_COMMIT}`);
    expect(bench.ledger.outputs).toEqual([]);
  });
});

describe("SN2: a commit that fails ends the attempt", () => {
  /** The first commit does not reach the ledger. */
  function aBenchThatFailsOnce() {
    const bench = aBench();
    let failures = 0;
    const changeRange: typeof bench.ledger.changeRange = async (seen, event, outputs) => {
      if (event.kind === "commit" && failures === 0) {
        failures += 1;
        throw new LedgerUnavailableError("the ledger did not answer");
      }
      return bench.ledger.changeRange(seen, event, outputs);
    };
    return { bench, deps: { ledger: { ...bench.ledger, changeRange } } };
  }

  test("G5: also when the code swallows the error and commits on", async () => {
    const { bench, deps } = aBenchThatFailsOnce();

    const outcome = await bench.attempt(
      async (range) => {
        for await (const { offset, value } of range.records()) {
          await range.commit(offset + 1n, [String(value)]).catch(() => {});
        }
        return undefined;
      },
      { deps },
    );

    expect(outcome).toMatchObject({ kind: "failed", error: expect.any(LedgerUnavailableError) });
    expect(bench.ledger.outputs).toEqual([]);
  });

  test("G5: also when the code swallows the error and only returns", async () => {
    const { bench, deps } = aBenchThatFailsOnce();

    const outcome = await bench.attempt(
      async (range) => {
        for await (const { untilOffset } of range.batches()) {
          await range.commit(untilOffset, ["lost"]).catch(() => {});
        }
        return [];
      },
      { deps },
    );

    expect(outcome).toMatchObject({ kind: "failed", error: expect.any(LedgerUnavailableError) });
  });

  test("G5: a refused lease stays refused", async () => {
    const bench = aBench();

    const outcome = await bench.attempt(async (range) => {
      for await (const { offset } of range.records()) {
        bench.clock.advance(120_000);
        await bench.ledger.changeRange(bench.range(), { kind: "expire", now: bench.clock.now(), mayRetry: true });
        await range.commit(offset + 1n, ["zombie"]).catch(() => {});
      }
      return ["zombie"];
    });

    expect(outcome).toEqual({ kind: "superseded" });
    expect(bench.ledger.outputs).toEqual([]);
  });
});

describe("SN2: commits that are not awaited", () => {
  /** A ledger that answers only after a turn of the event loop. */
  function aSlowBench() {
    const bench = aBench();
    const changeRange: typeof bench.ledger.changeRange = async (...args) => {
      await setImmediate();
      return bench.ledger.changeRange(...args);
    };
    return { bench, deps: { ledger: { ...bench.ledger, changeRange } } };
  }

  test("G5: are applied one after the other, in the order they were made", async () => {
    const { bench, deps } = aSlowBench();

    const outcome = await bench.attempt(
      async (range) => {
        const commits: Promise<void>[] = [];
        for await (const { offset, value } of range.records()) {
          commits.push(range.commit(offset + 1n, [String(value)]));
        }
        await Promise.all(commits);
        return undefined;
      },
      { deps },
    );

    expect(outcome.kind).toBe("completed");
    expect(bench.ledger.outputs).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(bench.range().counts.delivered).toBe(6n);
  });

  test("G5: are applied before the completion that follows them", async () => {
    const { bench, deps } = aSlowBench();

    const outcome = await bench.attempt(
      async (range) => {
        for await (const { untilOffset } of range.batches()) {
          void range.commit(untilOffset, [`up to ${untilOffset}`]);
        }
        return [];
      },
      { deps },
    );

    expect(outcome.kind).toBe("completed");
    expect(bench.ledger.outputs).toEqual(["up to 3", "up to 6"]);
  });

  test("G5: fail the attempt when they fail, although nobody looked", async () => {
    const { bench, deps } = aSlowBench();

    const outcome = await bench.attempt(
      async (range) => {
        for await (const { offset } of range.records()) {
          void range.commit(offset + 2n, ["ahead of the records"]);
        }
        return undefined;
      },
      { deps },
    );

    expect(outcome).toMatchObject({ kind: "halted", error: { message: expect.stringContaining("lies outside") } });
    expect(bench.ledger.outputs).toEqual([]);
  });
});
