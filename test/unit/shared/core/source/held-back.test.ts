import { expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { resolveReprocess } from "../../../../../shared/core/reprocess/resolve-reprocess.ts";
import { describeEnd, describeHeldBack, type HeldBack } from "../../../../../shared/core/source/held-back.ts";
import { createSchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const transaction = { producerId: 4_001n, producerEpoch: 2, startOffset: 3n, lastTimestamp: 1_767_225_600_000 };
const heldBack: HeldBack = { stableOffset: 3n, highWatermark: 7n, transaction };

test("a transaction is described with its producer, its last record's time and both offsets", () => {
  expect(describeHeldBack(heldBack)).toBe(
    "a transaction of producer 4001 (epoch 2), whose last record is of 2026-01-01T00:00:00.000Z, is open since offset 3 and holds back what follows, up to 7",
  );
});

test("one that nobody names is described with the reason", () => {
  expect(describeHeldBack({ ...heldBack, transaction: "allow it READ on topic orders" })).toBe(
    "a transaction is open since offset 3 and holds back what follows, up to 7; it cannot be named: allow it READ on topic orders",
  );
});

test("an end says why the log goes on behind it, where it does", () => {
  expect(describeEnd({ endOffset: 3n })).toBe("3");
  expect(describeEnd({ endOffset: 3n, heldBack })).toMatch(
    /^3 under read_committed, though the log goes on: a transaction of producer 4001/,
  );
});

test.each([
  ["ranges", { kind: "ranges", ranges: [{ topic: "orders", partition: 0, fromOffset: 0n, untilOffset: 7n }] }],
  [
    "offsets",
    {
      kind: "choice",
      selection: { topics: ["orders"] },
      choice: {
        starting: { offsets: "earliest" },
        ending: { offsets: new Map([["orders-0", 7n]]) },
        onNoMatch: "error",
        limits: {},
      },
    },
  ],
] as const)("%s that end behind an open transaction are refused with its name", async (_, target) => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 3);
  const { producerId } = bench.log.appendInTransaction({ topic: "orders", partition: 0 }, ["a", "b", "c", "d"]);
  const rules = { ...bench.rules, maxRecordsPerPartition: 1_000n };

  const refused = resolveReprocess(bench.source, rules, { target, split: {} });

  await expect(refused).rejects.toThrow(ConfigurationError);
  await expect(refused).rejects.toThrow(
    new RegExp(`log's end 3 under read_committed.* of producer ${producerId} .* since offset 3 .* up to 7$`),
  );
});
