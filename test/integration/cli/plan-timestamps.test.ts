import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { runRanges } from "../../support/cli/run-ranges.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";

/** Three times ten records each, over three partitions: 4, 3 and 3 of each ten. */
const [T1, T2, T3] = [1_700_000_000_000n, 1_700_000_100_000n, 1_700_000_200_000n];

let topics: KafkaTopics;
let topic: string;

beforeAll(async () => {
  topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
  topic = await topics.create({ partitions: 3, config: { "retention.ms": "-1" } });
  for (const timestamp of [T1, T2, T3]) {
    const records = Array.from({ length: 10 }, (_, index) => ({ partition: index % 3, value: `${index}`, timestamp }));
    await topics.produce(topic, records);
  }
});

afterAll(() => topics.close());

async function plan(...args: readonly string[]) {
  const servers = inject("kafka.bootstrapServers");
  return runRanges(["plan", "--bootstrap-servers", servers, "--topics", topic, ...args]);
}

async function planned(...args: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await plan(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const { ranges } = JSON.parse(stdout) as { ranges: Record<"partition" | "fromOffset" | "untilOffset", string>[] };
  return ranges.map(({ partition, fromOffset, untilOffset }) => `${partition}: ${fromOffset}-${untilOffset}`);
}

const json = (...values: readonly bigint[]) =>
  `{"${topic}":{${values.map((value, partition) => `"${partition}":${value}`).join(",")}}}`;

test("from the first record of one time to the first of another, global and by partition", async () => {
  const expected = ["0: 4-8", "1: 3-6", "2: 3-6"];

  expect(await planned("--starting-timestamp", `${T2}`, "--ending-timestamp", `${T3}`)).toEqual(expected);
  expect(
    await planned(
      ...["--starting-offsets-by-timestamp", json(T2, T2, T2)],
      ...["--ending-offsets-by-timestamp", json(T3, T3, T3)],
    ),
  ).toEqual(expected);
});

test("a timestamp at one end goes with offsets at the other", async () => {
  expect(await planned("--starting-offsets", "earliest", "--ending-timestamp", `${T3}`)).toEqual([
    "0: 0-8",
    "1: 0-6",
    "2: 0-6",
  ]);
  expect(await planned("--starting-timestamp", `${T2}`)).toEqual(["0: 4-12", "1: 3-9", "2: 3-9"]);
});

test("a global timestamp wins over timestamps by partition, and those over offsets", async () => {
  const all = ["--starting-timestamp", `${T3}`, "--starting-offsets-by-timestamp", json(T2, T2, T2)];

  expect(await planned(...all, "--starting-offsets", "latest")).toEqual(["0: 8-12", "1: 6-9", "2: 6-9"]);
});

test("an end that no record matches is the end of the log; a start is refused, or latest", async () => {
  const late = `${T3 + 1n}`;

  expect(await planned("--ending-timestamp", late)).toEqual(["0: 0-12", "1: 0-9", "2: 0-9"]);
  expect(await planned("--starting-timestamp", late, "--on-no-match", "latest")).toEqual([]);
  const refused = await plan("--starting-timestamp", late);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toMatch(/^ranges: no offset matched the starting timestamps of .*-0 .*\n$/);
});

test("limits and splits apply to what was chosen", async () => {
  expect(await planned("--max-records-per-partition", "5")).toEqual(["0: 0-5", "1: 0-5", "2: 0-5"]);
  expect(await planned("--max-records-per-batch", "10")).toEqual(["0: 0-4", "1: 0-3", "2: 0-3"]);
  expect(await planned("--max-records-per-batch", "3", "--min-records-per-partition", "2")).toEqual([
    "0: 0-2",
    "1: 0-2",
    "2: 0-2",
  ]);
  expect(await planned("--max-records-per-range", "6")).toEqual([
    "0: 0-6",
    "0: 6-12",
    "1: 0-4",
    "1: 4-9",
    "2: 0-4",
    "2: 4-9",
  ]);
  expect((await planned("--min-partitions", "6")).length).toBeGreaterThanOrEqual(6);
});

test.each([
  ["--min-partitions", "a"],
  ["--min-partitions", "1.0"],
  ["--min-partitions", "0"],
  ["--min-partitions", "-1"],
  ["--max-records-per-batch", "0"],
  ["--max-records-per-range", "9223372036854775808"],
  ["--starting-timestamp", "yesterday"],
  ["--ending-offsets-by-timestamp", "{}}"],
  ["--on-no-match", "skip"],
])("refuses %s %s with exit code 2 and one line that quotes it", async (option, value) => {
  const { code, stdout, stderr } = await plan(option, value);

  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(stderr).toContain(option);
  expect(stderr).toContain(value);
});

test("what a consumer group has committed, also while somebody consumes with it", async () => {
  const groupId = `${topic}-group`;
  const kafka = new Kafka({ brokers: [inject("kafka.bootstrapServers")], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  await admin.setOffsets({
    groupId,
    topic,
    partitions: [
      { partition: 0, offset: "5" },
      { partition: 1, offset: "9" },
    ],
  });
  const fromGroup = ["--starting-offsets-from-group", groupId];

  const { code, stderr } = await plan(...fromGroup);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining(`consumer group ${groupId} has committed no offset of ${topic}-2;`),
  });
  expect(await planned(...fromGroup, "--on-no-match", "earliest")).toEqual(["0: 5-12", "2: 0-9"]);
  expect(await planned(...fromGroup, "--on-no-match", "latest")).toEqual(["0: 5-12"]);
});

test("the beginning is no answer to a timestamp without a match", async () => {
  const { code, stderr } = await plan("--starting-timestamp", `${T3}`, "--on-no-match", "earliest");

  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining("--on-no-match earliest is of a start by --starting-offsets-from-group"),
  });
});
