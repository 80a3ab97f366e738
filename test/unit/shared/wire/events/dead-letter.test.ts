import { describe, expect, test } from "vitest";
import type { DeadLetter } from "../../../../../shared/core/failure/dead-letter.ts";
import { MAX_DEAD_LETTER_BYTES } from "../../../../../shared/core/limits.ts";
import type { KafkaRecord } from "../../../../../shared/core/source/range-reader.ts";
import { recordFields } from "../../../../../shared/core/source/record-fields.ts";
import { encodeDeadLetter } from "../../../../../shared/wire/events/dead-letter.ts";
import { aChain, ORDERS_ID } from "../../../../support/builders/builders.ts";

const poison: KafkaRecord = {
  offset: 37n,
  timestamp: 1_767_225_600_000n,
  timestampType: "CreateTime",
  key: Buffer.from("ключ"),
  value: Buffer.from([0xff, 0x00]),
  headers: [
    { key: "trace", value: Buffer.from("a\nb") },
    { key: "trace", value: null },
  ],
};

function aLetter(overrides: Partial<KafkaRecord> = {}): DeadLetter {
  const error = { name: "SyntaxError", message: "not JSON" };
  const place = { chain: aChain(), topic: "orders", partition: 3, offset: 37n };
  return { ...place, kind: "quarantined", error, attempt: 4, record: { ...recordFields(poison), ...overrides } };
}

function sent(letter: DeadLetter) {
  const text = encodeDeadLetter(letter);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_DEAD_LETTER_BYTES);
  return JSON.parse(text);
}

test("a letter says what the code had in hand", () => {
  const error = { name: "SyntaxError", message: "not JSON", inHand: { fromOffset: 37n, untilOffset: 38n } };

  expect(sent({ ...aLetter(), error }).error).toEqual({ ...error, inHand: { fromOffset: "37", untilOffset: "38" } });
});

test("a letter says what, where, why, and which id it has", () => {
  expect(sent(aLetter())).toEqual({
    version: 1,
    id: `${ORDERS_ID}:3:37`,
    kind: "quarantined",
    pipeline: "word-count",
    topicId: ORDERS_ID,
    topic: "orders",
    partition: 3,
    offset: "37",
    attempt: 4,
    error: { name: "SyntaxError", message: "not JSON" },
    record: {
      timestamp: "1767225600000",
      timestampType: "CreateTime",
      key: { encoding: "utf8", text: "ключ" },
      value: { encoding: "base64", text: "/wA=" },
      headers: [
        { key: "trace", value: { encoding: "utf8", text: "a\nb" } },
        { key: "trace", value: null },
      ],
    },
  });
});

test("a letter of a reprocess request names it; one without a record says so", () => {
  const { record: _unread, ...letter } = aLetter();

  expect(sent({ ...letter, chain: aChain({ requestId: "again-1" }) })).toMatchObject({
    requestId: "again-1",
    note: "the record could not be read",
  });
});

test("what SQS refuses in a message is escaped, and reads back", () => {
  const text = encodeDeadLetter(aLetter({ value: Buffer.from("a\uFFFE\uFFFF\u0000b") }));

  expect(text).not.toMatch(/[\uFFFE\uFFFF]/);
  expect(JSON.parse(text).record.value.text).toBe("a\uFFFE\uFFFF\u0000b");
});

describe("DL1: what does not fit", () => {
  test.each([
    ["text", Buffer.from("é".repeat(3_000_000)), "utf8"],
    ["text of escapes", Buffer.alloc(2_000_000, 0x01), "utf8"],
    ["bytes", Buffer.alloc(2_000_000, 0xff), "base64"],
  ] as const)("%s is cut, and says how much there was", (_, value, encoding) => {
    const { record } = sent(aLetter({ value }));

    expect(record.value).toMatchObject({ encoding, cutFromBytes: value.length });
    const kept = Buffer.from(record.value.text, encoding);
    expect(kept.length).toBeGreaterThan(60_000);
    expect(kept).toEqual(value.subarray(0, kept.length));
  });

  test("DL2: of the key nothing is cut for the value's or the headers' sake", () => {
    const large = Buffer.alloc(MAX_DEAD_LETTER_BYTES, "x");
    const key = Buffer.alloc(300_000, "k");

    const { record } = sent(aLetter({ key, value: large, headers: [{ key: "h", value: large }] }));

    expect(record.key).toEqual({ encoding: "utf8", text: key.toString() });
  });

  test("more headers than fit are counted", () => {
    const headers = Array.from({ length: 30_000 }, (_, index) => ({ key: `header-${index}`, value: Buffer.from("v") }));

    const { record } = sent(aLetter({ headers, value: null }));

    expect(record.headers.length + record.cutHeaders).toBe(30_000);
    expect(record.headers.length).toBeGreaterThan(5_000);
  });

  test("a key that fills the letter leaves the others empty", () => {
    const huge = Buffer.alloc(2_000_000, "k");

    const { record } = sent(aLetter({ key: huge, value: huge }));

    expect(record.key.cutFromBytes).toBe(huge.length);
    expect(record.value.cutFromBytes).toBe(huge.length);
  });
});
