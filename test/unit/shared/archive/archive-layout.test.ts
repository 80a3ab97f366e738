import { expect, test } from "vitest";
import { parseLayout } from "../../../../shared/archive/archive-layout.ts";
import { archiveRules } from "../../../../shared/archive/s3-archive.ts";
import { createTimeBuckets } from "../../../../shared/archive/time-buckets.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import { anOutputRange, NOON } from "../../../support/archive/archive-bench.ts";

test("AL1: a layout has all that tells two objects apart", () => {
  const layout = parseLayout("{pipeline}/{topicId}/{year}{month}{day}/{partition}-{from}-{batch}");
  const piece = { range: anOutputRange(), fromOffset: 150n };

  expect(layout.keyOf(piece, createTimeBuckets("UTC")(NOON))).toBe(
    "archive/0b0d6d40-6f25-4a3b-8c55-000000000001/20261128/00003-00000000000000000150-batch-1",
  );
});

test.each([
  ["{topic}/{partition}", "lacks {from}"],
  ["{partition}/{from}", "lacks {topic} or {topicId}"],
  ["{topic}/{from}", "lacks {partition}"],
  ["{topic}/{partitions}/{from}", "did you mean {partition}?"],
  ["{topic}/{partition}/{from}/{colour}", "known are"],
  ["/{topic}/{partition}/{from}", "is no path"],
  ["{topic}//{partition}/{from}", "is no path"],
  ["{topic}/../{partition}/{from}", "is no path"],
])("AL1: the layout %s is refused", (layout, why) => {
  expect(() => archiveRules({ bucket: "archive", layout })).toThrow(ConfigurationError);
  expect(() => archiveRules({ bucket: "archive", layout })).toThrow(why);
});

test.each([
  [{ bucket: "Archive" }, 'bucket "Archive" is no name of a bucket'],
  [{ bucket: "archive", prefix: "raw/" }, 'prefix "raw/" is no path'],
  [{ bucket: "archive", timeZone: "Mars/Olympus" }, 'timeZone "Mars/Olympus" is no time zone'],
])("%j is refused", (options, why) => {
  expect(() => archiveRules(options)).toThrow(why);
});

test.each([
  ["UTC", "2026-11-28", "12"],
  ["America/St_Johns", "2026-11-28", "08"],
  ["Pacific/Kiritimati", "2026-11-29", "02"],
])("a moment has the fields of %s", (timeZone, date, hour) => {
  expect(createTimeBuckets(timeZone)(NOON)).toMatchObject({ date, hour });
});

test("the hour before midnight is 23, and that after it 00", () => {
  const buckets = createTimeBuckets("UTC");

  expect([11, 12].map((hours) => buckets(NOON + hours * 3_600_000).hour)).toEqual(["23", "00"]);
});
