import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import type { ProcessFunction } from "../../../../functions/processor/session/processing-range.ts";
import { recordsOf } from "../../../../functions/testing/records-of.ts";
import { runRange } from "../../../../functions/testing/run-range.ts";
import { createTestClock } from "../../../../functions/testing/test-clock.ts";
import type { RangeOutput } from "../../../../shared/core/output/range-output.ts";
import { put, update } from "../../../../shared/dynamodb/outputs/plain-outputs.ts";

type Code = ProcessFunction<TransactWriteItem>;

const tables = { orders: { key: "id" }, counts: { key: "id" } };
const orders = recordsOf([
  { value: { id: "a", total: 1 } },
  { value: { id: "b", total: 2 } },
  { value: { id: "a", total: 3 } },
  { value: { id: "c", total: 4 } },
]);

const putEach: Code = (range) => range.writeEach(({ value }) => put("orders", JSON.parse(String(value))));

/** What a newcomer writes first: everything at the end. */
const returnAll: Code = async (range) => {
  const outputs: TransactWriteItem[] = [];
  for await (const { value } of range.records()) {
    outputs.push(put("orders", JSON.parse(String(value))));
  }
  return outputs;
};

const commitEach: Code = async (range) => {
  for await (const { offset } of range.records()) {
    await range.commit(offset + 1n, [update("counts", { id: "all" }, { add: { count: 1 } })]);
  }
};

describe("the answer says", () => {
  test("what took effect, by commit and in the tables", async () => {
    const result = await runRange(putEach, { records: orders, tables });

    expect(result).toMatchObject({
      status: "completed",
      committedOffset: 4n,
      attempts: 1,
      rejected: [],
      differences: [],
    });
    expect(
      result.commits.map(({ untilOffset, outputs, isCompletion }) => [untilOffset, outputs.length, isCompletion]),
    ).toEqual([
      [2n, 2, false],
      [4n, 2, true],
    ]);
    expect(result.outputs).toHaveLength(4);
    expect(result.tables["orders"]).toEqual([
      { id: "a", total: 3 },
      { id: "b", total: 2 },
      { id: "c", total: 4 },
    ]);
    expect(result).not.toHaveProperty("error");
    expect(result).not.toHaveProperty("exactlyOnce");
  });

  test("what was rejected, and why", async () => {
    const result = await runRange(
      (range) => range.writeEach((record) => range.reject(record, `no order: ${String(record.value)}`)),
      { records: recordsOf(["x", { value: "y", offset: 5 }]) },
    );

    expect(result.status).toBe("completed");
    expect(result.rejected).toMatchObject([
      { offset: 0n, reason: "no order: x", record: { value: Buffer.from("x") } },
      { offset: 5n, reason: "no order: y" },
    ]);
  });

  test("what the code threw, at which record, and what took effect before", async () => {
    const result = await runRange(putEach, { records: recordsOf([{ value: { id: "a" } }, "no JSON"]), tables });

    expect(result).toMatchObject({
      status: "failed",
      error: expect.any(SyntaxError),
      failedAt: { fromOffset: 1n, untilOffset: 2n },
      committedOffset: 1n,
      tables: { orders: [{ id: "a" }] },
    });
  });

  test("with batches, that the batch failed", async () => {
    const process: Code = async (range) => {
      for await (const batch of range.batches()) {
        if (batch.untilOffset > 2n) {
          throw new Error("this batch");
        }
      }
    };

    const { failedAt } = await runRange(process, { records: recordsOf(["a", "b", "c", "d"]), recordsPerBatch: 2 });

    expect(failedAt).toEqual({ fromOffset: 2n, untilOffset: 4n });
  });
});

test("the code sees what the options say of the range", async () => {
  let seen: object = {};
  const look: Code = async (range) => {
    seen = { ...range, read: (await Array.fromAsync(range.records())).map(({ offset }) => offset) };
  };
  const records = recordsOf([
    { value: "a", offset: 7 },
    { value: "x", aborted: true },
    { value: "c", offset: 12 },
    "d",
  ]);

  await runRange(look, {
    records,
    topic: "lines",
    partition: 3,
    pipeline: "mine",
    requestId: "again",
    attempt: 4,
    untilOffset: 13n,
  });

  expect(seen).toMatchObject({
    ...{ topic: "lines", partition: 3, pipeline: "mine", mode: "reprocess", requestId: "again", attempt: 4 },
    ...{ fromOffset: 7n, untilOffset: 13n, committedOffset: 7n, read: [7n, 12n] },
  });
});

