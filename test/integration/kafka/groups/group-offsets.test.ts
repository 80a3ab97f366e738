import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { Consumer } from "@platformatic/kafka";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { kafkaClassPath } from "../../../../functions/local/servers/kafka-download.ts";
import { createFrontierCommitter } from "../../../../functions/scheduler/frontier/commit-frontier.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import { createKafkaGroupOffsets } from "../../../../shared/kafka/groups/group-offsets.ts";
import { createKafkaOffsetSource } from "../../../../shared/kafka/offsets/offset-source.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { hookedConnections } from "../../../support/kafka-output/hooked-connections.ts";
import { createSchedulerBench } from "../../../support/pipeline/scheduler-bench.ts";

const bootstrapServers = inject("kafka.bootstrapServers");
const options = { clientId: "tests", bootstrapServers: [bootstrapServers] };
const JOIN_TIMEOUT_MS = 60_000;

let topics: KafkaTopics;

beforeAll(async () => {
  topics = await connectKafkaTopics(bootstrapServers);
});

afterAll(() => topics.close());

const signal = AbortSignal.timeout(100_000);

describe("a group that nobody consumes with", () => {
  test("is told of ten thousand partitions by ten requests to its coordinator, and has the last word on each", async () => {
    const topic = await topics.create({ partitions: 10 });
    const calls: string[] = [];
    const connect = hookedConnections(options, (name) => {
      calls.push(name);
      return "passes";
    });
    const group = createKafkaGroupOffsets({ ...options, connect }, randomUUID());
    const partitions = Array.from({ length: 10 }, (_, partition) => ({ topic, partition }));
    // Of the same ten, as often as it takes.
    const offsets = Array.from({ length: 10_000 }, (_, index) => ({
      topic,
      partition: index % 10,
      offset: BigInt(index),
    }));

    expect(await group.fetch(partitions, signal)).toEqual(new Map());
    expect(await group.commit(offsets, signal)).toEqual([]);

    const last = partitions.map(({ partition }): [string, bigint] => [
      `${topic}-${partition}`,
      9_990n + BigInt(partition),
    ]);
    expect(await group.fetch(partitions, signal)).toEqual(new Map(last));
    expect(calls.filter((name) => name === "OffsetCommit")).toHaveLength(10);
    expect(calls.slice(calls.indexOf("OffsetCommit"))).not.toContain("FindCoordinator");
  });

  test("takes the others where one of the topics is gone", async () => {
    const topic = await topics.create();
    const group = createKafkaGroupOffsets(options, randomUUID());

    const refused = await group.commit(
      [
        { topic, partition: 0, offset: 5n },
        { topic: "never-created", partition: 0, offset: 5n },
      ],
      signal,
    );

    expect(refused).toEqual([{ topic: "never-created", partition: 0, reason: "UNKNOWN_TOPIC_OR_PARTITION" }]);
    expect(await group.fetch([{ topic, partition: 0 }], signal)).toEqual(new Map([[`${topic}-0`, 5n]]));
  });

  test("shows an idle pipeline's end to kafka-consumer-groups.sh, without lag", async () => {
    const topic = await topics.create();
    await topics.produce(topic, [{ value: "1" }, { value: "2" }, { value: "3" }]);
    const groupId = randomUUID();
    const source = createKafkaOffsetSource(options);
    onTestFinished(() => source.close());
    const bench = createSchedulerBench();
    const commitFrontier = createFrontierCommitter(createKafkaGroupOffsets(options, groupId), bench.clock.now);
    const run = () => bench.tick({ selection: { topics: [topic] } }, { source, commitFrontier });
    await run();
    bench.completeAll();

    expect(await run()).toMatchObject({ partitions: [{ kind: "idle" }], frontier: { committed: 1 } });

    const described = (await describeGroup(groupId)).find((line) => line.includes(topic)) ?? "";
    const [group, , partition, current, end, lag] = described.split(/\s+/);
    expect([group, partition, current, end, lag]).toEqual([groupId, "0", "3", "3", "0"]);
  });
});

/** What Kafka's own tool says of the group. */
async function describeGroup(groupId: string): Promise<readonly string[]> {
  const tool = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
  const jvm = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", await kafkaClassPath(), tool];
  const asked = ["--bootstrap-server", bootstrapServers, "--describe", "--group", groupId];
  const { stdout } = await promisify(execFile)("java", [...jvm, ...asked]);
  return stdout.split("\n");
}

