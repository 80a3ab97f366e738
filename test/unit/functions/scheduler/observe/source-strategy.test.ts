import { afterEach, describe, expect, test, vi } from "vitest";
import type { SourceStrategy, StrategyQuestion } from "../../../../../functions/scheduler/deps/scheduler-deps.ts";
import { runScheduler } from "../../../../../functions/scheduler/run-scheduler.ts";
import { ConfigurationError, DeadlineError } from "../../../../../shared/core/errors.ts";
import { STRATEGY_TIMEOUT_MS } from "../../../../../shared/core/limits.ts";
import { decodeSchedulerEvent } from "../../../../../shared/wire/events/scheduler-event.ts";
import type { StrategyAnswer } from "../../../../../shared/wire/events/strategy-answer.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

/** A scheduler run by a strategy; the rules' own selection must not matter. */
async function tickBy(bench: SchedulerBench, strategy: SourceStrategy, rules: Partial<SchedulerBench["rules"]> = {}) {
  const ofRun = { ...bench.rules, selection: { topics: ["nothing"] }, ...rules };
  const { batch } = await runScheduler({ ...bench.deps, strategy }, ofRun, { kind: "tick" });
  return batch?.partitions ?? [];
}

function answering(answer: StrategyAnswer): SourceStrategy {
  return () => answer;
}

/** Reads every partition that a broker leads, and no topic whose name begins with a dot. */
const ledPartitions: SourceStrategy = ({ partitions }) => ({
  selection: { assign: partitions.filter(({ leader, topic }) => leader !== undefined && !topic.startsWith(".")) },
});

afterEach(() => void vi.useRealTimers());

describe("a strategy", () => {
  test("is given every topic's partitions with their ids and leaders, and decides what is read", async () => {
    const bench = createSchedulerBench(2);
    bench.produceToEach(5);
    bench.log.createTopic(".hidden", 1);
    const questions: StrategyQuestion[] = [];

    await tickBy(bench, (question) => {
      questions.push(question);
      return ledPartitions(question);
    });

    const leader = bench.log.partition({ topic: "orders", partition: 0 })?.leader;
    expect(questions[0]?.partitions[1]).toEqual({ topic: "orders", partition: 0, topicId: bench.topicId, leader });
    expect(questions[0]?.partitions).toHaveLength(3);
    expect(bench.chains()).toEqual(["0: PLANNED [0, 5)", "1: PLANNED [0, 5)"]);
  });

  test("is asked in each run, so that a topic that is found later is read from its log's beginning", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await tickBy(bench, ledPartitions, { startingOffsets: "latest" });
    bench.log.createTopic("payments", 1);
    bench.log.append({ topic: "payments", partition: 0 }, ["first"]);

    await tickBy(bench, async (question) => ledPartitions(question), { startingOffsets: "latest" });

    expect(bench.chains()).toEqual(["0: ANCHOR [5, 5)", "0: PLANNED [0, 1)"]);
  });

  test("gives starts by partition, which go before what the pipeline is told; others start as told", async () => {
    const bench = createSchedulerBench(3);
    bench.produceToEach(5);
    const selection = { topics: ["orders"] };

    await tickBy(bench, answering({ selection, startingOffsets: { orders: { 0: 3, 1: -1n } } }));

    expect(bench.chains()).toEqual(["0: PLANNED [3, 5)", "1: ANCHOR [5, 5)", "2: PLANNED [0, 5)"]);
  });

  test("gives starts also of partitions that are found later, and moves no chain that exists", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    await tickBy(bench, answering({ selection: { topics: ["orders"] } }));
    bench.completeAll();
    bench.log.createTopic("payments", 1);
    bench.log.append({ topic: "payments", partition: 0 }, ["first", "second"]);
    const startingOffsets = { orders: { 0: 1 }, payments: { 0: 1 } };

    await tickBy(bench, answering({ selection: { topicPattern: ".*s" }, startingOffsets }));

    expect(bench.chains()).toEqual(["0: COMPLETED [0, 5)", "0: PLANNED [1, 2)"]);
  });

  test("goes before a timestamp that would not match", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    const late = { timestamps: BigInt(bench.clock.now()) + 1n, onNoMatch: "error" } as const;

    await tickBy(bench, answering({ selection: { topics: ["orders"] }, startingOffsets: { orders: { 0: 2 } } }), {
      startingTimestamps: late,
    });

    expect(bench.chains()).toEqual(["0: PLANNED [2, 5)"]);
  });

  test("whose start cannot be kept is refused in the first run, and holds one partition in a later one", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    const beyond = answering({
      selection: { topicPattern: ".*s" },
      startingOffsets: { orders: { 0: 9 } },
    });
    await expect(tickBy(bench, beyond)).rejects.toThrow("the starting offset 9 of orders-0 is beyond its log's end 5");
    await tickBy(bench, answering({ selection: { topics: ["orders"] } }));
    bench.completeAll();
    bench.log.createTopic("payments", 1);
    bench.produce(0, 1);

    const partitions = await tickBy(
      bench,
      answering({ selection: { topicPattern: ".*s" }, startingOffsets: { payments: { 0: 4 } } }),
    );

    const reason = "the starting offset 4 of payments-0 is beyond its log's end 0";
    expect(partitions).toMatchObject([{ kind: "planned" }, { kind: "held", reason }]);
  });

  test("that fails keeps no reprocess request from going on", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    const ranges = [{ topic: "orders", partition: 0, fromOffset: "1", untilOffset: "3" }];
    await runScheduler(bench.deps, bench.rules, decodeSchedulerEvent({ reprocess: { requestId: "again", ranges } }));
    bench.dispatcher.take();
    bench.clock.advance(bench.rules.dispatchTimeoutMs);
    const failing = new Error("the registry is down");

    const run = tickBy(bench, () => Promise.reject(failing));

    await expect(run).rejects.toBe(failing);
    expect(bench.dispatcher.accepted).toMatchObject([{ record: { chain: { requestId: "again" }, fromOffset: 1n } }]);
  });

  test("G7: that does not answer is not waited for, and hears of it", async () => {
    vi.useFakeTimers();
    const bench = createSchedulerBench(1);
    let signal: AbortSignal | undefined;
    const run = tickBy(bench, (question) => {
      signal = question.signal;
      return Promise.withResolvers<never>().promise;
    });
    const outcome = expect(run).rejects.toThrow(`the strategy did not answer within ${STRATEGY_TIMEOUT_MS} ms`);

    await vi.advanceTimersByTimeAsync(STRATEGY_TIMEOUT_MS);

    await outcome;
    expect(signal?.reason).toBeInstanceOf(DeadlineError);
    expect(bench.ledger.writes).toBe(0);
  });
});