describe("limits are production's", () => {
  test("one more output than a transaction takes is too much", async () => {
    const process: Code = async (range) => {
      await Array.fromAsync(range.records());
      return Array.from({ length: 100 }, (_, id) => put("orders", { id: `${id}` }));
    };

    const { error } = await runRange(process, { records: recordsOf(["a"]), tables });

    expect(error).toMatchObject({ name: "OutputLimitError" });
  });

  test.each<[string, string, TransactWriteItem[]]>([
    ["two outputs of an item", "RepeatedItemError", [put("orders", { id: "a" }), put("orders", { id: "a", n: 1 })]],
    ["an item without its key", "InvalidOutputError", [put("orders", { total: 1 })]],
    ["an empty key", "InvalidOutputError", [put("orders", { id: "" })]],
    ["an item of 410 KB", "InvalidOutputError", [put("orders", { id: "a", body: "x".repeat(410_000) })]],
    [
      "a condition that does not hold",
      "OutputRefusedError",
      [put("orders", { id: "a" }, { expression: "attribute_exists(id)" })],
    ],
    [
      "an update that does not fit the item",
      "InvalidOutputError",
      [update("counts", { id: "text" }, { add: { count: 1 } })],
    ],
    ["an output that is none", "InvalidOutputError", [{ Insert: {} } as never]],
  ])("%s is refused with %s, and nothing is written", async (_, name, outputs) => {
    const items = { ...tables, counts: { key: "id", items: [{ id: "text", count: "five" }] } };
    const process: Code = (range) => range.writeEach(() => outputs);

    const result = await runRange(process, { records: recordsOf(["a"]), tables: items });

    expect(result).toMatchObject({
      error: { name },
      failedAt: { fromOffset: 0n, untilOffset: 1n },
      committedOffset: 0n,
    });
    expect(result.tables["orders"]).toEqual([]);
  });

  test("several outputs of an item are cut where their records are known, and the range is halved where they are not", async () => {
    const [each, returned] = [
      await runRange(putEach, { records: orders, tables }),
      await runRange(returnAll, { records: orders, tables }),
    ];

    expect(returned).toMatchObject({ status: "completed", tables: each.tables });
    expect([each.attempts, returned.attempts]).toEqual([1, 2]);
  });

  test("the signal fires when the time is up, and what is done by then is committed", async () => {
    const clock = createTestClock(1_000);
    const process: Code = (range) =>
      range.writeEach(({ value }) => {
        clock.advance(3_000);
        return put("orders", JSON.parse(String(value)));
      });

    const result = await runRange(process, { records: orders, tables, timeLeftMs: 10_000, clock });

    expect(result).toMatchObject({ status: "released", committedOffset: 2n, attempts: 1 });
    expect(clock.now()).toBe(7_000);
  });

  test("time passes by the records that are read", async () => {
    const result = await runRange(returnAll, {
      records: recordsOf(Array.from({ length: 100 }, (_, id) => ({ value: { id: `${id}` } }))),
      tables,
      msPerRecord: 100,
      timeLeftMs: 9_000,
    });

    // It committed nothing in its time.
    expect(result).toMatchObject({ status: "failed", error: { name: "DeadlineError" }, committedOffset: 0n });
  });
});

describe("a replay", () => {
  test.each([0, 1, 2, 3])("ON1: after commit %d finds that commits by offset are exactly once", async (afterCommit) => {
    const result = await runRange(commitEach, { records: orders.slice(0, 4), tables, crash: { afterCommit } });

    expect(result).toMatchObject({ status: "completed", attempts: 2, exactlyOnce: true, differences: [] });
    expect(result.tables["counts"]).toEqual([{ id: "all", count: 4 }]);
  });

  test("of the whole range finds what is returned exactly once", async () => {
    expect(
      await runRange(returnAll, { records: recordsOf([{ value: { id: "a" } }]), tables, repeat: true }),
    ).toMatchObject({
      ...{ attempts: 2, exactlyOnce: true },
    });
  });

  test("finds an item that depends on the attempt", async () => {
    const process: Code = (range) =>
      range.writeEach(({ offset }) => put("orders", { id: `${offset}`, by: range.attempt }));

    const result = await runRange(process, { records: recordsOf(["a"]), tables, repeat: true });

    expect(result).toMatchObject({
      exactlyOnce: false,
      differences: ['table orders: {"id":"0","by":2} instead of {"id":"0","by":1}'],
    });
  });

  test("finds what the code does elsewhere twice", async () => {
    const sent: string[] = [];
    const effects = { reset: () => void sent.splice(0), read: () => [...sent] };
    const process: Code = (range) => range.writeEach(({ value }) => void sent.push(String(value)));

    const result = await runRange(process, { records: recordsOf(["a", "b"]), repeat: true, effects });

    expect(result).toMatchObject({
      exactlyOnce: false,
      differences: ['effects: ["a","b","a","b"] instead of ["a","b"]'],
    });
  });

  test("compares outputs one by one where tables are unchecked", async () => {
    const options = { records: orders, tables: "unchecked", crash: { afterCommit: 2 } } as const;

    expect(await runRange(commitEach, options)).toMatchObject({ exactlyOnce: true, tables: {} });
  });

  test("is not made of code that fails by itself", async () => {
    const result = await runRange(async () => Promise.reject(new Error("no")), { records: orders, repeat: true });

    expect(result).toMatchObject({ status: "failed", error: { message: "no" }, differences: [] });
    expect(result).not.toHaveProperty("exactlyOnce");
  });

  test("that never comes is refused", async () => {
    const options = { records: orders, tables, crash: { afterCommit: 2 } };

    await expect(runRange(putEach, options)).rejects.toThrow(
      "crash.afterCommit is 2, and the code makes 2 commits, the completion being the last: expected 1 at most, or repeat: true for a processor that dies before its completion takes effect",
    );
  });
});