describe("a group that somebody consumes with", () => {
  test("takes nothing, and says so; planning goes on", async () => {
    const topic = await topics.create();
    const groupId = randomUUID();
    await consumeWith(groupId, topic);
    const group = createKafkaGroupOffsets(options, groupId);

    const refused = group.commit([{ topic, partition: 0, offset: 1n }], signal);

    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(`somebody consumes with group ${groupId}`);

    await topics.produce(topic, [{ value: "1" }]);
    const source = createKafkaOffsetSource(options);
    onTestFinished(() => source.close());
    const bench = createSchedulerBench();
    const commitFrontier = createFrontierCommitter(group, bench.clock.now);
    const run = () => bench.tick({ selection: { topics: [topic] } }, { source, commitFrontier });
    await run();
    bench.completeAll();
    await topics.produce(topic, [{ value: "2" }]);

    expect(await run()).toMatchObject({
      partitions: [{ kind: "planned", fromOffset: 1n, untilOffset: 2n }],
      frontier: { committed: 0, failure: expect.stringContaining("somebody consumes with group") },
    });
  });
});

describe("a pipeline that goes on for a consumer group", () => {
  test("GS1: waits for its consumer to stop, and starts behind what that one has committed", async () => {
    const topic = await topics.create({ partitions: 2 });
    await topics.produce(topic, [
      ...["a", "b", "c"].map((value) => ({ value, partition: 0 })),
      ...["d", "e"].map((value) => ({ value, partition: 1 })),
    ]);
    const groupId = randomUUID();
    const consumer = await consumeWith(groupId, topic);
    const source = createKafkaOffsetSource(options);
    onTestFinished(() => source.close());
    const bench = createSchedulerBench();
    const startingGroup = { groupId, onNoMatch: "error" } as const;
    const run = () => bench.tick({ selection: { topics: [topic] }, startingGroup }, { source });

    await expect(run()).rejects.toThrow(`somebody consumes with group ${groupId}`);
    expect(bench.ledger.all()).toEqual([]);

    await consumer.commitOffsets([
      { topic, partition: 0, offset: "2" },
      { topic, partition: 1, offset: "1" },
    ]);
    await consumer.disconnect();

    expect(await run()).toMatchObject({
      partitions: [
        { kind: "planned", partition: 0, fromOffset: 2n, untilOffset: 3n },
        { kind: "planned", partition: 1, fromOffset: 1n, untilOffset: 2n },
      ],
    });
  });

  test("sees members of the newer protocol too (KIP-848)", async () => {
    const topic = await topics.create();
    const groupId = randomUUID();
    const consumer = new Consumer({
      bootstrapBrokers: [bootstrapServers],
      clientId: "newer",
      groupId,
      groupProtocol: "consumer",
    });
    onTestFinished(() => consumer.close(true));
    const stream = await consumer.consume({ topics: [topic], autocommit: false });
    const source = createKafkaOffsetSource(options);
    onTestFinished(() => source.close());
    const read = () => source.groupPosition(groupId, [{ topic, partition: 0 }]);

    expect(await read()).toEqual({ hasMembers: true, offsets: new Map() });

    await consumer.commit({ offsets: [{ topic, partition: 0, offset: 7n, leaderEpoch: 0 }] });
    await stream.close();
    await consumer.close(true);
    expect(await read()).toEqual({ hasMembers: false, offsets: new Map([[`${topic}-0`, 7n]]) });
  });

  test("GS2: waits for a transaction under way that commits its offset", async () => {
    const topic = await topics.create();
    const groupId = randomUUID();
    const kafka = new Kafka({ brokers: [bootstrapServers], clientId: "producer", logLevel: logLevel.NOTHING });
    const producer = kafka.producer({ transactionalId: groupId, maxInFlightRequests: 1, idempotent: true });
    onTestFinished(() => producer.disconnect());
    await producer.connect();
    const transaction = await producer.transaction();
    const offsets = { consumerGroupId: groupId, topics: [{ topic, partitions: [{ partition: 0, offset: "3" }] }] };
    await transaction.sendOffsets(offsets);
    const source = createKafkaOffsetSource(options);
    onTestFinished(() => source.close());

    const position = source.groupPosition(groupId, [{ topic, partition: 0 }]);
    await transaction.commit();

    expect(await position).toEqual({ hasMembers: false, offsets: new Map([[`${topic}-0`, 3n]]) });
  });
});

async function consumeWith(groupId: string, topic: string) {
  const kafka = new Kafka({ brokers: [bootstrapServers], clientId: "consumer", logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId, sessionTimeout: 30_000 });
  onTestFinished(() => consumer.disconnect());
  const { promise: joined, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error("the consumer did not join its group")), JOIN_TIMEOUT_MS);
  consumer.on(consumer.events.GROUP_JOIN, () => resolve());
  await consumer.connect();
  await consumer.subscribe({ topics: [topic] });
  // Commits nothing itself: what the group has is then what it was told, or nothing.
  await consumer.run({ autoCommit: false, eachMessage: async () => undefined });
  await joined;
  clearTimeout(timer);
  return consumer;
}
