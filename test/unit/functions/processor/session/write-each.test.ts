import { setImmediate } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ProcessFunction } from "../../../../../functions/processor/session/processing-range.ts";
import {
  CorruptRecordError,
  DeadlineError,
  InvalidOutputError,
  RepeatedItemError,
} from "../../../../../shared/core/errors.ts";
import { MAX_OUTPUTS_PER_COMMIT } from "../../../../../shared/core/limits.ts";
import type { RangeReader, RecordBatch } from "../../../../../shared/core/source/range-reader.ts";
import { createProcessorBench, ORDERS_0, type ProcessorBench } from "../../../../support/pipeline/processor-bench.ts";
import { createRecordingDeadLetters } from "../../../../support/pipeline/recording-dead-letters.ts";

/** A log of these values in batches of two, and the range of all of them; no value may be written twice in a transaction. */
function aBench(values: readonly string[]): ProcessorBench {
  const bench = createProcessorBench({
    write: (outputs) => {
      const second = outputs.findIndex((output, index) => outputs.indexOf(output) < index);
      const outputIndexes = [outputs.indexOf(outputs[second] ?? ""), second] as const;
      if (second >= 0) {
        throw new RepeatedItemError("twice", { tableName: "t", itemKey: String(outputs[second]), outputIndexes });
      }
      if (outputs.includes("bad")) {
        throw new InvalidOutputError("bad", { outputIndex: outputs.indexOf("bad") });
      }
    },
  });
  for (let index = 0; index < values.length; index += 2) {
    bench.log.append(ORDERS_0, values.slice(index, index + 2));
  }
  bench.plan(0n, BigInt(values.length));
  return bench;
}

/** Each word of a value is an output. */
const writeWords: ProcessFunction<string> = (range) =>
  range.writeEach(({ value }) => String(value).split(" ").filter(Boolean));

describe("WE1: the outputs of each record", () => {
  test("take effect with the completion where they fit one transaction", async () => {
    const bench = aBench(["a b", "", "c"]);
    const writes = bench.ledger.writes;

    expect(await bench.attempt(writeWords)).toMatchObject({ kind: "completed" });

    expect(bench.ledger.outputs).toEqual(["a", "b", "c"]);
    // A claim and a completion.
    expect(bench.ledger.writes - writes).toBe(2);
    expect(bench.range().counts).toMatchObject({ delivered: 3n });
  });

  test("take effect in order, with a commit before the second output of an item", async () => {
    const bench = aBench(["a", "b", "a", "a", "b", "c"]);

    expect(await bench.attempt(writeWords)).toMatchObject({ kind: "completed" });

    expect(bench.ledger.outputs).toEqual(["a", "b", "a", "a", "b", "c"]);
    expect(bench.range()).toMatchObject({ committedOffset: 6n, counts: { delivered: 6n } });
  });

  test("are committed whenever a transaction is full", async () => {
    const values = Array.from({ length: 250 }, (_, index) => `v${index}`);
    const bench = aBench(values);

    await bench.attempt(writeWords);

    expect(bench.ledger.outputs).toEqual(values);
    // A claim, two commits of 99, and the completion.
    expect(bench.ledger.writes).toBe(4);
  });

  test.each<[string, ProcessFunction<string>]>([
    ["one output", (range) => range.writeEach(({ value }) => String(value))],
    ["a promise of several", (range) => range.writeEach(async ({ value }) => [String(value)])],
    ["an array", async (range) => range.writeEach(({ value }) => [String(value)])],
  ])("may be %s", async (_, process) => {
    const bench = aBench(["a", "b"]);

    await bench.attempt(process);

    expect(bench.ledger.outputs).toEqual(["a", "b"]);
  });

  test("may be none, of each record", async () => {
    const bench = aBench(["a", "b"]);

    expect(await bench.attempt((range) => range.writeEach(() => {}))).toMatchObject({ kind: "completed" });

    expect(bench.range()).toMatchObject({ committedOffset: 2n, counts: { delivered: 2n } });
  });
});

