import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startKafkaBroker } from "../../../functions/local/servers/kafka-broker.ts";
import { createMissingTopics } from "../../../functions/local/topics/create-topics.ts";
import { produceFile } from "../../../functions/local/topics/produce-file.ts";
import { connectKafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { waitUntil } from "../../support/wait-until.ts";

const DELETION_DEADLINE_MS = 60_000;

test("the local Kafka keeps records however old their timestamps are, where a topic does not say otherwise", async () => {
  const folder = await mkdtemp(join(tmpdir(), "old-records-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const properties = { "log.retention.check.interval.ms": "100", "log.initial.task.delay.ms": "100" };
  const broker = await startKafkaBroker({ folder: join(folder, "kafka"), properties });
  onTestFinished(() => broker.kill());
  const { bootstrapServers } = broker;
  const topics = await connectKafkaTopics(bootstrapServers);
  onTestFinished(() => topics.close());
  await createMissingTopics({ bootstrapServers, topics: new Map([["kept", 1]]) });
  const deleting = await topics.create({ config: { "retention.ms": "604800000" } });
  const file = join(folder, "old.jsonl");
  await writeFile(file, '{"value":"of 2020","timestamp":1577836800000}\n');
  const beginOf = async (topic: string) => (await topics.admin.fetchTopicOffsets(topic))[0]?.low;

  await produceFile({ bootstrapServers, topic: "kept", file, format: "records" });
  // Kafka looks at one log after another, all over again: between the first deletion and the third it looked at each.
  for (const deleted of ["1", "2", "3"]) {
    await produceFile({ bootstrapServers, topic: deleting, file, format: "records" });
    await waitUntil("Kafka deletes", async () => (await beginOf(deleting)) === deleted, DELETION_DEADLINE_MS);
  }

  expect(await beginOf("kept")).toBe("0");
});
