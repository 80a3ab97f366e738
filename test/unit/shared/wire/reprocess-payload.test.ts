import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import { decodeReprocessPayload } from "../../../../shared/wire/reprocess-payload.ts";

const requestId = "again-1";
const range = { topic: "orders", partition: 3, fromOffset: "5", untilOffset: "9" };
const onFailureRecord = {
  requestContext: { requestId: "316aa6d0-8154-4a1c-9af7-85d5f4a6bc81" },
  KafkaBatchInfo: { recordsInfo: { "orders-3": { firstRecordOffset: "5", lastRecordOffset: "8" } } },
};

const decode = (payload: object) => decodeReprocessPayload({ requestId, ...payload });

function refusalOf(payload: object): string {
  try {
    decode(payload);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return String(error);
  }
  return expect.unreachable("nothing was refused");
}

describe("Spark's offsets", () => {
  const expected = {
    offsets: new Map([
      ["orders-0", 23n],
      ["orders-1", -1n],
    ]),
  };

  test.each<[string, unknown]>([
    ["an object", { orders: { 0: 23, 1: -1 } }],
    ["an object with decimal strings", { orders: { 0: "23", 1: "-1" } }],
    ["Spark's own text", '{"orders":{"0":23,"1":-1}}'],
  ])("are taken as %s", (_, startingOffsets) => {
    const { target } = decode({ startingOffsets });

    expect(target).toMatchObject({ kind: "choice", choice: { starting: expected, ending: { offsets: "latest" } } });
  });

  test("are exact up to 2^63 - 1 as a string, and refused where JSON has rounded them", () => {
    const { target } = decode({ endingOffsets: { orders: { 0: "9223372036854775807" } } });

    expect(target).toMatchObject({ choice: { ending: { offsets: new Map([["orders-0", 2n ** 63n - 1n]]) } } });
    expect(refusalOf({ endingOffsets: { orders: { 0: 2 ** 53 } } })).toContain("9007199254740992, which JSON does not");
  });

  test("may be words", () => {
    expect(decode({ startingOffsets: "latest", endingOffsets: "latest" }).target).toMatchObject({
      choice: { starting: { offsets: "latest" } },
    });
  });
});

test("timestamps are taken for all partitions or by partition, with what a missing match becomes", () => {
  const { target } = decode({
    startingTimestamp: 1_700_000_000_000,
    endingOffsetsByTimestamp: { orders: { 0: "1700000000001" } },
    onNoMatch: "latest",
  });

  expect(target).toMatchObject({
    choice: {
      starting: { timestamps: 1_700_000_000_000n },
      ending: { timestamps: new Map([["orders-0", 1_700_000_000_001n]]) },
      onNoMatch: "latest",
    },
  });
});

test.each<[string, object, object]>([
  ["a list of topics", { topics: ["b", "a", "b"] }, { topics: ["a", "b"] }],
  ["Spark's subscribe", { topics: "b, a" }, { topics: ["a", "b"] }],
  ["a pattern", { topicPattern: "orders.*" }, { topicPattern: "orders.*" }],
  [
    "Spark's assign",
    { assign: '{"orders":[1,0]}' },
    { assign: [0, 1].map((partition) => ({ topic: "orders", partition })) },
  ],
  ["partitions by topic", { assign: { orders: [1] } }, { assign: [{ topic: "orders", partition: 1 }] }],
])("the partitions are named by %s", (_, fields, selection) => {
  expect(decode({ startingOffsets: "earliest", ...fields }).target).toMatchObject({ selection });
});

test("limits and splits are those of the command line", () => {
  const limits = { maxRecordsPerPartition: 5, minRecordsPerPartition: "2", maxRecordsPerBatch: 9 };
  const { target, split } = decode({
    startingOffsets: "earliest",
    ...limits,
    maxRecordsPerRange: "4",
    minPartitions: 3,
  });

  expect(target).toMatchObject({
    choice: { limits: { maxRecordsPerPartition: 5n, minRecordsPerPartition: 2n, maxRecordsPerBatch: 9n } },
  });
  expect(split).toEqual({ maxRecordsPerRange: 4n, minPartitions: 3 });
});

