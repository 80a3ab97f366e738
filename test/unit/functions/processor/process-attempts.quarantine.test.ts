import { describe, expect, test } from "vitest";
import { processAttempts } from "../../../../functions/processor/process-attempts.ts";
import type { ProcessingRange } from "../../../../functions/processor/session/processing-range.ts";
import { CorruptRecordError, LedgerUnavailableError } from "../../../../shared/core/errors.ts";
import { MAX_OUTPUTS_PER_COMMIT } from "../../../../shared/core/limits.ts";
import { formatOffsetRange } from "../../../../shared/core/range/offset-range.ts";
import { verifyChain } from "../../../../shared/core/verify/verify-chain.ts";
import { processorRules } from "../../../support/builders/builders.ts";
import {
  createProcessorBench,
  ORDERS_0,
  type ProcessorBench,
  takeAll,
} from "../../../support/pipeline/processor-bench.ts";
import { createRecordingDeadLetters } from "../../../support/pipeline/recording-dead-letters.ts";

const quarantine = { onFailure: "quarantine" } as const;

/** A log of `count` records r0, r1, ... in batches of four, and the range of them all. */
function aBench(count = 16): ProcessorBench {
  const bench = createProcessorBench();
  for (let first = 0; first < count; first += 4) {
    const values = Array.from({ length: Math.min(4, count - first) }, (_, index) => `r${first + index}`);
    bench.log.append(ORDERS_0, values);
  }
  bench.plan(0n, BigInt(count));
  return bench;
}

/** Code whose effect is each record's value, and that cannot stand some of them. */
function failingAt(...bad: readonly string[]) {
  return async (range: ProcessingRange<string>): Promise<readonly string[]> => {
    const values = await takeAll(range);
    const found = values.find((value) => bad.includes(value));
    if (found !== undefined) {
      throw new SyntaxError(`${found} is not JSON`);
    }
    return values;
  };
}

type Attempting = Parameters<ProcessorBench["attempt"]>;

/** Attempts at whatever range is open, back-offs over, until none is or nothing moves any more. */
async function drain(bench: ProcessorBench, process: Attempting[0], options: Attempting[1] = {}) {
  const outcomes: string[] = [];
  for (let invocation = 0; invocation < 50; invocation += 1) {
    const open = bench.ledger.all().at(-1);
    bench.clock.advance(400_000);
    const { deps = {}, ...rules } = options;
    const invoked = await processAttempts(
      { ledger: bench.ledger, reader: bench.reader, process, now: bench.clock.now, random: () => 0.5, ...deps },
      processorRules(rules),
      { record: open ?? bench.range() },
      { owner: `p-${invocation}`, remainingMs: 60_000, deadline: never(), lastCall: never(), ...options },
    );
    outcomes.push(...invoked.map(({ kind }) => kind));
    if (["completed", "halted", "notClaimed"].includes(outcomes.at(-1) ?? "")) {
      break;
    }
  }
  return outcomes;
}

function chainOf({ ledger, clock }: ProcessorBench): readonly string[] {
  expect(verifyChain(ledger.all(), { now: clock.now(), mode: "live" })).toEqual([]);
  return ledger.all().map((record) => `${record.status} ${formatOffsetRange(record)} ${record.committedOffset}`);
}

function never(): AbortSignal {
  return new AbortController().signal;
}

function valuesWithout(count: number, ...bad: readonly string[]): readonly string[] {
  return Array.from({ length: count }, (_, index) => `r${index}`).filter((value) => !bad.includes(value));
}

