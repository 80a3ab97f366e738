import { describe, expect, test } from "vitest";
import { metadataV12 } from "../../../../../shared/kafka/protocol/metadata-v12.ts";
import { WireWriter } from "../../../../../shared/kafka/protocol/wire-writer.ts";

/** Writes one value after `before` bytes: the writer's buffer begins with 256. */
function writeAfter(before: number, write: (writer: WireWriter) => void): string {
  const writer = new WireWriter().bytes(new Uint8Array(before));
  write(writer);
  return writer.finish().subarray(before).toString("hex");
}

describe.each([250, 253, 255, 256, 257, 511, 512])("after %i bytes, where the buffer grows,", (before) => {
  test.each<[string, (writer: WireWriter) => void, string]>([
    ["an int8", (writer) => writer.int8(-2), "fe"],
    ["an int16", (writer) => writer.int16(258), "0102"],
    ["an int32", (writer) => writer.int32(16_909_060), "01020304"],
    ["an int64", (writer) => writer.int64(72_623_859_790_382_856n), "0102030405060708"],
    ["a varint", (writer) => writer.uvarint(300), "ac02"],
    ["a string", (writer) => writer.string("abc"), "04616263"],
  ])("%s is written whole", (_, write, hex) => {
    expect(writeAfter(before, write)).toBe(hex);
  });
});

test("a request that names a thousand topics is encoded", () => {
  const topics = Array.from({ length: 1_000 }, (_, index) => `topic-${index}`);

  const encoded = metadataV12.encode({ topics });

  expect(encoded.includes("topic-999")).toBe(true);
});
