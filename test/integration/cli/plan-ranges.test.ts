import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { runRanges } from "../../support/cli/run-ranges.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";

let topics: KafkaTopics;
let topic: string;

beforeAll(async () => {
  topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
  topic = await topics.create({ partitions: 3 });
  const records = [0, 1, 2].flatMap((partition) => ["a", "b", "c"].map((value) => ({ partition, value })));
  await topics.produce(topic, records);
  await topics.deleteRecords(topic, 2, 1n);
});

afterAll(() => topics.close());

const plan = (...args: readonly string[]) =>
  runRanges(["plan", "--bootstrap-servers", inject("kafka.bootstrapServers"), ...args]);

const json = (...offsets: readonly number[]) => JSON.stringify({ [topic]: Object.fromEntries(offsets.entries()) });

function range(partition: number, fromOffset: string, untilOffset: string) {
  return { topic, partition, fromOffset, untilOffset };
}

test("earliest to latest is everything that the log has", async () => {
  const { code, stdout } = await plan(
    "--topics",
    topic,
    "--starting-offsets",
    "earliest",
    "--ending-offsets",
    "latest",
  );

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ ranges: [range(0, "0", "3"), range(1, "0", "3"), range(2, "1", "3")] });
});

test("Spark's JSON may be pasted; empty ranges are left out", async () => {
  const { stdout } = await plan(
    "--topics",
    topic,
    "--starting-offsets",
    json(1, -1, -2),
    "--ending-offsets",
    json(2, -1, 3),
  );

  expect(JSON.parse(stdout)).toEqual({ ranges: [range(0, "1", "2"), range(2, "1", "3")] });
});

test("partitions are chosen by assignment or by a pattern that matches the whole name", async () => {
  const assigned = await plan("--assign", `${topic}:1,${topic}:0`);
  const matching = await plan("--topic-pattern", `${topic.slice(0, -1)}.`);
  const partly = await plan("--topic-pattern", topic.slice(0, -1));

  expect(JSON.parse(assigned.stdout)).toEqual({ ranges: [range(0, "0", "3"), range(1, "0", "3")] });
  expect(JSON.parse(matching.stdout).ranges).toHaveLength(3);
  expect(JSON.parse(partly.stdout)).toEqual({ ranges: [] });
  expect(partly.stderr).toMatch(
    /^ranges: no topic matches the topicPattern ".*", or none that may be described; .*\n$/,
  );
  expect(matching.stderr).toBe("");
});

test.each([
  ["no way to choose topics", () => [], "exactly one of --topics, --topic-pattern and --assign"],
  ["two ways to choose topics", () => ["--topics", "a", "--assign", "a:0"], "exactly one of"],
  ["an empty list of topics", () => ["--topics", ""], '--topics "" has an empty entry; give one or more'],
  ["an empty pattern", () => ["--topic-pattern", ""], '--topic-pattern "" is empty; give a regular expression'],
  ["a broken pattern", () => ["--topic-pattern", "("], "is not a regular expression"],
  ["a pattern that is none by itself", () => ["--topic-pattern", "a)|(?:b"], "a ) closes no group, at character 2"],
  ["an unknown topic", () => ["--topics", "no-such-topic"], "no-such-topic does not exist"],
  ["broken JSON", () => ["--topics", topic, "--starting-offsets", "{"], 'starting-offsets "{" is not a JSON object'],
  [
    "a partition that is not named",
    () => ["--topics", topic, "--starting-offsets", json(0, 0)],
    "-2; use -2 for earliest, -1 for latest",
  ],
  ["an earliest end", () => ["--topics", topic, "--ending-offsets", "earliest"], "ending offsets must not be earliest"],
])("refuses %s with exit code 2 and one line", async (_, args, message) => {
  const { code, stdout, stderr } = await plan(...args());

  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr.trimEnd().split("\n")).toEqual([expect.stringContaining(message)]);
});

test.each<[string, number, () => readonly string[], string]>([
  ["a start below the log", 3, () => ["--starting-offsets", json(0, 0, 0)], "below its log's first offset 1"],
  ["a start beyond the end", 4, () => ["--starting-offsets", json(4, 0, 1)], "beyond its log's end 3"],
  ["an end beyond the end", 4, () => ["--ending-offsets", json(4, 0, -1)], "beyond its log's end 3"],
])("refuses %s with exit code %i, as read does", async (_, expected, args, message) => {
  const { code, stdout, stderr } = await plan("--topics", topic, ...args());

  expect({ code, stdout, stderr }).toEqual({ code: expected, stdout: "", stderr: expect.stringContaining(message) });
});