test.each<[string, unknown, string]>([
  ["nothing", undefined, "it is missing: expected {selection}"],
  ["no selection", {}, "selection is missing: expected exactly one of topics, topicPattern and assign"],
  ["no source", { selection: {} }, "selection is {}: expected exactly one of"],
  ["two sources", { selection: { topics: ["a"], topicPattern: "b" } }, "expected exactly one of"],
  ["no topic", { selection: { topics: [] } }, "selection.topics is []: expected at least one topic"],
  [
    "an illegal topic",
    { selection: { topics: ["a b"] } },
    'selection.topics[0] is "a b": expected a legal Kafka topic',
  ],
  ["a pattern that is none", { selection: { topicPattern: "(" } }, 'selection.topicPattern is "(": expected a regular'],
  ["a negative partition", { selection: { assign: [{ topic: "a", partition: -1 }] } }, "assign[0].partition is -1"],
  ["another field", { selection: { topics: ["orders"] }, offsets: {} }, "offsets is unknown: remove it"],
  [
    "an offset that is none",
    { selection: { topics: ["orders"] }, startingOffsets: { orders: { 0: -3n } } },
    'the strategy\'s startingOffsets "{\\"orders\\":{\\"0\\":\\"-3\\"}}" has "-3" for orders-0, which is not an offset',
  ],
  [
    "a rounded offset",
    { selection: { topics: ["orders"] }, startingOffsets: { orders: { 0: 2 ** 53 } } },
    "which is not an offset",
  ],
  [
    "the start of a partition that it does not select",
    { selection: { topics: ["orders"] }, startingOffsets: { orders: { 7: 1 } } },
    "the strategy's startingOffsets name orders-7, which its selection does not have",
  ],
])("an answer with %s is refused before anything is written", async (_, answer, message) => {
  const bench = createSchedulerBench(1);

  const error = await tickBy(bench, answering(answer as StrategyAnswer)).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(ConfigurationError);
  expect((error as Error).message).toContain(message);
  expect(bench.ledger.writes).toBe(0);
});
