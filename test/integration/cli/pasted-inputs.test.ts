// What people paste into the command line, on a real broker: it is read as what it
// says, or refused before anything is printed.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { runRanges } from "../../support/cli/run-ranges.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";

const T1 = Date.parse("2026-01-01T00:00:00Z");
const T2 = Date.parse("2026-01-01T00:01:00Z");

let topics: KafkaTopics;
let ord: string;
let other: string;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pasted-inputs-"));
  topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
  ord = await topics.create({ partitions: 3, config: { "retention.ms": "-1" } });
  other = await topics.create({ partitions: 1, config: { "retention.ms": "-1" } });
  const timestamps = [T1, T1, T2, T2].map((ms) => BigInt(ms));
  const records = [0, 1, 2].flatMap((partition) =>
    timestamps.map((timestamp) => ({ partition, value: "v", timestamp })),
  );
  await topics.produce(ord, records);
  await topics.produce(
    other,
    timestamps.map((timestamp) => ({ partition: 0, value: "v", timestamp })),
  );
});

afterAll(async () => {
  await topics.close();
  await rm(folder, { recursive: true });
});

const plan = (...args: readonly string[]) =>
  runRanges(["plan", "--bootstrap-servers", inject("kafka.bootstrapServers"), ...args]);

async function planned(...args: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await plan(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const { ranges } = JSON.parse(stdout) as { ranges: Record<string, string>[] };
  return ranges.map(
    ({ topic, partition, fromOffset, untilOffset }) =>
      `${topic === ord ? "ord" : "other"}-${partition}: ${fromOffset}-${untilOffset}`,
  );
}

test("Spark's JSON may say earliest for a topic and offsets for another's partitions", async () => {
  const offsets = JSON.stringify({ [ord]: "earliest", [other]: { 0: 3 } });

  expect(new Set(await planned("--topics", `${ord},${other}`, "--starting-offsets", offsets))).toEqual(
    new Set(["ord-0: 0-4", "ord-1: 0-4", "ord-2: 0-4", "other-0: 3-4"]),
  );
});

test("Spark's JSON assigns partitions, and its offsets may be whole floats", async () => {
  const starts = `{"${ord}":{"0":3.0,"1":1}}`;

  expect(await planned("--assign", JSON.stringify({ [ord]: [0, 1] }), "--starting-offsets", starts)).toEqual([
    "ord-0: 3-4",
    "ord-1: 1-4",
  ]);
});

test("times in ISO 8601 with a zone are those in milliseconds", async () => {
  const byPartition = JSON.stringify({ [other]: { 0: "2026-01-01T00:01:00Z" } });

  expect(await planned("--topics", other, "--starting-timestamp", "2026-01-01T01:01:00+01:00")).toEqual([
    "other-0: 2-4",
  ]);
  expect(await planned("--topics", other, "--ending-timestamp", `${T2}`)).toEqual(["other-0: 0-2"]);
  expect(await planned("--topics", other, "--starting-offsets-by-timestamp", byPartition)).toEqual(["other-0: 2-4"]);
});

describe("refused with exit code 2, one line and nothing printed:", () => {
  test.each<[string, () => readonly string[], string]>([
    [
      "a list as offsets",
      () => ["--starting-offsets", JSON.stringify({ [ord]: [0, 1, 2] })],
      "no object of partitions",
    ],
    ["a key twice", () => ["--starting-offsets", `{"${ord}":{"0":1,"0":2}}`], 'names "0" twice in one object'],
    ["a partition 00", () => ["--ending-offsets", `{"${ord}":{"00":1}}`], 'names partition "00"'],
    ["a fraction", () => ["--starting-offsets", `{"${ord}":{"0":3.5}}`], 'has "3.5" for'],
    [
      "a list as timestamps",
      () => ["--starting-offsets-by-timestamp", JSON.stringify({ [ord]: [T1, T1, T1] })],
      "no object of partitions",
    ],
    [
      "date +%s as the start",
      () => ["--starting-timestamp", `${T2 / 1_000}`],
      `--starting-timestamp "${T2 / 1_000}" is in seconds; in milliseconds it is ${T2}`,
    ],
    [
      "date +%s as the end",
      () => ["--ending-timestamp", `${T2 / 1_000}`],
      `is in seconds; in milliseconds it is ${T2}`,
    ],
    ["date +%s%N as the end", () => ["--ending-timestamp", `${T2}000000`], `in milliseconds it is ${T2}`],
    ["a time without a zone", () => ["--starting-timestamp", "2026-01-01T00:01:00"], "without a zone"],
    ["a limit 007", () => ["--max-records-per-partition", "007"], "without leading zeros"],
  ])("%s", async (_, args, message) => {
    const { code, stdout, stderr } = await plan("--topics", ord, ...args());

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toEqual([expect.stringContaining(message)]);
    expect(stderr.length).toBeLessThan(4_100);
  });

  test("a range whose partition has leading zeros", async () => {
    const servers = inject("kafka.bootstrapServers");

    const { code, stdout, stderr } = await runRanges([
      ...["read", "--bootstrap-servers", servers, "--range", `${ord}:007:0:1`],
    ]);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain('PARTITION "007" in --range');
  });

  test("a broker of another protocol", async () => {
    const { code, stderr } = await runRanges(["plan", "--bootstrap-servers", "SSL://127.0.0.1:9092", "--topics", ord]);

    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'ranges: bootstrap server "SSL://127.0.0.1:9092" says SSL, but the security protocol is PLAINTEXT\n',
    });
  });

  test("an option of a hundred kilobytes, in a short line", async () => {
    const { code, stderr } = await plan("--topics", ord, `--${"x".repeat(100_000)}`);

    expect(code).toBe(2);
    expect(stderr.length).toBeLessThan(4_100);
  });
});

