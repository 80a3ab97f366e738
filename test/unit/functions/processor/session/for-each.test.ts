import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { ForEachRules, ProcessFunction } from "../../../../../functions/processor/session/processing-range.ts";
import { recordsOf } from "../../../../../functions/testing/records-of.ts";
import { CorruptRecordError, DeadlineError, InvalidOutputError } from "../../../../../shared/core/errors.ts";
import type { RangeReader, RecordBatch } from "../../../../../shared/core/source/range-reader.ts";
import { createInMemoryRangeReader } from "../../../../../shared/memory/in-memory-range-reader.ts";
import { createProcessorBench, ORDERS_0, type ProcessorBench } from "../../../../support/pipeline/processor-bench.ts";
import { createRecordingDeadLetters } from "../../../../support/pipeline/recording-dead-letters.ts";
import { createPositionedStore } from "../../../../support/pipeline/stores.ts";

/** A log of these values in batches of two, and the range of all of them. */
function aBench(values: readonly string[]): ProcessorBench {
  const bench = createProcessorBench();
  for (let index = 0; index < values.length; index += 2) {
    bench.log.append(ORDERS_0, values.slice(index, index + 2));
  }
  bench.plan(0n, BigInt(values.length));
  return bench;
}

/** Whatever has only promises to wait for has come as far as it can. */
async function untilIdle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await setImmediate();
  }
}

const sideBySide = { concurrency: 4, by: "record" } as const;

test("FE1: a commit waits for the record that is slow, and takes outputs in the order of offsets", async () => {
  const bench = aBench(["a", "slow", "c", "d"]);
  const slow = Promise.withResolvers<void>();
  const attempt = bench.attempt((range) =>
    range.forEach({ ...sideBySide, commitIntervalMs: 0 }, async ({ value }) => {
      await (String(value) === "slow" ? slow.promise : undefined);
      return String(value);
    }),
  );

  await untilIdle();
  expect(bench.range()).toMatchObject({ committedOffset: 1n, counts: { delivered: 1n } });
  slow.resolve();

  expect(await attempt).toMatchObject({ kind: "completed" });
  expect(bench.ledger.outputs).toEqual(["a", "slow", "c", "d"]);
});

test("G6: a commit below a record knows the epoch of what is invisible before it", async () => {
  const bench = createProcessorBench();
  bench.log.append(ORDERS_0, ["a"]);
  bench.log.elect(ORDERS_0, 2);
  const transaction = bench.log.appendInTransaction(ORDERS_0, ["aborted"]);
  bench.log.endTransaction(ORDERS_0, transaction, "aborted");
  bench.log.append(ORDERS_0, ["bad"]);
  bench.plan(0n, 4n);

  await bench.attempt((range) =>
    range.forEach(sideBySide, ({ value }) => {
      if (String(value) === "bad") {
        throw new Error("bad");
      }
    }),
  );

  // The epoch of the record "a" ended below: who went on after it would take the log for truncated.
  expect(bench.range()).toMatchObject({ status: "FAILED", committedOffset: 3n, leaderEpoch: 1 });
});

test("what is done is committed once it has waited for so long", async () => {
  const bench = aBench(["a", "b", "c", "d"]);
  const slow = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const attempt = bench.attempt((range) =>
    range.forEach(
      { concurrency: 1, by: "record", commitIntervalMs: 5_000 },
      ({ offset }) => slow[Number(offset) - 1]?.promise,
    ),
  );

  await untilIdle();
  bench.clock.advance(4_999);
  slow[0]?.resolve();
  await untilIdle();
  expect(bench.range().committedOffset).toBe(0n);
  bench.clock.advance(1);
  slow[1]?.resolve();
  await attempt;

  // A claim, the commit of what was done by then, and the completion.
  expect(bench.ledger.writes).toBe(3);
});

test("FE3: an output that says when it wants a commit is asked for none in between", async () => {
  const bench = aBench(["a", "b", "c", "d", "e"]);
  const commits: string[] = [];
  const output = createPositionedStore((step) => void commits.push(step), 3);

  await bench.attempt((range) => range.forEach({ ...sideBySide, commitIntervalMs: 0 }, ({ value }) => String(value)), {
    deps: { output },
  });

  expect(commits.filter((step) => step === "commit")).toHaveLength(2);
  expect(output.visible).toEqual(["a", "b", "c", "d", "e"]);
});

