import { expect, test } from "vitest";
import { recordToJson } from "../../../../../functions/cli/output/record-json.ts";
import type { KafkaRecord } from "../../../../../shared/core/source/range-reader.ts";

const place = { topic: "orders", partition: 3 };

function aRecord(changes: Partial<KafkaRecord> = {}): KafkaRecord {
  return {
    offset: 9_223_372_036_854_775_806n,
    timestamp: 1_712_345_678_123_456_789n,
    timestampType: "CreateTime",
    key: Buffer.from("k"),
    value: Buffer.from("naïve ✓"),
    headers: [],
    ...changes,
  };
}

const json = (changes?: Partial<KafkaRecord>) => JSON.parse(recordToJson(place, aRecord(changes)));

test("offset and timestamp are exact decimal strings, UTF-8 is text", () => {
  expect(json()).toEqual({
    topic: "orders",
    partition: 3,
    offset: "9223372036854775806",
    timestamp: "1712345678123456789",
    timestampType: "CreateTime",
    key: "k",
    value: "naïve ✓",
    headers: [],
  });
});

test("bytes that are not UTF-8 are base64, null stays null, an empty value is empty text", () => {
  const bytes = Buffer.from([0xff, 0x00]);

  expect(json({ key: null, value: bytes })).toMatchObject({ key: null, value: { base64: "/wA=" } });
  expect(json({ value: Buffer.alloc(0) })).toMatchObject({ value: "" });
});

test("a byte order mark is part of the value", () => {
  expect(json({ value: Buffer.from([0xef, 0xbb, 0xbf, 0x61]) }).value).toBe("\ufeffa");
});

test("headers keep their order and their duplicates", () => {
  const headers = [
    { key: "b", value: Buffer.from("1") },
    { key: "a", value: null },
    { key: "b", value: Buffer.from([0xc3]) },
  ];

  expect(json({ headers }).headers).toEqual([
    ["b", "1"],
    ["a", null],
    ["b", { base64: "ww==" }],
  ]);
});