describe("WE2: what is done is committed", () => {
  test("when the code throws, and the error names the record that was in hand", async () => {
    const bench = aBench(["a", "b", "throw", "d"]);
    const process: ProcessFunction<string> = (range) =>
      range.writeEach(({ value }) => {
        if (String(value) === "throw") {
          throw new Error("not this one");
        }
        return String(value);
      });

    expect(await bench.attempt(process)).toMatchObject({ kind: "failed", error: { message: "not this one" } });

    expect(bench.ledger.outputs).toEqual(["a", "b"]);
    expect(bench.range()).toMatchObject({
      committedOffset: 2n,
      counts: { delivered: 2n },
      error: { inHand: { fromOffset: 2n, untilOffset: 3n } },
    });
  });

  test("when the outputs of one record are refused, and the error names it though others were in hand", async () => {
    const bench = aBench(["a", "b", "c", "bad", "e", "f"]);

    expect(await bench.attempt(writeWords)).toMatchObject({ kind: "halted", error: { name: "InvalidOutputError" } });

    expect(bench.ledger.outputs).toEqual(["a", "b", "c"]);
    expect(bench.range()).toMatchObject({
      committedOffset: 3n,
      counts: { delivered: 3n },
      error: { inHand: { fromOffset: 3n, untilOffset: 4n } },
    });
  });

  test("when one record has two outputs of an item, which is the record's fault and no outage", async () => {
    const bench = aBench(["a", "b", "c c", "d"]);

    expect(await bench.attempt(writeWords)).toMatchObject({ kind: "halted", error: { name: "RepeatedItemError" } });

    expect(bench.ledger.outputs).toEqual(["a", "b"]);
    expect(bench.range()).toMatchObject({
      committedOffset: 2n,
      error: { inHand: { fromOffset: 2n, untilOffset: 3n } },
    });
    expect(bench.range()).not.toHaveProperty("outages");
  });

  test("when the time is up in the middle of a batch", async () => {
    const bench = aBench(["a", "b", "c", "d"]);
    const deadline = new AbortController();
    const process: ProcessFunction<string> = (range) =>
      range.writeEach(({ offset, value }) => {
        if (offset === 2n) {
          deadline.abort(new DeadlineError("time is up"));
        }
        return String(value);
      });

    expect(await bench.attempt(process, { deadline: deadline.signal })).toMatchObject({ kind: "released" });

    expect(bench.ledger.outputs).toEqual(["a", "b", "c"]);
    expect(bench.range()).toMatchObject({ committedOffset: 3n, counts: { delivered: 3n } });
  });

  test("when more records are rejected than may be between two commits", async () => {
    const values = Array.from({ length: 10_050 }, () => "x");
    const bench = aBench(values);
    const deadLetters = createRecordingDeadLetters();
    const process: ProcessFunction<string> = (range) => range.writeEach((record) => range.reject(record, "not wanted"));

    expect(await bench.attempt(process, { deps: { deadLetters } })).toMatchObject({ kind: "completed" });

    expect(deadLetters.letters).toHaveLength(values.length);
    expect(bench.range().counts).toMatchObject({ delivered: 10_050n, rejected: 10_050n });
  });
});

describe("what cannot be completed is not", () => {
  test.each<[string, RegExp, ProcessFunction<string>]>([
    [
      "a commit beside it",
      /commit\(1\) beside writeEach of orders-0 \[0, 4\)/,
      (range) => range.writeEach(() => range.commit(1n, [])),
    ],
    [
      "outputs that are returned beside it",
      /what process returned, 1 outputs, beside writeEach/,
      async (range) => {
        await range.writeEach(() => {});
        return ["late"];
      },
    ],
    [
      "a second call",
      /is called twice/,
      async (range) => {
        await range.writeEach(() => {});
        await range.writeEach(() => {});
      },
    ],
    [
      "a call that nobody waits for",
      /while writeEach of .* goes on; await it/,
      async (range) => {
        const read = Promise.withResolvers<void>();
        range
          .writeEach(async ({ offset }) => {
            if (offset === 3n) {
              read.resolve();
              await new Promise(() => {});
            }
          })
          .catch(() => {});
        await read.promise;
      },
    ],
    [
      "an error that the code looks away from",
      /returned although writeEach of .* failed/,
      async (range) => {
        await range
          .writeEach(({ offset }) => {
            if (offset === 3n) {
              throw new Error("lost");
            }
          })
          .catch(() => {});
      },
    ],
    [
      "a second call that nobody waits for",
      /is called twice/,
      async (range) => {
        await range.writeEach(() => {});
        void range.writeEach(() => "second");
      },
    ],
    [
      "a call after a record was read",
      /comes after records\(\) or batches\(\)/,
      async (range) => {
        for await (const _ of range.records()) {
          break;
        }
        await range.writeEach(({ value }) => String(value));
      },
    ],
    [
      "a call after all was read, that the code looks away from",
      /comes after records\(\) or batches\(\)/,
      async (range) => {
        for await (const _ of range.batches()) {
          // It counts them, say.
        }
        await range.writeEach(({ value }) => String(value)).catch(() => {});
      },
    ],
    [
      "something else than code",
      /it was given "words"; expected a function/,
      (range) => range.writeEach("words" as never),
    ],
    [
      "something else than outputs",
      /at offset 0 it was given 5; expected an output/,
      (range) => range.writeEach(() => 5 as never),
    ],
  ])("%s", async (_, message, process) => {
    const bench = aBench(["a", "b", "c", "d"]);

    const outcome = await bench.attempt(process);

    expect(outcome).toMatchObject({ kind: "halted", error: { message: expect.stringMatching(message) } });
    expect(bench.range().status).toBe("FAILED");
  });
});

