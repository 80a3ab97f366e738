import { expect, test } from "vitest";
import {
  isMadeGood,
  type ProcessedPart,
  processedParts,
  withProcessed,
} from "../../../../../functions/cli/view/processed-since.ts";
import type { UnprocessedRange } from "../../../../../functions/cli/view/unprocessed-range.ts";
import { listOffsets } from "../../../../../shared/core/offsets/offset-list.ts";
import { accountFor, NO_OUTCOMES } from "../../../../../shared/core/range/offset-outcomes.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { aRangeRecord, ORDERS_ID } from "../../../../support/builders/builders.ts";

const COUNTS = { delivered: 10n, aborted: 0n, control: 0n, bytes: 10n };

function partsOf(overrides: Partial<RangeRecord>): readonly string[] {
  const record = aRangeRecord({ fromOffset: 10n, untilOffset: 20n, status: "COMPLETED", counts: COUNTS, ...overrides });
  return processedParts("r", record).map(({ fromOffset, untilOffset }) => `${fromOffset}-${untilOffset}`);
}

const rejecting = (...offsets: readonly bigint[]) => ({
  counts: { ...COUNTS, rejected: BigInt(offsets.length) },
  rejectedOffsets: listOffsets(offsets),
});

test.each<[string, Partial<RangeRecord>, readonly string[]]>([
  ["all of a range that is completed", {}, ["10-20"]],
  ["what is between the rejected ones", rejecting(10n, 13n, 14n, 19n), ["11-13", "15-19"]],
  ["what is committed of an open range", { status: "RUNNING", committedOffset: 12n }, ["10-12"]],
  ["what is before the one that it gave up", { status: "QUARANTINED", committedOffset: 19n }, ["10-19"]],
  ["nothing of a range that has begun with it", { status: "QUARANTINED", committedOffset: 10n }, []],
  ["nothing where the list is not whole", { ...rejecting(13n), counts: { ...COUNTS, rejected: 2n } }, []],
])("MG1: a request has processed %s", (_, range, parts) => {
  expect(partsOf(range)).toEqual(parts);
});

function aPart(requestId: string, fromOffset: bigint, untilOffset: bigint, overrides: Partial<ProcessedPart> = {}) {
  return { requestId, topicId: ORDERS_ID, partition: 3, fromOffset, untilOffset, ...overrides };
}

function givenUp(overrides: Partial<UnprocessedRange> = {}): UnprocessedRange {
  const place = { topic: "orders", topicId: ORDERS_ID, partition: 3, fromOffset: 5n, untilOffset: 9n };
  return { pipeline: "word-count", status: "SKIPPED", ...place, ...overrides };
}

test.each<[string, readonly ProcessedPart[], readonly string[] | undefined]>([
  ["by one request", [aPart("a", 4n, 9n)], ["a"]],
  ["by several, in whatever order", [aPart("b", 7n, 9n), aPart("a", 5n, 6n), aPart("c", 6n, 8n)], ["a", "c", "b"]],
  ["by one of several that have it all", [aPart("a", 5n, 9n), aPart("b", 6n, 7n)], ["a"]],
  ["not, where one offset is left", [aPart("a", 5n, 6n), aPart("b", 7n, 9n)], undefined],
  ["not, where the last is left", [aPart("a", 5n, 8n)], undefined],
  ["not, by another partition's", [aPart("a", 5n, 9n, { partition: 4 })], undefined],
  ["not, by another topic's of the same name", [aPart("a", 5n, 9n, { topicId: "other" })], undefined],
])("what was given up is processed since %s", (_, parts, by) => {
  expect(withProcessed(givenUp(), parts).processedBy).toEqual(by);
});

test("what a request gave up is not processed by itself", () => {
  expect(withProcessed(givenUp({ requestId: "a" }), [aPart("a", 5n, 9n)]).processedBy).toBeUndefined();
});

test("a request is made good once all that it gave up is", () => {
  const offsets = accountFor(10n, { ...NO_OUTCOMES, quarantined: 1n, skipped: 4n }, 0n);
  const request = { pipeline: "word-count", requestId: "a", closed: true, offsets };
  const skipped = givenUp({ requestId: "a", processedBy: ["b"] });
  const quarantined = givenUp({ requestId: "a", fromOffset: 9n, untilOffset: 10n });

  expect(isMadeGood(request, [skipped, { ...quarantined, processedBy: ["b"] }])).toBe(true);
  expect(isMadeGood(request, [skipped, quarantined])).toBe(false);
  // As the table may have forgotten the range.
  expect(isMadeGood(request, [skipped])).toBe(false);
  expect(isMadeGood(request, [skipped, { ...quarantined, requestId: "b", processedBy: ["c"] }])).toBe(false);
  expect(isMadeGood({ ...request, offsets: accountFor(10n, NO_OUTCOMES, 0n) }, [])).toBe(true);
});
