import { CompressionTypes } from "kafkajs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { BeyondEndError, ConfigurationError, DataLossError } from "../../../../shared/core/errors.ts";
import type { RangeReader } from "../../../../shared/core/source/range-reader.ts";
import { createKafkaOffsetSource } from "../../../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { collectRange, expectEverySubRange, failRange } from "../../../support/kafka/collect-range.ts";
import { connectKafkaTopics, type KafkaTopics, type TestRecord } from "../../../support/kafka/kafka-topics.ts";

let topics: KafkaTopics;
let reader: RangeReader;
/** Every fetch brings one record batch. */
let smallReader: RangeReader;
const options = { clientId: "tests", bootstrapServers: [inject("kafka.bootstrapServers")] };

beforeAll(async () => {
  topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
  reader = createKafkaRangeReader(options);
  smallReader = createKafkaRangeReader({ ...options, fetchMaxBytes: 1 });
});

afterAll(async () => {
  await Promise.all([reader.close(), smallReader.close(), topics.close()]);
});

function request(topic: string, fromOffset: bigint, untilOffset: bigint) {
  return { range: { topic, partition: 0, fromOffset, untilOffset }, isolationLevel: "read_committed" } as const;
}

function values(count: number): TestRecord[] {
  return Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: `v${index}` }));
}

