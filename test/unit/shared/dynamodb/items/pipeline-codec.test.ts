import { expect, test } from "vitest";
import { ConfigurationError, LedgerIntegrityError } from "../../../../../shared/core/errors.ts";
import type { PipelineRecord, StartingPartition } from "../../../../../shared/core/ledger/pipeline-record.ts";
import { MAX_PARTITIONS } from "../../../../../shared/core/limits.ts";
import { accountFor, type OffsetAccount } from "../../../../../shared/core/range/offset-outcomes.ts";
import { itemBytes } from "../../../../../shared/dynamodb/items/attributes/item-size.ts";
import { MAX_ITEM_BYTES } from "../../../../../shared/dynamodb/items/limits.ts";
import {
  decodeIntervals,
  decodeStarts,
  encodeIntervals,
  encodeStarts,
} from "../../../../../shared/dynamodb/items/partition-codec.ts";
import { decodePipeline, encodePipeline } from "../../../../../shared/dynamodb/items/pipeline-codec.ts";

test.each<[string, readonly number[]]>([
  ["", []],
  ["0", [0]],
  ["0-2,5,7-8", [0, 1, 2, 5, 7, 8]],
])("%j stands for the partitions %j", (text, partitions) => {
  expect(encodeIntervals(partitions)).toBe(text);
  expect(decodeIntervals(text)).toEqual(partitions);
});

const started = (topics: number, partitions: readonly number[]) => ({
  pipeline: "word-count",
  revision: 2,
  startedAt: 1_800_000_000_000,
  topics: Array.from({ length: topics }, (_, index) => ({
    topicId: `0b1f6e0c-7a0a-4d54-9e1f-${index.toString().padStart(12, "0")}`,
    topic: `orders-${index}`,
    partitions,
  })),
});

test("an ended topic is told from one that is read, and from one that is left", () => {
  const [first, second, third] = started(3, [0]).topics;
  const endedAt = 1_800_000_000_001;
  const topics = [{ ...first, endedAt, leftAt: endedAt + 1 }, { ...second, endedAt }, third];
  const record = { ...started(0, []), topics } as PipelineRecord;

  expect(decodePipeline(encodePipeline({ record, writeId: "write-1" })).record).toEqual(record);
});

test("ten thousand partitions of a topic cost no more than one", () => {
  const record = started(
    1,
    Array.from({ length: 10_000 }, (_, index) => index),
  );

  const item = encodePipeline({ record, writeId: "write-1" });

  expect(itemBytes(item)).toBeLessThan(250);
  expect(decodePipeline(item)).toEqual({ record, writeId: "write-1" });
});

test("more topics than an item holds are refused with what to do", () => {
  expect(() => encodePipeline({ record: started(10_000, [0]), writeId: "write-1" })).toThrow(ConfigurationError);
});

test.each<[string, readonly StartingPartition["start"][]]>([
  ["0", [0n]],
  ["0*3,pending", [0n, 0n, 0n, "pending"]],
  ["pending*2,7,8,9223372036854775807", ["pending", "pending", 7n, 8n, 9_223_372_036_854_775_807n]],
])("%j stands for its starts, a run of equal ones once", (text, starts) => {
  expect(encodeStarts(starts)).toBe(text);
  expect(decodeStarts(text)).toEqual(starts);
});

/** Of one topic whose partitions start at the offsets. */
function starting(starts: readonly StartingPartition["start"][]): PipelineRecord {
  const partitions = starts.map((start, partition) => ({ partition, start }));
  return {
    ...started(0, []),
    starting: [{ topicId: "0b1f6e0c-7a0a-4d54-9e1f-000000000001", topic: "orders", partitions }],
  };
}

test("frozen starts come back as they were, beside what is started", () => {
  const record = { ...starting([5n, "pending", 5n]), topics: started(2, [0, 1]).topics };

  expect(decodePipeline(encodePipeline({ record, writeId: "write-1" }))).toEqual({ record, writeId: "write-1" });
});

test("a record that was written without starts decodes to one without the field", () => {
  const record = started(1, [0]);
  const item = encodePipeline({ record, writeId: "write-1" });

  expect(item).not.toHaveProperty("starting");
  expect(decodePipeline(item).record).not.toHaveProperty("starting");
});

