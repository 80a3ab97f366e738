import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { DataLossError } from "../../../../shared/core/errors.ts";
import type { RangeReader } from "../../../../shared/core/source/range-reader.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { collectRange, expectEverySubRange, failRange } from "../../../support/kafka/collect-range.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const COMPACTION_DEADLINE_MS = 60_000;

/** Every batch closes the segment before it, and the cleaner takes what is closed at once. */
const compacted = {
  "cleanup.policy": "compact",
  "segment.ms": "1",
  "min.cleanable.dirty.ratio": "0.001",
  "delete.retention.ms": "0",
  "max.compaction.lag.ms": "100",
};

let topics: KafkaTopics;
let reader: RangeReader;
/** Every fetch brings one record batch. */
let smallReader: RangeReader;
let strictReader: RangeReader;

beforeAll(async () => {
  topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
  const options = { clientId: "tests", bootstrapServers: [inject("kafka.bootstrapServers")] };
  reader = createKafkaRangeReader(options);
  smallReader = createKafkaRangeReader({ ...options, fetchMaxBytes: 1 });
  strictReader = createKafkaRangeReader({ ...options, requireConsecutiveOffsets: true });
});

afterAll(async () => {
  await Promise.all([reader.close(), smallReader.close(), strictReader.close(), topics.close()]);
});

/** Writes batches of these keys, waits for the cleaner, and says which offsets are left. */
async function writeCompacted(topic: string, batches: readonly (readonly string[])[]) {
  let timestamp = 1_700_000_000_000n;
  for (const keys of batches) {
    timestamp += 1_000n;
    await topics.produce(
      topic,
      keys.map((key) => ({ key, value: `at ${timestamp}`, timestamp })),
    );
  }
  const keys = batches.flat();
  const visible = keys.flatMap((key, index) => (keys.lastIndexOf(key) === index ? [BigInt(index)] : []));
  const end = BigInt(keys.length);
  const range = { topic, partition: 0, fromOffset: 0n, untilOffset: end };
  await waitUntil(
    "the cleaner has left the last record of each key",
    async () =>
      (await collectRange(reader, { range, isolationLevel: "read_committed" })).offsets.length === visible.length,
    COMPACTION_DEADLINE_MS,
  );
  return { visible, end };
}

describe("a compacted log", () => {
  test("G1: holes at the start, in the middle and at the end of any range are read through", async () => {
    const topic = await topics.create({ config: compacted });
    const { visible, end } = await writeCompacted(topic, [
      ["a", "b", "c"],
      ["d", "e", "f", "g", "h"],
      ["a", "b", "c", "x"],
      ["d", "f", "h"],
      ["y", "x", "z", "y"],
      ["a", "z"],
      ["last"],
    ]);

    expect(visible.length).toBeLessThan(Number(end));
    await expectEverySubRange([reader, smallReader], topic, { visible, end });
  });

  test("G1: compressed batches with holes inside are cut exactly", async () => {
    const topic = await topics.create({ config: { ...compacted, "compression.type": "zstd" } });
    const { visible, end } = await writeCompacted(topic, [
      ["a", "b", "c", "d", "e", "f", "g", "h"],
      ["b", "d", "h"],
      ["last"],
    ]);

    await expectEverySubRange([smallReader], topic, { visible, end });
  });

  test("countBelow is exact between the holes of a batch", async () => {
    const topic = await topics.create({ config: compacted });
    const { end } = await writeCompacted(topic, [["a", "b", "c", "d", "e"], ["b", "d"], ["last"]]);
    const range = { topic, partition: 0, fromOffset: 0n, untilOffset: end };

    const { batches } = await collectRange(reader, { range, isolationLevel: "read_committed" });

    expect([...(batches[0] ?? [])].map(({ offset }) => offset)).toEqual([0n, 2n, 4n]);
    expect([0n, 1n, 2n, 3n, 4n, 5n, 99n].map((offset) => batches[0]?.countBelow(offset))).toEqual([
      0, 1, 1, 2, 2, 3, 3,
    ]);
  });

  test("requireConsecutiveOffsets makes a hole an error that names it, and dense ranges stay readable", async () => {
    const topic = await topics.create({ config: compacted });
    await writeCompacted(topic, [["a", "b", "c"], ["b"], ["x", "y"], ["last"]]);
    const range = { topic, partition: 0, fromOffset: 0n, untilOffset: 7n };

    const { error } = await failRange(strictReader, { range, isolationLevel: "read_committed" });
    const dense = await collectRange(strictReader, {
      range: { ...range, fromOffset: 2n },
      isolationLevel: "read_committed",
    });

    expect(error).toBeInstanceOf(DataLossError);
    expect(dense.offsets).toEqual([2n, 3n, 4n, 5n, 6n]);
  });
});