describe("EP4: what is read ahead of a slow record is bounded", () => {
  test("by its number", async () => {
    const values = Array.from({ length: 300 }, (_, index) => `v${index}`);
    const bench = aBench(values);
    const slow = Promise.withResolvers<void>();
    let begun = 0;
    const attempt = bench.attempt((range) =>
      range.forEach({ concurrency: 2, by: "record" }, async ({ offset }) => {
        begun += 1;
        await (offset === 0n ? slow.promise : undefined);
      }),
    );

    await untilIdle();
    await untilIdle();
    expect(begun).toBe(128);
    slow.resolve();

    expect(await attempt).toMatchObject({ kind: "completed" });
    expect(begun).toBe(300);
  });

  test("by its bytes, of which one record may have more", async () => {
    const value = Buffer.alloc(40_000_000);
    const records = recordsOf(Array.from({ length: 4 }, () => ({ value })));
    const bench = createProcessorBench();
    bench.plan(0n, 4n);
    const slow = Promise.withResolvers<void>();
    let begun = 0;
    const attempt = bench.attempt(
      (range) =>
        range.forEach({ concurrency: 100 }, () => {
          begun += 1;
          return slow.promise;
        }),
      { deps: { reader: createInMemoryRangeReader({ records, recordsPerBatch: 1 }) } },
    );

    await untilIdle();
    expect(begun).toBe(1);
    slow.resolve();

    expect(await attempt).toMatchObject({ kind: "completed" });
  });
});

describe("what ends an attempt early", () => {
  test("the time: what is done is committed at once, and what was under way once it is done", async () => {
    const bench = aBench(["a", "slow", "c", "d", "e", "f"]);
    const [deadline, slow] = [new AbortController(), Promise.withResolvers<void>()];
    const begun: bigint[] = [];
    const attempt = bench.attempt(
      (range) =>
        range.forEach({ concurrency: 2, by: "record" }, async ({ offset, value }) => {
          begun.push(offset);
          await (String(value) === "slow" ? slow.promise : undefined);
          if (offset === 2n) {
            deadline.abort(new DeadlineError("time is up"));
          }
        }),
      { deadline: deadline.signal },
    );

    await untilIdle();
    expect(bench.range().committedOffset).toBe(1n);
    slow.resolve();

    expect(await attempt).toMatchObject({ kind: "released" });
    expect(bench.range()).toMatchObject({ committedOffset: 3n, counts: { delivered: 3n } });
    expect(begun).toEqual([0n, 1n, 2n]);
  });

  test("a record that cannot be read: what was handed out before it is done and committed", async () => {
    const bench = aBench(["a", "b", "c", "d"]);
    const reader: RangeReader = {
      ...bench.reader,
      readRange: (request) => {
        const read = bench.reader.readRange(request);
        return Object.assign(Object.create(read), {
          batches: async function* (): AsyncGenerator<RecordBatch> {
            for await (const batch of read.batches()) {
              if (batch.untilOffset > 2n) {
                throw new CorruptRecordError("not these");
              }
              yield batch;
            }
          },
        });
      },
    };

    const outcome = await bench.attempt(
      (range) => range.forEach(sideBySide, async ({ value }) => setImmediate(String(value))),
      { deps: { reader } },
    );

    expect(outcome).toMatchObject({ error: { name: "CorruptRecordError" } });
    expect(bench.ledger.outputs).toEqual(["a", "b"]);
    expect(bench.range().committedOffset).toBe(2n);
  });

  test("an output that the store refuses: all before it is committed, and the error names its record", async () => {
    const bench = aBench(["a", "b", "bad", "d"]);
    const store = createPositionedStore(() => {}, 100);
    const output = {
      ...store,
      open: async (range: Parameters<typeof store.open>[0]) => {
        const open = await store.open(range);
        const write = async (outputs: readonly string[]) => {
          if (outputs.includes("bad")) {
            throw new InvalidOutputError("bad", { outputIndex: 0 });
          }
          await open.write(outputs);
        };
        return Object.create(open, { write: { value: write } });
      },
    };

    const outcome = await bench.attempt((range) => range.forEach(sideBySide, ({ value }) => String(value)), {
      deps: { output },
    });

    expect(outcome).toMatchObject({ kind: "halted", error: { name: "InvalidOutputError" } });
    expect(store.visible).toEqual(["a", "b"]);
    expect(bench.range()).toMatchObject({
      committedOffset: 2n,
      error: { inHand: { fromOffset: 2n, untilOffset: 3n } },
    });
  });

  test("a lease that is lost: no other record is begun, and those under way are waited for", async () => {
    const bench = aBench(["a", "slow", "c", "d", "e", "f"]);
    const slow = Promise.withResolvers<void>();
    const begun: bigint[] = [];
    const attempt = bench.attempt((range) =>
      range.forEach({ concurrency: 2, by: "record", commitIntervalMs: 0 }, async ({ offset }) => {
        begun.push(offset);
        if (offset === 0n) {
          const record = bench.range();
          const now = bench.clock.now() + 3_600_000;
          await bench.ledger.changeRange(record, { kind: "claim", owner: "another", now, leaseMs: 60_000 });
        }
        await (offset === 1n ? slow.promise : undefined);
      }),
    );

    await untilIdle();
    const before = begun.length;
    slow.resolve();

    expect(await attempt).toEqual({ kind: "superseded" });
    expect(begun).toHaveLength(before);
    expect(bench.range().committedOffset).toBe(0n);
  });
});

