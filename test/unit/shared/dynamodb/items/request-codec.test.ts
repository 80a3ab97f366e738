import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { expect, test } from "vitest";
import { splitRanges } from "../../../../../shared/core/choice/cut-pieces.ts";
import type { ResolvedRange } from "../../../../../shared/core/choice/resolve-choice.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import type { ReprocessRequest } from "../../../../../shared/core/ledger/reprocess-request.ts";
import { NO_OUTCOMES } from "../../../../../shared/core/range/offset-outcomes.ts";
import { itemBytes } from "../../../../../shared/dynamodb/items/attributes/item-size.ts";
import { decodeRequest, encodeRequest } from "../../../../../shared/dynamodb/items/request-codec.ts";
import { ORDERS_ID } from "../../../../support/builders/builders.ts";
import { aReprocessRequest } from "../../../../support/builders/reprocess-builders.ts";

const orders = { topicId: ORDERS_ID, topic: "orders" };

/** In partitions of their own, so that none joins another, at offsets of full length. */
function scattered(count: number): ReprocessRequest {
  return aReprocessRequest({
    ranges: Array.from({ length: count }, (_, partition) => ({
      ...orders,
      partition,
      fromOffset: 9_223_372_036_854_775_806n,
      untilOffset: 9_223_372_036_854_775_807n,
    })),
  });
}

test("RC1: a request of ten thousand scattered ranges fits and comes back as it was", () => {
  const request = scattered(10_000);

  expect(decodeRequest(encodeRequest(request))).toEqual(request);
});

test("RC1: what one range was split into takes no more room than itself", () => {
  const whole = { ...orders, partition: 3, fromOffset: 5n, untilOffset: 1_000_000_007n };
  const one = aReprocessRequest({ ranges: [whole] });
  const split = aReprocessRequest({ ranges: splitRanges([whole], { maxRecordsPerRange: 10_001n }) });

  expect(split.ranges).toHaveLength(99_991);
  expect(itemBytes(encodeRequest(split)) - itemBytes(encodeRequest(one))).toBeLessThan(40);
  expect(decodeRequest(encodeRequest(split))).toEqual(split);
});

test("RC1: any ranges come back in their order", () => {
  const topics = [orders, { topicId: "0b0d6d40-6f25-4a3b-8c55-000000000002", topic: "clicks" }];
  const ranges = fc.array(
    fc.record({
      topic: fc.constantFrom(...topics),
      partition: fc.nat(2),
      fromOffset: fc.bigInt(0n, 30n),
      length: fc.bigInt(1n, 3n),
    }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(ranges, (drawn) => {
      const request = aReprocessRequest({
        ranges: drawn.map(({ topic, partition, fromOffset, length }): ResolvedRange => {
          return { ...topic, partition, fromOffset, untilOffset: fromOffset + length };
        }),
      });

      expect(decodeRequest(encodeRequest(request))).toEqual(request);
    }),
  );
});

test("a completed request keeps what of it was settled, what became of that, and who cancelled it", () => {
  const cancelled = { by: "ada", reason: "wrong topic", at: 1_800_000_000_000 };
  const outcomes = { processed: 3n, rejected: 1n, quarantined: 0n, skipped: 9n, lost: 0n };
  const completion = { completedAt: 1_800_000_000_001, settled: [0, 1, 4], outcomes, cancelled };
  const request = { ...scattered(5), completion };

  expect(decodeRequest(encodeRequest(request))).toEqual(request);
});

test("a request beyond an item's size is refused with the numbers and what to do", () => {
  expect(() => encodeRequest(scattered(14_000))).toThrow(ConfigurationError);
  expect(() => encodeRequest(scattered(14_000))).toThrow(
    /needs 4\d{5} bytes for its 14000 ranges, the ledger holds 400000; split it into several requests/,
  );
});

test("RC2: an item of the earlier layout is read, open or completed", () => {
  const item: Record<string, AttributeValue> = {
    pk: { S: "v1#word-count#requests" },
    sk: { S: "fix-1" },
    schema: { N: "1" },
    requestedAt: { N: "1800000000000" },
    payload: { S: "orders:3:5:9,orders:4:0:7" },
    topics: { L: [{ M: { topicId: { S: ORDERS_ID }, topic: { S: "orders" } } }] },
    ranges: { S: "0:3:5:9,0:4:0:7" },
  };
  const request = aReprocessRequest({
    requestId: "fix-1",
    requestedAt: 1_800_000_000_000,
    payload: "orders:3:5:9,orders:4:0:7",
    ranges: [
      { ...orders, partition: 3, fromOffset: 5n, untilOffset: 9n },
      { ...orders, partition: 4, fromOffset: 0n, untilOffset: 7n },
    ],
  });

  expect(decodeRequest(item)).toEqual(request);
  expect(decodeRequest({ ...item, completedAt: { N: "1800000000009" }, expiresAt: { N: "1900000000" } })).toEqual({
    ...request,
    completion: { completedAt: 1_800_000_000_009, settled: [0, 1], outcomes: NO_OUTCOMES },
  });
});

test.each(["0:1:2", "1:0:2:3", "0:0:2+", "0:0:2+3*", "0:0:x+3", "0:0:2:3+4"])("ranges of %s are an error", (text) => {
  const item = encodeRequest(scattered(2));

  expect(() => decodeRequest({ ...item, ranges: { S: text } })).toThrow(`"${text}" is not one of its ranges`);
});
