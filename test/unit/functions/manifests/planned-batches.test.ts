import { expect, test } from "vitest";
import { plannedBatches } from "../../../../functions/manifests/planned-batches.ts";
import type { ManifestLedger } from "../../../../shared/core/ledger/manifest-ledger.ts";
import { BATCH_SETTLED_MS } from "../../../../shared/core/limits.ts";
import type { RangeRecord } from "../../../../shared/core/range/range-record.ts";
import { aChain, aRangeRecord, ORDERS_ID } from "../../../support/builders/builders.ts";
import { START } from "../../../support/fake-clock.ts";

const MINUTE_MS = 60_000;
const RECORD = {
  pipeline: "word-count",
  ...{ revision: 1, startedAt: START },
  topics: [{ topicId: ORDERS_ID, topic: "orders", partitions: [3] }],
};

/** A chain of a range a minute, of lengths that differ, of which every 7th was split twice, much later. */
function aChainOf(minutes: number): readonly RangeRecord[] {
  let fromOffset = 0n;
  return Array.from({ length: minutes }, (_, minute) => {
    const parts = minute % 7 === 0 ? 3 : 1;
    return Array.from({ length: parts }, (__, part) => {
      const untilOffset = fromOffset + BigInt((minute * 7_919) % 1_000) + 1n;
      const plannedAt = START + minute * MINUTE_MS + (part === 0 ? 0 : (part - 1) * 1_000 + 30_000);
      const range = aRangeRecord({
        ...{ chain: aChain(), fromOffset, untilOffset, plannedAt, batchId: `batch-${minute}`, status: "COMPLETED" },
      });
      fromOffset = untilOffset;
      return range;
    });
  }).flat();
}

/** Counts its calls, and the ranges that it gave. */
function countingLedger(records: readonly RangeRecord[]) {
  const counts = { calls: 0, ranges: 0 };
  const below = (offset: bigint) => records.findLast(({ fromOffset }) => fromOffset < offset);
  const give = (record: RangeRecord | undefined) => {
    counts.calls += 1;
    counts.ranges += record === undefined ? 0 : 1;
    return Promise.resolve(record);
  };
  const ledger: Pick<ManifestLedger, "newestRange" | "newestBelow" | "rangesWithin"> = {
    newestRange: () => give(records.at(-1)),
    newestBelow: (_, offset) => give(below(offset)),
    async *rangesWithin(_, { fromOffset, untilOffset }) {
      counts.calls += 1;
      for (const record of records) {
        if (fromOffset <= record.fromOffset && record.fromOffset < untilOffset) {
          counts.ranges += 1;
          yield record;
        }
      }
    },
  };
  return { ledger, counts };
}

test.each([
  ["the chain's end", 2_990],
  ["its middle", 1_500],
  ["its beginning", 0],
  ["before it", -500],
])("PBA1: what is found at %s is what a look through the whole chain finds", async (_, minute) => {
  const records = aChainOf(3_000);
  const { ledger } = countingLedger(records);
  const since = START + minute * MINUTE_MS + 1;

  const { until, batches } = await plannedBatches(ledger, RECORD, { since, until: since + 3_000 * MINUTE_MS });

  const began = (batchId: string) => records.find((record) => record.batchId === batchId)?.plannedAt ?? 0;
  const wanted = records.filter(({ batchId }) => since <= began(batchId) && began(batchId) < until);
  expect(wanted.length).toBeGreaterThan(0);
  expect(batches.flat()).toEqual(wanted);
});

test("PBA2: a few calls find the last minutes of a chain of a month, and those of a day ago", async () => {
  const records = aChainOf(30 * 1_440);
  const end = START + 30 * 1_440 * MINUTE_MS;
  const lately = countingLedger(records);
  const dayAgo = countingLedger(records);

  await plannedBatches(lately.ledger, RECORD, { since: end - 10 * MINUTE_MS, until: end - BATCH_SETTLED_MS });
  await plannedBatches(dayAgo.ledger, RECORD, { since: end - 1_440 * MINUTE_MS, until: end });

  expect(lately.counts.calls).toBeLessThanOrEqual(12);
  expect(lately.counts.ranges).toBeLessThan(150);
  expect(dayAgo.counts.calls).toBeLessThanOrEqual(24);
  expect(dayAgo.counts.ranges).toBeLessThan(150);
});

test("G8: of a chain that is idle its newest range is read, and nothing else", async () => {
  const { ledger, counts } = countingLedger(aChainOf(100));
  const since = START + 200 * MINUTE_MS;

  const found = await plannedBatches(ledger, RECORD, { since, until: since + MINUTE_MS });

  expect(found).toEqual({ until: since + MINUTE_MS, batches: [], isIdle: true });
  expect(counts).toEqual({ calls: 1, ranges: 1 });
});

test("what was idle before the first batch is passed over at once", async () => {
  const { ledger } = countingLedger(aChainOf(100));

  const { batches } = await plannedBatches(ledger, RECORD, {
    since: START - 1_000 * MINUTE_MS,
    until: START + 100 * MINUTE_MS,
  });

  expect(batches[0]?.[0]?.batchId).toBe("batch-0");
});

test("a chain that was left before is not looked at", async () => {
  const { ledger, counts } = countingLedger(aChainOf(100));
  const topics = RECORD.topics.map((topic) => ({ ...topic, endedAt: START, leftAt: START + 100 * MINUTE_MS }));
  const since = START + 200 * MINUTE_MS;

  await plannedBatches(ledger, { ...RECORD, topics }, { since, until: since + 1 });

  expect(counts.calls).toBe(0);
});
