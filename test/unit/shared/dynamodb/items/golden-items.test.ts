// Items as earlier code wrote them, byte for byte: what is in a table today is read by
// whatever is deployed tomorrow. Entries are added, never changed.

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import type { PipelineRecord } from "../../../../../shared/core/ledger/pipeline-record.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { decodeRange, encodeRange } from "../../../../../shared/dynamodb/items/item-codec.ts";
import { decodePipeline, encodePipeline } from "../../../../../shared/dynamodb/items/pipeline-codec.ts";

type Item = Record<string, AttributeValue>;

const planned: Item = {
  pk: { S: "v1#word-count#0b1f6e0c-7a0a-4d54-9e1f-3d1c6d3f5a77#12" },
  sk: { S: "0009223372036854770" },
  schema: { N: "1" },
  topic: { S: "orders" },
  untilOffset: { N: "9223372036854775" },
  committedOffset: { N: "9223372036854770" },
  status: { S: "PLANNED" },
  revision: { N: "1" },
  writeId: { S: "write-1" },
  counts: { M: { delivered: { N: "0" }, aborted: { N: "0" }, control: { N: "0" }, bytes: { N: "0" } } },
  attempt: { N: "0" },
  failedAttempts: { N: "0" },
  batchId: { S: "batch-1" },
  leaseCounter: { N: "0" },
  plannedAt: { N: "1800000000000" },
  dispatchedAt: { N: "1800000000000" },
};

const asPlanned: RangeRecord = {
  chain: { pipeline: "word-count", topicId: "0b1f6e0c-7a0a-4d54-9e1f-3d1c6d3f5a77", partition: 12 },
  topic: "orders",
  partition: 12,
  fromOffset: 9_223_372_036_854_770n,
  untilOffset: 9_223_372_036_854_775n,
  committedOffset: 9_223_372_036_854_770n,
  status: "PLANNED",
  revision: 1,
  writeId: "write-1",
  counts: { delivered: 0n, aborted: 0n, control: 0n, bytes: 0n },
  attempt: 0,
  failedAttempts: 0,
  batchId: "batch-1",
  leaseCounter: 0,
  plannedAt: 1_800_000_000_000,
  dispatchedAt: 1_800_000_000_000,
};

const claimed: Item = { ...planned, revision: { N: "2" }, attempt: { N: "1" }, leaseCounter: { N: "1" } };
const asClaimed = { ...asPlanned, revision: 2, attempt: 1, leaseCounter: 1 };
const error = { M: { name: { S: "TypeError" }, message: { S: "x is not a function" } } };
const asError = { name: "TypeError", message: "x is not a function" };

const { dispatchedAt: _notDispatched, ...never } = planned;
const { dispatchedAt: _neither, ...asNever } = asPlanned;

const firstLayout: readonly [string, Item, RangeRecord][] = [
  ["a PLANNED range", planned, asPlanned],
  [
    "an ANCHOR",
    { ...never, untilOffset: { N: "9223372036854770" }, status: { S: "ANCHOR" } },
    { ...asNever, untilOffset: 9_223_372_036_854_770n, status: "ANCHOR" },
  ],
  [
    "a RUNNING range",
    {
      ...claimed,
      status: { S: "RUNNING" },
      leaseOwner: { S: "request-1/1a2b3c4d" },
      leaseExpiresAt: { N: "1800000060000" },
      startedAt: { N: "1800000001000" },
      leaderEpoch: { N: "7" },
    },
    {
      ...asClaimed,
      status: "RUNNING",
      lease: { owner: "request-1/1a2b3c4d", counter: 1, expiresAt: 1_800_000_060_000 },
      startedAt: 1_800_000_001_000,
      leaderEpoch: 7,
    },
  ],
  [
    "a FAILED range",
    { ...claimed, status: { S: "FAILED" }, failedAttempts: { N: "1" }, nextAttemptAt: { N: "1800000002000" }, error },
    { ...asClaimed, status: "FAILED", failedAttempts: 1, nextAttemptAt: 1_800_000_002_000, error: asError },
  ],
  [
    "a COMPLETED range",
    {
      ...claimed,
      status: { S: "COMPLETED" },
      committedOffset: { N: "9223372036854775" },
      counts: { M: { delivered: { N: "3" }, aborted: { N: "1" }, control: { N: "1" }, bytes: { N: "512" } } },
      completedAt: { N: "1800000003000" },
      expiresAt: { N: "1800604803" },
    },
    {
      ...asClaimed,
      status: "COMPLETED",
      committedOffset: 9_223_372_036_854_775n,
      counts: { delivered: 3n, aborted: 1n, control: 1n, bytes: 512n },
      completedAt: 1_800_000_003_000,
      expiresAt: 1_800_604_803_000,
    },
  ],
  [
    "a range of a reprocess request",
    {
      ...planned,
      pk: { S: "v1#word-count#reprocess#again-1" },
      sk: { S: "0b1f6e0c-7a0a-4d54-9e1f-3d1c6d3f5a77#0000000012#0009223372036854770" },
    },
    { ...asPlanned, chain: { ...asPlanned.chain, requestId: "again-1" } },
  ],
];

