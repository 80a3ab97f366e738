import { beforeEach, describe, expect, test } from "vitest";
import type { ProcessorRules } from "../../../../functions/processor/attempt/processor-deps.ts";
import {
  answerDirect,
  type DirectDeps,
  type DirectOutcome,
  processDirect,
} from "../../../../functions/processor/process-direct.ts";
import { answerOf } from "../../../../functions/processor/run-processor.ts";
import type { ProcessingRange } from "../../../../functions/processor/session/processing-range.ts";
import { beginReprocess, driveReprocessRequests } from "../../../../functions/scheduler/reprocess/reprocess.ts";
import { ConfigurationError, RangeReadError } from "../../../../shared/core/errors.ts";
import type { OffsetRange } from "../../../../shared/core/range/offset-range.ts";
import {
  createInMemoryRangeLedger,
  type InMemoryRangeLedger,
} from "../../../../shared/memory/in-memory-range-ledger.ts";
import { processorRules } from "../../../support/builders/builders.ts";
import { aReprocessPayload } from "../../../support/builders/reprocess-builders.ts";
import { createFakeRangeReader } from "../../../support/kafka/fake-range-reader.ts";
import { takeAll } from "../../../support/pipeline/processor-bench.ts";
import { createRecordingDeadLetters } from "../../../support/pipeline/recording-dead-letters.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../support/pipeline/scheduler-bench.ts";

let bench: SchedulerBench;
let ledger: InMemoryRangeLedger<string>;
let processed: string[];

/** Three partitions of ten records each, and the scheduler of the same pipeline. */
beforeEach(() => {
  bench = createSchedulerBench();
  bench.produceToEach(10);
  ledger = createInMemoryRangeLedger<string>();
  processed = [];
});

const range = (fromOffset: bigint, untilOffset: bigint): OffsetRange => ({
  topic: "orders",
  partition: 1,
  fromOffset,
  untilOffset,
});

function direct(
  requestId: string,
  asked: OffsetRange,
  more: Partial<DirectDeps<string>> = {},
  moreRules: Partial<ProcessorRules> = {},
) {
  const { source, clock, rules } = bench;
  const deps: DirectDeps<string> = {
    source,
    ledger,
    reader: createFakeRangeReader(bench.log),
    process: async (one) => {
      processed.push(...(await takeAll(one)));
      return [];
    },
    now: clock.now,
    random: () => 0.5,
    newId: bench.deps.newId,
    ...more,
  };
  const never = new AbortController().signal;
  const invocation = { owner: bench.deps.newId(), remainingMs: 60_000, deadline: never, lastCall: never };
  const { pipeline, isolationLevel, maxAttempts, retentionMs } = rules;
  const payload = aReprocessPayload(requestId, [asked]);
  const directRules = { ...processorRules({ isolationLevel, maxAttempts, retentionMs, ...moreRules }), pipeline };
  return processDirect(deps, directRules, payload, invocation);
}

// The scheduler carries no outputs.
const scheduler = () => ({ ...bench.deps, ledger: ledger as unknown as SchedulerBench["deps"]["ledger"] });
const tick = () => driveReprocessRequests(scheduler(), bench.rules);

test("the range is processed in this invocation, whole, beside the live chain", async () => {
  const { outcomes } = await direct("again-1", range(2n, 9n));

  expect(answerOf(outcomes)).toMatchObject({ kind: "completed", committedOffset: 9n, attempt: 1 });
  expect(processed).toEqual([2, 3, 4, 5, 6, 7, 8].map((index) => `value ${index}`));
  expect(ledger.all()).toMatchObject([
    { chain: { requestId: "again-1" }, partition: 1, fromOffset: 2n, untilOffset: 9n, status: "COMPLETED" },
  ]);
});

test("the scheduler's next run takes the request off the open ones", async () => {
  await direct("again-1", range(2n, 9n));

  expect(await tick()).toMatchObject([{ requestId: "again-1", completed: true, progress: { total: 1, closed: 1 } }]);
  expect(bench.dispatcher.accepted).toEqual([]);
});

describe("PD1: the same request id", () => {
  test("twice is processed once, before and after the scheduler has seen it", async () => {
    await direct("again-1", range(2n, 9n));
    const again = await direct("again-1", range(2n, 9n));
    await tick();
    const muchLater = await direct("again-1", range(2n, 9n));

    expect([again, muchLater].map(({ outcomes }) => answerOf(outcomes))).toEqual([
      { kind: "notClaimed", reason: "closed" },
      { kind: "notClaimed", reason: "closed" },
    ]);
    expect(processed).toHaveLength(7);
  });

  test("is processed once although the table has forgotten its range", async () => {
    await direct("again-1", range(2n, 9n));
    for (const record of ledger.all()) {
      ledger.forget(record);
    }

    expect((await direct("again-1", range(2n, 9n))).outcomes).toEqual([{ kind: "notClaimed", reason: "closed" }]);
    expect(processed).toHaveLength(7);
  });

  test("at the same time is processed once", async () => {
    const both = await Promise.all([direct("again-1", range(2n, 9n)), direct("again-1", range(2n, 9n))]);

    expect(both.map(({ outcomes }) => String(outcomes[0]?.kind)).toSorted()).toEqual(["completed", "notClaimed"]);
    expect(processed).toHaveLength(7);
  });

  test("for another range is refused", async () => {
    await direct("again-1", range(2n, 9n));

    await expect(direct("again-1", range(2n, 8n))).rejects.toThrow("again-1 was used on 2026-01-01T00:00:00.000Z for");
  });

  test("that the scheduler has split is refused, and left to it", async () => {
    const rules = { ...bench.rules, maxRecordsPerPartition: 4n };
    await beginReprocess(scheduler(), rules, aReprocessPayload("again-1", [range(2n, 9n)]));

    await expect(direct("again-1", range(2n, 9n))).rejects.toThrow("again-1 was split into 2 ranges by the scheduler");
    expect(processed).toEqual([]);
  });

  test("that was cancelled is refused, with by whom and why", async () => {
    await beginReprocess(scheduler(), bench.rules, aReprocessPayload("again-1", [range(2n, 9n)]));
    const cancelled = { by: "ada", reason: "wrong topic", at: 1 };
    await ledger.changeReprocess("word-count", "again-1", (present) => ({ ...present, cancelled }));

    await expect(direct("again-1", range(2n, 9n))).rejects.toThrow("again-1 was cancelled by ada: wrong topic; choose");
    await tick();
    await expect(direct("again-1", range(2n, 9n))).rejects.toThrow("again-1 was cancelled by ada");
    expect(processed).toEqual([]);
  });
});