test("an on-failure record names the request by the invocation that failed, unless the payload does", () => {
  const own = decodeReprocessPayload({ onFailureRecord });
  const named = decodeReprocessPayload({ requestId, onFailureRecord });

  expect(own.requestId).toBe("316aa6d0-8154-4a1c-9af7-85d5f4a6bc81");
  expect(named.requestId).toBe(requestId);
  expect(named.target).toEqual({
    kind: "ranges",
    ranges: [{ topic: "orders", partition: 3, fromOffset: 5n, untilOffset: 9n }],
  });
});

test.each<[string, object, string]>([
  ["nothing to reprocess", {}, "it does not say what to reprocess"],
  ["only an upper limit", { maxRecordsPerRange: 5 }, "it does not say what to reprocess"],
  ["two forms", { ranges: [range], onFailureRecord }, "ranges and onFailureRecord cannot be combined"],
  [
    "ranges and a choice",
    { ranges: [range], startingOffsets: "earliest" },
    "startingOffsets cannot be combined with ranges",
  ],
  ["ranges and topics", { ranges: [range], topics: "a" }, "topics cannot be combined with ranges"],
  ["two sources", { startingOffsets: "earliest", topics: "a", topicPattern: "b" }, "topics and topicPattern cannot be"],
  ["a field of another case", { startingoffsets: "earliest" }, "startingoffsets is unknown: remove it"],
  ["a wrong choice for no match", { startingTimestamp: 5, onNoMatch: "skip" }, 'onNoMatch "skip" is neither'],
  [
    "a limit of nothing",
    { startingOffsets: "earliest", maxRecordsPerRange: 0 },
    'maxRecordsPerRange "0" is not a whole',
  ],
  ["a topic that is none", { startingOffsets: "earliest", topics: ["a b"] }, 'topics[0] is "a b"'],
  ["an assignment that is none", { startingOffsets: "earliest", assign: "orders:1" }, "expected partitions by topic"],
  ["a dry run that is no yes or no", { ranges: [range], dryRun: "yes" }, 'dryRun is "yes": expected true or false'],
  ["an on-failure record that is none", { onFailureRecord: {} }, "KafkaBatchInfo is missing"],
])("W1: %s is refused", (_, payload, message) => {
  expect(refusalOf(payload)).toContain(message);
});

test("W1: every problem is named at once, whatever kind it is of", () => {
  const refusal = refusalOf({ requestId: "a b", startingTimestamp: -5, endingOffsets: "{", dryRun: 1 });

  for (const field of ["requestId is", 'startingTimestamp "-5"', 'endingOffsets "{"', "dryRun is 1"]) {
    expect(refusal).toContain(field);
  }
});

describe("W2: the fingerprint", () => {
  const print = (payload: object) => decode(payload).fingerprint;

  test.each<[string, object, object]>([
    ["offsets as strings or integers", { ranges: [range] }, { ranges: [{ ...range, fromOffset: 5 }] }],
    [
      "the order of ranges",
      { ranges: [range, { ...range, partition: 4 }] },
      { ranges: [{ ...range, partition: 4 }, range] },
    ],
    ["an on-failure record or its ranges", { onFailureRecord }, { ranges: [range] }],
    [
      "the form of Spark's offsets",
      { startingOffsets: { b: { 0: 1 }, a: { 0: 2 } } },
      { startingOffsets: '{"a":{"0":2},"b":{"0":1}}' },
    ],
    [
      "a default that is written out",
      { startingOffsets: "earliest" },
      { startingOffsets: "earliest", endingOffsets: "latest" },
    ],
    ["a dry run", { ranges: [range] }, { ranges: [range], dryRun: true }],
  ])("does not tell %s", (_, one, other) => {
    expect(print(one)).toBe(print(other));
  });

  test.each<[string, object, object]>([
    ["other offsets", { ranges: [range] }, { ranges: [{ ...range, fromOffset: 6 }] }],
    ["another size", { ranges: [range] }, { ranges: [range], maxRecordsPerRange: 2 }],
    [
      "another end",
      { startingOffsets: "earliest" },
      { startingOffsets: "earliest", endingOffsets: { orders: { 0: -1 } } },
    ],
    ["another source", { startingOffsets: "earliest" }, { startingOffsets: "earliest", topics: "orders" }],
  ])("tells %s", (_, one, other) => {
    expect(print(one)).not.toBe(print(other));
  });
});
