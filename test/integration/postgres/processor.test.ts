// The processor with outputs to PostgreSQL, on a real broker and a real ledger.

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { newRange } from "../../../shared/core/range/new-range.ts";
import type { ChainKey } from "../../../shared/core/range/range-record.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { clear, openPostgresBench, type PostgresBench, readContents } from "../../support/postgres/postgres-bench.ts";
import { type PostgresProxy, startPostgresProxy } from "../../support/postgres/postgres-proxy.ts";
import { type ProcessorRun, runProcessorOnce } from "../../support/postgres/processor-run.ts";

/** Beyond every lease and back-off. */
const STEP_MS = 600_000;
const LENGTH = 8;

const bootstrapServers = inject("kafka.bootstrapServers");
let subject: DynamoDBLedgerUnderTest;
let topics: KafkaTopics;
let bench: PostgresBench;
let proxy: PostgresProxy;

beforeAll(async () => {
  subject = await createDynamoDBLedgerUnderTest(inject("dynamodbLocal.endpoint"));
  topics = await connectKafkaTopics(bootstrapServers);
  bench = await openPostgresBench(inject("postgres.port"));
  proxy = await startPostgresProxy(bench.settings.port);
});
afterAll(async () => {
  await proxy.close();
  await Promise.all([bench[Symbol.asyncDispose](), topics.close(), subject[Symbol.asyncDispose]()]);
});
beforeEach(() => clear(bench));

/** A range of these records, and what each of its invocations is given. */
async function aRunOf(values: readonly string[]): Promise<ProcessorRun> {
  const topic = await topics.create();
  await topics.produce(
    topic,
    values.map((value) => ({ value })),
  );
  const source = createKafkaOffsetSource({ clientId: "tests", bootstrapServers: [bootstrapServers] });
  const [found] = (await source.describe({ topics: [topic] })).partitions;
  await source.close();
  const { topicId } = found ?? expect.unreachable("the topic has no partition");
  const chain: ChainKey = { pipeline: `p-${randomUUID()}`, topicId, partition: 0 };
  const now = Date.now();
  const range = { chain, topic, fromOffset: 0n, untilOffset: BigInt(values.length), batchId: "b", now };
  await subject.ledger.planRange(newRange({ ...range, writeId: randomUUID() }));
  return {
    bootstrapServers,
    dynamodbEndpoint: inject("dynamodbLocal.endpoint"),
    ledgerTable: subject.tableName,
    chain,
    settings: bench.settings,
    now,
  };
}

const VALUES = Array.from({ length: LENGTH }, (_, index) => `v${index}`);

test("G5: processors that are killed again and again, behind any statement, have each record once", async () => {
  const run = await aRunOf(VALUES);
  const settings = { ...run.settings, port: proxy.port };
  let now = run.now;
  let kills = 0;
  // Inside of the first transaction; behind its COMMIT, before the ledger is told; inside of the second one.
  for (const passed of [4, 10, 7]) {
    const given: ProcessorRun = { ...run, settings, options: { pipelining: false }, now };
    const child = spawn(
      process.execPath,
      [new URL("../../support/postgres/processor-process.ts", import.meta.url).pathname, JSON.stringify(given)],
      { stdio: "ignore" },
    );
    proxy.holdAfter(passed, () => child.kill("SIGKILL"));
    const [, signal] = await once(child, "exit");
    kills += signal === "SIGKILL" ? 1 : 0;
    proxy.admit();
    now += STEP_MS;
  }

  await runProcessorOnce({ ...run, now });

  expect(kills).toBe(3);
  expect(await subject.ledger.newestRange(run.chain)).toMatchObject({
    status: "COMPLETED",
    committedOffset: 8n,
    counts: { delivered: 8n },
  });
  expect(await readContents(bench)).toMatchObject({
    orders: VALUES.map((content, id) => ({ id: String(id), content })),
    total: LENGTH,
    position: "8",
  });
});

test("G5: a commit whose answer is lost is told to the ledger as it was", async () => {
  const run = await aRunOf(VALUES);
  proxy.loseNextCommit();

  await runProcessorOnce({ ...run, settings: { ...run.settings, port: proxy.port } });

  expect(await subject.ledger.newestRange(run.chain)).toMatchObject({ status: "COMPLETED", attempt: 1 });
  expect(await readContents(bench)).toMatchObject({ total: LENGTH, position: "8" });
});

test("the record whose output PostgreSQL refuses is found and given up, the others take effect once", async () => {
  const run = await aRunOf(VALUES.with(5, "bad"));

  const letters: string[] = [];
  for (let now = run.now; now < run.now + 6 * STEP_MS; now += STEP_MS) {
    letters.push(...(await runProcessorOnce({ ...run, onFailure: "quarantine", now })));
  }

  const ranges = await Array.fromAsync(subject.ledger.ranges(run.chain));
  expect(ranges.map(({ status, fromOffset, untilOffset }) => `${status} [${fromOffset}, ${untilOffset})`)).toContain(
    "COMPLETED [6, 8)",
  );
  expect(letters).toEqual([expect.stringMatching(/ 5 bad$/)]);
  expect(await readContents(bench)).toMatchObject({
    orders: VALUES.flatMap((content, id) => (id === 5 ? [] : [{ id: String(id), content }])),
    total: LENGTH - 1,
    position: "8",
  });
});

test("PX4: what takes longer than a transaction may is written in transactions of fewer records", async () => {
  const run = await aRunOf(VALUES);
  const slow = (offset: bigint, value: Buffer | null) => [
    { text: "INSERT INTO orders SELECT $1, $2 FROM pg_sleep(0.3)", values: [offset, String(value)] },
  ];

  let attempts = 0;
  for (let now = run.now; now < run.now + 12 * STEP_MS; now += STEP_MS) {
    const { status } = (await subject.ledger.newestRange(run.chain)) ?? {};
    attempts += status === "COMPLETED" ? 0 : 1;
    const options = { transactionTimeoutMs: 1_000 };
    await runProcessorOnce({ ...run, options, outputsOf: slow, onFailure: "quarantine", now });
  }

  expect(attempts).toBeGreaterThan(1);
  expect(await subject.ledger.newestRange(run.chain)).toMatchObject({ status: "COMPLETED", committedOffset: 8n });
  expect(await readContents(bench)).toMatchObject({
    orders: VALUES.map((content, id) => ({ id: String(id), content })),
    position: "8",
  });
});
