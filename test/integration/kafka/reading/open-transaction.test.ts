import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { showStatus } from "../../../../functions/cli/commands/show-status.ts";
import { type KafkaBroker, startKafkaBroker } from "../../../../functions/local/servers/kafka-broker.ts";
import { scheduleBatch } from "../../../../functions/scheduler/schedule-batch.ts";
import type { KafkaOptions } from "../../../../shared/kafka/connection/kafka-options.ts";
import { createKafkaOffsetSource } from "../../../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { createInMemoryRangeLedger } from "../../../../shared/memory/in-memory-range-ledger.ts";
import { saslProperties } from "../../../local/servers/kafka-users.ts";
import { planRules } from "../../../support/builders/builders.ts";
import { createRecordingTerminal } from "../../../support/cli/recording-terminal.ts";
import { runRanges } from "../../../support/cli/run-ranges.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { createRecordingDispatcher } from "../../../support/pipeline/recording-dispatcher.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const alice = { name: "alice", password: "wonderland" };
const PIPELINE = "word-count";

let folder: string;
let broker: KafkaBroker;
let topics: KafkaTopics;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "open-transaction-"));
  broker = await startKafkaBroker({
    folder: join(folder, "kafka"),
    listeners: [{ name: "SASL", protocol: "SASL_PLAINTEXT" }],
    properties: {
      ...saslProperties("SASL", alice),
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
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

/** Three records, then four of a transaction that nobody ends before `end` does. */
async function beginTransaction() {
  const topic = await topics.create();
  await topics.produce(topic, [{ value: "0" }, { value: "1" }, { value: "2" }]);
  const kafka = new Kafka({ brokers: [broker.bootstrapServers], clientId: "tests", logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  const startedAt = Date.now();
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: ["3", "4", "5", "6"].map((value) => ({ value })) });
  return { topic, startedAt, end: () => transaction.commit() };
}

function openSource(options: Partial<KafkaOptions> = {}) {
  const source = createKafkaOffsetSource({
    clientId: "tests",
    bootstrapServers: [broker.bootstrapServers],
    ...options,
  });
  onTestFinished(() => source.close());
  return source;
}

const asAlice = () => ({
  bootstrapServers: [broker.addresses["SASL"] ?? ""],
  sasl: { mechanism: "plain", username: alice.name, password: alice.password } as const,
});

function aScheduler(topic: string, source = openSource()) {
  const ledger = createInMemoryRangeLedger<never>();
  let ids = 0;
  const newId = () => String(ids++);
  const deps = { source, ledger, dispatcher: createRecordingDispatcher(), now: () => Date.now(), newId };
  const rules = {
    ...planRules(),
    pipeline: PIPELINE,
    selection: { topics: [topic] },
    isolationLevel: "read_committed" as const,
    startingOffsets: "earliest" as const,
    // Due in every run.
    transactionCheckMs: 60_000,
  };
  return { ledger, run: () => scheduleBatch(deps, rules) };
}

describe("a transaction that is begun, written and neither committed nor aborted", () => {
  test("FT13: is named by a run with what it holds back, until it ends", async () => {
    const { topic, startedAt, end } = await beginTransaction();
    const scheduler = aScheduler(topic);

    const { heldBack, partitions } = await scheduler.run();

    expect(partitions).toMatchObject([{ kind: "planned", fromOffset: 0n, untilOffset: 3n }]);
    expect(heldBack).toMatchObject({
      records: 4n,
      partitions: [
        {
          ...{ topic, partition: 0, stableOffset: 3n, highWatermark: 7n },
          transaction: { producerId: expect.any(BigInt), producerEpoch: 0, startOffset: 3n },
        },
      ],
    });
    const [held] = heldBack?.partitions ?? [];
    expect(held?.since).toBeGreaterThanOrEqual(startedAt);

    await end();
    const isStable = async () => (await topics.stableOffsets(topic)).get(0) === 8n;
    await waitUntil("the transaction's marker is in the log", isStable, 10_000);

    expect((await scheduler.run()).heldBack).toEqual({ records: 0n, partitions: [] });
  });

  test.each([
    ["read", (topic: string) => ["--range", `${topic}:0:0:7`], 4],
    ["plan", (topic: string) => ["--topics", topic, "--ending-offsets", JSON.stringify({ [topic]: { 0: 7 } })], 4],
    ["plan", (topic: string) => ["--topics", topic, "--starting-offsets", JSON.stringify({ [topic]: { 0: 5 } })], 4],
  ])("is named by ranges %s with both offsets", async (command, argsOf, expectedCode) => {
    const { topic } = await beginTransaction();

    const brokers = ["--bootstrap-servers", broker.bootstrapServers];
    const { code, stdout, stderr } = await runRanges([command, ...brokers, ...argsOf(topic)]);

    expect(code).toBe(expectedCode);
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /log's end 3 under read_committed, though the log goes on: a transaction of producer \d+ \(epoch 0\), whose last record is of \d{4}-\d\d-\d\dT[\d:.]+Z, is open since offset 3 and holds back what follows, up to 7/,
    );
  });

  test("FT13: is shown by status beside a lag that does not tell, with the command that ends it", async () => {
    const { topic } = await beginTransaction();
    const { ledger, run } = aScheduler(topic);
    await run();
    const source = openSource();
    const reader = createKafkaRangeReader({ clientId: "tests", bootstrapServers: [broker.bootstrapServers] });
    onTestFinished(() => reader.close());
    const now = () => Date.now();
    const lag = { source, reader, isolationLevel: "read_committed" as const, now };
    const deps = { ledger, now, lag, place: { table: "T", endpointUrl: undefined } };
    const [table, json] = [createRecordingTerminal(), createRecordingTerminal()];

    await showStatus({ ...deps, terminal: table }, { pipeline: PIPELINE, json: false });
    await showStatus({ ...deps, terminal: json }, { pipeline: PIPELINE, json: true });

    const lines = table.printed.join("\n");
    expect(lines).toMatch(/4 records are not in its lag: a transaction of producer \d+ .* since offset 3 .* up to 7$/m);
    expect(lines).toContain(`abort --topic ${topic} --partition 0 --start-offset 3`);
    expect(JSON.parse(json.printed[0] ?? "")).toMatchObject({
      partitions: [
        {
          lag: { endOffset: "3", lagRecords: "3" },
          heldBack: { stableOffset: "3", highWatermark: "7", transaction: { startOffset: "3" } },
        },
      ],
    });
  });

  test("cannot be named without READ, which is said, and fails nothing", async () => {
    const { topic } = await beginTransaction();
    const acl = { resourceType: 2, resourceName: topic, resourcePatternType: 3, permissionType: 3 };
    await topics.admin.createAcls({ acl: [{ ...acl, principal: "User:alice", host: "*", operation: 8 }] });
    const source = openSource(asAlice());
    const scheduler = aScheduler(topic, source);
    const isAllowed = async () => (await source.describe({ topics: [topic] })).missing.length === 0;
    await waitUntil("alice may describe the topic", () => isAllowed().catch(() => false), 10_000);

    const { heldBack, partitions } = await scheduler.run();

    expect(partitions).toMatchObject([{ kind: "planned", untilOffset: 3n }]);
    const why = `the broker answered DescribeProducers by TOPIC_AUTHORIZATION_FAILED; allow it READ on topic ${topic}`;
    expect(heldBack).toMatchObject({ records: 4n, partitions: [{ stableOffset: 3n, transaction: why }] });
  });
});
