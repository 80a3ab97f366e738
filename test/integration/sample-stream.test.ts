import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { startKafkaBroker } from "../../functions/local/servers/kafka-broker.ts";
import { countTopicWords } from "../local/demo/count-topic-words.ts";
import { wordsOf } from "../local/demo/sample-lines.ts";
import { startSampleStream } from "../local/demo/sample-stream.ts";
import { startKafkaProxy } from "../support/kafka/kafka-proxy.ts";
import { connectKafkaTopics } from "../support/kafka/kafka-topics.ts";
import { waitUntil } from "../support/wait-until.ts";

test("SS1: counts what the log holds, though the broker is killed while records are on their way", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sample-stream-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const broker = await startKafkaBroker({ folder });
  onTestFinished(() => broker.kill());
  const waitedFor: string[] = [];
  const stream = await startSampleStream({
    bootstrapServers: broker.bootstrapServers,
    topic: "lines",
    recordsPerSecond: 3_000,
    onWaiting: (what) => waitedFor.push(what),
  });

  await waitUntil("the stream flows", () => stream.totals().records > 1_000, 60_000);
  await broker.kill();
  await broker.restart();
  const restarted = stream.totals().records;
  await waitUntil("the stream flows again", () => stream.totals().records > restarted + 1_000, 60_000);
  const totals = await stream.stop();

  expect(totals.unresolved).toBe(0);
  expect(waitedFor.length).toBeGreaterThan(0);
  expect(await countTopicWords(broker.bootstrapServers, "lines")).toEqual(totals.words);
});

test("SS1, SS2: sends a request whose answer was lost again, and the log holds it once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sample-stream-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const proxy = await startKafkaProxy();
  onTestFinished(() => proxy.close());
  const properties = { "advertised.listeners": `PLAINTEXT://${proxy.address}` };
  const broker = await startKafkaBroker({ folder, properties });
  onTestFinished(() => broker.kill());
  proxy.forwardTo(broker.bootstrapServers);
  const stream = await startSampleStream({ bootstrapServers: proxy.address, topic: "lines" });

  for (let lost = 1; lost <= 5; lost += 1) {
    await proxy.loseNextProduceAnswer();
    const before = stream.totals().records;
    await waitUntil("the stream flows again", () => stream.totals().records > before, 30_000);
  }
  const totals = await stream.stop();

  expect(totals.unresolved).toBe(0);
  expect(await countTopicWords(proxy.address, "lines")).toEqual(totals.words);
});

test("SS3: tells how many records are of unknown fate when Kafka stays away", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sample-stream-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const broker = await startKafkaBroker({ folder });
  const waiting = Promise.withResolvers<string>();
  const { bootstrapServers } = broker;
  const stream = await startSampleStream({ bootstrapServers, topic: "lines", onWaiting: waiting.resolve });

  await broker.kill();
  await waiting.promise;
  const totals = await stream.stop(0);

  expect(totals.unresolved).toBeGreaterThan(0);
  expect(totals.records).toBeGreaterThan(0);
});

test("skews its records over all partitions of the topic, each with a key and headers", async () => {
  const bootstrapServers = inject("kafka.bootstrapServers");
  const topics = await connectKafkaTopics(bootstrapServers);
  const topic = await topics.create({ partitions: 12 });
  const stream = await startSampleStream({ bootstrapServers, topic, recordsPerSecond: 4_000 });

  await waitUntil("1,500 records are acknowledged", () => stream.totals().records >= 1_500, 30_000);
  const { records, words } = await stream.stop();

  const ends = [...(await topics.stableOffsets(topic)).values()].map(Number);
  expect(ends.reduce((sum, end) => sum + end, 0)).toBe(records);
  expect(Math.min(...ends)).toBeGreaterThan(0);
  expect(ends[0]).toBeGreaterThan(5 * Number(ends[11]));
  expect([...words.keys()].flatMap(wordsOf)).toHaveLength(words.size);
  await topics.close();
});
