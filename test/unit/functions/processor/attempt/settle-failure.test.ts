import { expect, test } from "vitest";
import type { ProcessingRange } from "../../../../../functions/processor/session/processing-range.ts";
import { DeadlineError, RangeReadError } from "../../../../../shared/core/errors.ts";
import type { ChangeOutcome } from "../../../../../shared/core/ledger/range-ledger.ts";
import { aProcessorBench, type ProcessorBench, takeAll } from "../../../../support/pipeline/processor-bench.ts";
import { createRecordingDeadLetters } from "../../../../support/pipeline/recording-dead-letters.ts";

const quarantine = { onFailure: "quarantine" } as const;

/** One record alone, on the last attempt before it is given up. */
function aLastAttempt(): ProcessorBench {
  const bench = aProcessorBench();
  bench.plan(1n, 2n, { narrowed: { length: 1n, suspectUntil: 2n, blamed: 2 } });
  return bench;
}

async function notJson(range: ProcessingRange<string>): Promise<never> {
  throw new SyntaxError(`${(await takeAll(range)).join()} is not JSON`);
}

test("SF2: a broker that fails as the bad record is read for its letter delays the letter, and halts nothing", async () => {
  const bench = aLastAttempt();
  const deadLetters = createRecordingDeadLetters();
  bench.reader.beforeFetch = () => {
    if (bench.reader.requests.length === 2) {
      throw new RangeReadError("the broker is gone");
    }
  };

  const first = await bench.attempt(notJson, { ...quarantine, deps: { deadLetters } });
  bench.clock.advance(400_000);
  const second = await bench.attempt(notJson, { ...quarantine, deps: { deadLetters } });

  expect([first.kind, second.kind]).toEqual(["failed", "quarantined"]);
  expect(deadLetters.shown()).toEqual(["quarantined 1 b"]);
});

test("SF2, G7: a queue that does not answer is left at the deadline, and the letter is sent by a later attempt", async () => {
  const bench = aLastAttempt();
  const deadline = new AbortController();
  const send = () => {
    deadline.abort(new DeadlineError("time is nearly used up"));
    return Promise.withResolvers<void>().promise;
  };

  const first = await bench.attempt(notJson, {
    ...quarantine,
    deadline: deadline.signal,
    deps: { deadLetters: { send } },
  });
  bench.clock.advance(400_000);
  const deadLetters = createRecordingDeadLetters();
  const second = await bench.attempt(notJson, { ...quarantine, deps: { deadLetters } });

  expect(first).toMatchObject({ kind: "failed", record: { error: { name: "DeadLetterError" } } });
  expect(second.kind).toBe("quarantined");
  expect(deadLetters.shown()).toEqual(["quarantined 1 b"]);
});

test("SN2: a commit that the code did not wait for is over before its error is judged: what it covers is not given up", async () => {
  const bench = aLastAttempt();
  const deadLetters = createRecordingDeadLetters();
  const changeRange: typeof bench.ledger.changeRange = async (seen, event, outputs) => {
    if (event.kind === "commit") {
      await new Promise(setImmediate);
    }
    return bench.ledger.changeRange(seen, event, outputs);
  };
  const hasty = async (range: ProcessingRange<string>) => {
    void range.commit(range.untilOffset, await takeAll(range));
    throw new SyntaxError("too late");
  };

  await bench.attempt(hasty, { ...quarantine, deps: { deadLetters, ledger: { ...bench.ledger, changeRange } } });
  bench.clock.advance(400_000);
  await bench.attempt(hasty, { ...quarantine, deps: { deadLetters } });

  expect(deadLetters.letters).toEqual([]);
  expect(bench.ledger.outputs).toEqual(["b"]);
  expect(bench.range().status).toBe("COMPLETED");
});

test("SN2: nothing that the code asks for after its error changes the range", async () => {
  const bench = aProcessorBench();
  const changeRange: typeof bench.ledger.changeRange = async (seen, event, outputs) => {
    if (event.kind === "fail") {
      await late;
    }
    return bench.ledger.changeRange(seen, event, outputs);
  };
  let late: Promise<unknown> = Promise.resolve();
  const forking = async (range: ProcessingRange<string>) => {
    await takeAll(range);
    late = new Promise(setImmediate).then(() => range.commit(3n, ["late"])).catch(({ name }) => name);
    throw new SyntaxError("not JSON");
  };

  await bench.attempt(forking, { deps: { ledger: { ...bench.ledger, changeRange } } });

  expect(await late).toBe("SupersededError");
  expect(bench.range()).toMatchObject({ status: "FAILED", committedOffset: 1n });
  expect(bench.ledger.outputs).toEqual([]);
});

test("AT2: a completion that comes before the hand-back of the last call is told as completed", async () => {
  const bench = aProcessorBench();
  const lastCall = new AbortController();
  const answer = Promise.withResolvers<ChangeOutcome>();
  const changeRange: typeof bench.ledger.changeRange = async (seen, event, outputs) => {
    const outcome = await bench.ledger.changeRange(seen, event, outputs);
    if (event.kind !== "complete") {
      return outcome;
    }
    lastCall.abort();
    return answer.promise;
  };

  const outcome = await bench.attempt(takeAll, {
    lastCall: lastCall.signal,
    deps: { ledger: { ...bench.ledger, changeRange } },
  });

  expect(outcome).toEqual({ kind: "completed", record: bench.range() });
  expect(bench.ledger.outputs).toEqual(["b", "c", "d", "e"]);
});
