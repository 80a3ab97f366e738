// What an output that is not the ledger does to an attempt, beside the crashes of
// test/property/processor/output-crashes.test.ts.

import { expect, test, vi } from "vitest";
import type { ProcessFunction } from "../../../../../functions/processor/session/processing-range.ts";
import { InvalidOutputError, OutputUnavailableError } from "../../../../../shared/core/errors.ts";
import type { RangeOutput } from "../../../../../shared/core/output/range-output.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { aRangeRecord } from "../../../../support/builders/builders.ts";
import { aProcessorBench, type ProcessorBench, takeAll } from "../../../../support/pipeline/processor-bench.ts";
import { createPositionedStore, createPreparingStore } from "../../../../support/pipeline/stores.ts";

const writeEach: ProcessFunction<string> = (range) => range.writeEach(({ value }) => String(value));
const writeAll: ProcessFunction<string> = (range) => range.writeAll();

/** As encodeProgress writes it, of a range that begins at `rangeFrom`. */
function progressOf(rangeFrom: bigint, fromOffset: bigint, delivered = 0n): string {
  return `1,${rangeFrom},${fromOffset},${delivered},0,0,0,0,`;
}

/** A range of the bench's chain, as the ledger keeps it of before. */
function before(bench: ProcessorBench, overrides: Partial<RangeRecord>): void {
  const { chain, topic, partition } = bench.range();
  bench.ledger.put(aRangeRecord({ chain, topic, partition, fromOffset: 0n, untilOffset: 1n, ...overrides }));
}

test("without an output writeAll is refused, with what to use", async () => {
  const bench = aProcessorBench();

  const outcome = await bench.attempt(writeAll);

  expect(outcome).toMatchObject({ kind: "halted", error: { name: "MisuseError" } });
  expect(String("error" in outcome && outcome.error)).toMatch(
    /no output that takes records as they are.*use writeEach/,
  );
});

