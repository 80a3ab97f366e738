import { expect, test } from "vitest";
import { recordStarted, startedBy, topicProblems } from "../../../../../functions/scheduler/observe/started-topics.ts";
import type { PipelineRecord } from "../../../../../shared/core/ledger/pipeline-record.ts";
import { createInMemoryRangeLedger } from "../../../../../shared/memory/in-memory-range-ledger.ts";
import { aPartition, ORDERS_ID } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

const OTHER_ID = "0b0d6d40-6f25-4a3b-8c55-000000000009";

function aPipeline(overrides: Partial<PipelineRecord> = {}): PipelineRecord {
  const topics = [{ topicId: ORDERS_ID, topic: "orders", partitions: [0, 3] }];
  return { pipeline: "word-count", revision: 1, startedAt: START, topics, ...overrides };
}

test("a partition is started by topic id and number", () => {
  const isStarted = startedBy(aPipeline());

  expect(isStarted(aPartition({ partition: 3 }))).toBe(true);
  expect(isStarted(aPartition({ partition: 1 }))).toBe(false);
  expect(isStarted(aPartition({ partition: 3, topicId: OTHER_ID }))).toBe(false);
  expect(startedBy(undefined)(aPartition())).toBe(false);
});

test("G6: a topic of a started name under another id is a problem; another topic, or another partition, is none", () => {
  const record = aPipeline();

  expect(topicProblems(record, "fail")(aPartition({ topicId: OTHER_ID }))).toContain(`is now ${OTHER_ID}`);
  expect(topicProblems(record, "fail")(aPartition({ topicId: OTHER_ID }))).toContain('set onTopicRecreated: "restart"');
  expect(topicProblems(record, "fail")(aPartition({ partition: 7 }))).toBeUndefined();
  expect(topicProblems(record, "fail")(aPartition({ topic: "payments", topicId: OTHER_ID }))).toBeUndefined();
  expect(topicProblems(undefined, "fail")(aPartition())).toBeUndefined();
});

test("records partitions by topic, in order, each once, and keeps when the pipeline started", async () => {
  const ledger = createInMemoryRangeLedger();
  await ledger.writePipeline(aPipeline());
  const partitions = [10, 3, 2].map((partition) => aPartition({ partition }));

  await recordStarted({ ledger, now: () => START + 1 }, "word-count", {
    record: aPipeline(),
    partitions: [...partitions, aPartition({ topic: "payments", topicId: OTHER_ID, partition: 0 })],
  });

  expect(await ledger.readPipeline("word-count")).toEqual(
    aPipeline({
      revision: 2,
      topics: [
        { topicId: ORDERS_ID, topic: "orders", partitions: [0, 2, 3, 10] },
        { topicId: OTHER_ID, topic: "payments", partitions: [0] },
      ],
    }),
  );
});

test("G8: writes nothing when it has them all", async () => {
  const ledger = createInMemoryRangeLedger();

  await recordStarted({ ledger, now: () => START }, "word-count", { record: aPipeline(), partitions: [aPartition()] });

  expect(ledger.writes).toBe(0);
});

test("the first run starts the pipeline also when it found no partition", async () => {
  const ledger = createInMemoryRangeLedger();

  await recordStarted({ ledger, now: () => START }, "word-count", { record: undefined, partitions: [] });

  expect(await ledger.readPipeline("word-count")).toEqual(aPipeline({ topics: [] }));
});

test("adds to what another scheduler recorded meanwhile", async () => {
  const ledger = createInMemoryRangeLedger();
  await ledger.writePipeline(aPipeline());

  await recordStarted({ ledger, now: () => START }, "word-count", {
    record: undefined,
    partitions: [aPartition({ partition: 1 })],
  });

  expect(await ledger.readPipeline("word-count")).toMatchObject({ revision: 2, topics: [{ partitions: [0, 1, 3] }] });
});

test("starts on 20,000 partitions of one topic within a second", async () => {
  const ledger = createInMemoryRangeLedger();
  const partitions = Array.from({ length: 20_000 }, (_, partition) => aPartition({ partition }));
  const begun = performance.now();

  await recordStarted({ ledger, now: () => START }, "word-count", { record: undefined, partitions: partitions });
  const record = await ledger.readPipeline("word-count");
  const areStarted = partitions.every(startedBy(record));

  expect(areStarted).toBe(true);
  expect(performance.now() - begun).toBeLessThan(1_000);
});

test("a partition that a run of before adds to a topic that has ended leaves it ended", async () => {
  const ledger = createInMemoryRangeLedger();
  const ended = aPipeline({ topics: [{ topicId: ORDERS_ID, topic: "orders", partitions: [0], endedAt: START }] });
  await ledger.writePipeline(ended);

  await recordStarted({ ledger, now: () => START + 1 }, "word-count", {
    record: ended,
    partitions: [aPartition({ partition: 3 })],
  });

  expect((await ledger.readPipeline("word-count"))?.topics).toEqual([
    { topicId: ORDERS_ID, topic: "orders", partitions: [0, 3], endedAt: START },
  ]);
});
