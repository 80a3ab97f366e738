// Handlers of event source mappings, and records side by side, in a process that is killed between any two records:
// nothing is left out, and what a record writes by its own identity is there once.

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { newRange } from "../../../shared/core/range/new-range.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { type KilledRun, POISON, runOnce } from "../../support/killed/killed-run.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { createOutputTable, type OutputTable } from "../../support/ledger/output-tables.ts";

const program = new URL("../../support/killed/killed-process.ts", import.meta.url).pathname;
const bootstrapServers = inject("kafka.bootstrapServers");
const dynamodbEndpoint = inject("dynamodbLocal.endpoint");
const VALUES = ["a", "b", POISON, "d", "e"];

/** A range of it takes no more. */
const MAX_INVOCATIONS = 20;

interface Filled {
  readonly topic: string;
  readonly topicId: string;
  readonly values: readonly string[];
}

let subject: DynamoDBLedgerUnderTest;
let effects: OutputTable;
let topics: KafkaTopics;
/** Of these values each, and of those without the poison. */
let poisoned: Filled;
let clean: Filled;

beforeAll(async () => {
  subject = await createDynamoDBLedgerUnderTest(dynamodbEndpoint);
  effects = await createOutputTable(subject.client);
  topics = await connectKafkaTopics(bootstrapServers);
  poisoned = await aTopic(VALUES);
  clean = await aTopic(VALUES.filter((value) => value !== POISON));
});
afterAll(async () => {
  await topics.close();
  await effects[Symbol.asyncDispose]();
  await subject[Symbol.asyncDispose]();
});

async function aTopic(values: readonly string[]) {
  const topic = await topics.create();
  await topics.produce(
    topic,
    values.map((value, index) => ({ key: `k${index % 2}`, value })),
  );
  const source = createKafkaOffsetSource({ clientId: "tests", bootstrapServers: [bootstrapServers] });
  const [found] = (await source.describe({ topics: [topic] })).partitions;
  await source.close();
  return { topic, topicId: found?.topicId ?? expect.unreachable("the topic has no partition"), values };
}

async function aRun(way: KilledRun["way"], { topic, topicId, values }: Filled): Promise<KilledRun> {
  const chain = { pipeline: `killed-${randomUUID()}`, topicId, partition: 0 };
  const now = Date.now();
  const range = { chain, topic, fromOffset: 0n, untilOffset: BigInt(values.length), batchId: "b", now };
  await subject.ledger.planRange(newRange({ ...range, writeId: randomUUID() }));
  return {
    bootstrapServers,
    dynamodbEndpoint,
    ledgerTable: subject.tableName,
    effects: effects.tableName,
    chain,
    way,
    now,
  };
}

/** Kills the processor once so many records took effect. */
async function killAfter(run: KilledRun, records: number): Promise<void> {
  const args = ["--disable-warning=ExperimentalWarning", program, JSON.stringify(run)];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  let done = 0;
  createInterface({ input: child.stdout }).on("line", () => {
    done += 1;
    if (done < records) {
      child.stdin.write("go on\n");
    } else {
      child.kill("SIGKILL");
    }
  });
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
}

/** Runs to the end, beyond every lease and back-off. */
async function finish(run: KilledRun): Promise<void> {
  let { now } = run;
  for (let invocation = 0; await isOpen(run); invocation += 1) {
    expect(invocation).toBeLessThan(MAX_INVOCATIONS);
    now += 3_600_000;
    await runOnce({ ...run, now }, async () => {});
  }
}

async function isOpen({ chain }: KilledRun): Promise<boolean> {
  const ranges = await Array.fromAsync(subject.ledger.ranges(chain));
  return ranges.some(({ status }) => status !== "COMPLETED" && status !== "QUARANTINED");
}

/** The offsets of the records that were given up. */
async function givenUp({ chain }: KilledRun): Promise<readonly bigint[]> {
  const ranges = await Array.fromAsync(subject.ledger.ranges(chain));
  return ranges.filter(({ status }) => status === "QUARANTINED").map(({ committedOffset }) => committedOffset);
}

const ways: readonly [way: KilledRun["way"], hasPoison: boolean][] = [
  ["handler", false],
  ["partialResponses", true],
  ["sideBySide", true],
];

test.each(ways)(
  "EH1, EH2, FE1, G5: %s: a processor that is killed after any record leaves none out, each once by its identity",
  async (way, hasPoison) => {
    const filled = hasPoison ? poisoned : clean;
    const expected = filled.values.filter((value) => value !== POISON);

    await Promise.all(
      Array.from({ length: expected.length }, async (_, index) => {
        const run = await aRun(way, filled);
        await killAfter(run, index + 1);
        await finish(run);

        const rows = (await effects.rows()).filter(({ id }) => String(id).startsWith(run.chain.pipeline));
        expect(rows.map(({ content }) => String(content)).toSorted(), `killed after ${index + 1}`).toEqual(expected);
        expect(await givenUp(run)).toEqual(hasPoison ? [BigInt(VALUES.indexOf(POISON))] : []);
        // At least once: some were there before, and come again.
        expect(Math.max(...rows.map(({ times }) => Number(times)))).toBeGreaterThan(1);
      }),
    );
  },
  120_000,
);
