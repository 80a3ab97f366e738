import { describe, expect, test } from "vitest";
import { crc32c } from "../../../../../shared/kafka/records/crc32c.ts";
import { crc32cJs } from "../../../../../shared/kafka/records/crc32c-js.ts";
import { bitwiseCrc32c } from "../../../../support/records/record-batch-encoder.ts";

/** RFC 3720, B.4, and the usual check value. */
const vectors: readonly (readonly [name: string, bytes: Buffer, checksum: number])[] = [
  ["nothing", Buffer.alloc(0), 0],
  ["the digits 1 to 9", Buffer.from("123456789"), 0xe306_9283],
  ["32 zeroes", Buffer.alloc(32), 0x8a91_36aa],
  ["32 ones", Buffer.alloc(32, 0xff), 0x62a8_ab43],
  ["32 ascending bytes", Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd_794e],
  ["32 descending bytes", Buffer.from(Array.from({ length: 32 }, (_, index) => 31 - index)), 0x113f_db5c],
];

describe.each([
  ["the one in use", crc32c],
  ["plain JavaScript", crc32cJs],
])("CRC-32C by %s", (_, checksum) => {
  test.each(vectors)("agrees with the published value for %s", (_name, bytes, expected) => {
    expect(checksum(bytes)).toBe(expected);
  });

  test("agrees with the definition for every length around its step", () => {
    const bytes = Buffer.from(Array.from({ length: 67 }, (_, index) => (index * 37 + 11) & 0xff));

    for (let start = 0; start < 3; start++) {
      for (let end = start; end <= bytes.length; end++) {
        expect(checksum(bytes.subarray(start, end))).toBe(bitwiseCrc32c(bytes.subarray(start, end)));
      }
    }
  });
});

test("the native build is in use where it is installed", () => {
  expect(crc32c).not.toBe(crc32cJs);
});
