import { describe, expect, test } from "vitest";
import { readTimestamp } from "../../../../../shared/wire/offsets/timestamp.ts";

const MS = 1_767_225_600_000n;

test.each<[string | number | bigint | Date, bigint]>([
  ["1767225600000", MS],
  [1_767_225_600_000, MS],
  [MS, MS],
  [new Date("2026-01-01T00:00:00Z"), MS],
  ["2026-01-01T00:00:00Z", MS],
  ["2026-01-01T00:00Z", MS],
  ["2026-01-01T01:00:00+01:00", MS],
  ["2026-01-01T05:30:00.000+0530", MS],
  ["2025-12-31T19:00:00-05", MS],
  ["2026-01-01T00:00:00,000000000+00:00", MS],
  ["2026-01-01T00:00:00.123Z", MS + 123n],
  ["2026-01-01T00:00:00.5Z", MS + 500n],
  ["2026-01-01T00:00:00.123000Z", MS + 123n],
  ["2024-02-29T00:00:00Z", 1_709_164_800_000n],
  ["1970-01-01T00:00:00Z", 0n],
  ["0", 0n],
  ["5", 5n],
  ["100000000000", 100_000_000_000n],
  ["9999-12-31T23:59:59.999Z", 253_402_300_799_999n],
  ["9223372036854775807", 9_223_372_036_854_775_807n],
])("%s is a point in time", (value, ms) => {
  expect(readTimestamp(value)).toEqual({ kind: "read", value: ms });
});

describe("refused with what it is instead:", () => {
  test.each<[string | number | bigint | Date, string]>([
    ["1767225600", "in seconds; in milliseconds it is 1767225600000"],
    [1_767_225_600, "in seconds; in milliseconds it is 1767225600000"],
    [1_767_225_600n, "in seconds; in milliseconds it is 1767225600000"],
    [new Date(1_767_225_600), "in seconds; in milliseconds it is 1767225600000"],
    ["100000000", "in seconds; in milliseconds it is 100000000000"],
    ["99999999999", "in seconds; in milliseconds it is 99999999999000"],
    ["1767225600123456", "in microseconds; in milliseconds it is 1767225600123"],
    ["1767225600123456789", "in nanoseconds; in milliseconds it is 1767225600123"],
    ["2026-01-01T00:00:00", "without a zone; say 2026-01-01T00:00:00Z for UTC"],
    ["2026-01-01", "not a timestamp"],
    ["2026-01-01 00:00:00Z", "not a timestamp"],
    ["yesterday", "not a timestamp"],
    ["", "not a timestamp"],
    ["1767225600000.5", "not a timestamp"],
    ["-1", "not a timestamp"],
    ["+1767225600000", "not a timestamp"],
    ["1.7e12", "not a timestamp"],
    [" 1767225600000", "not a timestamp"],
    [-1, "not a timestamp"],
    [-0, "not a timestamp"],
    [0.5, "not a timestamp"],
    [2 ** 53, "not a timestamp"],
    [new Date("soon"), "not a timestamp"],
    ["01767225600000", "without leading zeros"],
    ["9223372036854775808", "not a whole number from 0 to 9223372036854775807"],
    ["2026-02-30T00:00:00Z", "no date and time"],
    ["2026-01-01T24:00:00Z", "no date and time"],
    ["2026-01-01T00:00:00+25:00", "no date and time"],
    ["1969-12-31T23:59:59Z", "no date and time since 1970"],
    ["1971-01-01T00:00:00Z", "earlier than any record is; say 1970-01-01T00:00:00Z"],
    ["2026-01-01T00:00:00.0001Z", "finer than a millisecond"],
  ])("%s", (value, why) => {
    expect(readTimestamp(value)).toEqual({ kind: "refused", why: expect.stringContaining(why) });
  });
});
