import fc from "fast-check";
import { expect, test } from "vitest";
import { snappyCompress } from "../../../../../../shared/archive/parquet/chunks/snappy.ts";
import { decompressSnappy } from "../../../../../../shared/kafka/compression/snappy.ts";

/** Few different bytes, so that much of it repeats. */
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 12, max: 3 }), fc.integer({ min: 1, max: 40 })))
  .map((pieces) => Buffer.concat(pieces.flatMap(([piece, times]) => Array.from({ length: times }, () => piece))));

test("SNC1: what is compressed becomes the same again, and always the same", () => {
  fc.assert(
    fc.property(fc.oneof(repetitive, fc.uint8Array({ maxLength: 400 })), (input) => {
      const compressed = Buffer.from(snappyCompress(input));

      expect(decompressSnappy(compressed, input.length).equals(input)).toBe(true);
      expect(Buffer.from(snappyCompress(input)).equals(compressed)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["one letter", Buffer.alloc(1_000_000, "a"), 50_000],
  [
    "lines that are alike",
    Buffer.from(Array.from({ length: 9_000 }, (_, n) => `{"order":${n},"state":"sent"}\n`).join("")),
    120_000,
  ],
  [
    "a period longer than a block",
    Buffer.concat(
      Array.from({ length: 3 }, () => Buffer.from(Array.from({ length: 70_001 }, (_, n) => (n * n) % 251))),
    ),
    211_000,
  ],
  [
    "bytes without repetition",
    Buffer.from(Array.from({ length: 200_000 }, (_, n) => Math.imul(n, 0x9e3779b1) >>> 24)),
    210_000,
  ],
])("SNC1: %s become the same again, and not more than they may", (_, input, mostBytes) => {
  const compressed = Buffer.from(snappyCompress(input));

  expect(compressed.length).toBeLessThan(mostBytes);
  expect(decompressSnappy(compressed, input.length).equals(input)).toBe(true);
});

test("SNC2: the memory of one call is the next one's", () => {
  const first = snappyCompress(Buffer.from("one, one, one, one, one"));

  expect(snappyCompress(Buffer.from("two")).buffer).toBe(first.buffer);
});
