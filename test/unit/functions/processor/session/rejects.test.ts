import { expect, test } from "vitest";
import type { ProcessingRange } from "../../../../../functions/processor/session/processing-range.ts";
import type { DeadLetter } from "../../../../../shared/core/failure/dead-letter.ts";
import { MAX_UNCOMMITTED_REJECTS } from "../../../../../shared/core/limits.ts";
import { recordFields } from "../../../../../shared/core/source/record-fields.ts";
import {
  aProcessorBench,
  createProcessorBench,
  ORDERS_0,
  takeAll,
} from "../../../../support/pipeline/processor-bench.ts";
import { createRecordingDeadLetters } from "../../../../support/pipeline/recording-dead-letters.ts";

/** Takes every record but the ones named. */
function rejecting(...bad: readonly string[]) {
  return async (range: ProcessingRange<string>): Promise<readonly string[]> => {
    const values: string[] = [];
    for await (const record of range.records()) {
      const value = String(record.value);
      if (bad.includes(value)) {
        await range.reject(record, `${value} is not JSON`);
      } else {
        values.push(value);
      }
    }
    return values;
  };
}

test("SN3, FT8: a rejected record goes to the dead-letter target, counts as rejected, and the rest is completed", async () => {
  const bench = aProcessorBench();
  const deadLetters = createRecordingDeadLetters();

  const outcome = await bench.attempt(rejecting("c"), { deps: { deadLetters } });

  expect(outcome.kind).toBe("completed");
  expect(bench.range().counts).toMatchObject({ delivered: 4n, rejected: 1n });
  expect(bench.range().rejectedOffsets).toEqual([{ fromOffset: 2n, untilOffset: 3n }]);
  expect(bench.ledger.outputs).toEqual(["b", "d", "e"]);
  expect(deadLetters.shown()).toEqual(["rejected 2 c"]);
  const { stack = "", ...error } = deadLetters.letters[0]?.error ?? expect.unreachable("no letter");
  expect(error).toEqual({ name: "Rejected", message: "c is not JSON" });
  // Where the code rejects it.
  expect(stack).toContain("rejects.test.ts");
});

test("SN3: nothing is completed before the letter is kept, also when the code does not wait for it", async () => {
  const bench = aProcessorBench();
  const kept = Promise.withResolvers<void>();
  const deadLetters = { send: () => kept.promise };
  const careless = async (range: ProcessingRange<string>) => {
    for await (const record of range.records()) {
      void range.reject(record, "no reason");
    }
  };

  const attempt = bench.attempt(careless, { deps: { deadLetters } });
  await new Promise(setImmediate);
  expect(bench.range().status).toBe("RUNNING");
  kept.resolve();

  expect((await attempt).kind).toBe("completed");
  expect(bench.range().counts.rejected).toBe(4n);
});

test("SN3: a letter that is not taken fails the attempt, and no record its place", async () => {
  const bench = aProcessorBench();
  const deadLetters = createRecordingDeadLetters();
  deadLetters.setReachable(false);
  const process = async (range: ProcessingRange<string>) => {
    for await (const record of range.records()) {
      void range.reject(record, "no reason");
    }
  };

  const outcome = await bench.attempt(process, { deps: { deadLetters }, onFailure: "quarantine" });

  expect(outcome.kind).toBe("failed");
  expect(bench.range()).toMatchObject({ status: "FAILED", committedOffset: 1n });
  expect(bench.range().counts.rejected).toBeUndefined();
});

test("each commit counts the rejects that it covers, once", async () => {
  const bench = aProcessorBench();
  const deadLetters = createRecordingDeadLetters();
  const committed: unknown[] = [];

  await bench.attempt(
    async (range) => {
      for await (const record of range.records()) {
        await range.reject(record, "no reason");
        await range.reject(record, "again");
        await range.commit(record.offset + 1n, []);
        committed.push(bench.range().counts.rejected);
      }
    },
    { deps: { deadLetters } },
  );

  expect(committed).toEqual([1n, 2n, 3n, 4n]);
  expect(deadLetters.letters).toHaveLength(4);
  expect(bench.range().counts.rejected).toBe(4n);
});

