import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { decodeSchedulerEvent, TICK_EVENT } from "../../../../../shared/wire/events/scheduler-event.ts";

const range = { topic: "orders", partition: 3, fromOffset: "5", untilOffset: "9" };

function decodeRanges(...ranges: readonly unknown[]) {
  return decodeSchedulerEvent({ reprocess: { requestId: "again-1", ranges } });
}

function messageOf(decode: () => unknown): string {
  try {
    decode();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return String(error);
  }
  return expect.unreachable("nothing was refused");
}

const envelope = {
  version: "0",
  id: "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
  "detail-type": "Scheduled Event",
  account: "123456789012",
  time: "2026-01-01T00:00:00Z",
  region: "us-east-1",
  resources: ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/word-count"],
  detail: {},
};

test("takes the schedule's own event for a tick", () => {
  expect(decodeSchedulerEvent(TICK_EVENT)).toEqual({ kind: "tick" });
});

test.each<[string, unknown, string]>([
  ["an empty event", {}, 'the event is empty; expected {"tick":{}}'],
  ["no event", undefined, "the event is not an object"],
  ["nothing", null, "the event is not an object"],
  [
    "EventBridge Scheduler's default event",
    { ...envelope, source: "aws.scheduler", detail: "{}" },
    "the event has the unknown fields version, id",
  ],
  ["a scheduled rule's event", { ...envelope, source: "aws.events" }, "the event has the unknown fields version, id"],
  ["a tick with a field beside it", { tick: {}, now: true }, "the event has the unknown fields now; expected"],
  ["a tick with a number", { tick: 5 }, 'the event is no tick: tick is 5: expected {}, or {"dryRun": true}'],
  ["a tick of null", { tick: null }, 'the event is no tick: tick is null: expected {}, or {"dryRun": true}'],
  ["a tick with nothing", { tick: null }, "tick is null: expected {}"],
  ["a tick with a list", { tick: [] }, "tick is []: expected {}"],
  [
    "a request within a tick",
    { tick: { reprocess: { requestId: "again-1", ranges: [range] } } },
    "tick.reprocess is unknown: remove it",
  ],
])("SV1, SV2: %s is no tick", (_, event, message) => {
  expect(messageOf(() => decodeSchedulerEvent(event))).toContain(message);
});

test.each<[unknown, string]>([
  [{ Reprocess: { requestId: "again-1" } }, "the event has the unknown fields Reprocess; expected"],
  [{ reproces: {} }, "the event has the unknown fields reproces; expected"],
  [{ requestId: "again-1", ranges: [range] }, "the event has the unknown fields requestId, ranges; expected"],
  [{ drain: { drainId: "a" }, reprocess: {} }, "the event has the unknown fields drain; expected"],
  [{ drain: {} }, "the drain payload is wrong: drainId is missing: expected 1 to 64 letters"],
  [{ drain: { drainId: "a#b", now: true } }, 'drainId is "a#b": expected 1 to 64 letters'],
  [{ drain: { drainId: "a", now: true } }, "now is unknown: remove it"],
  [{ drain: "nightly" }, 'expected {"drainId"}'],
  [{ tick: {}, reprocess: {} }, "the event has the unknown fields tick; expected"],
  [{ ...envelope, source: "aws.scheduler", reprocess: {} }, "the event has the unknown fields version, id"],
  [{ ...envelope, source: "me" }, "the event has the unknown fields version, id"],
  [
    { key1: "value1" },
    'the event has the unknown fields key1; expected {"tick":{}}, {"drain": {…}}, {"reprocess": {…}}',
  ],
  ["tick", 'the event is not an object; expected {"tick":{}}'],
  [[], "the event is not an object"],
])("takes %j for no tick, and says what it does not know", (event, message) => {
  expect(messageOf(() => decodeSchedulerEvent(event))).toContain(message);
});

test("takes a drain by its id", () => {
  const drain = { drainId: "nightly-1" };

  expect(decodeSchedulerEvent({ drain })).toEqual({ kind: "drain", drain });
});

test("takes an on-failure record of an event source mapping as it is", () => {
  const event = {
    requestContext: { requestId: "316aa6d0-8154-4a1c-9af7-85d5f4a6bc81" },
    KafkaBatchInfo: { recordsInfo: { "orders-3": { firstRecordOffset: "5", lastRecordOffset: "8" } } },
  };

  const target = { kind: "ranges", ranges: [{ topic: "orders", partition: 3, fromOffset: 5n, untilOffset: 9n }] };
  const requestId = "316aa6d0-8154-4a1c-9af7-85d5f4a6bc81";
  expect(decodeSchedulerEvent(event)).toMatchObject({ kind: "reprocess", reprocess: { requestId, target } });
});

test("takes offsets as decimal strings, or as integers while they are exact", () => {
  const event = decodeRanges(
    { ...range, fromOffset: "0", untilOffset: "9223372036854775807" },
    { ...range, fromOffset: 0, untilOffset: Number.MAX_SAFE_INTEGER },
  );

  expect(event).toMatchObject({
    kind: "reprocess",
    reprocess: {
      requestId: "again-1",
      target: {
        kind: "ranges",
        ranges: [
          { topic: "orders", partition: 3, fromOffset: 0n, untilOffset: 9_223_372_036_854_775_807n },
          { topic: "orders", partition: 3, fromOffset: 0n, untilOffset: 9_007_199_254_740_991n },
        ],
      },
    },
  });
});

