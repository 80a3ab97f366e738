import { describe, expect, test } from "vitest";
import { ConfigurationError, CorruptRecordError } from "../../../../../shared/core/errors.ts";
import { decompress } from "../../../../../shared/kafka/compression/compression.ts";
import { readBatchHeaders } from "../../../../../shared/kafka/records/batch-header.ts";
import { readStoredRecords } from "../../../../../shared/kafka/records/stored-records.ts";
import { encodeLz4Frame } from "../../../../support/records/lz4-encoder.ts";
import { encodeBatch, type TestCodec } from "../../../../support/records/record-batch-encoder.ts";
import { encodeRawSnappy } from "../../../../support/records/snappy-encoder.ts";

const codecs: readonly TestCodec[] = ["gzip", "snappy", "snappy-xerial", "lz4", "zstd"];
const context = { maxBytes: 1_000_000, baseOffset: 5n };

function headerOf(batch: Buffer) {
  const [header] = readBatchHeaders(batch);
  if (header === undefined) {
    throw new Error("no batch");
  }
  return header;
}

describe.each(codecs)("a batch in %s", (codec) => {
  const value = Buffer.concat([
    Buffer.from("the quick brown fox "),
    Buffer.alloc(70_000, "z"),
    Buffer.from("jumps over it"),
  ]);
  const batch = encodeBatch({ baseOffset: 5n, codec, records: [{ offsetDelta: 0, value }] });

  test("expands to what was written", () => {
    const { buffer, start, end } = readStoredRecords(headerOf(batch), 1_000_000);
    const plain = encodeBatch({ baseOffset: 5n, records: [{ offsetDelta: 0, value }] });

    expect(buffer.subarray(start, end).equals(plain.subarray(61))).toBe(true);
  });

  test("is refused, naming the limit, when it expands beyond it", () => {
    const expand = () => readStoredRecords(headerOf(batch), 60_000);

    expect(expand).toThrow(ConfigurationError);
    expect(expand).toThrow("maxDecompressedBatchBytes 60000");
  });

  test("is corrupt when it is cut off", () => {
    const header = headerOf(batch);
    const cut = header.buffer.subarray(61, header.end - 9);

    expect(() => decompress(header.codec, cut, context)).toThrow(CorruptRecordError);
  });
});

test("an unknown codec is corrupt", () => {
  expect(() => decompress(5, Buffer.alloc(9), context)).toThrow("unknown compression codec 5");
});

describe("snappy", () => {
  test.each([
    ["a copy with a one-byte offset", [8, 0x0c, 97, 98, 99, 100, 0x01, 4], "abcdabcd"],
    ["a copy with a two-byte offset that overlaps itself", [7, 0x00, 97, 0x16, 1, 0], "aaaaaaa"],
    ["a copy with a four-byte offset", [8, 0x0c, 97, 98, 99, 100, 0x0f, 4, 0, 0, 0], "abcdabcd"],
    ["a literal with a one-byte length", [61, 0xf0, 60, ...Buffer.alloc(61, 120)], "x".repeat(61)],
    ["nothing", [0], ""],
  ])("reads %s", (_, bytes, expected) => {
    expect(decompress(2, Buffer.from(bytes), context).toString()).toBe(expected);
  });

  test.each([
    ["a copy from before the beginning", [8, 0x0c, 97, 98, 99, 100, 0x01, 5]],
    ["a copy of distance zero", [8, 0x0c, 97, 98, 99, 100, 0x01, 0]],
    ["more than the length it states", [3, 0x0c, 97, 98, 99, 100]],
    ["less than the length it states", [5, 0x0c, 97, 98, 99, 100]],
    ["a literal past the end", [9, 0x20, 97]],
    ["a length of six bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 0]],
  ])("refuses %s", (_, bytes) => {
    expect(() => decompress(2, Buffer.from(bytes), context)).toThrow(CorruptRecordError);
  });

  test("reads literals longer than 64 KiB", () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251));

    expect(decompress(2, encodeRawSnappy(bytes), context).equals(bytes)).toBe(true);
  });
});

