import { expect, test } from "vitest";
import { answerOf } from "../../../../functions/scheduler/answer-outcome.ts";
import { runScheduler } from "../../../../functions/scheduler/run-scheduler.ts";
import {
  MAX_ANSWERED_PARTITIONS,
  MAX_ANSWERED_RANGES,
  MAX_PARTITIONS,
  MAX_SPLIT_RANGES,
} from "../../../../shared/core/limits.ts";
import { toJson } from "../../../../shared/wire/json/json.ts";
import { createSchedulerBench } from "../../../support/pipeline/scheduler-bench.ts";

/** Lambda's limit of an answer. */
const MAX_ANSWER_BYTES = 6_291_556;

const topic = "t".repeat(249);

function bytesOf(outcome: Parameters<typeof answerOf>[0]): number {
  return Buffer.byteLength(JSON.stringify(toJson(answerOf(outcome))));
}

test("AO1: the answer of a run over all the partitions there may be fits, counts all and lists the stuck ones first", () => {
  const reason = "x".repeat(4_000);
  const partitions = Array.from({ length: MAX_PARTITIONS }, (_, partition) =>
    partition === MAX_PARTITIONS - 1
      ? ({ topic, partition, kind: "halted", reason } as const)
      : ({ topic, partition, kind: "planned", fromOffset: 0n, untilOffset: 5n } as const),
  );
  const outcome = { batch: { batchId: "b", partitions, missing: [] }, reprocess: [] };

  expect(bytesOf(outcome)).toBeLessThan(MAX_ANSWER_BYTES);
  const { batch } = answerOf(outcome) as {
    batch: { total: number; kinds: object; partitions: readonly { kind: string }[] };
  };
  expect(batch).toMatchObject({ total: MAX_PARTITIONS, kinds: { planned: MAX_PARTITIONS - 1, halted: 1 } });
  expect(batch.partitions[0]?.kind).toBe("halted");
});

test("AO1: held partitions with long reasons fit as well", () => {
  const reason = "x".repeat(4_000);
  const held = Array.from({ length: 12_000 }, (_, partition) => ({ topic, partition, kind: "held", reason }) as const);

  const answer = answerOf({ batch: { batchId: "b", partitions: held, missing: [] }, reprocess: [] });

  expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(MAX_ANSWER_BYTES);
  expect(answer).toMatchObject({ batch: { total: 12_000, partitions: held.slice(0, MAX_ANSWERED_PARTITIONS) } });
});

test("AO1: a dry run of as many ranges as a request may have lists the first ones, and their number", () => {
  const range = { topicId: "0b0d6d40-6f25-4a3b-8c55-000000000001", topic, partition: 10_000 };
  const ranges = Array.from({ length: MAX_SPLIT_RANGES }, (_, index) => ({
    ...range,
    fromOffset: 9_000_000_000_000_000_000n + BigInt(index),
    untilOffset: 9_000_000_000_000_000_001n + BigInt(index),
  }));
  const outcome = { reprocess: [], dryRun: { requestId: "again", ranges } };

  expect(bytesOf(outcome)).toBeLessThan(MAX_ANSWER_BYTES);
  const { dryRun } = answerOf(outcome) as { dryRun: { total: number; ranges: readonly unknown[] } };
  expect([dryRun.total, dryRun.ranges.length]).toEqual([MAX_SPLIT_RANGES, MAX_ANSWERED_RANGES]);
});

test("DR1: a dry tick answers what a run would plan, and neither writes nor carries requests on", async () => {
  const bench = createSchedulerBench(2);
  bench.produceToEach(5);

  const outcome = await runScheduler(bench.deps, bench.rules, { kind: "tick", isDryRun: true });

  expect(answerOf(outcome)).toMatchObject({
    isDryRun: true,
    reprocess: [],
    batch: {
      kinds: { planned: 2 },
      partitions: [{ kind: "planned", fromOffset: 0n, untilOffset: 5n }, { kind: "planned" }],
    },
  });
  expect([bench.ledger.writes, bench.dispatcher.accepted]).toEqual([0, []]);
});