test("a record that was not delivered, or is committed already, cannot be rejected", async () => {
  const bench = aProcessorBench();
  const deadLetters = createRecordingDeadLetters();
  const messages: string[] = [];

  await bench.attempt(
    async (range) => {
      for await (const record of range.records()) {
        await range.commit(record.offset + 1n, []);
        for (const offset of [record.offset, record.offset + 1n]) {
          await range
            .reject({ ...recordFields(record), offset }, "no reason")
            .catch((error) => messages.push(error.message));
        }
        if (messages.length === 2) {
          break;
        }
      }
    },
    { deps: { deadLetters } },
  );

  expect(messages).toHaveLength(2);
  expect(bench.range()).toMatchObject({ status: "FAILED", committedOffset: 2n });
  expect(messages[0]).toBe(
    "reject(1) of orders-0 [1, 5) lies outside [2, 2), from the last commit to the last record delivered",
  );
  expect(deadLetters.letters).toEqual([]);
});

test("SN3: a record that a commit under way covers cannot be rejected any more, for its letter could come too late", async () => {
  const bench = aProcessorBench();
  const deadLetters = createRecordingDeadLetters();
  deadLetters.setReachable(false);
  const late = async (range: ProcessingRange<string>) => {
    for await (const record of range.records()) {
      const committed = range.commit(record.offset + 1n, [String(record.value)]);
      await range.reject(record, "no reason");
      await committed;
    }
  };

  const outcome = await bench.attempt(late, { deps: { deadLetters } });

  expect(outcome).toMatchObject({ kind: "halted", error: { name: "MisuseError" } });
});

test("RJ1: a record that the completion under way covers cannot be rejected any more, and no letter says that it was", async () => {
  const bench = aProcessorBench();
  const kept = Promise.withResolvers<void>();
  const sent: bigint[] = [];
  const deadLetters = {
    send: ({ offset }: DeadLetter) => {
      sent.push(offset);
      return kept.promise;
    },
  };
  let late: Promise<void> | undefined;
  const process = async (range: ProcessingRange<string>) => {
    const records = await Array.fromAsync(range.records());
    const [first, second] = records;
    if (first === undefined || second === undefined) {
      throw new Error("the bench has records");
    }
    void range.reject(first, "no reason");
    // Once the completion waits for the letter of the first.
    setImmediate(() => {
      late = range.reject(second, "too late");
      late.catch(() => undefined);
      kept.resolve();
    });
    return records.slice(1).map(({ value }) => String(value));
  };

  const outcome = await bench.attempt(process, { deps: { deadLetters } });

  expect(outcome).toMatchObject({ kind: "halted", error: { name: "MisuseError" } });
  await expect(late).rejects.toThrow("reject(2) of orders-0 [1, 5) lies outside [5, 5)");
  expect(sent).toEqual([1n]);
  expect(bench.range()).toMatchObject({ committedOffset: 1n });
});

test("without a dead-letter target a reject fails the attempt and says what to set", async () => {
  const bench = aProcessorBench();

  const outcome = await bench.attempt(rejecting("c"));

  expect(outcome.kind).toBe("failed");
  expect(bench.range().error?.message).toContain("set RANGES_DEAD_LETTER_QUEUE_URL");
});

test("G7: rejects are kept between two commits up to a limit", async () => {
  const bench = createProcessorBench();
  const count = MAX_UNCOMMITTED_REJECTS + 1;
  bench.log.append(
    ORDERS_0,
    Array.from({ length: count }, () => "x"),
  );
  bench.plan(0n, BigInt(count));
  const deadLetters = createRecordingDeadLetters();

  await bench.attempt(rejecting("x"), { deps: { deadLetters } });

  expect(bench.range().error?.message).toContain("commit more often");
  expect(bench.range().committedOffset).toBe(0n);
  expect(await bench.attempt(takeAll).then(({ kind }) => kind)).toBe("notClaimed");
});
