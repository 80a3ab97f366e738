// What an operator does about records, on a real broker and a real store: what `ranges
// status` shows is pasted as it stands, and gives up what it says, and nothing else.

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { processAttempts } from "../../../functions/processor/process-attempts.ts";
import type { ProcessFunction } from "../../../functions/processor/session/processing-range.ts";
import { driveRange } from "../../../shared/core/plan/plan-partition.ts";
import { newRange } from "../../../shared/core/range/new-range.ts";
import type { ChainKey, RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { RangeReader } from "../../../shared/core/source/range-reader.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import { planRules, processorRules } from "../../support/builders/builders.ts";
import { runRanges } from "../../support/cli/run-ranges.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";

const LENGTH = 8;
const DISPATCH_TIMEOUT_MS = 3_600_000;
const options = { clientId: "tests", bootstrapServers: [inject("kafka.bootstrapServers")] };

let subject: DynamoDBLedgerUnderTest;
let topics: KafkaTopics;
let reader: RangeReader;

beforeAll(async () => {
  subject = await createDynamoDBLedgerUnderTest(inject("dynamodbLocal.endpoint"));
  topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
  reader = createKafkaRangeReader(options);
});

afterAll(async () => {
  await Promise.all([reader.close(), topics.close(), subject[Symbol.asyncDispose]()]);
});

/** A topic of v0 to v7 in one partition, and a range of all of it in the ledger of a pipeline of its own. */
async function aRangeOf(topic: string) {
  const pipeline = `p-${randomUUID()}`;
  await topics.produce(
    topic,
    Array.from({ length: LENGTH }, (_, index) => ({ key: null, value: `v${index}` })),
  );
  const source = createKafkaOffsetSource(options);
  const [found] = (await source.describe({ topics: [topic] })).partitions;
  await source.close();
  const { topicId } = found ?? expect.unreachable("the topic has no partition");
  await subject.ledger.writePipeline({
    pipeline,
    revision: 1,
    startedAt: 1,
    topics: [{ topicId, topic, partitions: [0] }],
  });
  const chain: ChainKey = { pipeline, topicId, partition: 0 };
  const range = { chain, topic, fromOffset: 0n, untilOffset: BigInt(LENGTH), batchId: "b", writeId: randomUUID() };
  await subject.ledger.planRange(newRange({ ...range, now: Date.now() }));
  const where = ["--table", subject.tableName, "--endpoint-url", inject("dynamodbLocal.endpoint")];
  return {
    ranges: () => Array.fromAsync(subject.ledger.ranges(chain)),
    attempt: async (process: ProcessFunction<never>) => {
      const record = await newestOf(chain);
      const never = new AbortController().signal;
      const invocation = { owner: randomUUID(), remainingMs: 60_000, deadline: never, lastCall: never };
      const deps = { ledger: subject.ledger, reader, process, now: Date.now, random: () => 0.5 };
      return processAttempts(deps, processorRules({ maxAttempts: 1 }), { record }, invocation);
    },
    dueNow: async () =>
      driveRange(await newestOf(chain), planRules({ dispatchTimeoutMs: DISPATCH_TIMEOUT_MS }), Date.now()),
    status: () => runRanges(["status", ...where, "--pipeline", pipeline]),
  };
}

async function newestOf(chain: ChainKey): Promise<RangeRecord> {
  return (await subject.ledger.newestRange(chain)) ?? expect.unreachable("the range is gone");
}

/** The line that is shown for pasting, as a shell takes it apart. */
async function paste(stdout: string, verb: string): Promise<string> {
  const line =
    stdout.split("\n").find((text) => text.startsWith(`  npx ranges ${verb} `)) ?? expect.unreachable(stdout);
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
  const { code, stdout: said, stderr } = await runRanges(words.slice(2));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return said;
}

function takingAllBut(bad: readonly string[], taken: string[]): ProcessFunction<never> {
  return async (range) => {
    for await (const { offset, value } of range.records()) {
      if (bad.includes(String(value))) {
        throw new SyntaxError(`${String(value)} is not JSON`);
      }
      taken.push(String(value));
      await range.commit(offset + 1n, []);
    }
  };
}

function shown(ranges: readonly RangeRecord[]): readonly string[] {
  return ranges.map((one) => `${one.status} [${one.fromOffset}, ${one.untilOffset}) to ${one.committedOffset}`);
}

test("RS8: of a halted range exactly the record that its code failed at is given up, and the rest is due at once", async () => {
  const range = await aRangeOf(await topics.create());
  const taken: string[] = [];
  await range.attempt(takingAllBut(["v3", "v6"], taken));
  const { stdout } = await range.status();

  const said = await paste(stdout, "skip");
  const due = await range.dueNow();
  await range.attempt(takingAllBut(["v3", "v6"], taken));

  expect(stdout).toContain("with offset 3 in hand, SyntaxError: v3 is not JSON");
  expect(said).toMatch(/^marked offset 3 of .* to be skipped/);
  expect(due).toEqual({ kind: "redispatch" });
  expect(taken).toEqual(["v0", "v1", "v2", "v4", "v5"]);
  await paste((await range.status()).stdout, "skip");
  await range.attempt(takingAllBut(["v3", "v6"], taken));
  expect(taken).toEqual(["v0", "v1", "v2", "v4", "v5", "v7"]);
  expect(shown(await range.ranges())).toEqual(["SKIPPED [0, 4) to 3", "SKIPPED [4, 7) to 6", "COMPLETED [7, 8) to 8"]);
});

test("G6: of a range that DeleteRecords reached only what is gone is given up, whatever the length of its topic's name", async () => {
  const topic = await topics.create({ name: `${randomUUID()}-`.padEnd(175, "t") });
  const range = await aRangeOf(topic);
  await topics.deleteRecords(topic, 0, 5n);
  const taken: string[] = [];
  await range.attempt(takingAllBut([], taken));

  await paste((await range.status()).stdout, "skip");
  const due = await range.dueNow();
  await range.attempt(takingAllBut([], taken));

  expect(due).toEqual({ kind: "redispatch" });
  expect(taken).toEqual(["v5", "v6", "v7"]);
  expect(shown(await range.ranges())).toEqual(["SKIPPED [0, 5) to 0", "COMPLETED [5, 8) to 8"]);
});