test("a failure that the code did not wait for is the cause of what it is told", async () => {
  const bench = aBench(["a", "b", "c", "d"]);

  const outcome = await bench.attempt(async (range) => {
    const failed = Promise.withResolvers<void>();
    range
      .writeEach(() => {
        throw new Error("lost");
      })
      .catch(() => failed.resolve());
    await failed.promise;
  });

  expect(outcome).toMatchObject({ kind: "halted", error: { name: "MisuseError", cause: { message: "lost" } } });
});

test("a record with more outputs than a transaction takes fails, all before it committed", async () => {
  const many = Array.from({ length: MAX_OUTPUTS_PER_COMMIT + 1 }, (_, index) => `v${index}`).join(" ");
  const bench = aBench(["a", many]);

  expect(await bench.attempt(writeWords, { maxAttempts: 1 })).toMatchObject({
    kind: "halted",
    error: { name: "OutputLimitError" },
  });

  expect(bench.ledger.outputs).toEqual(["a"]);
  expect(bench.range()).toMatchObject({ committedOffset: 1n, error: { inHand: { fromOffset: 1n, untilOffset: 2n } } });
});

test("WE1: records that were read before it are never committed without outputs, however often it is tried", async () => {
  const bench = aBench(["a", "b", "c", "d"]);
  const readTwice: ProcessFunction<string> = async (range) => {
    let records = 0;
    for await (const batch of range.batches()) {
      records += batch.count;
    }
    await range.writeEach(({ value }) => `${String(value)} of ${records}`);
  };

  await bench.attempt(readTwice);

  expect(bench.range()).toMatchObject({ committedOffset: 0n });
});

test("a call that nobody waits for, and that fails, is no unhandled rejection", async () => {
  const bench = aBench(["a", "b"]);
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));

  await bench.attempt(async (range) => {
    void range.writeEach(async () => {
      await setImmediate();
      throw new Error("later");
    });
  });
  await setImmediate();
  await setImmediate();
  await setImmediate();

  expect(unhandled).toEqual([]);
  expect(bench.range()).toMatchObject({ status: "FAILED", error: { name: "MisuseError" } });
});

test("DV3: a batch whose first record cannot be read is not committed, and the error is kept", async () => {
  const bench = aBench(["a", "b", "c", "d"]);
  const reader = withBrokenBatch(bench.reader, 2n);

  const outcome = await bench.attempt(writeWords, { deps: { reader } });

  expect(outcome).toMatchObject({ error: { name: "CorruptRecordError" } });
  expect(bench.ledger.outputs).toEqual(["a", "b"]);
  expect(bench.range()).toMatchObject({ committedOffset: 2n, counts: { delivered: 2n } });
});

/** A reader of which the batch that begins at the offset can be iterated no step. */
function withBrokenBatch(reader: RangeReader, fromOffset: bigint): RangeReader {
  const breakIt = (batch: RecordBatch): RecordBatch => ({
    count: batch.count,
    untilOffset: batch.untilOffset,
    countBelow: (offset) => batch.countBelow(offset),
    [Symbol.iterator]: () => ({
      next: () => {
        throw new CorruptRecordError("the batch contradicts its header");
      },
    }),
  });
  return {
    ...reader,
    throttleTimeMs: 0,
    readRange: (request) => {
      const read = reader.readRange(request);
      return {
        get position() {
          return read.position;
        },
        get counts() {
          return read.counts;
        },
        get leaderEpoch() {
          return read.leaderEpoch;
        },
        records: () => read.records(),
        async *batches() {
          for await (const batch of read.batches()) {
            const [first] = batch;
            yield first?.offset === fromOffset ? breakIt(batch) : batch;
          }
        },
      };
    },
  };
}