test.each<[string, OffsetRange, string]>([
  ["below the log's beginning", range(0n, 5n), "begins below the log's first offset 1"],
  ["beyond the log's end", range(2n, 11n), "ends above the log's end 10"],
  ["that is empty", range(5n, 5n), "is empty"],
  ["of a partition that does not exist", { ...range(2n, 5n), partition: 7 }, "orders-7 does not exist"],
])("PD2: a range %s is refused and nothing is written", async (_, asked, message) => {
  bench.log.deleteBelow({ topic: "orders", partition: 1 }, 1n);

  await expect(direct("again-1", asked)).rejects.toThrow(ConfigurationError);
  await expect(direct("again-1", asked)).rejects.toThrow(message);
  expect(ledger.writes).toBe(0);
  expect(await ledger.readReprocess("word-count", "again-1")).toBeUndefined();
});

test("PD3: a range that the scheduler has dispatched is claimed by whoever is first", async () => {
  await beginReprocess(scheduler(), bench.rules, aReprocessPayload("again-1", [range(2n, 9n)]));

  expect((await direct("again-1", range(2n, 9n))).outcomes[0]?.kind).toBe("completed");
});

test("what fails is tried again by the scheduler, and the caller is told why", async () => {
  const process = () => Promise.reject(new RangeReadError("the output is down"));

  const { outcomes } = await direct("again-1", range(2n, 9n), { process });
  bench.clock.advance(bench.rules.dispatchTimeoutMs + 600_000);
  await tick();

  expect(answerOf(outcomes)).toMatchObject({ kind: "failed", error: { message: "the output is down" } });
  expect(bench.dispatcher.accepted).toMatchObject([{ record: { fromOffset: 2n, untilOffset: 9n } }]);
});

describe("PD4: the answer", () => {
  const answerTo = async ({ outcomes, request }: DirectOutcome) =>
    answerOf(
      outcomes,
      await answerDirect({ ledger, now: bench.clock.now }, request ?? expect.unreachable("no request")),
    );
  const rejectOne = {
    deadLetters: createRecordingDeadLetters(),
    process: async (one: ProcessingRange<string>) => {
      for await (const record of one.records()) {
        if (record.offset === 4n) {
          await one.reject(record, "of no use");
        }
      }
      return [];
    },
  };

  test("says that every offset was processed", async () => {
    expect(await answerTo(await direct("again-1", range(2n, 9n)))).toMatchObject({
      kind: "completed",
      requestId: "again-1",
      closed: true,
      completed: true,
      offsets: { total: 7n, processed: 7n },
    });
  });

  test("does not call completed what the code has rejected a record of", async () => {
    expect(await answerTo(await direct("again-1", range(2n, 9n), rejectOne))).toMatchObject({
      kind: "completed",
      closed: true,
      completed: false,
      offsets: { total: 7n, processed: 6n, rejected: 1n },
    });
  });

  test("is the same when it is asked again, also once the table has forgotten the range", async () => {
    await direct("again-1", range(2n, 9n), rejectOne);
    await tick();
    for (const record of ledger.all()) {
      ledger.forget(record);
    }

    expect(await answerTo(await direct("again-1", range(2n, 9n)))).toMatchObject({
      kind: "notClaimed",
      reason: "closed",
      closed: true,
      completed: false,
      offsets: { total: 7n, processed: 6n, rejected: 1n, unknown: 0n },
    });
  });

  test("of a range that was quarantined to its end is not completed", async () => {
    const bad = { process: () => Promise.reject(new Error("bad record")), deadLetters: createRecordingDeadLetters() };

    const outcome = await direct("again-1", range(2n, 3n), bad, { onFailure: "quarantine", maxAttempts: 1 });

    expect(await answerTo(outcome)).toMatchObject({
      kind: "quarantined",
      closed: true,
      completed: false,
      offsets: { total: 1n, processed: 0n, quarantined: 1n },
    });
  });

  test("of one that failed is open", async () => {
    const outcome = await direct("again-1", range(2n, 9n), {
      process: () => Promise.reject(new RangeReadError("down")),
    });

    expect(await answerTo(outcome)).toMatchObject({
      kind: "failed",
      closed: false,
      completed: false,
      offsets: { left: 7n },
    });
  });
});