describe("onFailure: quarantine", () => {
  test("G5, JF1, FT8: the one bad record is found and given up, all others take effect once and in order", async () => {
    for (let bad = 0; bad < 16; bad += 1) {
      const bench = aBench();
      const deadLetters = createRecordingDeadLetters();

      await drain(bench, failingAt(`r${bad}`), { ...quarantine, deps: { deadLetters } });

      expect(bench.ledger.outputs).toEqual(valuesWithout(16, `r${bad}`));
      expect(deadLetters.shown()).toEqual([`quarantined ${bad} r${bad}`]);
      expect(chainOf(bench)).toEqual([
        `QUARANTINED orders-0 [0, ${bad + 1}) ${bad}`,
        ...(bad === 15 ? [] : [`COMPLETED orders-0 [${bad + 1}, 16) 16`]),
      ]);
    }
  });

  test("JF1: a bad record has its maxAttempts alone, after those of the range and one for each half", async () => {
    const bench = aBench();
    const deadLetters = createRecordingDeadLetters();

    const outcomes = await drain(bench, failingAt("r0"), { ...quarantine, deps: { deadLetters } });

    expect(outcomes).toEqual([
      ...["failed", "failed", "narrowed"],
      ...["narrowed", "narrowed", "narrowed"],
      ...["failed", "failed", "quarantined"],
      "completed",
    ]);
  });

  test("JF4: a record that the code had in hand is alone after one attempt at what lies before it", async () => {
    const bench = aBench();
    const deadLetters = createRecordingDeadLetters();
    const oneByOne = async (range: ProcessingRange<string>) => {
      const values: string[] = [];
      for await (const { value } of range.records()) {
        if (String(value) === "r9") {
          throw new SyntaxError("r9 is not JSON");
        }
        values.push(String(value));
      }
      return values;
    };

    const outcomes = await drain(bench, oneByOne, { ...quarantine, deps: { deadLetters } });

    expect(outcomes).toEqual(["failed", "failed", "narrowed", "failed", "failed", "quarantined", "completed"]);
    expect(bench.ledger.outputs).toEqual(valuesWithout(16, "r9"));
    expect(deadLetters.shown()).toEqual(["quarantined 9 r9"]);
  });

  test("JF4: forEach's records behind a bad one are worked on again by no more attempts than the record has", async () => {
    const bench = aBench(64);
    const deadLetters = createRecordingDeadLetters();
    const worked = new Map<string, number>();
    const inParallel = async (range: ProcessingRange<string>) => {
      await range.forEach({ concurrency: 8 }, async ({ value }) => {
        worked.set(String(value), (worked.get(String(value)) ?? 0) + 1);
        if (String(value) === "r30") {
          throw new SyntaxError("r30 is not JSON");
        }
        return [String(value)];
      });
      return [];
    };

    const outcomes = await drain(bench, inParallel, { ...quarantine, deps: { deadLetters } });

    expect(outcomes).toEqual(["failed", "failed", "narrowed", "failed", "failed", "quarantined", "completed"]);
    expect(bench.ledger.outputs).toEqual(valuesWithout(64, "r30"));
    expect(worked.get("r30")).toBe(6);
    // Of the attempts at the range, and of the one behind the bad record.
    expect(Math.max(...[...worked].filter(([value]) => value !== "r30").map(([, times]) => times))).toBeLessThanOrEqual(
      4,
    );
  });

  test("JF4: what was in hand and is not bad costs a longer search, and no record", async () => {
    for (let bad = 0; bad < 16; bad += 1) {
      const bench = aBench();
      const deadLetters = createRecordingDeadLetters();
      const notTheLast = async (range: ProcessingRange<string>) => {
        const values: string[] = [];
        for await (const { offset, value } of range.records()) {
          values.push(String(value));
          // The last one is in hand, whichever is bad.
          if (offset + 1n === range.untilOffset && values.includes(`r${bad}`)) {
            throw new SyntaxError("one of them is not JSON");
          }
        }
        return values;
      };

      const outcomes = await drain(bench, notTheLast, { ...quarantine, deps: { deadLetters } });

      expect(outcomes.length).toBeLessThanOrEqual(3 + 5 + 3);
      expect(bench.ledger.outputs).toEqual(valuesWithout(16, `r${bad}`));
      expect(deadLetters.shown()).toEqual([`quarantined ${bad} r${bad}`]);
    }
  });

  test("what committed before the bad record is not repeated", async () => {
    const bench = aBench();
    const deadLetters = createRecordingDeadLetters();
    const commitEach = async (range: ProcessingRange<string>) => {
      for await (const { offset, value } of range.records()) {
        if (String(value) === "r9") {
          throw new SyntaxError("r9 is not JSON");
        }
        await range.commit(offset + 1n, [String(value)]);
      }
    };

    await drain(bench, commitEach, { ...quarantine, deps: { deadLetters } });

    expect(bench.ledger.outputs).toEqual(valuesWithout(16, "r9"));
    expect(deadLetters.shown()).toEqual(["quarantined 9 r9"]);
    expect(chainOf(bench)).toEqual(["QUARANTINED orders-0 [0, 10) 9", "COMPLETED orders-0 [10, 16) 16"]);
  });

  test("several bad records of a range are found one after the other", async () => {
    const bench = aBench();
    const deadLetters = createRecordingDeadLetters();

    await drain(bench, failingAt("r3", "r4", "r11"), { ...quarantine, deps: { deadLetters } });

    expect(bench.ledger.outputs).toEqual(valuesWithout(16, "r3", "r4", "r11"));
    expect(deadLetters.letters.map(({ offset }) => offset)).toEqual([3n, 4n, 11n]);
  });

  test("JF1: an outage that fails every record ends at maxQuarantinedPerRange, with what to do", async () => {
    const bench = aBench();
    const deadLetters = createRecordingDeadLetters();
    const everything = failingAt(...valuesWithout(16));

    const outcomes = await drain(bench, everything, {
      ...quarantine,
      maxQuarantinedPerRange: 3,
      deps: { deadLetters },
    });

    expect(outcomes.at(-1)).toBe("halted");
    expect(deadLetters.letters.map(({ offset }) => offset)).toEqual([0n, 1n, 2n]);
    expect(bench.ledger.all().at(-1)).toMatchObject({ status: "FAILED", committedOffset: 3n });
    expect(bench.ledger.all().at(-1)?.error?.message).toMatch(/^3 records .* looks like an outage.*r3 is not JSON/);
  });

  test.each([
    ["a refused connection", Object.assign(new Error("connect"), { code: "ECONNREFUSED" })],
    ["throttling", Object.assign(new Error("slow down"), { name: "ThrottlingException" })],
    ["a failing ledger", new LedgerUnavailableError("no answer")],
  ])("JF2: %s costs no record its place", async (_, error) => {
    const bench = aBench();
    const deadLetters = createRecordingDeadLetters();
    const failing = async () => Promise.reject(error);

    const outcomes = await drain(bench, failing, { ...quarantine, maxOutageAttempts: 3, deps: { deadLetters } });

    expect(outcomes).toEqual(["failed", "failed", "halted"]);
    expect(bench.range().narrowed).toBeUndefined();
    expect(deadLetters.letters).toEqual([]);
  });

  test("SF1: a record whose letter is not taken stays where it is until it is", async () => {
    const bench = aBench();
    const deadLetters = createRecordingDeadLetters();
    deadLetters.setReachable(false);
    const process = failingAt("r5");
    const options = { ...quarantine, deps: { deadLetters } };
    const mendedAt = bench.clock.now() + 10 * 400_000;
    bench.reader.beforeFetch = () => deadLetters.setReachable(bench.clock.now() > mendedAt);

    const outcomes = await drain(bench, process, options);

    expect(outcomes.filter((kind) => kind === "failed").length).toBeGreaterThan(6);
    expect(outcomes.slice(-2)).toEqual(["quarantined", "completed"]);
    expect(deadLetters.shown()).toEqual(["quarantined 5 r5"]);
    expect(bench.ledger.outputs).toEqual(valuesWithout(16, "r5"));
  });

  test("SF1: a processor that dies between the letter and the mark sends the letter again, under the same id", async () => {
    const bench = aBench();
    const deadLetters = createRecordingDeadLetters();
    let isLost = true;
    const splitRange: typeof bench.ledger.splitRange = async (seen, split) => {
      if (isLost) {
        isLost = false;
        throw new LedgerUnavailableError("no answer");
      }
      return bench.ledger.splitRange(seen, split);
    };
    const options = { ...quarantine, deps: { deadLetters, ledger: { ...bench.ledger, splitRange } } };

    await expect(drain(bench, failingAt("r5"), options)).rejects.toThrow(LedgerUnavailableError);
    await drain(bench, failingAt("r5"), options);

    const [first, second, ...others] = deadLetters.ids();
    expect([second, others]).toEqual([first, []]);
    expect(first).toMatch(/^0b0d6d40-.*:0:5$/);
    expect(bench.ledger.outputs).toEqual(valuesWithout(16, "r5"));
  });

  test("a search goes on where it was when its processor died", async () => {
    const bench = aBench();
    const deadLetters = createRecordingDeadLetters();
    let deaths = 0;
    const dying = async (range: ProcessingRange<string>) => {
      if (range.untilOffset - range.committedOffset === 4n && deaths < 1) {
        deaths += 1;
        await bench.ledger.changeRange(bench.range(), { kind: "expire", now: 2e15, mayRetry: true });
      }
      return failingAt("r6")(range);
    };

    await drain(bench, dying, { ...quarantine, deps: { deadLetters } });

    expect(deaths).toBe(1);
    expect(bench.ledger.outputs).toEqual(valuesWithout(16, "r6"));
    expect(deadLetters.shown()).toEqual(["quarantined 6 r6"]);
  });

  test("a record that cannot even be read is given up with its coordinates", async () => {
    const bench = aBench(4);
    const deadLetters = createRecordingDeadLetters();
    bench.reader.beforeFetch = ({ range }) => {
      if (range.fromOffset <= 2n && range.untilOffset > 2n) {
        throw new CorruptRecordError("the batch at offset 2 contradicts its header");
      }
    };

    await drain(bench, takeAll, { ...quarantine, deps: { deadLetters } });

    expect(deadLetters.shown()).toEqual(["quarantined 2 unreadable"]);
    expect(bench.ledger.outputs).toEqual(["r0", "r1", "r3"]);
  });

  test("without a dead-letter target nothing is given up: the range halts and says so", async () => {
    const bench = aBench(4);

    const outcomes = await drain(bench, failingAt("r1"), quarantine);

    expect(outcomes.at(-1)).toBe("halted");
    expect(bench.range().error?.message).toContain("set RANGES_DEAD_LETTER_QUEUE_URL");
  });
});

