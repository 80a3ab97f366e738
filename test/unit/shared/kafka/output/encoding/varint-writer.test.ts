import fc from "fast-check";
import { expect, test } from "vitest";
import { VarintWriter } from "../../../../../../shared/kafka/output/encoding/varint-writer.ts";
import { VarintReader } from "../../../../../../shared/kafka/records/varint.ts";

const [SMALLEST, LARGEST] = [-(2n ** 63n), 2n ** 63n - 1n];
const int64 = fc.oneof(
  fc.bigInt({ min: SMALLEST, max: LARGEST }),
  fc.constantFrom(SMALLEST, -(2n ** 31n) - 1n, -(2n ** 31n), -1n, 0n, 2n ** 31n - 1n, 2n ** 31n, LARGEST),
);

function readBack(value: bigint): bigint {
  const writer = new VarintWriter();
  writer.varlong(value);
  const reader = new VarintReader(Buffer.from(writer.view(0, writer.length)), 0);
  const read = reader.varlong();
  expect(reader.position).toBe(writer.length);
  return read;
}

test("a value of 64 bits is read as it was written", () => {
  fc.assert(
    fc.property(int64, (value) => {
      expect(readBack(value)).toBe(value);
    }),
  );
});

test("the difference of any two values of 64 bits, added to the one, is the other", () => {
  fc.assert(
    fc.property(int64, int64, (base, value) => {
      expect(BigInt.asIntN(64, base + readBack(value - base))).toBe(value);
    }),
  );
});
