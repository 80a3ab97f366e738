import { expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { decodeOnFailureRecord } from "../../../../../shared/wire/events/on-failure-record.ts";

/** As Lambda writes it to SQS and SNS, with fields that are of no use here. */
function aRecord(recordsInfo: object) {
  return {
    requestContext: {
      requestId: "316aa6d0-8154-4a1c-9af7-85d5f4a6bc81",
      functionArn: "arn:aws:lambda:us-east-1:123456789012:function:orders",
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: 1,
    },
    responseContext: null,
    version: "1.0",
    timestamp: "2026-01-01T00:00:00.000Z",
    KafkaBatchInfo: {
      batchSize: 500,
      eventSourceArn: "arn:aws:kafka:us-east-1:123456789012:cluster/orders/751d2973-2",
      bootstrapServers: "b-1.example:9092",
      payloadSize: 2_039_086,
      recordsInfo,
    },
  };
}

const info = (firstRecordOffset: unknown, lastRecordOffset: unknown) => ({
  firstRecordOffset,
  lastRecordOffset,
  firstRecordTimestamp: "2026-01-01T00:00:00.000Z",
  lastRecordTimestamp: "2026-01-01T00:00:01.000Z",
});

test("the last offset is inclusive, and a topic's name may have hyphens", () => {
  const record = aRecord({ "orders-0": info("5", "8"), "eu-west-1-orders-12": info("100", "100") });

  expect(decodeOnFailureRecord(record)).toEqual({
    requestId: "316aa6d0-8154-4a1c-9af7-85d5f4a6bc81",
    ranges: [
      { topic: "orders", partition: 0, fromOffset: 5n, untilOffset: 9n },
      { topic: "eu-west-1-orders", partition: 12, fromOffset: 100n, untilOffset: 101n },
    ],
  });
});

test("the event that S3 holds beside it, as text, is left alone", () => {
  const record = { ...aRecord({ "orders-0": info("5", "8") }), payload: '{"eventSource":"aws:kafka"}' };

  expect(decodeOnFailureRecord(record).ranges).toHaveLength(1);
});

test("a Kafka destination's record names its own place; neighbours are one range", () => {
  const at = (offset: number, partition = 0) => ({ topic: "my-topic", partition, offset, value: "dGVzdA==" });
  const record = {
    KafkaBatchInfo: { batchSize: 1, recordInfo: { offset: "100", timestamp: "2026-01-01T00:00:00.000Z" } },
    payload: { records: { "my-topic-0": [at(101), at(100), at(105)], "my-topic-1": [at(7, 1)] } },
  };

  expect(decodeOnFailureRecord(record)).toEqual({
    requestId: undefined,
    ranges: [
      { topic: "my-topic", partition: 0, fromOffset: 100n, untilOffset: 102n },
      { topic: "my-topic", partition: 0, fromOffset: 105n, untilOffset: 106n },
      { topic: "my-topic", partition: 1, fromOffset: 7n, untilOffset: 8n },
    ],
  });
});

test.each<[string, object, string]>([
  ["no partition in a key", aRecord({ orders: info("5", "8") }), 'has the key "orders"; expected a topic and a part'],
  ["no topic in a key", aRecord({ "-3": info("5", "8") }), 'has the key "-3"'],
  ["a partition with a leading zero", aRecord({ "a-00": info("5", "8") }), 'has the key "a-00"'],
  ["a partition with a blank", aRecord({ "a- 1": info("5", "8") }), 'has the key "a- 1"'],
  ["an offset with leading zeros", aRecord({ "a-0": info("005", "8") }), 'a-0.firstRecordOffset is "005"'],
  ["reversed offsets", aRecord({ "orders-0": info("8", "5") }), "orders-0 goes from 8 to 5, which is no range"],
  [
    "an offset beyond 2^63 - 1, as in AWS's own example",
    aRecord({ "orders-0": info("49601189658422359378836298521827638475320189012309704722", "5") }),
    "KafkaBatchInfo.recordsInfo.orders-0.firstRecordOffset is",
  ],
  [
    "a last offset without a next one",
    aRecord({ "orders-0": info("5", "9223372036854775807") }),
    "no range of records",
  ],
  ["a missing offset", aRecord({ "orders-0": info("5", undefined) }), "orders-0.lastRecordOffset is missing"],
  ["no record at all", aRecord({}), "names no record"],
  ["an empty batch", { KafkaBatchInfo: {} }, "names no record"],
  ["no batch", { KafkaBatchInfo: null }, "KafkaBatchInfo is null"],
])("%s is refused", (_, record, message) => {
  expect(() => decodeOnFailureRecord(record)).toThrow(ConfigurationError);
  expect(() => decodeOnFailureRecord(record)).toThrow(message);
});
