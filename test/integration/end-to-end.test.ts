// The shipped app, deployed by the CDK CLI, on real servers: what a user runs.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { LagDeps, PartitionStatus } from "../../functions/cli/view/read-status.ts";
import { deployApp } from "../../functions/local/deploy/deploy-app.ts";
import { isDrained } from "../../functions/local/deploy/deployed-pipeline.ts";
import { createKafkaOffsetSource } from "../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../shared/kafka/read/range-reader.ts";
import { compareCounts } from "../local/demo/compare-counts.ts";
import { addWords } from "../local/demo/sample-lines.ts";
import { openWordCountPipeline, type WordCountPipeline, wordCountOutputs } from "../local/demo/word-count-pipeline.ts";
import { repositoryProject } from "../local/repository-project.ts";
import { runRanges } from "../support/cli/run-ranges.ts";
import { killLambdaWorkers } from "../support/functions/lambda-workers.ts";
import { connectKafkaTopics, type KafkaTopics, type TestRecord } from "../support/kafka/kafka-topics.ts";
import { waitUntil } from "../support/wait-until.ts";

const STACK = "KafkaOffsetRanges";
const PARTITIONS = 12;
const DRAIN_DEADLINE_MS = 240_000;

let folder: string;
let topics: KafkaTopics;
let topic: string;
let pipeline: WordCountPipeline;
let schedulerFunction: string;
let lag: LagDeps;
const produced = new Map<string, number>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "end-to-end-"));
  const bootstrapServers = inject("kafka.bootstrapServers");
  const endpoint = inject("aws.endpoint");
  topics = await connectKafkaTopics(bootstrapServers);
  topic = await topics.create({ partitions: PARTITIONS });
  const stacks = await deployApp({
    project: repositoryProject(),
    endpoint,
    folder,
    context: {
      bootstrapServers,
      topics: topic,
      processorTimeoutSeconds: "10",
      dispatchTimeoutSeconds: "5",
      maxRecordsPerPartition: "60",
    },
  });
  const outputs = wordCountOutputs(stacks[STACK]);
  schedulerFunction = outputs.SchedulerFunctionName;
  pipeline = openWordCountPipeline(endpoint, outputs);
  const kafka = { clientId: "end-to-end", bootstrapServers: [bootstrapServers] };
  lag = {
    source: createKafkaOffsetSource(kafka),
    reader: createKafkaRangeReader(kafka),
    isolationLevel: "read_committed",
    now: () => Date.now(),
  };
}, 300_000);

afterAll(async () => {
  pipeline.close();
  await Promise.all([topics.close(), lag.source.close(), lag.reader.close()]);
  await rm(folder, { recursive: true, force: true });
});

/** Lines of few and of many different words; more of them in the low partitions. */
function lines(count: number): readonly (TestRecord & { readonly value: string })[] {
  return Array.from({ length: count }, (_, index) => ({
    partition: Math.min(index % PARTITIONS, index % 7),
    key: `writer-${index % 5}`,
    value: `the line ${index} of ${count} says w${index % 150} and x${(index * 7) % 150}`,
    headers: { line: String(index) },
  }));
}

async function produce(count: number): Promise<void> {
  const records = lines(count);
  await topics.produce(topic, records);
  addWords(
    produced,
    records.map(({ value }) => value),
  );
}

async function drain(): Promise<void> {
  await waitUntil(
    "every range is completed",
    async () => {
      await pipeline.schedule();
      const statuses = await pipeline.status(lag);
      return statuses.length === PARTITIONS && isDrained(statuses);
    },
    DRAIN_DEADLINE_MS,
  );
}

const isLive = (source: string) => source.startsWith(`${topic}-`) && !source.includes("#");

async function expectExactCounts(): Promise<void> {
  const { differences, produced: expected, counted } = compareCounts(produced, await pipeline.wordCounts(isLive));
  expect(differences).toEqual([]);
  expect(counted).toBe(expected);
}

test("G1, G2, G5: every committed word is counted once, whichever processes are killed", async () => {
  await produce(600);
  await topics.produceTransaction(topic, [{ value: "aborted words must not be counted" }], "abort");
  await topics.produceTransaction(topic, [{ value: "committed words must be counted" }], "commit");
  addWords(produced, ["committed words must be counted"]);

  await pipeline.schedule();
  await waitUntil("a processor has claimed its range", async () => hasRunning(await pipeline.status(lag)), 60_000);
  expect(killLambdaWorkers({ pid: inject("aws.pid"), stack: STACK })).toBeGreaterThan(0);
  await waitUntil("the scheduler runs again", runsAgain, 60_000);
  await produce(300);
  await drain();

  await expectExactCounts();
  const proof = await pipeline.prove();
  expect(proof.problems).toEqual([]);
  expect(proof.chains).toBe(PARTITIONS);
  expect(proof.ranges).toBeGreaterThan(PARTITIONS);
}, 360_000);

/** MiniStack notices that an idle process was killed only by the invocation that it hands to it, and answers with that. */
async function runsAgain(): Promise<boolean> {
  try {
    await pipeline.schedule();
    return true;
  } catch (error) {
    if (String(error).includes("Worker process died")) {
      return false;
    }
    throw error;
  }
}

function hasRunning(statuses: readonly PartitionStatus[]): boolean {
  return statuses.some(({ newest }) => newest?.status === "RUNNING");
}

