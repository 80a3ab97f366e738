import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { decodeReprocessPayload } from "../../../../../shared/wire/events/reprocess-payload.ts";

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

test("a topic may have earliest or latest for all its partitions", () => {
  const { target } = decode({ startingOffsets: { a: "earliest", b: { 0: 23 } } });

  const offsets = new Map([
    ["a-*", -2n],
    ["b-0", 23n],
  ]);
  expect(target).toMatchObject({ choice: { starting: { offsets } } });
});

test("timestamps may be ISO 8601 with a zone", () => {
  const time = "2026-01-01T00:00:00Z";

  expect(decode({ startingTimestamp: time, endingOffsetsByTimestamp: { orders: { 0: time } } }).target).toMatchObject({
    choice: {
      starting: { timestamps: 1_767_225_600_000n },
      ending: { timestamps: new Map([["orders-0", 1_767_225_600_000n]]) },
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
  [
    "a wrong choice for no match",
    { startingTimestamp: 5, onNoMatch: "skip" },
    'onNoMatch "skip" is none of error, latest and earliest',
  ],
  [
    "a limit of nothing",
    { startingOffsets: "earliest", maxRecordsPerRange: 0 },
    'maxRecordsPerRange "0" is not a whole',
  ],
  ["a topic that is none", { startingOffsets: "earliest", topics: ["a b"] }, 'topics[0] is "a b"'],
  ["a topic that is none in a text", { startingOffsets: "earliest", topics: "a b,c" }, 'topics[0] is "a b"'],
  [
    "an assignment of a wrong partition in a text",
    { startingOffsets: "earliest", assign: '{"orders":[-1]}' },
    'has "-1" under orders, which is not a partition number',
  ],
  [
    "an assignment with a key twice",
    { startingOffsets: "earliest", assign: '{"orders":[1],"orders":[2]}' },
    'names "orders" twice in one object',
  ],
  ["a list as offsets", { startingOffsets: { ord: [0, 1, 2] } }, "has no object of partitions under ord"],
  ["a list as timestamps", { startingOffsetsByTimestamp: { ord: [0] } }, "has no object of partitions under ord"],
  ["a list as the end", { endingOffsets: [5] }, "is not a JSON object"],
  ["a partition named twice", { startingOffsets: { a: { 1: 3, "01": 0 } } }, 'names partition "01" of a'],
  ["a key twice in a text", { startingOffsets: '{"a":{"0":1},"a":{"0":2}}' }, 'names "a" twice in one object'],
  [
    "offsets that are nested too deep for any reader",
    { startingOffsets: JSON.parse(`${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`) },
    'startingOffsets "a value that is nested too deep" is not a JSON object',
  ],
  ["an offset with leading zeros", { startingOffsets: { a: { 0: "007" } } }, 'has "007" for a-0'],
  ["an offset of minus nothing", { startingOffsets: { a: { 0: -0 } } }, 'has "-0" for a-0'],
  ["a range's offset with leading zeros", { ranges: [{ ...range, fromOffset: "05" }] }, 'fromOffset is "05"'],
  ["a range's partition as text", { ranges: [{ ...range, partition: "03" }] }, 'partition is "03"'],
  ["a range's partition of minus nothing", { ranges: [{ ...range, partition: -0 }] }, "partition is -0: expected"],
  ["a fraction of a record", { maxRecordsPerRange: 1.5 }, 'maxRecordsPerRange "1.5" is not a whole number from 1 to'],
  ["a fraction of an offset", { startingOffsets: { a: { 0: 1.5 } } }, 'has "1.5" for a-0, which is not an offset'],
  ["minus no records", { maxRecordsPerRange: -0 }, 'maxRecordsPerRange "-0" is not a whole number from 1 to'],
  [
    "more records than JSON counts",
    { maxRecordsPerRange: 2 ** 60 },
    'maxRecordsPerRange "1152921504606847000, which JSON does not hold exactly: write it as a text" is not',
  ],
  ["endless records", { maxRecordsPerRange: Number.POSITIVE_INFINITY }, 'maxRecordsPerRange "Infinity, which JSON'],
  ["an assigned partition of minus nothing", { assign: { a: [-0] } }, 'which has "-0" under a'],
  ["a limit with leading zeros", { startingOffsets: "earliest", maxRecordsPerRange: "010" }, "without leading zeros"],
  [
    "epoch seconds",
    { startingTimestamp: 1_767_225_600 },
    'startingTimestamp "1767225600" is in seconds; in milliseconds it is 1767225600000',
  ],
  [
    "epoch seconds of a partition",
    { endingOffsetsByTimestamp: { a: { 0: 1_767_225_600 } } },
    'has "1767225600" for a-0, which is in seconds; in milliseconds it is 1767225600000',
  ],
  ["a time without a zone", { endingTimestamp: "2026-01-01T00:00:00" }, "is without a zone; say 2026-01-01T00:00:00Z"],
  ["an assignment that is none", { startingOffsets: "earliest", assign: "orders:1" }, "expected partitions by topic"],
  ["a dry run that is no yes or no", { ranges: [range], dryRun: "yes" }, 'dryRun is "yes": expected true or false'],
  ["an on-failure record that is none", { onFailureRecord: {} }, "KafkaBatchInfo is missing"],
])("PL1: %s is refused", (_, payload, message) => {
  expect(refusalOf(payload)).toContain(message);
});

test("PL1: every problem is named at once, whatever kind it is of", () => {
  const refusal = refusalOf({ requestId: "a b", startingTimestamp: -5, endingOffsets: "{", dryRun: 1 });

  for (const field of ["requestId is", 'startingTimestamp "-5"', 'endingOffsets "{"', "dryRun is 1"]) {
    expect(refusal).toContain(field);
  }
});

describe("PL2: the fingerprint", () => {
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
