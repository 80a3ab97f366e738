import { describe, expect, test } from "vitest";
import type { ProcessingRange } from "../../../../../functions/processor/session/processing-range.ts";
import { aProcessorBench, type ProcessorBench, takeAll } from "../../../../support/pipeline/processor-bench.ts";
import { createRecordingDeadLetters } from "../../../../support/pipeline/recording-dead-letters.ts";

type Code = (range: ProcessingRange<string>) => Promise<unknown>;

/** One attempt by code without types, and what the ledger keeps of its failure. */
async function failure(code: Code, bench: ProcessorBench = aProcessorBench()) {
  const deadLetters = createRecordingDeadLetters();
  const outcome = await bench.attempt(code as never, { deps: { deadLetters } });
  expect(bench.ledger.outputs).toEqual([]);
  return { kind: outcome.kind, ...bench.range().error };
}

const EXPECTED = "expected an array of entries as DynamoDB's TransactWriteItems takes them";

describe("what process returns is outputs or nothing", () => {
  test.each<[string, unknown, string]>([
    ["a text", "abc", '"abc"'],
    ["an object", { Put: {} }, '{"Put":{}}'],
    ["false", false, "false"],
    ["a set", new Set(["a"]), "a Set {}"],
    ["a generator", (function* () {})(), "{}"],
  ])("%s is neither", async (_, returned, shown) => {
    const process = async (range: ProcessingRange<string>) => {
      await takeAll(range);
      return returned;
    };

    const { kind, name, message, inHand } = await failure(process);

    expect({ kind, name }).toEqual({ kind: "halted", name: "InvalidOutputError" });
    expect(inHand).toEqual({ fromOffset: 1n, untilOffset: 5n });
    expect(message).toContain(`what process returned: the outputs are ${shown}; ${EXPECTED}`);
  });
});

describe("what commit takes is said where it is given something else", () => {
  test.each<[string, readonly unknown[], string, string]>([
    ["no outputs", [2n], "InvalidOutputError", `commit(2) of orders-0 [1, 5): the outputs are undefined; ${EXPECTED}`],
    ["null", [2n, null], "InvalidOutputError", `commit(2) of orders-0 [1, 5): the outputs are null; ${EXPECTED}`],
    ["a number", [2, []], "MisuseError", "commit of orders-0 [1, 5): untilOffset is 2; expected a bigint"],
    ["a text", ["2", []], "MisuseError", 'commit of orders-0 [1, 5): untilOffset is "2"; expected a bigint'],
    ["nothing", [], "MisuseError", "commit of orders-0 [1, 5): untilOffset is undefined; expected a bigint"],
    ["NaN", [Number.NaN, []], "MisuseError", "commit of orders-0 [1, 5): untilOffset is NaN; expected a bigint"],
  ])("%s, also where the code does not wait for it", async (_, passed, expectedName, expectedMessage) => {
    for (const waits of [true, false]) {
      const process = async (range: ProcessingRange<string>) => {
        for await (const _record of range.records()) {
          const committed = (range.commit as (...values: readonly unknown[]) => Promise<void>)(...passed);
          await (waits ? committed : undefined);
        }
      };

      const { kind, name, message } = await failure(process);

      expect({ kind, name }).toEqual({ kind: "halted", name: expectedName });
      expect(message?.startsWith(expectedMessage)).toBe(true);
    }
  });
});

describe("what reject takes is said where it is given something else", () => {
  const where = "reject of orders-0 [1, 5): ";

  test.each<[string, (record: object) => readonly unknown[], string]>([
    ["no reason", (record) => [record], "the reason is undefined; expected a text"],
    ["an error", (record) => [record, new TypeError("bad")], 'the reason is a TypeError "bad"; expected a text; pass'],
    ["no record", () => [undefined, "bad"], "the record is undefined; expected one as records() or batches() gave it"],
    ["null", () => [null, "bad"], "the record is null; expected one"],
    ["an offset", () => [3n, "bad"], "the record is 3n; expected one"],
    ["a part of one", () => [{ offset: 3n }, "bad"], 'the record is {"offset":"3"}; expected one'],
  ])("%s", async (_, passed, expected) => {
    const process = async (range: ProcessingRange<string>) => {
      for await (const record of range.records()) {
        void (range.reject as (...values: readonly unknown[]) => Promise<void>)(...passed(record));
      }
    };

    const { kind, name, message } = await failure(process);

    expect({ kind, name }).toEqual({ kind: "halted", name: "MisuseError" });
    expect(message?.startsWith(`${where}${expected}`)).toBe(true);
  });
});

test("L3: outputs are those of the time of the call, whatever the code does with its array afterwards", async () => {
  const bench = aProcessorBench();
  const process = async (range: ProcessingRange<string>) => {
    const outputs: string[] = [];
    for await (const { offset, value } of range.records()) {
      outputs.push(String(value));
      void range.commit(offset + 1n, outputs);
      outputs.length = 0;
    }
  };

  await bench.attempt(process);

  expect(bench.ledger.outputs).toEqual(["b", "c", "d", "e"]);
});

test("AT3: an error that cannot be read fails the attempt at once, and a symbol, too", async () => {
  const unreadable = Object.defineProperty(new Error("x"), "message", {
    get: () => {
      throw new Error("not for reading");
    },
  });
  const traps = {
    getPrototypeOf: () => {
      throw new Error("nor this");
    },
  };
  for (const thrown of [unreadable, new Proxy({}, traps), Symbol("stop"), undefined, null]) {
    const bench = aProcessorBench();

    const outcome = await bench.attempt(() => Promise.reject(thrown));

    expect(outcome.kind).toBe("failed");
    expect(bench.range()).toMatchObject({ status: "FAILED", failedAttempts: 1 });
    expect(bench.range().lease).toBeUndefined();
  }
});
