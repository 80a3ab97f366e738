import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { AclOperationTypes } from "kafkajs";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { projectPath } from "../../../../cdk/lib/runtime-function.ts";
import { showStatus } from "../../../../functions/cli/commands/show-status.ts";
import { verifyLogs } from "../../../../functions/cli/view/verify-logs.ts";
import { type KafkaBroker, startKafkaBroker } from "../../../../functions/local/servers/kafka-broker.ts";
import { kafkaClassPath } from "../../../../functions/local/servers/kafka-download.ts";
import { reportOutcome } from "../../../../functions/scheduler/report-outcome.ts";
import { type BatchOutcome, scheduleBatch } from "../../../../functions/scheduler/schedule-batch.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import type { PipelineRecord } from "../../../../shared/core/ledger/pipeline-record.ts";
import type { KafkaOptions } from "../../../../shared/kafka/connection/kafka-options.ts";
import { createKafkaOffsetSource } from "../../../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { saslProperties } from "../../../local/servers/kafka-users.ts";
import { createRecordingTerminal, type RecordingTerminal } from "../../../support/cli/recording-terminal.ts";
import { runRanges } from "../../../support/cli/run-ranges.ts";
import { collectRange, failRange } from "../../../support/kafka/collect-range.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { topicAcl } from "../../../support/kafka/topic-acl.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../support/pipeline/scheduler-bench.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const alice = { name: "alice", password: "wonderland" };
const ACL_DEADLINE_MS = 10_000;

let folder: string;
let broker: KafkaBroker;
let topics: KafkaTopics;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "acls-"));
  broker = await startKafkaBroker({
    folder: join(folder, "kafka"),
    listeners: [{ name: "SASL", protocol: "SASL_PLAINTEXT" }],
    properties: {
      ...saslProperties("SASL", alice),
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      // Whoever comes by the plain listener, the broker itself included.
      "super.users": "User:ANONYMOUS",
    },
  });
  topics = await connectKafkaTopics(broker.bootstrapServers);
});

afterAll(async () => {
  await topics.close();
  await broker.kill();
  await rm(folder, { recursive: true, force: true });
});

const kafkaOptions = (): KafkaOptions => ({
  clientId: "tests",
  bootstrapServers: [broker.addresses["SASL"] ?? ""],
  sasl: { mechanism: "plain", username: alice.name, password: alice.password },
});

function openSource() {
  const source = createKafkaOffsetSource(kafkaOptions());
  onTestFinished(() => source.close());
  return source;
}

const entryOf = (topic: string, operation: AclOperationTypes) => topicAcl(alice.name, topic, operation);

async function grant(topic: string, operation = AclOperationTypes.DESCRIBE): Promise<void> {
  await topics.admin.createAcls({ acl: [entryOf(topic, operation)] });
  await waitUntil(`${topic} may be described`, async () => !(await isForbidden(topic)), ACL_DEADLINE_MS);
}

async function revoke(topic: string): Promise<void> {
  await topics.admin.deleteAcls({ filters: [entryOf(topic, AclOperationTypes.DESCRIBE)] });
  await waitUntil(`${topic} may not be described`, () => isForbidden(topic), ACL_DEADLINE_MS);
}

async function isForbidden(topic: string): Promise<boolean> {
  const source = createKafkaOffsetSource(kafkaOptions());
  const { forbidden = [] } = await source.describe({ topics: [topic] });
  await source.close();
  return forbidden.length > 0;
}

/** A topic of one partition with records from before anybody reads it. */
async function topicWithHistory(records: number): Promise<string> {
  const topic = await topics.create();
  await produce(topic, records);
  return topic;
}

async function produce(topic: string, records: number): Promise<void> {
  await topics.produce(
    topic,
    Array.from({ length: records }, (_, index) => ({ value: String(index) })),
  );
}

/** What the scheduler's log says of a run. */
function logged(batch: BatchOutcome): string {
  const lines: unknown[] = [];
  const logger = { info: () => undefined, warn: () => undefined, error: (...line: unknown[]) => void lines.push(line) };
  reportOutcome(logger, { addMetric: () => undefined }, { batch, reprocess: [] }, 0);
  return JSON.stringify(lines);
}