test("more records may be rejected than may be between two commits", async () => {
  const records = recordsOf(Array.from({ length: 10_050 }, () => "x"));
  const bench = createProcessorBench();
  bench.plan(0n, 10_050n);
  const deadLetters = createRecordingDeadLetters();
  const reader = createInMemoryRangeReader({ records, recordsPerBatch: 1_000 });

  const outcome = await bench.attempt(
    (range) => range.forEach({ concurrency: 200, by: "record" }, (record) => range.reject(record, "not wanted")),
    { deps: { deadLetters, reader } },
  );

  expect(outcome).toMatchObject({ kind: "completed" });
  expect(bench.range().counts).toMatchObject({ delivered: 10_050n, rejected: 10_050n });
});

describe("what cannot be completed is not", () => {
  test.each<[string, RegExp, ProcessFunction<string>]>([
    [
      "a commit beside it",
      /commit\(1\) beside forEach of orders-0 \[0, 2\)/,
      (range) => range.forEach(sideBySide, () => range.commit(1n, [])),
    ],
    [
      "a call after writeEach",
      /forEach of .* comes after writeEach/,
      async (range) => {
        await range.writeEach(() => {});
        await range.forEach(sideBySide, () => {});
      },
    ],
    [
      "a call that nobody waits for",
      /while forEach of .* goes on; await it/,
      async (range) => {
        void range.forEach(sideBySide, () => new Promise(() => {}));
      },
    ],
    [
      "no rules",
      /the rules are .*; expected \{ concurrency, by \} before the function/,
      (range) => range.forEach((() => {}) as never, () => {}),
    ],
    [
      "no code",
      /it was given undefined; expected a function/,
      (range) => range.forEach(sideBySide, undefined as never),
    ],
    [
      "no concurrency",
      /concurrency is missing; expected a whole number from 1 to 1000/,
      (range) => range.forEach({} as ForEachRules, () => {}),
    ],
    [
      "too much concurrency",
      /concurrency is 1001; expected/,
      (range) => range.forEach({ concurrency: 1_001 }, () => {}),
    ],
    [
      "another order",
      /by is "partition"; expected "key" or "record"/,
      (range) => range.forEach({ concurrency: 1, by: "partition" as never }, () => {}),
    ],
    [
      "another interval",
      /commitIntervalMs is -1; expected a whole number from 0 to 900000/,
      (range) => range.forEach({ concurrency: 1, commitIntervalMs: -1 }, () => {}),
    ],
    [
      "a rule that is none",
      /orderBy is no option; there are concurrency, by, commitIntervalMs/,
      (range) => range.forEach({ concurrency: 1, orderBy: "key" } as ForEachRules, () => {}),
    ],
    [
      "something else than outputs",
      /at offset 0 it was given 5; expected an output/,
      (range) => range.forEach(sideBySide, () => 5 as never),
    ],
  ])("%s", async (_, message, process) => {
    const bench = aBench(["a", "b"]);

    const outcome = await bench.attempt(process);

    expect(outcome).toMatchObject({ kind: "halted", error: { message: expect.stringMatching(message) } });
    expect(bench.range().status).toBe("FAILED");
  });
});