test("writeAll of an output that takes no records is refused", async () => {
  const store = createPositionedStore();
  const output: RangeOutput<string> = {
    ...store,
    open: async (range) => {
      const open = await store.open(range);
      return Object.assign(Object.create(open), { writeBatch: undefined }) as typeof open;
    },
  };

  const outcome = await aProcessorBench().attempt(writeAll, { deps: { output } });

  expect(String("error" in outcome && outcome.error)).toMatch(/memory takes what the pipeline's code makes/);
});

test.each([
  ["writeEach after writeAll", async (range) => [await range.writeAll(), await range.writeEach(() => "x")]],
  ["writeAll after records()", async (range) => [await takeAll(range), await range.writeAll()]],
] satisfies [string, (range: Parameters<ProcessFunction<string>>[0]) => Promise<unknown>][])(
  "%s is refused, and nothing is completed",
  async (_, code) => {
    const bench = aProcessorBench();
    const process: ProcessFunction<string> = async (range) => {
      await code(range).catch(() => undefined);
    };

    const outcome = await bench.attempt(process, { deps: { output: createPositionedStore() } });

    expect(outcome).toMatchObject({ kind: "halted", error: { name: "MisuseError" } });
  },
);

/** A store whose `close` fails, as that of a connection which is gone. */
function unclosable(store: RangeOutput<string>, overrides: object = {}): RangeOutput<string> {
  const close = () => {
    throw new Error("the connection is closed already");
  };
  return {
    ...store,
    open: async (range) => Object.assign(Object.create(await store.open(range)), { close, ...overrides }) as never,
  };
}

test("BE1: what an output fails for is judged as it is where the output cannot be closed either, and that is told", async () => {
  const bench = aProcessorBench();
  const onPhase = vi.fn();
  const commit = () => Promise.reject(new OutputUnavailableError("the database is down"));
  const output = unclosable(createPositionedStore(), { commit });

  const outcome = await bench.attempt(writeEach, { onFailure: "quarantine", deps: { output, onPhase } });

  expect(outcome).toMatchObject({ kind: "failed", record: { outages: 1, failedAttempts: 0 } });
  expect(bench.range().error).toEqual({ name: "OutputUnavailableError", message: "the database is down" });
  expect(onPhase).toHaveBeenCalledWith("output not closed", { output: "memory", error: "Error" });
});

test("BE1: an output whose position makes no sense is judged by that where it cannot be closed either", async () => {
  const bench = aProcessorBench();
  const output = unclosable(createPositionedStore(), { position: { untilOffset: 99n, progress: "odd" } });

  await bench.attempt(writeEach, { deps: { output } });

  expect(bench.range().error).toMatchObject({ name: "LedgerIntegrityError" });
});

test("what an output has committed stays so where it cannot be closed", async () => {
  const bench = aProcessorBench();

  const outcome = await bench.attempt(writeEach, { deps: { output: unclosable(createPositionedStore()) } });

  expect(outcome.kind).toBe("completed");
});

test("BE2: an outage in the code's own disposal, and before it, is no record's fault", async () => {
  const bench = aProcessorBench();
  const refused = () => Promise.reject(Object.assign(new Error("connect"), { code: "ECONNREFUSED" }));
  const process: ProcessFunction<string> = async () => {
    await using _connection = { [Symbol.asyncDispose]: refused };
    await refused();
    return [];
  };

  const outcome = await bench.attempt(process, { onFailure: "quarantine", deps: {} });

  expect(outcome).toMatchObject({ kind: "failed", record: { outages: 1, failedAttempts: 0 } });
  expect(bench.range().error?.message).toContain("(Error: connect, Error: connect)");
});

test("an output that cannot be opened is an outage: nothing is read, the range waits", async () => {
  const bench = aProcessorBench();
  const output: RangeOutput<string> = {
    name: "memory",
    open: () => Promise.reject(new OutputUnavailableError("the database is down")),
  };

  const outcome = await bench.attempt(writeEach, { deps: { output } });

  expect(outcome).toMatchObject({ kind: "failed", record: { outages: 1, failedAttempts: 0 } });
  expect(bench.range().counts.bytes).toBe(0n);
});

test("FB4: at the first range of a chain a store that knows nothing is written to", async () => {
  const bench = aProcessorBench();
  const store = createPositionedStore();

  await bench.attempt(writeEach, { deps: { output: store } });

  expect(store.visible).toEqual(["b", "c", "d", "e"]);
  expect([...store.positions.values()]).toEqual([{ untilOffset: 5n, progress: "1,1,4,1,0,0,0,62,0" }]);
});

test.each(["SKIPPED", "QUARANTINED", "LOST"] as const)(
  "FB4: behind a %s range that nothing was processed of, a store that knows nothing is written to",
  async (status) => {
    const bench = aProcessorBench();
    before(bench, { status, committedOffset: 0n });
    const store = createPositionedStore();

    const outcome = await bench.attempt(writeEach, { deps: { output: store } });

    expect(outcome).toMatchObject({ kind: "completed" });
    expect(store.visible).toEqual(["b", "c", "d", "e"]);
  },
);

test("FB3: what lies below the store's position may be forgotten", async () => {
  const bench = aProcessorBench();
  bench.plan(2n, 5n);
  before(bench, { status: "LOST", fromOffset: 1n, untilOffset: 2n, committedOffset: 1n });
  const store = createPositionedStore();
  // By a commit of [0, 1), which the table has forgotten.
  store.setPosition("orders,0,,chain", { untilOffset: 1n, progress: progressOf(0n, 0n, 1n) });

  const outcome = await bench.attempt(writeEach, { deps: { output: store } });

  expect(outcome).toMatchObject({ kind: "completed" });
  expect(store.visible).toEqual(["c", "d", "e"]);
});

test("FB2: a record that a store has before the ledger knows is not given up at the beginning of a range either", async () => {
  const bench = aProcessorBench({ skipOffset: 1n });
  const store = createPositionedStore();
  store.setPosition("orders,0,,chain", { untilOffset: 2n, progress: progressOf(1n, 1n, 1n) });

  const outcome = await bench.attempt(writeEach, { deps: { output: store } });

  expect(outcome).toMatchObject({ kind: "completed", record: { committedOffset: 5n, counts: { delivered: 4n } } });
  expect(store.visible).toEqual(["c", "d", "e"]);
});

test("FB5: behind a range that was processed, a store that knows nothing halts the range, with what to do", async () => {
  const bench = aProcessorBench();
  before(bench, { status: "COMPLETED", committedOffset: 1n });
  const store = createPositionedStore();

  const outcome = await bench.attempt(writeEach, { deps: { output: store } });

  expect(outcome).toMatchObject({ kind: "halted", error: { name: "LedgerIntegrityError" } });
  expect(store.visible).toEqual([]);
});

test("FB4: a range that has a position of its own begins on none, whatever is before it", async () => {
  const bench = aProcessorBench({ groupFrom: 1n });
  before(bench, { status: "COMPLETED", committedOffset: 1n });
  const store = createPositionedStore();

  const outcome = await bench.attempt(writeEach, { deps: { output: store } });

  expect(outcome).toMatchObject({ kind: "completed" });
  expect([...store.positions.keys()]).toEqual(["orders,0,,1"]);
});

test.each(["SKIPPED", "QUARANTINED", "LOST"] as const)(
  "FB3: a store that stands before a %s range is moved over it by the next commit",
  async (status) => {
    const bench = aProcessorBench();
    before(bench, { status, committedOffset: 0n });
    const store = createPositionedStore();
    store.setPosition("orders,0,,chain", { untilOffset: 0n, progress: progressOf(0n, 0n) });

    const outcome = await bench.attempt(writeEach, { deps: { output: store } });

    expect(outcome).toMatchObject({ kind: "completed" });
    expect(store.visible).toEqual(["b", "c", "d", "e"]);
  },
);

test.each([
  ["stands before offsets that were processed", { untilOffset: 0n, progress: progressOf(0n, 0n) }],
  ["is ahead by another range's commit", { untilOffset: 3n, progress: progressOf(0n, 0n) }],
  ["is ahead of the range", { untilOffset: 9n, progress: progressOf(1n, 1n, 8n) }],
  ["keeps a progress that nobody wrote", { untilOffset: 3n, progress: "restored by hand" }],
])("FB5, G6: a store that %s halts the range, and nothing is written", async (_, position) => {
  const bench = aProcessorBench();
  before(bench, { status: "COMPLETED", committedOffset: 1n });
  const store = createPositionedStore();
  store.setPosition("orders,0,,chain", position);

  const outcome = await bench.attempt(writeEach, { deps: { output: store } });

  expect(outcome).toMatchObject({ kind: "halted", error: { name: "LedgerIntegrityError" } });
  expect(store.visible).toEqual([]);
});

test("FB2: what a store is ahead by is counted, and not read again", async () => {
  const bench = aProcessorBench();
  const store = createPositionedStore();
  store.setPosition("orders,0,,chain", { untilOffset: 3n, progress: progressOf(1n, 1n, 2n) });

  const outcome = await bench.attempt(writeEach, { deps: { output: store } });

  expect(outcome).toMatchObject({ kind: "completed", record: { counts: { delivered: 4n } } });
  expect(store.visible).toEqual(["d", "e"]);
});

test("FB2, PW1: a record that was given up after it took effect stays processed", async () => {
  const bench = aProcessorBench({ skipOffset: 2n });
  const store = createPositionedStore();
  store.setPosition("orders,0,,chain", { untilOffset: 4n, progress: progressOf(1n, 1n, 3n) });

  const outcome = await bench.attempt(writeEach, { deps: { output: store } });

  expect(outcome).toMatchObject({ kind: "completed", record: { committedOffset: 5n } });
  expect(store.visible).toEqual(["e"]);
});

test("PW1: prepared work of another output is left alone, with what to deploy", async () => {
  const bench = aProcessorBench({
    prepared: {
      untilOffset: 3n,
      counts: { delivered: 2n, aborted: 0n, control: 0n, bytes: 0n },
      output: "S3",
      memo: "m",
    },
  });

  const outcome = await bench.attempt(writeEach, { deps: { output: createPreparingStore() } });

  expect(outcome).toMatchObject({ kind: "failed", record: { outages: 1, prepared: { memo: "m" } } });
  expect(String("error" in outcome && outcome.error)).toMatch(/deploy it with S3/);
});

test("PW1: prepared work that is gone for good is done again", async () => {
  const bench = aProcessorBench({
    prepared: {
      untilOffset: 3n,
      counts: { delivered: 2n, aborted: 0n, control: 0n, bytes: 0n },
      output: "memory",
      memo: "m",
    },
  });
  const store = createPreparingStore();

  const outcome = await bench.attempt(writeEach, { deps: { output: store } });

  expect(outcome).toMatchObject({ kind: "completed", record: { receipts: ["upload-0: 3", "upload-1: 1"] } });
  expect(store.visible).toEqual(["b", "c", "d", "e"]);
});

test("JF2, PW1: whatever fails while work is prepared, no record is given up for it", async () => {
  const bench = aProcessorBench();
  const store = createPreparingStore();
  const output: RangeOutput<string> = { ...store, settle: () => Promise.reject(new TypeError("a slip of the pen")) };

  const outcome = await bench.attempt(writeEach, { deps: { output }, onFailure: "quarantine", maxAttempts: 1 });

  expect(outcome).toMatchObject({
    kind: "failed",
    record: { outages: 1, failedAttempts: 0, prepared: { untilOffset: 4n } },
  });
});

test("an output that the store refuses by its place is told with its record", async () => {
  const bench = aProcessorBench();
  const store = createPositionedStore(undefined, 100);
  const output: RangeOutput<string> = {
    ...store,
    open: async (range) => {
      const open = await store.open(range);
      const commit = () => Promise.reject(new InvalidOutputError("a value is out of range", { outputIndex: 2 }));
      return Object.assign(open, { commit }) as typeof open;
    },
  };

  const outcome = await bench.attempt(writeEach, { deps: { output } });

  expect(outcome).toMatchObject({ kind: "halted", record: { error: { inHand: { fromOffset: 3n, untilOffset: 4n } } } });
});

test("what was taken in part never takes effect", async () => {
  const bench = aProcessorBench();
  const store = createPositionedStore(undefined, 100);
  let writes = 0;
  const output: RangeOutput<string> = {
    ...store,
    open: async (range) => {
      const open = await store.open(range);
      const write = async (outputs: readonly string[]) => {
        writes += 1;
        await (writes === 3 ? Promise.reject(new OutputUnavailableError("gone")) : open.write(outputs));
      };
      return Object.assign(Object.create(open), { write }) as typeof open;
    },
  };

  const outcome = await bench.attempt(writeEach, { deps: { output } });

  expect(outcome).toMatchObject({ kind: "failed", record: { committedOffset: 1n, outages: 1 } });
  expect(store.visible).toEqual([]);
});
