import { describe, expect, test } from "vitest";
import { CorruptRecordError } from "../../../../../shared/core/errors.ts";
import { VarintReader } from "../../../../../shared/kafka/records/varint.ts";
import { encodeVarint } from "../../../../support/records/record-batch-encoder.ts";

const edges32 = [
  0n,
  -1n,
  1n,
  63n,
  -64n,
  64n,
  -65n,
  8_191n,
  -8_192n,
  8_192n,
  1_048_575n,
  1_048_576n,
  134_217_727n,
  134_217_728n,
];
const limits32 = [2_147_483_647n, -2_147_483_648n];
const edges64 = [2n ** 53n, -(2n ** 53n), 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n)];

function readerOf(bytes: Buffer) {
  return new VarintReader(Buffer.concat([Buffer.from([0xff]), bytes]), 1);
}

describe("a varint of 32 bits", () => {
  test.each([...edges32, ...limits32])("reads %d", (value) => {
    const bytes = encodeVarint(value);
    const reader = readerOf(bytes);

    expect(reader.varint()).toBe(Number(value));
    expect(reader.position).toBe(bytes.length + 1);
  });

  test.each([
    ["of six bytes", Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0])],
    ["that is cut off", Buffer.from([0x80])],
  ])("%s is corrupt", (_, bytes) => {
    expect(() => readerOf(bytes).varint()).toThrow(CorruptRecordError);
  });

  test("past the end of the buffer is corrupt", () => {
    expect(() => readerOf(Buffer.alloc(0)).varint()).toThrow(CorruptRecordError);
  });
});

describe("a varint of 64 bits", () => {
  test.each([...edges32, ...limits32, ...edges64])("reads and skips %d", (value) => {
    const bytes = encodeVarint(value);
    const reader = readerOf(bytes);
    const skipping = readerOf(bytes);
    skipping.skipVarlong();

    expect(reader.varlong()).toBe(value);
    expect([reader.position, skipping.position]).toEqual([bytes.length + 1, bytes.length + 1]);
  });

  test.each([
    ["of eleven bytes", Buffer.from([...new Array(10).fill(0x80), 0])],
    ["that is cut off", Buffer.from([0x80, 0x80])],
    ["past the end of the buffer", Buffer.alloc(0)],
  ])("%s is corrupt", (_, bytes) => {
    expect(() => readerOf(bytes).varlong()).toThrow(CorruptRecordError);
    expect(() => readerOf(bytes).skipVarlong()).toThrow(CorruptRecordError);
  });
});