const withOperator: readonly [string, Item, RangeRecord][] = [
  [
    "a SKIPPED range",
    {
      ...claimed,
      status: { S: "SKIPPED" },
      error,
      operator: { M: { by: { S: "ann" }, reason: { S: "ticket 17" }, at: { N: "1800000004000" } } },
      completedAt: { N: "1800000004000" },
      expiresAt: { N: "1800604804" },
    },
    {
      ...asClaimed,
      status: "SKIPPED",
      error: asError,
      operator: { by: "ann", reason: "ticket 17", at: 1_800_000_004_000 },
      completedAt: 1_800_000_004_000,
      expiresAt: 1_800_604_804_000,
    },
  ],
];

const halted = { ...claimed, status: { S: "FAILED" }, failedAttempts: { N: "3" } };
const asHalted = { ...asClaimed, status: "FAILED", failedAttempts: 3 } as const;

const withFacts: readonly [string, Item, RangeRecord][] = [
  [
    "a range whose records are gone",
    { ...halted, error: { M: { ...error.M, beginningOffset: { N: "9223372036854772" } } } },
    { ...asHalted, error: { ...asError, loss: { kind: "deleted", beginningOffset: 9_223_372_036_854_772n } } },
  ],
  [
    "a range whose log was truncated",
    { ...halted, error: { M: { ...error.M, loss: { S: "truncated" } } } },
    { ...asHalted, error: { ...asError, loss: { kind: "truncated" } } },
  ],
  [
    "a range whose code failed with a record in hand, which is to be skipped",
    {
      ...halted,
      error: { M: { ...error.M, from: { N: "9223372036854772" }, until: { N: "9223372036854773" } } },
      bad: { N: "9223372036854772" },
    },
    {
      ...asHalted,
      error: {
        ...asError,
        inHand: { fromOffset: 9_223_372_036_854_772n, untilOffset: 9_223_372_036_854_773n },
      },
      skipOffset: 9_223_372_036_854_772n,
    },
  ],
];

describe.each([
  ["the first layout", firstLayout],
  ["the layout with an operator's acts", withOperator],
  ["the layout with the facts of an error", withFacts],
])("IC5: %s is read", (_, golden) => {
  test.each(golden)("as %s, and written as it was", (__, item, record) => {
    expect(decodeRange(item)).toEqual(record);
    expect(encodeRange(record)).toEqual(item);
  });
});

const pipeline: Item = {
  pk: { S: "v1#pipelines" },
  sk: { S: "word-count" },
  schema: { N: "1" },
  revision: { N: "2" },
  writeId: { S: "write-2" },
  startedAt: { N: "1800000000000" },
  topics: {
    L: [
      {
        M: {
          topicId: { S: "0b1f6e0c-7a0a-4d54-9e1f-3d1c6d3f5a77" },
          topic: { S: "orders" },
          partitions: { S: "0-2,12" },
        },
      },
    ],
  },
};

const asPipeline: PipelineRecord = {
  pipeline: "word-count",
  revision: 2,
  startedAt: 1_800_000_000_000,
  topics: [{ topicId: "0b1f6e0c-7a0a-4d54-9e1f-3d1c6d3f5a77", topic: "orders", partitions: [0, 1, 2, 12] }],
};

const pauses: Item = {
  pauses: {
    L: [
      { M: { by: { S: "ann" }, reason: { S: "ticket 17" }, at: { N: "1800000004000" } } },
      {
        M: {
          by: { S: "bob" },
          reason: { S: "poison" },
          at: { N: "1800000005000" },
          topicId: { S: "0b1f6e0c-7a0a-4d54-9e1f-3d1c6d3f5a77" },
          topic: { S: "orders" },
          partition: { N: "12" },
        },
      },
    ],
  },
};

const asPauses: NonNullable<PipelineRecord["pauses"]> = [
  { by: "ann", reason: "ticket 17", at: 1_800_000_004_000 },
  {
    by: "bob",
    reason: "poison",
    at: 1_800_000_005_000,
    of: { topicId: "0b1f6e0c-7a0a-4d54-9e1f-3d1c6d3f5a77", topic: "orders", partition: 12 },
  },
];

test.each<[string, Item, PipelineRecord]>([
  ["in the first layout", pipeline, asPipeline],
  ["with pauses", { ...pipeline, ...pauses }, { ...asPipeline, pauses: asPauses }],
])("IC5: a pipeline %s is read, and written as it was", (_, item, record) => {
  expect(decodePipeline(item)).toEqual({ record, writeId: "write-2" });
  expect(encodePipeline({ record, writeId: "write-2" })).toEqual(item);
});