describe("lz4", () => {
  const header = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0];

  test.each([
    ["no block", [...header, 0, 0, 0, 0], ""],
    ["a stored block", [...header, 3, 0, 0, 0x80, 97, 98, 99, 0, 0, 0, 0], "abc"],
    ["literals only", [...header, 4, 0, 0, 0, 0x30, 97, 98, 99, 0, 0, 0, 0], "abc"],
    ["a match that overlaps itself", [...header, 6, 0, 0, 0, 0x13, 97, 1, 0, 0x10, 98, 0, 0, 0, 0], "aaaaaaaab"],
    [
      "a content size in its header",
      [0x04, 0x22, 0x4d, 0x18, 0x68, 0x40, 3, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0x30, 97, 98, 99, 0, 0, 0, 0],
      "abc",
    ],
    [
      "checksums after blocks",
      [0x04, 0x22, 0x4d, 0x18, 0x70, 0x40, 0, 4, 0, 0, 0, 0x30, 97, 98, 99, 9, 9, 9, 9, 0, 0, 0, 0],
      "abc",
    ],
    [
      "a match into the block before",
      [...header, 5, 0, 0, 0, 0x40, 97, 98, 99, 100, 5, 0, 0, 0, 0x00, 4, 0, 0x10, 101, 0, 0, 0, 0],
      "abcdabcde",
    ],
  ])("reads %s", (_, bytes, expected) => {
    expect(decompress(3, Buffer.from(bytes), context).toString()).toBe(expected);
  });

  test.each([
    ["another magic number", [0x05, ...header.slice(1), 0, 0, 0, 0]],
    ["another version", [0x04, 0x22, 0x4d, 0x18, 0xa0, 0x40, 0, 0, 0, 0, 0]],
    ["a match from before the beginning", [...header, 6, 0, 0, 0, 0x13, 97, 2, 0, 0x10, 98, 0, 0, 0, 0]],
    ["a match of distance zero", [...header, 6, 0, 0, 0, 0x13, 97, 0, 0, 0x10, 98, 0, 0, 0, 0]],
    ["a block without last literals", [...header, 4, 0, 0, 0, 0x10, 97, 1, 0, 0, 0, 0, 0]],
    ["a frame without its end", [...header, 4, 0, 0, 0, 0x30, 97, 98, 99]],
    ["literals past the end", [...header, 2, 0, 0, 0, 0x90, 97, 0, 0, 0, 0]],
  ])("refuses %s", (_, bytes) => {
    expect(() => decompress(3, Buffer.from(bytes), context)).toThrow(CorruptRecordError);
  });

  test.each([1, 2, 3, 7, 8, 9, 15, 16, 31, 129, 300])("copies matches of any length from %d bytes back", (distance) => {
    const before = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 7) % 251));
    for (const length of [4, 5, 7, 8, 9, 12, 17, 31, 127, 128, 129, 136, 300]) {
      const expected = [...before];
      for (let left = length; left > 0; left--) {
        expected.push(expected[expected.length - distance] ?? -1);
      }
      expected.push(1, 2, 3);
      const block = Buffer.concat([
        Buffer.from([0xf0 | Math.min(length - 4, 15), 255, 30]),
        before,
        Buffer.from([distance & 0xff, distance >> 8]),
        Buffer.from(length < 19 ? [] : length < 274 ? [length - 19] : [255, length - 274]),
        Buffer.from([0x30, 1, 2, 3]),
      ]);
      const frame = Buffer.from([...header, block.length & 0xff, block.length >> 8, 0, 0, ...block, 0, 0, 0, 0]);

      // With room behind the end, and with none.
      for (const maxBytes of [1_000_000, expected.length]) {
        expect([...decompress(3, frame, { ...context, maxBytes })]).toEqual(expected);
      }
    }
  });

  test.each([1, 2])("refuses a block that ends after %d bytes of its last match", (bytes) => {
    const block = [0x80, ...Buffer.alloc(8, 97), ...[4, 0].slice(0, bytes)];

    expect(() => decompress(3, Buffer.from([...header, block.length, 0, 0, 0, ...block, 0, 0, 0, 0]), context)).toThrow(
      CorruptRecordError,
    );
  });

  test("a frame of many blocks stays below its limit or is refused", () => {
    const frame = encodeLz4Frame(Buffer.alloc(300_000, "q"));

    expect(decompress(3, frame, { ...context, maxBytes: 300_000 }).length).toBe(300_000);
    expect(() => decompress(3, frame, { ...context, maxBytes: 299_999 })).toThrow(ConfigurationError);
  });
});