test("onFailure: halt gives nothing up, and the range stays whole", async () => {
  const bench = aBench();
  const deadLetters = createRecordingDeadLetters();

  const outcomes = await drain(bench, failingAt("r5"), { deps: { deadLetters } });

  expect(outcomes).toEqual(["failed", "failed", "halted"]);
  expect(chainOf(bench)).toEqual(["FAILED orders-0 [0, 16) 0"]);
  expect(deadLetters.letters).toEqual([]);
});

test("G5, JF3: what has too many outputs for one transaction is done in pieces, whatever the policy", async () => {
  const count = MAX_OUTPUTS_PER_COMMIT * 3;
  const bench = aBench(count);

  const outcomes = await drain(bench, takeAll);

  expect(outcomes).toEqual(["narrowed", "narrowed", "completed"]);
  expect(bench.ledger.outputs).toEqual(valuesWithout(count));
  expect(chainOf(bench)).toEqual([`COMPLETED orders-0 [0, ${count}) ${count}`]);
});

describe("onDataLoss", () => {
  test("G6: skip records what is gone as LOST, with both offsets, and processes the rest", async () => {
    const bench = aBench();
    bench.log.deleteBelow(ORDERS_0, 6n);

    const outcomes = await drain(bench, takeAll, { onDataLoss: "skip" });

    expect(outcomes).toEqual(["lost", "completed"]);
    expect(chainOf(bench)).toEqual(["LOST orders-0 [0, 6) 0", "COMPLETED orders-0 [6, 16) 16"]);
    expect(bench.ledger.outputs).toEqual(valuesWithout(16).slice(6));
    expect(bench.range().error?.message).toContain("begins at 6");
  });

  test("G6: skip records a range that is wholly gone as LOST", async () => {
    const bench = aBench();
    bench.plan(0n, 8n);
    bench.log.deleteBelow(ORDERS_0, 12n);

    await drain(bench, takeAll, { onDataLoss: "skip" });

    expect(chainOf(bench)).toEqual(["LOST orders-0 [0, 8) 0"]);
  });

  test("G6, FT9: fail halts the range with both offsets", async () => {
    const bench = aBench();
    bench.log.deleteBelow(ORDERS_0, 6n);

    const outcomes = await drain(bench, takeAll);

    expect(outcomes).toEqual(["halted"]);
    expect(bench.range()).toMatchObject({ status: "FAILED", committedOffset: 0n });
    expect(bench.range().error?.message).toContain("begins at 6");
  });

  test("G6: skip does not skip where it is not known what was lost", async () => {
    const bench = aBench();
    bench.log.deleteTopic("orders");
    bench.log.createTopic("orders", 1);

    const outcomes = await drain(bench, takeAll, { onDataLoss: "skip" });

    expect(outcomes).toEqual(["halted"]);
  });
});