test("ten thousand partitions that all start at 0 cost no more than one, each at another offset fit one item", () => {
  const equal = starting(Array.from({ length: 10_000 }, () => 0n));
  const different = starting(Array.from({ length: 10_000 }, (_, index) => 9_223_372_036_854_775_807n - BigInt(index)));

  expect(itemBytes(encodePipeline({ record: equal, writeId: "write-1" }))).toBeLessThan(300);
  const item = encodePipeline({ record: different, writeId: "write-1" });
  expect(itemBytes(item)).toBeLessThan(MAX_ITEM_BYTES);
  expect(decodePipeline(item).record).toEqual(different);
});

test("as many partitions as a pipeline may have fit one item at offsets of fifteen digits", () => {
  const record = starting(Array.from({ length: MAX_PARTITIONS }, (_, index) => 999_999_999_999_999n - BigInt(index)));

  expect(itemBytes(encodePipeline({ record, writeId: "write-1" }))).toBeLessThan(MAX_ITEM_BYTES);
});

test("more starts than an item holds are refused with the size and what to do", () => {
  const record = starting(
    Array.from({ length: MAX_PARTITIONS }, (_, index) => 9_223_372_036_854_775_807n - BigInt(index)),
  );

  expect(() => encodePipeline({ record, writeId: "write-1" })).toThrow(
    /^the record of pipeline word-count, of 0 topics started, 1 starting and 0 pauses, would have \d+ bytes, more than 400000; give/,
  );
});

test.each(["", "5", "5*3", "5,five", "5*99999999"])("starts %j for two partitions are refused, not guessed", (text) => {
  const item = encodePipeline({ record: starting([5n, 6n]), writeId: "write-1" });
  const topic = item["starting"]?.L?.[0]?.M ?? {};

  expect(() => decodePipeline({ ...item, starting: { L: [{ M: { ...topic, starts: { S: text } } }] } })).toThrow(
    LedgerIntegrityError,
  );
});

test.each([
  { latestTime: 1_800_000_000_000, latestRate: 1234.5678901234567 },
  { latestTime: 1_800_000_000_000, latestRate: 1e-7, latestError: -98_765.4321 },
])("what backpressure has learnt comes back to the last digit: $latestRate", (rate) => {
  const record = { ...started(1, [0]), rate };

  expect(decodePipeline(encodePipeline({ record, writeId: "write-1" })).record).toEqual(record);
});

const offsets = accountFor(9n, { processed: 1n, rejected: 2n, quarantined: 3n, skipped: 0n, lost: 0n }, 1n);

test.each<[string, { completedAt?: number; offsets?: OffsetAccount }, { fromOffset?: bigint }]>([
  ["pinned", {}, { fromOffset: 5n }],
  ["pinned by earlier code", {}, {}],
  ["completed", { completedAt: 1_800_000_000_001, offsets }, { fromOffset: 5n }],
  ["completed by earlier code", { completedAt: 1_800_000_000_001 }, {}],
])("a drain's pins and outcome come back, as small as what they say: %s", (_, end, start) => {
  const partitions = Array.from({ length: 10_000 }, (_pin, partition) => ({ partition, ...start, untilOffset: 7n }));
  const {
    topics: [first],
  } = started(1, []);
  const { partitions: _none, ...names } = first ?? { topicId: "", topic: "", partitions: [] };
  const drain = { drainId: "nightly-1", pinnedAt: 1_800_000_000_000, topics: [{ ...names, partitions }], ...end };
  const record = { ...started(1, [0]), drain };

  const item = encodePipeline({ record, writeId: "write-1" });

  expect(decodePipeline(item).record).toEqual(record);
  expect(itemBytes(item)).toBeLessThan(500);
});

test("IC1: a pin that is no offset is an error, never a guess", () => {
  const names = { topicId: { S: "0b1f6e0c-7a0a-4d54-9e1f-000000000000" }, topic: { S: "orders" } };
  const topic = { M: { ...names, partitions: { S: "0" }, ends: { S: "pending" } } };
  const drain = { M: { drainId: { S: "d" }, pinnedAt: { N: "1" }, topics: { L: [topic] } } };
  const item = { ...encodePipeline({ record: started(1, [0]), writeId: "write-1" }), drain };

  expect(() => decodePipeline(item)).toThrow("an end is pending");
});
