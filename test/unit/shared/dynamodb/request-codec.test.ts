import { expect, test } from "vitest";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import type { ReprocessRequest } from "../../../../shared/core/range-ledger.ts";
import { decodeRequest, encodeRequest } from "../../../../shared/dynamodb/request-codec.ts";

function aRequest(ranges: number): ReprocessRequest {
  return {
    pipeline: "word-count",
    requestId: "fix-1",
    requestedAt: 1_800_000_000_000,
    payload: "as it came",
    ranges: Array.from({ length: ranges }, (_, partition) => ({
      topicId: "0b1f6e0c-7a0a-4d54-9e1f-3d1c6d3f5a77",
      topic: "orders",
      partition,
      fromOffset: 9_223_372_036_854_775_806n,
      untilOffset: 9_223_372_036_854_775_807n,
    })),
  };
}

test("a request of seven thousand ranges fits and comes back as it was", () => {
  const request = aRequest(7_000);

  expect(decodeRequest(encodeRequest(request))).toEqual(request);
});

test("a request beyond an item's size is refused with what to do", () => {
  expect(() => encodeRequest(aRequest(10_000))).toThrow(ConfigurationError);
  expect(() => encodeRequest(aRequest(10_000))).toThrow("split it into several requests");
});

test("ranges that cannot be read are an error", () => {
  const item = encodeRequest(aRequest(2));

  expect(() => decodeRequest({ ...item, ranges: { S: "0:1:2" } })).toThrow('"0:1:2" is not one of its ranges');
  expect(() => decodeRequest({ ...item, ranges: { S: "1:0:2:3" } })).toThrow("is not one of its ranges");
});
