import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { murmur2, partitionOfKey } from "../../../../../../shared/kafka/output/partitioning/murmur2.ts";

describe("murmur2", () => {
  // Kafka's own vectors: UtilsTest.testMurmur2.
  test.each([
    ["21", -973_932_308],
    ["foobar", -790_332_482],
    ["a-little-bit-long-string", -985_981_536],
    ["a-little-bit-longer-string", -1_486_304_829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971],
    ["abc", 479_470_107],
  ])("of %s is what Kafka's test says", (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  test("is what another client computes, for keys of any length and alignment", () => {
    const require = createRequire(import.meta.url);
    const kafkajsMurmur2: (key: Buffer) => number = require("kafkajs/src/producer/partitioners/default/murmur2.js");

    for (let length = 0; length < 64; length++) {
      const key = randomBytes(length + 1).subarray(1);
      expect([length, murmur2(key)]).toEqual([length, kafkajsMurmur2(key)]);
    }
  });

  test("makes a partition of the key's hash without its sign", () => {
    expect(partitionOfKey(Buffer.from("21"), 7)).toBe((-973_932_308 & 0x7fff_ffff) % 7);
  });
});
