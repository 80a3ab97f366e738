// Letter world
//
// A pipeline whose code refuses some records: the scheduler's and the processor's own code
// over a fake log and a ledger in memory, with dead letters wherever a test wants them.

import { stampLetters } from "../../../functions/processor/letters/stamp-letters.ts";
import { processAttempts } from "../../../functions/processor/process-attempts.ts";
import type { ProcessingRange } from "../../../functions/processor/session/processing-range.ts";
import { answerRefusal } from "../../../functions/scheduler/answer-refusal.ts";
import { runScheduler } from "../../../functions/scheduler/run-scheduler.ts";
import { OutputUnavailableError } from "../../../shared/core/errors.ts";
import type { DeadLetterTarget } from "../../../shared/core/failure/dead-letter.ts";
import type { LetterStore, StoredLetter } from "../../../shared/core/failure/letter-store.ts";
import { isClosed } from "../../../shared/core/range/range-record.ts";
import { encodeDeadLetter } from "../../../shared/wire/events/dead-letter.ts";
import { decodeSchedulerEvent } from "../../../shared/wire/events/scheduler-event.ts";
import { toJson } from "../../../shared/wire/json/json.ts";
import { processorRules } from "../builders/builders.ts";
import { createFakeRangeReader } from "../kafka/fake-range-reader.ts";
import { createSchedulerBench } from "../pipeline/scheduler-bench.ts";

const MAX_ROUNDS = 200;

export function createLetterWorld(target: DeadLetterTarget, { rejects = false } = {}) {
  const bench = createSchedulerBench(1);
  const bad = new Set<string>();
  const unlucky = new Set<string>();
  const reader = createFakeRangeReader(bench.log);
  const process = async (range: ProcessingRange<never>): Promise<readonly never[]> => {
    const outputs: string[] = [];
    for await (const record of range.records()) {
      const value = String(record.value);
      if (unlucky.delete(value)) {
        await range.reject(record, `${value} is not JSON`);
        throw new OutputUnavailableError("the attempt dies");
      }
      if (bad.has(value) && !rejects) {
        throw new SyntaxError(`${value} is not JSON`);
      }
      if (bad.has(value)) {
        await range.reject(record, `${value} is not JSON`);
      } else {
        outputs.push(value);
      }
    }
    return outputs as never[]; // The ledger in memory keeps whatever it is given.
  };
  let ids = 0;
  const newId = () => {
    ids += 1;
    return `letters-${ids}`;
  };
  const invocation = { awsRequestId: "r-1", logGroup: "orders", logStream: "2026/0a" };
  const deadLetters = stampLetters(target, { invocation, now: bench.clock.now, onKept: () => undefined });
  const never = new AbortController().signal;
  const deps = { ...bench.deps, reader, process, deadLetters, newId, random: () => 0.5 };

  /** Processes what is open until nothing is. */
  const drain = async () => {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const open = bench.ledger.all().filter((record) => !isClosed(record));
      if (open.length === 0) {
        return;
      }
      for (const record of open) {
        const rules = processorRules({ onFailure: "quarantine", maxAttempts: 1 });
        const own = { owner: newId(), remainingMs: 60_000, deadline: never, lastCall: never };
        await processAttempts(deps, rules, { record }, own);
      }
      bench.clock.advance(400_000);
    }
    throw new Error("it goes on for ever");
  };
  return {
    bench,
    ledger: bench.ledger,
    /** Values that the code refuses. */
    bad,
    /** Values that the first attempt rejects which meets them, and dies of; the next one takes them. */
    unlucky,
    drain,
    /** Values that took effect, in order, each as often as it did. */
    effects: () => bench.ledger.outputs.map(String).toSorted(),
    /** Appends records, and processes them. */
    async run(values: readonly string[]) {
      bench.log.append({ topic: "orders", partition: 0 }, values);
      await bench.tick();
      await drain();
    },
    /** The scheduler function, and the processors that it wakes. */
    invoke: (event: unknown) =>
      answerRefusal(event, { warn: () => undefined }, async () => {
        bench.clock.advance(1_000);
        const outcome = await runScheduler({ ...bench.deps, newId }, bench.rules, decodeSchedulerEvent(event));
        await drain();
        return toJson(outcome);
      }),
  };
}

/** Letters in memory: each that is sent is a copy of its own, as in a queue. */
export function createLetterMemory(): DeadLetterTarget & LetterStore & { readonly kept: StoredLetter[] } {
  const kept: StoredLetter[] = [];
  let copies = 0;
  return {
    kept,
    send: async (letter) => {
      copies += 1;
      kept.push({ copy: `copy-${copies}`, keptAt: 0, body: encodeDeadLetter(letter) });
    },
    async *browse() {
      yield* [...kept];
    },
    remove: async (gone) => {
      const names = new Set(gone.map(({ copy }) => copy));
      kept.splice(0, kept.length, ...kept.filter(({ copy }) => !names.has(copy)));
    },
    close: async () => undefined,
  };
}
