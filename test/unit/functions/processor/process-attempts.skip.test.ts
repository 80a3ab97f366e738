import { describe, expect, test } from "vitest";
import type { ProcessFunction } from "../../../../functions/processor/session/processing-range.ts";
import {
  CorruptRecordError,
  LedgerUnavailableError,
  OutputRefusedError,
  RangeReadError,
} from "../../../../shared/core/errors.ts";
import type { RangeEvent } from "../../../../shared/core/range/range-event.ts";
import type { RangeRecord } from "../../../../shared/core/range/range-record.ts";
import {
  aProcessorBench,
  commitEach,
  type ProcessorBench,
  takeAll,
} from "../../../support/pipeline/processor-bench.ts";

const operator = { by: "ann", reason: "not JSON" };

function isBad(value: Buffer | null): boolean {
  return String(value) === "c";
}

/** Writes with the completion, and does not take c, at offset 2. */
const takeGood: ProcessFunction<string> = async (range) => {
  const values: string[] = [];
  for await (const { value } of range.records()) {
    if (isBad(value)) {
      throw new SyntaxError("c is not JSON");
    }
    values.push(String(value));
  }
  return values;
};

const batchesOfGood: ProcessFunction<string> = async (range) => {
  for await (const batch of range.batches()) {
    if ([...batch].some(({ value }) => isBad(value))) {
      throw new SyntaxError("c is not JSON");
    }
  }
};

function throwing(error: unknown, atOffset: bigint): ProcessFunction<string> {
  return async (range) => {
    for await (const { offset } of range.records()) {
      if (offset === atOffset) {
        throw error;
      }
    }
  };
}

/** Halts at its first failure. */
async function aHaltedBench(process: ProcessFunction<string>): Promise<ProcessorBench> {
  const bench = aProcessorBench();
  expect(await bench.attempt(process, { maxAttempts: 1, maxOutageAttempts: 1 })).toMatchObject({ kind: "halted" });
  return bench;
}

async function skipRecord(bench: ProcessorBench, offset: bigint): Promise<void> {
  const event: RangeEvent = { kind: "skipRecord", operator, offset, now: bench.clock.now() };
  expect(await bench.ledger.changeRange(bench.range(), event)).toMatchObject({ kind: "changed" });
}

function shown(ranges: readonly RangeRecord[]): readonly string[] {
  return ranges.map((one) => `${one.status} [${one.fromOffset}, ${one.untilOffset}) to ${one.committedOffset}`);
}

describe("DV2: where code fails, what it had in hand is kept with the error", () => {
  test.each<[string, ProcessFunction<string>, object | undefined]>([
    ["a record of records()", takeGood, { fromOffset: 2n, untilOffset: 3n }],
    ["a batch of batches()", batchesOfGood, { fromOffset: 2n, untilOffset: 4n }],
    ["nothing, once it had all", async (range) => expect(await takeAll(range)).toEqual([]), undefined],
    ["nothing, where the broker fails", throwing(new RangeReadError("gone"), 2n), undefined],
  ])("%s", async (_, process, inHand) => {
    const bench = await aHaltedBench(process);

    expect(bench.range().error?.inHand).toEqual(inHand);
  });

  test("not a record that is committed already", async () => {
    const bench = await aHaltedBench(async (range) => {
      for await (const { offset, value } of range.records()) {
        await range.commit(offset + 1n, [String(value)]);
        throw new TypeError("behind the commit");
      }
    });

    expect(bench.range()).toMatchObject({ committedOffset: 2n, error: { name: "TypeError" } });
    expect(bench.range().error?.inHand).toBeUndefined();
  });

  test("not the record before one that cannot be read", async () => {
    const bench = aProcessorBench();
    bench.reader.beforeFetch = (_, position) => {
      if (position === 2n) {
        throw new CorruptRecordError("the checksum is wrong");
      }
    };

    await bench.attempt(takeAll, { maxAttempts: 1 });

    expect(bench.range().error).toEqual({ name: "CorruptRecordError", message: "the checksum is wrong" });
  });

  test("of outputs that are refused, all that the commit was of", async () => {
    const bench = await aHaltedBench(throwing(new OutputRefusedError("it is there already", { outputIndex: 0 }), 3n));

    expect(bench.range().error?.inHand).toEqual({ fromOffset: 1n, untilOffset: 4n });
  });
});

describe("a record that an operator gives up", () => {
  test.each([
    ["what comes before it is processed first, and what comes behind it last", takeGood, ["b", "d", "e"]],
    ["commits of its own stop before it as well", commitEach, ["b", "d", "e"]],
  ])("G2, RS8: %s, in one invocation each", async (_, process, outputs) => {
    const bench = await aHaltedBench(takeGood);
    await skipRecord(bench, 2n);

    const outcomes = [await bench.attempt(process), await bench.attempt(process)];

    // The bench dispatches the range as it was planned: the second finds it closed.
    expect(outcomes.map(({ kind }) => kind)).toEqual(["completed", "notClaimed"]);
    expect(bench.ledger.outputs).toEqual(outputs);
    expect(shown(bench.ledger.all())).toEqual(["SKIPPED [1, 3) to 2", "COMPLETED [3, 5) to 5"]);
    expect(bench.ledger.all()[0]).toMatchObject({ operator, error: { name: "SyntaxError" } });
  });

  test.each([
    ["first", 1n, ["c", "d", "e"], ["SKIPPED [1, 2) to 1", "COMPLETED [2, 5) to 5"]],
    ["last", 4n, ["b", "c", "d"], ["SKIPPED [1, 5) to 4"]],
  ])("RS8: it may be the %s of its range", async (_, offset, outputs, ranges) => {
    const bench = await aHaltedBench(throwing(new TypeError("boom"), 1n));
    await skipRecord(bench, offset);

    await bench.attempt(takeAll);

    expect(bench.ledger.outputs).toEqual(outputs);
    expect(shown(bench.ledger.all())).toEqual(ranges);
  });

  test("RS8: a record before it that fails as well halts the range, and it stays to be skipped", async () => {
    const bench = await aHaltedBench(takeGood);
    await skipRecord(bench, 4n);

    await bench.attempt(takeGood, { maxAttempts: 1 });

    expect(bench.range()).toMatchObject({ status: "FAILED", untilOffset: 5n, skipOffset: 4n });
    expect(bench.range().error?.inHand).toEqual({ fromOffset: 2n, untilOffset: 3n });
  });

  test("RS8, G5: a processor that dies before it is split off leaves that to the next one", async () => {
    const bench = await aHaltedBench(takeGood);
    await skipRecord(bench, 2n);
    const splitRange: typeof bench.ledger.splitRange = () => Promise.reject(new LedgerUnavailableError("no answer"));

    const first = await bench.attempt(takeGood, { deps: { ledger: { ...bench.ledger, splitRange } } });
    bench.clock.advance(400_000);
    await bench.attempt(takeGood);

    expect(first).toMatchObject({ kind: "failed", record: { committedOffset: 2n, skipOffset: 2n } });
    expect(bench.ledger.outputs).toEqual(["b", "d", "e"]);
    expect(shown(bench.ledger.all())).toEqual(["SKIPPED [1, 3) to 2", "COMPLETED [3, 5) to 5"]);
  });
});