describe("a wrong test is told by what is wrong with it", () => {
  test("a table that it does not name", async () => {
    const wrong = runRange(putEach, { records: orders, tables: { counts: { key: "id" } } });

    await expect(wrong).rejects.toThrow(
      'the code writes to table "orders", and runRange has only counts: name its key, as tables: { "orders": { key: "id" } }',
    );
  });

  test("TT2: an expression that cannot be evaluated", async () => {
    const process: Code = (range) => range.writeEach(() => put("orders", { id: "a" }, { expression: "magic(id)" }));

    await expect(runRange(process, { records: orders, tables })).rejects.toThrow(
      'runRange cannot evaluate "magic(id)" from ")" on; with tables: "unchecked"',
    );
  });

  test.each<[string, object, RegExp]>([
    ["no records", {}, /records is missing: expected records as recordsOf/],
    ["raw records", { records: [{ value: "a" }] }, /records\[0\] is \{"value":"a"\}: expected records as recordsOf/],
    ["an unknown option", { records: orders, table: {} }, /table is no option; there are records, tables/],
    ["several at once", { records: orders, partition: -1, attempt: 0 }, /partition is -1: .*; attempt is 0: expected/],
    [
      "too little time",
      { records: orders, timeLeftMs: 4_000 },
      /timeLeftMs is 4000: .* more than the 4000 that a processor/,
    ],
    ["a request of a live range", { records: orders, mode: "live", requestId: "x" }, /expected mode "reprocess"/],
    ["an unknown mode", { records: orders, mode: "dry" }, /mode is "dry": expected "live" or "reprocess"/],
    ["an empty range", { records: orders, untilOffset: 0n }, /the range \[0, 0\) is empty/],
    ["an offset as a number", { records: orders, untilOffset: 3 }, /untilOffset is 3: expected a bigint/],
    ["a table without a key", { records: orders, tables: { orders: {} } }, /tables.orders is \{\}: expected its key/],
    ["two crashes", { records: orders, crash: { afterCommit: 1 }, repeat: true }, /expected one of them/],
    ["a crash of no number", { records: orders, crash: {} }, /crash.afterCommit is missing: expected a whole number/],
    ["a clock of another kind", { records: orders, clock: { now: () => 0, advance: () => {} } }, /createTestClock\(\)/],
  ])("%s", async (_, options, message) => {
    await expect(runRange(putEach, options as never)).rejects.toThrow(message);
  });

  test.each([undefined, null, "code", {}, { process: 5 }])("%j, which is no code", async (code) => {
    await expect(runRange(code as never, { records: orders })).rejects.toThrow(
      /expected a pipeline's process function/,
    );
  });
});

describe("a pipeline with an output of its own", () => {
  const output: RangeOutput<{ readonly id: string }> = {
    name: "somewhere",
    open: () => Promise.reject(new Error("a test opens no store")),
  };
  const process: ProcessFunction<{ readonly id: string }> = (range) =>
    range.writeEach(({ value }) => JSON.parse(String(value)) as { readonly id: string });

  test("is told what would take effect, and no store is opened", async () => {
    const result = await runRange({ process, output }, { records: orders });

    expect(result.outputs.map(({ id }) => id)).toEqual(["a", "b", "a", "c"]);
    expect(result.commits).toMatchObject([{ untilOffset: 4n, isCompletion: true }]);
  });

  test("G5: is exactly once wherever the processor dies", async () => {
    const records = recordsOf(Array.from({ length: 250 }, (_, id) => ({ value: { id: String(id) } })));

    const crashed = await runRange({ process, output }, { records, crash: { afterCommit: 1 } });
    const repeated = await runRange({ process, output }, { records, repeat: true });

    expect([crashed, repeated]).toMatchObject([
      { status: "completed", exactlyOnce: true, attempts: 2 },
      { status: "completed", exactlyOnce: true, attempts: 2 },
    ]);
    expect(crashed.outputs).toHaveLength(250);
  });
});

test("the context takes what handlers set of it, as Lambda's does", async () => {
  const result = await runRange(
    async (range) => {
      Object.assign(range.context ?? expect.unreachable("no context"), { callbackWaitsForEmptyEventLoop: false });
      await Array.fromAsync(range.records());
    },
    { records: orders },
  );

  expect(result).toMatchObject({ status: "completed" });
});