test("a broker may have its protocol in front", async () => {
  const servers = inject("kafka.bootstrapServers")
    .split(",")
    .map((server) => `PLAINTEXT://${server}`)
    .join(",");

  const { code } = await runRanges(["plan", "--bootstrap-servers", servers, "--topics", other]);

  expect(code).toBe(0);
});

describe("the file of an on-failure record", () => {
  async function reprocess(text: string): Promise<{ readonly code: number | null; readonly stderr: string }> {
    const file = join(folder, "record.json");
    await writeFile(file, text);
    // Nothing listens there: what is refused is refused before.
    const where = ["--function", "f", "--endpoint-url", "http://127.0.0.1:1", "--dry-run"];
    return runRanges(["reprocess", ...where, "--on-failure-record", file]);
  }

  test.each<[string, string, string]>([
    ["with a key twice", '{"KafkaBatchInfo":{},"KafkaBatchInfo":{}}', 'names "KafkaBatchInfo" twice in one object'],
    ["that is empty, as an empty queue's answer is", "", "is empty"],
    ["without a message", '{"Messages":[]}', "there is no message in its envelope"],
    [
      "with a partition 00",
      '{"KafkaBatchInfo":{"recordsInfo":{"a-00":{"firstRecordOffset":"1","lastRecordOffset":"2"}}}}',
      'has the key "a-00"',
    ],
  ])("%s is refused", async (_, text, message) => {
    const { code, stderr } = await reprocess(text);

    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test("may be what aws sqs receive-message printed: it is sent on", async () => {
    const info = { firstRecordOffset: "1", lastRecordOffset: "2" };
    const record = {
      requestContext: { requestId: "r-1" },
      KafkaBatchInfo: { recordsInfo: { [`${ord}-0`]: info } },
    };

    const { code, stderr } = await reprocess(JSON.stringify({ Messages: [{ Body: JSON.stringify(record) }] }));

    expect(code).toBe(1);
    expect(stderr).toContain("ECONNREFUSED");
  });
});