describe("a plain log", () => {
  test("G1: gives exactly the records of each partition's range, with keys, values, headers and timestamps", async () => {
    const topic = await topics.create({ partitions: 3 });
    for (const partition of [0, 1, 2]) {
      await topics.produce(
        topic,
        Array.from({ length: 20 }, (_, index) => ({
          partition,
          key: index === 7 ? null : `key-${partition}-${index}`,
          value: index === 8 ? null : `value-${partition}-${index}`,
          headers: index === 6 ? { a: ["1", "2"], b: "" } : {},
          timestamp: 1_700_000_000_000n + BigInt(index),
        })),
      );
    }

    for (const partition of [0, 1, 2]) {
      const { records, batches } = await collectRange(reader, {
        range: { topic, partition, fromOffset: 5n, untilOffset: 17n },
        isolationLevel: "read_committed",
      });
      expect(records).toEqual(
        Array.from({ length: 12 }, (_, index) => index + 5).map((index) => ({
          offset: BigInt(index),
          key: index === 7 ? null : `key-${partition}-${index}`,
          value: index === 8 ? null : `value-${partition}-${index}`,
        })),
      );
      const [, second] = [...(batches[0] ?? [])];
      expect(second).toMatchObject({ timestamp: 1_700_000_000_006n, timestampType: "CreateTime" });
      expect(second?.headers.map(({ key, value }) => [key, value?.toString()])).toEqual([
        ["a", "1"],
        ["a", "2"],
        ["b", ""],
      ]);
    }
  });

  test("G1: cuts the batches that span its ends, whatever the ends are", async () => {
    const topic = await topics.create();
    for (const size of [1, 5, 3, 7]) {
      await topics.produce(topic, values(size));
    }

    await expectEverySubRange([reader, smallReader], topic, {
      visible: Array.from({ length: 16 }, (_, index) => BigInt(index)),
      end: 16n,
    });
  });

  test("an empty range needs no broker and no topic", async () => {
    const unreachable = createKafkaRangeReader({ ...options, bootstrapServers: ["127.0.0.1:1"] });

    const { offsets, read } = await collectRange(unreachable, request("no-such-topic", 7n, 7n));

    expect(offsets).toEqual([]);
    expect(read.position).toBe(7n);
    await unreachable.close();
  });

  test.each(["uncompressed", "gzip", "snappy", "lz4", "zstd"])(
    "G1: reads what a broker stores as %s",
    async (codec) => {
      const topic = await topics.create({ config: { "compression.type": codec } });
      const records = Array.from({ length: 500 }, (_, index) => ({
        key: `k${index % 10}`,
        value: `value ${index} `.repeat(index % 40),
      }));
      await topics.produce(topic, records.slice(0, 300), CompressionTypes.GZIP);
      await topics.produce(topic, records.slice(300));

      const collected = await collectRange(smallReader, request(topic, 10n, 490n));

      expect(collected.records.map(({ key, value }) => ({ key, value }))).toEqual(records.slice(10, 490));
    },
  );

  test("RR2, PF1: refuses a range that ends beyond the log before a single record of it", async () => {
    const topic = await topics.create();
    await topics.produce(topic, values(10));

    for (const [fromOffset, untilOffset] of [
      [0n, 11n],
      [10n, 11n],
      [500n, 501n],
    ] as const) {
      const { error, offsets } = await failRange(reader, request(topic, fromOffset, untilOffset));
      expect(error).toBeInstanceOf(BeyondEndError);
      expect(error).toMatchObject({ untilOffset, endOffset: 10n, retryable: true });
      expect(offsets).toEqual([]);
    }
  });

  test("RR3: says what DeleteRecords removed, with both offsets, and reads what is left", async () => {
    const topic = await topics.create();
    await topics.produce(topic, values(4));
    await topics.produce(topic, values(6));
    await topics.deleteRecords(topic, 0, 6n);

    const { error, offsets } = await failRange(reader, request(topic, 5n, 10n));
    const rest = await collectRange(reader, request(topic, 6n, 10n));

    expect(error).toBeInstanceOf(DataLossError);
    expect(error).toMatchObject({ fromOffset: 5n, loss: { kind: "deleted", beginningOffset: 6n } });
    expect(offsets).toEqual([]);
    expect(rest.offsets).toEqual([6n, 7n, 8n, 9n]);
  });

  test("LS1: refuses a topic that has another id, and one that does not exist", async () => {
    const topic = await topics.create();
    await topics.produce(topic, values(3));
    const topicId = "0b9d3a52-6a4c-4c1f-9f5e-3f6f0a3b9c11";

    const recreated = await failRange(reader, { ...request(topic, 0n, 3n), topicId });
    const deleted = await failRange(reader, { ...request("no-such-topic", 0n, 3n), topicId });
    const unknown = await failRange(reader, request("no-such-topic", 0n, 3n));

    expect(recreated.error).toBeInstanceOf(DataLossError);
    expect(deleted.error).toBeInstanceOf(DataLossError);
    expect([recreated.error, deleted.error]).toMatchObject([
      { loss: { kind: "topicGone" } },
      { loss: { kind: "topicGone" } },
    ]);
    expect(unknown.error).toBeInstanceOf(ConfigurationError);
  });

  test("goes straight to the leader it is told, and to the right one when it is told wrong", async () => {
    const topic = await topics.create();
    await topics.produce(topic, values(3));
    const source = createKafkaOffsetSource(options);
    const [partition] = (await source.describe({ topics: [topic] })).partitions;
    await source.close();
    if (partition?.leader === undefined) {
      throw new Error("the partition has no leader");
    }
    const { topicId, leader } = partition;
    const direct = createKafkaRangeReader({ ...options, bootstrapServers: [`${leader.host}:${leader.port}`] });

    const told = await collectRange(direct, { ...request(topic, 0n, 3n), topicId, leader });
    const toldWrong = await collectRange(reader, {
      ...request(topic, 0n, 3n),
      topicId,
      leader: { ...leader, port: 1 },
    });
    const toldStale = await collectRange(reader, {
      ...request(topic, 0n, 3n),
      topicId,
      leader: { ...leader, leaderEpoch: 99 },
    });

    expect(told.offsets).toEqual([0n, 1n, 2n]);
    expect(toldWrong.offsets).toEqual([0n, 1n, 2n]);
    expect(toldStale.offsets).toEqual([0n, 1n, 2n]);
    await direct.close();
  });

  test("RR3: a log without the leader epoch that precedes the range was truncated", async () => {
    const topic = await topics.create();
    await topics.produce(topic, values(3));

    const same = await collectRange(reader, { ...request(topic, 1n, 3n), previousLeaderEpoch: 0 });
    const { error } = await failRange(reader, { ...request(topic, 1n, 3n), previousLeaderEpoch: 7 });

    expect(same.offsets).toEqual([1n, 2n]);
    expect(error).toBeInstanceOf(DataLossError);
    expect(error).toMatchObject({ loss: { kind: "truncated" } });
  });
});
