import { CompressionTypes } from "kafkajs";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { jsonLines, runRanges } from "../../support/cli/run-ranges.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";

let topics: KafkaTopics;
let topic: string;

beforeAll(async () => {
  topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
  topic = await topics.create({ partitions: 2 });
  await topics.produce(topic, [
    { key: "k0", value: "naïve ✓", timestamp: 1_700_000_000_123n, headers: { b: ["1", "2"], a: Buffer.from([0xff]) } },
    { key: null, value: null },
    { key: Buffer.from([0xff, 0xfe]), value: "" },
  ]);
  await topics.produce(topic, [{ value: "gzipped" }, { value: "twice" }], CompressionTypes.GZIP);
  await topics.produceTransaction(topic, [{ value: "aborted" }], "abort");
  await topics.produceTransaction(topic, [{ value: "committed" }], "commit");
  await topics.produce(topic, [
    { partition: 1, value: "a" },
    { partition: 1, value: "b" },
  ]);
  await topics.deleteRecords(topic, 1, 1n);
});

afterAll(() => topics.close());

const read = (...args: readonly string[]) =>
  runRanges(["read", "--bootstrap-servers", inject("kafka.bootstrapServers"), ...args]);

const valuesOf = (stdout: string) => jsonLines(stdout).map((record) => (record as { value: unknown }).value);

test("G1: prints each record of an exact range as one JSON line, and the summary apart from them", async () => {
  const { code, stdout, stderr } = await read("--range", `${topic}:0:0:3`);

  expect(code).toBe(0);
  expect(jsonLines(stdout)).toEqual([
    {
      topic,
      partition: 0,
      offset: "0",
      timestamp: "1700000000123",
      timestampType: "CreateTime",
      key: "k0",
      value: "naïve ✓",
      headers: [
        ["b", "1"],
        ["b", "2"],
        ["a", { base64: "/w==" }],
      ],
    },
    expect.objectContaining({ offset: "1", key: null, value: null, headers: [] }),
    expect.objectContaining({ offset: "2", key: { base64: "//4=" }, value: "" }),
  ]);
  expect(JSON.parse(stderr)).toMatchObject({ delivered: 3, aborted: 0, control: 0, absent: 0, ranges: 1 });
});

test("G1: the isolation level decides on aborted records; several ranges are read in the order given", async () => {
  const args = ["--range", `${topic}:0:4:9`, "--range", `${topic}:0:3:4`];

  const committed = await read(...args);
  const uncommitted = await read(...args, "--isolation-level", "read_uncommitted");

  expect(valuesOf(committed.stdout)).toEqual(["twice", "committed", "gzipped"]);
  expect(JSON.parse(committed.stderr)).toMatchObject({ delivered: 3, aborted: 1, control: 2, ranges: 2 });
  expect(valuesOf(uncommitted.stdout)).toEqual(["twice", "aborted", "committed", "gzipped"]);
  expect(JSON.parse(uncommitted.stderr)).toMatchObject({ delivered: 4, aborted: 0, control: 2 });
});

test("a hole is data loss where consecutive offsets are required, as in Spark's default", async () => {
  const strict = "--require-consecutive-offsets";

  const dense = await read("--range", `${topic}:0:0:5`, strict);
  const holed = await read("--range", `${topic}:0:3:9`, strict);

  expect(dense.code).toBe(0);
  expect(holed.code).toBe(3);
  expect(holed.stderr).toMatch(/^ranges: .* offsets from 5 to 6/);
});

test("a range without a visible record ends at once with none", async () => {
  const { code, stdout, stderr } = await read("--range", `${topic}:0:6:7`);

  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  expect(JSON.parse(stderr)).toMatchObject({ delivered: 0, control: 1 });
});

test("an empty range asks nobody, as in Spark", async () => {
  const { code, stdout, stderr } = await read("--range", "no-such-topic:0:5:5");

  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  expect(JSON.parse(stderr)).toMatchObject({ delivered: 0, ranges: 0 });
});

test.each([
  ["2 for a malformed range", 2, () => ["--range", `${topic}:0:0`], "is not TOPIC:PARTITION:FROM:UNTIL"],
  ["2 for an unknown topic", 2, () => ["--range", "no-such-topic:0:0:1"], "no-such-topic-0 does not exist"],
  ["2 for an unknown partition", 2, () => ["--range", `${topic}:9:0:1`], "-9 does not exist"],
  ["2 for an unknown option", 2, () => ["--range", "orders:0:0:1", "--rage", "x"], "unknown option '--rage'"],
  ["2 for no range", 2, () => [], "required option '--range"],
  ["3 below the log's first offset", 3, () => ["--range", `${topic}:1:0:2`], "below the log's first offset 1"],
  ["4 beyond the log's end", 4, () => ["--range", `${topic}:0:0:10`], "ends beyond the log's end 9"],
  [
    "4 when only the last of several ranges ends beyond",
    4,
    () => ["--range", `${topic}:0:0:3`, "--range", `${topic}:1:1:3`],
    "ends beyond the log's end 2",
  ],
])("G6: exits with %s, prints no record and says why in one line", async (_, expected, args, message) => {
  const { code, stdout, stderr } = await read(...args());

  expect({ code, stdout }).toEqual({ code: expected, stdout: "" });
  expect(stderr.trimEnd().split("\n")).toEqual([expect.stringContaining(message)]);
  expect(stderr).toMatch(/^ranges: /);
});

test("exits with 1 and one line when no broker answers", async () => {
  const { code, stdout, stderr } = await runRanges([
    "read",
    "--bootstrap-servers",
    "127.0.0.1:1",
    "--range",
    "orders:0:0:1",
  ]);

  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^ranges: .*127\.0\.0\.1:1.*\n$/);
});

test("help names the options and the exit codes", async () => {
  const [help, readHelp] = [await runRanges(["--help"]), await runRanges(["read", "--help"])];

  expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining("Exit codes:") });
  expect(readHelp).toMatchObject({ code: 0, stdout: expect.stringContaining("--isolation-level") });
});