test("G8: with nothing new the scheduler plans, dispatches and writes nothing", async () => {
  const before = await pipeline.status(lag);

  const outcome = await pipeline.schedule();

  expect(outcome).toMatchObject({ batch: { partitions: before.map(() => ({ kind: "idle" })) } });
  expect(await pipeline.status(lag)).toEqual(before);
});

test("G8: a drain processes what was there when it was begun, and leaves what came later", async () => {
  const event = { drain: { drainId: "here-and-now" } };
  await produce(200);
  const pinned = await topics.stableOffsets(topic);
  const first = await pipeline.schedule(event);
  await produce(100);
  await waitUntil("the drain is done", async () => isDone(await pipeline.schedule(event)), DRAIN_DEADLINE_MS);

  const reached = (await pipeline.status(lag)).map(({ partition, newest }) => [partition, newest?.untilOffset]);
  expect(isDone(first)).toBe(false);
  expect(reached).toEqual([...pinned].sort(([a], [b]) => a - b));
  expect(await pipeline.schedule(event)).toMatchObject({ drain: { isDone: true }, reprocess: [] });
  await drain();
  await expectExactCounts();
}, 300_000);

function isDone(outcome: unknown): boolean {
  return JSON.stringify(outcome).includes('"isDone":true');
}

/** How often the most frequent word was counted for a request. */
async function countedFor(requestId: string): Promise<number | undefined> {
  return (await pipeline.wordCounts((source) => source === `${topic}-0#${requestId}`)).get("the");
}

test("G9: a request of the command line runs once, paced and split, beside the live chain", async () => {
  const live = await pipeline.status(lag);
  const reprocess = (...args: readonly string[]) =>
    runRanges([
      ...["reprocess", "--function", schedulerFunction, "--endpoint-url", inject("aws.endpoint")],
      ...["--request-id", "again-1", "--range", `${topic}:0:5:45`, "--max-records-per-range", "15"],
      ...["--max-concurrent-ranges", "1", ...args],
    ]);

  const beyond = await reprocess("--range", `${topic}:1:0:99999`);
  const plan = await reprocess("--dry-run");
  const first = await reprocess("--wait");
  const again = await reprocess("--wait");

  expect(beyond).toMatchObject({
    code: 4,
    stdout: "",
    stderr: expect.stringMatching(/^ranges: nothing was reprocessed: .* ends above the log's end \d+.*\n$/),
  });
  const offsets = [5, 18, 31, 45].map(String);
  expect(JSON.parse(plan.stdout)).toEqual({
    ranges: [0, 1, 2].map((index) => ({
      topic,
      partition: 0,
      fromOffset: offsets[index],
      untilOffset: offsets[index + 1],
    })),
  });
  expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining("again-1 completed: 3 of 3 ranges closed") });
  expect(JSON.parse(again.stdout)).toMatchObject({ completed: true, progress: { total: 3, closed: 3, open: 0 } });
  expect(await countedFor("again-1")).toBe(40);
  expect((await pipeline.status(lag)).map(({ newest }) => newest)).toEqual(live.map(({ newest }) => newest));
  await expectExactCounts();
}, 180_000);

test("G9: an event source mapping's on-failure record is reprocessed as it is, once", async () => {
  const requestId = "0f6e0c7a-8154-4a1c-9af7-85d5f4a6bc81";
  const event = {
    requestContext: { requestId, condition: "RetryAttemptsExhausted", approximateInvokeCount: 1 },
    KafkaBatchInfo: {
      batchSize: 10,
      recordsInfo: { [`${topic}-0`]: { firstRecordOffset: "5", lastRecordOffset: "14" } },
    },
  };
  const isCompleted = async () => JSON.stringify(await pipeline.schedule(event)).includes('"completed":true');

  await waitUntil("the record is reprocessed", isCompleted, 120_000);

  expect(await isCompleted()).toBe(true);
  expect(await countedFor(requestId)).toBe(10);
}, 180_000);

test("G9: the processor reprocesses one range in the invocation that asks for it, once", async () => {
  const range = { topic, partition: 0, fromOffset: "5", untilOffset: "45" };

  const first = await pipeline.process({ requestId: "direct-1", range });
  const again = await pipeline.process({ requestId: "direct-1", range });

  const stands = { requestId: "direct-1", closed: true, completed: true, offsets: { total: "40", processed: "40" } };
  expect(first).toMatchObject({ kind: "completed", committedOffset: "45", counts: { delivered: "40" }, ...stands });
  expect(again).toMatchObject({ kind: "notClaimed", reason: "closed", ...stands });
  expect(await countedFor("direct-1")).toBe(40);
  await expect(pipeline.process({ requestId: "direct-2", range: { ...range, untilOffset: "99999" } })).rejects.toThrow(
    "ends above the log's end",
  );
}, 120_000);

test.each([
  [{ fromOffset: "5", untilOffset: "99999" }, "ends above the log's end"],
  [{ fromOffset: "9", untilOffset: "5" }, "untilOffset"],
  [{ fromOffset: "-1", untilOffset: "5" }, "fromOffset"],
])("a reprocess request for %o is refused before anything is written", async (offsets, message) => {
  const event = { reprocess: { requestId: "wrong-1", ranges: [{ topic, partition: 0, ...offsets }] } };

  await expect(pipeline.schedule(event)).rejects.toThrow(message);

  const corrected = { reprocess: { requestId: "wrong-1", ranges: [] } };
  await expect(pipeline.schedule(corrected)).rejects.toThrow("ranges");
});