async function statusOf({ ledger }: SchedulerBench): Promise<RecordingTerminal> {
  const terminal = createRecordingTerminal();
  const now = () => Date.now();
  const reader = createKafkaRangeReader(kafkaOptions());
  onTestFinished(() => reader.close());
  const lag = { source: openSource(), reader, isolationLevel: "read_committed", now } as const;
  const place = { table: "ledger" };
  await showStatus({ ledger, terminal, now, place, lag }, { pipeline: undefined, json: false });
  return terminal;
}

async function recordOf({ ledger }: SchedulerBench): Promise<PipelineRecord> {
  const record = await ledger.readPipeline("word-count");
  return record ?? expect.fail("the pipeline was not started");
}

const missingDescribe = (topic: string) => `grant Describe on topic ${topic} to User:alice`;

describe("Describe is missing on a topic that is named", () => {
  test("G6: the first run starts nothing and names the ACL; once it is there, latest is the end of that moment", async () => {
    const [seen, unseen] = [await topicWithHistory(3), await topicWithHistory(5)];
    await grant(seen);
    const bench = createSchedulerBench();
    const source = openSource();
    const run = () => bench.tick({ selection: { topics: [seen, unseen] }, startingOffsets: "latest" }, { source });

    const refused = run();

    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(missingDescribe(unseen));
    expect(await bench.ledger.readPipeline("word-count")).toBeUndefined();

    await produce(unseen, 2);
    await grant(unseen);

    expect(await run()).not.toHaveProperty("forbidden");
    expect(bench.ledger.all().map(({ topic, status, fromOffset }) => ({ topic, status, fromOffset }))).toEqual(
      expect.arrayContaining([
        { topic: seen, status: "ANCHOR", fromOffset: 3n },
        { topic: unseen, status: "ANCHOR", fromOffset: 7n },
      ]),
    );
  });

  test("G6: so does a first run by assignment, whether the topic exists or not", async () => {
    const existing = await topicWithHistory(1);
    const bench = createSchedulerBench();
    const assign = [existing, "never-created"].map((topic) => ({ topic, partition: 0 }));

    const refused = bench.tick({ selection: { assign } }, { source: openSource() });

    await expect(refused).rejects.toThrow(missingDescribe(existing));
    await expect(refused).rejects.toThrow(missingDescribe("never-created"));
    expect(await bench.ledger.readPipeline("word-count")).toBeUndefined();
  });

  test("G6: a started pipeline holds that topic with the ACL, goes on with the others, and resumes where it stood", async () => {
    const [kept, lost] = [await topicWithHistory(3), await topicWithHistory(5)];
    await grant(kept);
    await grant(lost);
    const bench = createSchedulerBench();
    const source = openSource();
    const run = () => bench.tick({ selection: { topics: [kept, lost] } }, { source });
    await run();
    bench.completeAll();
    await produce(kept, 1);
    await produce(lost, 1);
    await revoke(lost);

    const held = await run();

    expect(held.partitions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ topic: kept, kind: "planned", fromOffset: 3n, untilOffset: 4n }),
        expect.objectContaining({ topic: lost, kind: "held", reason: expect.stringContaining(missingDescribe(lost)) }),
      ]),
    );
    expect(held).toMatchObject({ missing: [], forbidden: [{ topic: lost }] });
    expect(logged(held)).toContain(missingDescribe(lost));
    const { printed } = await statusOf(bench);
    expect(printed).toContainEqual(expect.stringMatching(`${lost}: the lag is unknown: .*${missingDescribe(lost)}`));
    expect(
      await verifyLogs(
        { source },
        await recordOf(bench),
        bench.ledger.all().filter(({ topic }) => topic === lost),
      ),
    ).toMatchObject([{ kind: "logUnknown", topic: lost, message: expect.stringContaining(missingDescribe(lost)) }]);

    await grant(lost);

    expect((await run()).partitions).toContainEqual(
      expect.objectContaining({ topic: lost, kind: "planned", fromOffset: 5n, untilOffset: 6n }),
    );
  });

  test("G6: a drain waits for it, and does not take the topic for gone", async () => {
    const topic = await topicWithHistory(3);
    await grant(topic);
    const bench = createSchedulerBench();
    const deps = { ...bench.deps, source: openSource() };
    const rules = { ...bench.rules, selection: { topics: [topic] } };
    const drain = () => scheduleBatch(deps, rules, { drainId: "nightly" });
    await drain();
    await revoke(topic);

    await expect(drain()).rejects.toThrow(missingDescribe(topic));

    await grant(topic);
    expect((await drain()).drain).toMatchObject({ isDone: false, openRecords: 3n, gone: [] });
    bench.completeAll();
    expect((await drain()).drain).toMatchObject({ isDone: true, gone: [] });
  });

  test("a topic that is added without it is found later, and read from its beginning", async () => {
    const [first, added] = [await topicWithHistory(3), await topicWithHistory(5)];
    await grant(first);
    const bench = createSchedulerBench();
    const source = openSource();
    await bench.tick({ selection: { topics: [first] }, startingOffsets: "latest" }, { source });
    const run = () => bench.tick({ selection: { topics: [first, added] }, startingOffsets: "latest" }, { source });

    const outcome = await run();
    expect(outcome).toMatchObject({ partitions: [{ topic: first }], forbidden: [{ topic: added }] });
    expect(logged(outcome)).toContain(missingDescribe(added));

    await grant(added);

    expect((await run()).partitions).toContainEqual(
      expect.objectContaining({ topic: added, kind: "planned", fromOffset: 0n, untilOffset: 5n }),
    );
  });

  test("ranges plan exits with 2 and names the ACL", async () => {
    const topic = await topicWithHistory(1);
    const file = join(folder, "client.properties");
    await writeFile(
      file,
      [
        "security.protocol=SASL_PLAINTEXT",
        "sasl.mechanism=PLAIN",
        `sasl.jaas.config=x required username="${alice.name}" password="${alice.password}";`,
      ].join("\n"),
    );
    const servers = ["--bootstrap-servers", broker.addresses["SASL"] ?? "", "--command-config", file];

    const { code, stderr } = await runRanges(["plan", ...servers, "--topics", topic]);

    expect(code).toBe(2);
    expect(stderr).toContain(missingDescribe(topic));
  });
});

