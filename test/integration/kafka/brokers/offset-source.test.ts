import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ConfigurationError, RangeReadError } from "../../../../shared/core/errors.ts";
import type { OffsetSource, PartitionMetadata } from "../../../../shared/core/source/offset-source.ts";
import { createKafkaOffsetSource } from "../../../../shared/kafka/offsets/offset-source.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";

let topics: KafkaTopics;
let source: OffsetSource;

beforeAll(async () => {
  topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
  source = createKafkaOffsetSource({ clientId: "tests", bootstrapServers: [inject("kafka.bootstrapServers")] });
});

afterAll(async () => {
  await Promise.all([source.close(), topics.close()]);
});

async function partitionsOf(topic: string): Promise<readonly PartitionMetadata[]> {
  return (await source.describe({ topics: [topic] })).partitions;
}

describe("describe", () => {
  test("names every partition of the topics in order, with topic id and leader, and what is missing", async () => {
    const [first, second] = [await topics.create({ partitions: 2 }), await topics.create()];

    const { partitions, missing } = await source.describe({ topics: [second, "no-such-topic", first] });

    const expected = [
      [first, 0],
      [first, 1],
      [second, 0],
    ].sort(([a], [b]) => (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0));
    expect(partitions.map(({ topic, partition }) => [topic, partition])).toEqual(expected);
    expect(partitions.every(({ topicId }) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(topicId))).toBe(true);
    expect(partitions.every(({ leader }) => leader?.leaderEpoch === 0 && leader.nodeId === 1)).toBe(true);
    expect(missing).toEqual(["no-such-topic"]);
  });

  test("takes an assignment as it is, each partition once, and names what is missing of it", async () => {
    const topic = await topics.create({ partitions: 3 });

    const { partitions, missing } = await source.describe({
      assign: [
        { topic, partition: 2 },
        { topic, partition: 0 },
        { topic, partition: 2 },
        { topic, partition: 7 },
        { topic: "no-such-topic", partition: 0 },
      ],
    });

    expect(partitions.map(({ partition }) => partition)).toEqual([0, 2]);
    expect(missing).toEqual([`${topic}-7`, "no-such-topic-0"]);
  });

  test("matches a pattern against whole names, and never an internal topic", async () => {
    const topic = await topics.create();
    await topics.produceTransaction(topic, [{ value: "makes the broker create its internal topics" }], "commit");

    const whole = await source.describe({ topicPattern: `${topic.slice(0, 10)}.*` });
    const part = await source.describe({ topicPattern: topic.slice(0, 10) });
    const internal = await source.describe({ topicPattern: "__.*" });

    expect(whole.partitions.map((partition) => partition.topic)).toContain(topic);
    expect(part.partitions).toEqual([]);
    expect(internal.partitions).toEqual([]);
  });

  test.each([
    ["a pattern that is none", { topicPattern: "(" }],
    ["no topic", { topics: [] }],
    ["an illegal name", { topics: ["a b"] }],
  ])("refuses %s", async (_, selection) => {
    await expect(source.describe(selection)).rejects.toThrow(ConfigurationError);
  });

  test("fails, naming each server, when none answers", async () => {
    const unreachable = createKafkaOffsetSource({
      clientId: "tests",
      bootstrapServers: ["127.0.0.1:1", "127.0.0.1:2"],
    });

    const describing = unreachable.describe({ topics: ["a"] });

    await expect(describing).rejects.toThrow(RangeReadError);
    await expect(describing).rejects.toThrow(/127\.0\.0\.1:1.*127\.0\.0\.1:2|127\.0\.0\.1:2.*127\.0\.0\.1:1/);
    await unreachable.close();
  });
});

describe("listOffsets", () => {
  test("answers in the order asked, for beginnings, ends and timestamps", async () => {
    const topic = await topics.create({ partitions: 2 });
    await topics.produce(topic, [
      { partition: 0, value: "a", timestamp: 1_000n },
      { partition: 0, value: "b", timestamp: 2_000n },
      { partition: 0, value: "c", timestamp: 3_000n },
      { partition: 1, value: "d", timestamp: 9_000n },
    ]);
    await topics.deleteRecords(topic, 0, 1n);
    const [zero, one] = await partitionsOf(topic);
    const asked = [one, zero].filter((partition) => partition !== undefined);
    const list = async (spec: Parameters<OffsetSource["listOffsets"]>[1]) =>
      (await source.listOffsets(asked, spec, "read_committed")).map((listed) =>
        listed.kind === "listed" ? listed.offset : listed.error,
      );

    expect(await list("earliest")).toEqual([0n, 1n]);
    expect(await list("latest")).toEqual([1n, 3n]);
    expect(await list({ timestamp: 2_500n })).toEqual([0n, 2n]);
    expect(await list({ timestamp: 5_000n })).toEqual([0n, undefined]);
  });

  test("latest is the last stable offset under read_committed, the high watermark otherwise", async () => {
    const topic = await topics.create();
    await topics.produce(topic, [{ value: "a" }]);
    await topics.produceTransaction(topic, [{ value: "b" }, { value: "c" }], "open");
    const partitions = await partitionsOf(topic);

    const committed = await source.listOffsets(partitions, "latest", "read_committed");
    const uncommitted = await source.listOffsets(partitions, "latest", "read_uncommitted");

    expect(committed).toMatchObject([{ kind: "listed", offset: 1n }]);
    expect(uncommitted).toMatchObject([{ kind: "listed", offset: 3n }]);
  });

  test("a partition that cannot be listed is a value beside the others, with outdated leaders corrected", async () => {
    const topic = await topics.create({ partitions: 2 });
    await topics.produce(topic, [{ partition: 0, value: "a" }]);
    const [zero, one] = await partitionsOf(topic);
    if (zero?.leader === undefined || one === undefined) {
      throw new Error("the topic has no leader");
    }
    const stale = { ...zero, leader: { ...zero.leader, leaderEpoch: 9 } };
    const moved = { ...one, leader: { ...zero.leader, port: 1 } };
    const gone = { ...zero, partition: 5 };

    const listed = await source.listOffsets([stale, gone, moved], "latest", "read_committed");

    expect(listed).toMatchObject([{ kind: "listed", offset: 1n }, { kind: "failed" }, { kind: "listed", offset: 0n }]);
  });

  test("asks nobody when nothing is asked", async () => {
    const unreachable = createKafkaOffsetSource({ clientId: "tests", bootstrapServers: ["127.0.0.1:1"] });

    expect(await unreachable.listOffsets([], "latest", "read_committed")).toEqual([]);
    await unreachable.close();
  });
});

test("says where a leader epoch ends, and that the log does not hold one", async () => {
  const topic = await topics.create();
  await topics.produce(topic, [{ value: "a" }, { value: "b" }, { value: "c" }]);
  const [partition] = await partitionsOf(topic);
  if (partition === undefined) {
    throw new Error("the topic has no partition");
  }

  await expect(source.endOfEpoch(partition, 0)).resolves.toEqual({ kind: "listed", offset: 3n, leaderEpoch: 0 });
  await expect(source.endOfEpoch(partition, 7)).resolves.toMatchObject({ kind: "listed", offset: undefined });
  const { leader: _none, ...leaderless } = partition;
  await expect(source.endOfEpoch(leaderless, 0)).resolves.toMatchObject({ kind: "failed" });
});