describe("a reprocess payload with a wrong field is refused by the field's name, its value and what it should be", () => {
  const anOffset = "expected an offset from 0 to 9223372036854775807 as a decimal string";
  const aPartition = "expected a whole number from 0 to 2147483647";
  const aTopic = "expected a legal Kafka topic name";

  test.each<[string, unknown, string]>([
    ["fromOffset", "-1", `ranges[0].fromOffset is "-1": ${anOffset}`],
    ["fromOffset", -1, `ranges[0].fromOffset is -1: ${anOffset}`],
    ["fromOffset", 1.5, `ranges[0].fromOffset is 1.5: ${anOffset}`],
    ["fromOffset", "1e3", `ranges[0].fromOffset is "1e3": ${anOffset}`],
    ["fromOffset", "", `ranges[0].fromOffset is "": ${anOffset}`],
    ["fromOffset", " 5", `ranges[0].fromOffset is " 5": ${anOffset}`],
    ["untilOffset", null, `ranges[0].untilOffset is null: ${anOffset}`],
    ["untilOffset", undefined, `ranges[0].untilOffset is missing: ${anOffset}`],
    ["untilOffset", "latest", `ranges[0].untilOffset is "latest": ${anOffset}`],
    ["untilOffset", "9223372036854775808", `ranges[0].untilOffset is "9223372036854775808": ${anOffset}`],
    ["untilOffset", 2 ** 53, `ranges[0].untilOffset is 9007199254740992: ${anOffset}`],
    ["untilOffset", [5], `ranges[0].untilOffset is [5]: ${anOffset}`],
    ["partition", "3", `ranges[0].partition is "3": ${aPartition}`],
    ["partition", -1, `ranges[0].partition is -1: ${aPartition}`],
    ["partition", 0.5, `ranges[0].partition is 0.5: ${aPartition}`],
    ["partition", 2_147_483_648, `ranges[0].partition is 2147483648: ${aPartition}`],
    ["topic", "a b", `ranges[0].topic is "a b": ${aTopic}`],
    ["topic", 7, `ranges[0].topic is 7: ${aTopic}`],
    ["topic", undefined, `ranges[0].topic is missing: ${aTopic}`],
    ["until", "9", "ranges[0].until is unknown: remove it"],
  ])("%s %j", (field, value, message) => {
    expect(messageOf(() => decodeRanges({ ...range, [field]: value }))).toContain(message);
  });

  test.each<[string, unknown, string]>([
    ["a request id of other characters", { requestId: "a b" }, 'requestId is "a b": expected 1 to 64 letters'],
    ["a request id that is no text", { requestId: 5 }, "requestId is 5: expected 1 to 64 letters"],
    ["no request id", { requestId: undefined }, "requestId is missing: expected 1 to 64 letters"],
    ["no ranges", { ranges: null }, "ranges is null: expected at least one range"],
    ["an empty list", { ranges: [] }, "ranges is []: expected at least one range"],
    ["a range that is none", { ranges: ["orders"] }, 'ranges[0] is "orders": expected {"topic", "partition", "from'],
    ["a field of another case", { MaxRecordsPerRange: 5 }, "MaxRecordsPerRange is unknown: remove it"],
  ])("%s", (_, fields, message) => {
    const reprocess = { requestId: "again-1", ranges: [range], ...(fields as object) };

    expect(messageOf(() => decodeSchedulerEvent({ reprocess }))).toContain(message);
  });

  test.each([null, "orders", 5])("the whole payload when it is %j", (reprocess) => {
    expect(messageOf(() => decodeSchedulerEvent({ reprocess }))).toContain(
      `it is ${JSON.stringify(reprocess)}: expected {"requestId"} with "ranges"`,
    );
  });

  test("every one of several at once", () => {
    const message = messageOf(() =>
      decodeRanges({ ...range, partition: -1 }, { ...range, topic: ".", untilOffset: "x" }),
    );

    expect(message).toMatch(
      /ranges\[0\]\.partition is -1.*; ranges\[1\]\.topic is "\.".*; ranges\[1\]\.untilOffset is "x"/,
    );
  });

  test("a field beside the reprocess payload", () => {
    expect(messageOf(() => decodeSchedulerEvent({ reprocess: {}, source: "me" }))).toContain(
      "the event has the unknown fields source; expected",
    );
  });

  test("but not with a value of any length", () => {
    expect(messageOf(() => decodeRanges({ ...range, fromOffset: "9".repeat(10_000) })).length).toBeLessThan(400);
  });
});

test.each([
  ["a request", { reprocess: { requestId: "again-1", startingOffsets: "earliest" } }, "reprocess"],
  ["a tick", { tick: {} }, "tick"],
  ["a drain and a tick", { drain: { drainId: "nightly" }, tick: {} }, "drain, tick"],
])("SV2: %s beside an on-failure record is refused, not ignored", (_, beside, named) => {
  const record = {
    requestContext: { requestId: "failed-1" },
    KafkaBatchInfo: { recordsInfo: { "orders-0": { firstRecordOffset: "1", lastRecordOffset: "4" } } },
  };
  const enclosed = { Body: JSON.stringify(record) };
  const message = `the event is an on-failure record with ${named} beside it: send one of them`;

  expect(decodeSchedulerEvent(enclosed).kind).toBe("reprocess");
  expect(() => decodeSchedulerEvent({ ...record, ...beside })).toThrow(message);
  expect(() => decodeSchedulerEvent({ ...beside, ...enclosed })).toThrow(message);
});

test("a tick may ask for a dry run", () => {
  expect(decodeSchedulerEvent({ tick: { dryRun: true } })).toEqual({ kind: "tick", isDryRun: true });
  expect(decodeSchedulerEvent({ tick: { dryRun: false } })).toEqual({ kind: "tick" });
  expect(() => decodeSchedulerEvent({ tick: { dryRun: "yes" } })).toThrow("the event is no tick");
});