test("a pattern matches only what may be described: what comes later is found later", async () => {
  const [seen, unseen] = [await topicWithHistory(3), await topicWithHistory(5)];
  await grant(seen);
  const bench = createSchedulerBench();
  const source = openSource();
  const rules = { selection: { topicPattern: `${seen}|${unseen}` }, startingOffsets: "latest" } as const;

  expect(await bench.tick(rules, { source })).toMatchObject({
    partitions: [{ topic: seen, kind: "anchored" }],
    missing: [],
  });

  await grant(unseen);

  expect((await bench.tick(rules, { source })).partitions).toContainEqual(
    expect.objectContaining({ topic: unseen, kind: "planned", fromOffset: 0n, untilOffset: 5n }),
  );
});

test("with Describe alone a range is planned, and its read names the Read that is missing", async () => {
  const topic = await topicWithHistory(3);
  await grant(topic);
  const source = openSource();
  const reader = createKafkaRangeReader(kafkaOptions());
  onTestFinished(() => reader.close());
  const { partitions } = await source.describe({ topics: [topic] });
  expect(await source.listOffsets(partitions, "latest", "read_committed")).toMatchObject([{ offset: 3n }]);

  const range = { topic, partition: 0, fromOffset: 0n, untilOffset: 3n };
  const { error } = await failRange(reader, { range, isolationLevel: "read_committed" });

  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error).toMatchObject({ message: expect.stringContaining(`grant Read on topic ${topic} to User:alice`) });
});

test("the guide's kafka-acls line, run by Kafka's own tool, is all that reading takes", async () => {
  const topic = await topicWithHistory(3);
  const guide = await readFile(projectPath("cdk/guides/msk-scram.md"), "utf8");
  const line = /^kafka-acls\.sh (.*)$/m.exec(guide)?.[1] ?? "";
  const admin = join(folder, "admin.properties");
  await writeFile(admin, "security.protocol=PLAINTEXT\n");
  const words = {
    $BROKERS: broker.bootstrapServers,
    "admin.properties": admin,
    "User:ranges": "User:alice",
    orders: topic,
  };
  const args = line.split(" ").map((word) => words[word as keyof typeof words] ?? word);

  await promisify(execFile)("java", ["-cp", await kafkaClassPath(), "org.apache.kafka.tools.AclCommand", ...args]);

  await waitUntil(`${topic} may be described`, async () => !(await isForbidden(topic)), ACL_DEADLINE_MS);
  const reader = createKafkaRangeReader(kafkaOptions());
  onTestFinished(() => reader.close());
  const range = { topic, partition: 0, fromOffset: 0n, untilOffset: 3n };
  const { records } = await collectRange(reader, { range, isolationLevel: "read_committed" });
  expect(records).toHaveLength(3);
});
