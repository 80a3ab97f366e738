import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { LedgerIntegrityError } from "../../../../shared/core/errors.ts";
import { newRange } from "../../../../shared/core/new-range.ts";
import type { RangeRecord } from "../../../../shared/core/range-record.ts";
import { decodeRange, encodeRange } from "../../../../shared/dynamodb/item-codec.ts";
import { itemBytes } from "../../../../shared/dynamodb/item-size.ts";

const record: RangeRecord = newRange({
  chain: { pipeline: "word-count", topicId: "0b1f6e0c-7a0a-4d54-9e1f-3d1c6d3f5a77", partition: 12 },
  topic: "orders",
  fromOffset: 5n,
  untilOffset: 9n,
  batchId: "batch-1",
  writeId: "write-1",
  now: 1_800_000_000_000,
});
const item = encodeRange(record);

test("C1: an item that lacks an attribute, or has it as another type, names it", () => {
  for (const name of Object.keys(item).filter((key) => key !== "pk" && key !== "sk" && key !== "dispatchedAt")) {
    const { [name]: _, ...rest } = item;
    expect(() => decodeRange(rest), name).toThrow(`attribute ${name} is missing`);
    expect(() => decodeRange({ ...item, [name]: { BOOL: true } }), name).toThrow(`attribute ${name} is not a`);
  }
});

test.each<[string, Record<string, AttributeValue>]>([
  ["status DONE is none of", { status: { S: "DONE" } }],
  ["committedOffset 10 lies outside [5, 9]", { committedOffset: { N: "10" } }],
  ["attribute untilOffset is not a whole number", { untilOffset: { N: "9.5" } }],
  ["attribute revision is 9007199254740992, beyond", { revision: { N: "9007199254740992" } }],
  ["a RUNNING range and its lease disagree", { status: { S: "RUNNING" } }],
  ['topic "a b" is not a legal Kafka topic name', { topic: { S: "a b" } }],
  ["unknown attributes note", { note: { S: "by hand" } }],
])("C1: %s: such an item is an error", (message, change) => {
  expect(() => decodeRange({ ...item, ...change })).toThrow(LedgerIntegrityError);
  expect(() => decodeRange({ ...item, ...change })).toThrow(message);
});

test("C1: an unknown count is an error as well", () => {
  const counts = { M: { ...item["counts"]?.M, belowFrom: { N: "1" } } };

  expect(() => decodeRange({ ...item, counts })).toThrow("unknown attributes belowFrom");
});

test("C2: another schema version is refused whatever else the item holds", () => {
  expect(() => decodeRange({ schema: { N: "2" }, anything: { S: "else" } })).toThrow(
    "schema version 2, this code knows 1",
  );
});

test("C3: an error is cut between characters to what the write unit has left", () => {
  const error = { name: "TypeError", message: "🔑".repeat(400) };

  const encoded = encodeRange({ ...record, status: "FAILED", error });

  const bytes = itemBytes(encoded);
  expect(bytes).toBeLessThanOrEqual(1_024);
  expect(bytes).toBeGreaterThan(1_024 - 4);
  const { error: kept } = decodeRange(encoded);
  expect(kept?.name).toBe("TypeError");
  expect(kept?.message).toMatch(/^(?:🔑)+$/u);
});

test("C3: half a surrogate pair does not reach the wire", () => {
  const encoded = encodeRange({ ...record, status: "FAILED", error: { name: "Error", message: "key \ud83d" } });

  expect(decodeRange(encoded).error?.message).toBe("key \ufffd");
});

test("C4: the expiry is rounded up to a second", () => {
  const encoded = encodeRange({ ...record, expiresAt: 1_800_000_000_001 });

  expect(encoded["expiresAt"]).toEqual({ N: "1800000001" });
  expect(decodeRange(encoded).expiresAt).toBe(1_800_000_001_000);
});
