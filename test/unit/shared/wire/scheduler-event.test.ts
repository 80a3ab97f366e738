import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import { decodeSchedulerEvent } from "../../../../shared/wire/scheduler-event.ts";

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

test.each([
  [
    "EventBridge Scheduler's event",
    { version: "0", source: "aws.scheduler", detail: {}, time: "2026-01-01T00:00:00Z" },
  ],
  ["an empty event", {}],
  ["nothing", null],
  ["a text", "tick"],
])("takes %s for a tick", (_, event) => {
  expect(decodeSchedulerEvent(event)).toEqual({ kind: "tick" });
});

test("takes offsets as decimal strings, or as integers while they are exact", () => {
  const event = decodeRanges(
    { ...range, fromOffset: "0", untilOffset: "9223372036854775807" },
    { ...range, fromOffset: 0, untilOffset: Number.MAX_SAFE_INTEGER },
  );

  expect(event).toEqual({
    kind: "reprocess",
    reprocess: {
      requestId: "again-1",
      ranges: [
        { topic: "orders", partition: 3, fromOffset: 0n, untilOffset: 9_223_372_036_854_775_807n },
        { topic: "orders", partition: 3, fromOffset: 0n, untilOffset: 9_007_199_254_740_991n },
      ],
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
    ["no ranges", { ranges: undefined }, "ranges is missing: expected at least one range"],
    ["an empty list", { ranges: [] }, "ranges is []: expected at least one range"],
    ["a range that is none", { ranges: ["orders"] }, 'ranges[0] is "orders": expected {"topic", "partition", "from'],
    ["a field of another request", { startingOffsets: "earliest" }, "startingOffsets is unknown: remove it"],
  ])("%s", (_, fields, message) => {
    const reprocess = { requestId: "again-1", ranges: [range], ...(fields as object) };

    expect(messageOf(() => decodeSchedulerEvent({ reprocess }))).toContain(message);
  });

  test.each([null, "orders", 5])("the whole payload when it is %j", (reprocess) => {
    expect(messageOf(() => decodeSchedulerEvent({ reprocess }))).toContain(
      `it is ${JSON.stringify(reprocess)}: expected {"requestId", "ranges"}`,
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
      "the reprocess event has the unknown fields source; remove them",
    );
  });

  test("but not with a value of any length", () => {
    expect(messageOf(() => decodeRanges({ ...range, fromOffset: "9".repeat(10_000) })).length).toBeLessThan(400);
  });
});
