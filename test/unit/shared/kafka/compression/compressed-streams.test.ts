import { randomBytes } from "node:crypto";
import { constants, crc32, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ConfigurationError, CorruptRecordError } from "../../../../../shared/core/errors.ts";
import { decompress } from "../../../../../shared/kafka/compression/compression.ts";
import { skippableFrame, streamsOf } from "../../../../support/records/compressed-streams.ts";
import { compress } from "../../../../support/records/record-batch-encoder.ts";

const NUMBERS = { gzip: 1, "snappy-xerial": 2, lz4: 3, zstd: 4 } as const;
const codecs = Object.keys(NUMBERS) as (keyof typeof NUMBERS)[];
const plain = Buffer.concat([Buffer.from("the quick brown fox "), Buffer.alloc(9_000, "z"), randomBytes(700)]);

function expand(codec: keyof typeof NUMBERS, compressed: Buffer, maxBytes = plain.length): Buffer {
  return decompress(NUMBERS[codec], compressed, { maxBytes, baseOffset: 5n });
}

describe.each(codecs)("%s", (codec) => {
  const cuts = [[], [0], [1], [plain.length], [7, 7], [100, 5_000, 9_020, 9_700], [1, 2, 3, 4, 5, 6]];

  describe.each(streamsOf(codec, []).map(({ name }, index) => [name, index] as const))("%s", (_, index) => {
    test.each(cuts.map((offsets) => [offsets]))("expand to what was written, cut at %j", (offsets) => {
      const compressed = streamsOf(codec, offsets)[index]?.compress(plain) ?? Buffer.alloc(0);

      expect(expand(codec, compressed).equals(plain)).toBe(true);
    });

    test("are refused together where each alone would be within the limit", () => {
      const compressed = streamsOf(codec, [4_000, 8_000])[index]?.compress(plain) ?? Buffer.alloc(0);

      expect(() => expand(codec, compressed, plain.length - 1)).toThrow(ConfigurationError);
      expect(() => expand(codec, compressed, plain.length - 1)).toThrow("maxDecompressedBatchBytes");
    });
  });
});

// What Java's decoders make of it: test/integration/kafka/reading/compressed-streams.test.ts.
describe("bytes behind the last stream", () => {
  const text = Buffer.from("hello");
  const bytes = (count: number, value = 0x78) => Buffer.alloc(count, value);

  test.each([
    ["gzip", bytes(1)],
    ["gzip", bytes(30)],
    ["gzip", bytes(30, 0)],
    ["gzip", gzipSync("cut off").subarray(0, 9)],
    ["snappy-xerial", bytes(3)],
    ["lz4", bytes(3)],
    ["lz4", bytes(30)],
    ["zstd", skippableFrame(bytes(9)).subarray(0, 12)],
  ] as const)("are ignored as in Java: %s, %s", (codec, garbage) => {
    expect(expand(codec, Buffer.concat([compress(codec, text), garbage])).toString()).toBe("hello");
  });

  test.each([
    ["gzip", gzipSync("cut off").subarray(0, 19)],
    ["snappy-xerial", bytes(4)],
    ["snappy-xerial", bytes(4, 0)],
    ["snappy-xerial", compress("snappy-xerial", text).subarray(0, 15)],
    ["lz4", compress("lz4", text).subarray(0, 12)],
    ["zstd", bytes(1)],
    ["zstd", bytes(30)],
    ["zstd", bytes(30, 0)],
  ] as const)("are corrupt as in Java: %s, %s", (codec, garbage) => {
    expect(() => expand(codec, Buffer.concat([compress(codec, text), garbage]))).toThrow(CorruptRecordError);
  });

  test.each(["gzip", "snappy-xerial", "lz4", "zstd"] as const)("alone are corrupt: %s", (codec) => {
    expect(() => expand(codec, bytes(30))).toThrow(CorruptRecordError);
  });
});

describe("gzip", () => {
  test("a member's header may hold everything that it can, before bytes that are ignored", () => {
    const [header, rest] = [gzipSync("hello").subarray(0, 10), gzipSync("hello").subarray(10)];
    header[3] = 0b0_1110 | 0b1_0000;
    const fields = Buffer.from([3, 0, 1, 2, 3, 110, 0, 99, 99, 0]);
    const checksum = Buffer.alloc(2);
    checksum.writeUInt16LE(crc32(Buffer.concat([header, fields])) & 0xffff);
    const member = Buffer.concat([header, fields, checksum, rest]);

    expect(expand("gzip", Buffer.concat([member, member, Buffer.from("xx")])).toString()).toBe("hellohello");
  });
});

describe("zstd", () => {
  test("a frame that was flushed and not ended holds what was flushed behind another, and is corrupt alone, as in Java", () => {
    const unended = zstdCompressSync(plain, { finishFlush: constants.ZSTD_e_flush });

    expect(expand("zstd", Buffer.concat([skippableFrame(Buffer.alloc(0)), unended])).equals(plain)).toBe(true);
    expect(() => expand("zstd", unended)).toThrow(CorruptRecordError);
  });
});

describe("lz4", () => {
  test("a content checksum is passed over on the way to the next frame", () => {
    const frame = compress("lz4", Buffer.from("hello"));
    frame[4] = (frame[4] ?? 0) | 0b100;
    const checked = Buffer.concat([frame, Buffer.alloc(4, 9)]);

    expect(expand("lz4", Buffer.concat([checked, checked])).toString()).toBe("hellohello");
  });

  test("a frame does not refer back into the one before", () => {
    const before = compress("lz4", Buffer.from("abcdefgh"));
    const block = Buffer.from([0x00, 4, 0, 0x10, 101]);
    const frame = Buffer.concat([before.subarray(0, 7), Buffer.from([block.length, 0, 0, 0]), block, Buffer.alloc(4)]);

    expect(() => expand("lz4", Buffer.concat([before, frame]), 1_000_000)).toThrow(CorruptRecordError);
  });
});
