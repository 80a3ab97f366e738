// Processors that die by SIGKILL around a dead letter, on each real store: in the end there is a letter of each record
// that was refused, and of no other, whatever was sent twice; and what is redriven is processed once.

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from "vitest";
import { parseLetterTarget } from "../../../functions/cli/letters/letter-target.ts";
import { listLetters } from "../../../functions/cli/letters/list-letters.ts";
import { openLetterStore } from "../../../functions/cli/letters/open-letter-store.ts";
import { redriveLetters } from "../../../functions/cli/letters/redrive-letters.ts";
import { answerRefusal } from "../../../functions/scheduler/answer-refusal.ts";
import type { SchedulerRules } from "../../../functions/scheduler/deps/scheduler-deps.ts";
import { runScheduler } from "../../../functions/scheduler/run-scheduler.ts";
import { withoutOutputs } from "../../../shared/core/ledger/without-outputs.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { decodeSchedulerEvent, TICK_EVENT } from "../../../shared/wire/events/scheduler-event.ts";
import { toJson } from "../../../shared/wire/json/json.ts";
import { localAccess, sdkAccess } from "../../support/aws-access.ts";
import { planRules } from "../../support/builders/builders.ts";
import { createRecordingTerminal } from "../../support/cli/recording-terminal.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { allRanges, KILL_MOMENTS, type LetterRun, processOpen } from "../../support/letters/letter-run.ts";
import { createBucket } from "../../support/s3-bucket.ts";

const VALUES = ["a", "b", "c", "d", "e"];
/** Beyond every lease and back-off. */
const LATER_MS = 3_600_000;

const access = localAccess(inject("aws.endpoint"));
const bootstrapServers = inject("kafka.bootstrapServers");
const source = createKafkaOffsetSource({ clientId: "letters", bootstrapServers: [bootstrapServers] });
let subject: DynamoDBLedgerUnderTest;
let topics: KafkaTopics;
let topic: string;

beforeAll(async () => {
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  subject = await createDynamoDBLedgerUnderTest(inject("dynamodbLocal.endpoint"));
  topics = await connectKafkaTopics(bootstrapServers);
  topic = await topics.create();
  await topics.produce(
    topic,
    VALUES.map((value) => ({ value })),
  );
});
afterAll(async () => {
  await Promise.all([topics.close(), source.close(), subject[Symbol.asyncDispose]()]);
});

const TARGETS: Readonly<Record<string, () => Promise<string>>> = {
  queue: async () => {
    const sqs = new SQSClient(sdkAccess(access));
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: `dead-${randomUUID()}` }));
    sqs.destroy();
    return QueueUrl;
  },
  bucket: async () => `s3://${await createBucket(access)}/dead`,
  topic: async () => `topic:${await topics.create()}`,
};

const ledger = () => withoutOutputs(subject.ledger);

/** The pipeline's scheduler, on the real ledger; nothing is dispatched by it. */
function schedule(pipeline: string, event: unknown, now: number) {
  const dispatcher = { dispatch: async () => undefined };
  const deps = { source, ledger: ledger(), dispatcher, now: () => now, newId: randomUUID };
  const rules: SchedulerRules = {
    ...planRules(),
    ...{ pipeline, selection: { topics: [topic] }, startingOffsets: "earliest" as const },
    isolationLevel: "read_committed",
  };
  return runScheduler(deps, rules, decodeSchedulerEvent(event));
}

/** Killed at the moment, and gone on with by another process until nothing is open; with its letters. */
async function killedAt(
  killAt: (typeof KILL_MOMENTS)[number],
  target: string,
  { mended, ...code }: Pick<LetterRun, "rejects"> & { readonly mended?: readonly string[] } = {},
) {
  const pipeline = `p-${randomUUID()}`;
  const now = Date.now();
  await schedule(pipeline, TICK_EVENT, now);
  const run: LetterRun = {
    ...{ bootstrapServers, dynamodbEndpoint: inject("dynamodbLocal.endpoint"), awsEndpoint: inject("aws.endpoint") },
    ...{ ledgerTable: subject.tableName, pipeline, target, bad: ["b", "e"], now, ...code },
  };
  const file = new URL("../../support/letters/letter-process.ts", import.meta.url).pathname;
  const args = ["--disable-warning=ExperimentalWarning", file, JSON.stringify({ ...run, killAt })];
  const [, signal] = await once(spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] }), "exit");
  expect(signal).toBe("SIGKILL");
  const processed = await processOpen({
    ...run,
    now: now + LATER_MS,
    ...(mended === undefined ? {} : { bad: mended }),
  });
  return { ...run, processed };
}

async function openStore(target: string) {
  const connection = { bootstrapServers: [bootstrapServers], securityProtocol: "PLAINTEXT" } as const;
  const given = { target: parseLetterTarget(target), connection, endpointUrl: inject("aws.endpoint") };
  const store = await openLetterStore({ ...given, note: () => undefined });
  onTestFinished(() => store.close());
  const choiceOf = (pipeline: string) => ({ pipeline, topics: [], ranges: [], errors: [] });
  return {
    list: async (pipeline: string) => {
      const terminal = createRecordingTerminal();
      await listLetters({ store, terminal, ledger: ledger() }, { choice: choiceOf(pipeline), json: true });
      return terminal.printed.map((line) => JSON.parse(line));
    },
    redrive: async (run: LetterRun) => {
      const terminal = createRecordingTerminal();
      let { now } = run;
      const processed: string[] = [];
      const invoke = (event: unknown) =>
        answerRefusal(event, { warn: () => undefined }, async () => {
          now += LATER_MS;
          const outcome = await schedule(run.pipeline, event, now);
          processed.push(...(await processOpen({ ...run, now })));
          return toJson(outcome);
        });
      const deps = { ledger: ledger(), invoke, store, terminal, pollMs: 1 };
      await redriveLetters(deps, {
        choice: choiceOf(run.pipeline),
        json: false,
        isDryRun: false,
        includesUnproven: false,
      });
      return { printed: terminal.printed, processed };
    },
  };
}

test.each(Object.keys(TARGETS))(
  "SF1: a processor that is killed around a letter leaves one of each record in a %s, which is redriven once",
  async (kind) => {
    const target = (await TARGETS[kind]?.()) ?? "";
    const store = await openStore(target);

    const runs = await Promise.all(KILL_MOMENTS.map((moment) => killedAt(moment, target)));

    for (const { pipeline } of runs) {
      const ranges = await allRanges(ledger(), pipeline);
      // Each record that is given up ends a range, whose others are committed.
      expect(ranges.map(({ status, committedOffset, untilOffset }) => [status, committedOffset, untilOffset])).toEqual([
        ["QUARANTINED", 1n, 2n],
        ["QUARANTINED", 4n, 5n],
      ]);
      expect(await store.list(pipeline)).toMatchObject([{ offset: "1" }, { offset: "4" }]);
    }
    // What was sent twice is told, and is one letter.
    const [, sentTwice] = runs;
    const { pipeline = "" } = sentTwice ?? {};
    expect(await store.list(pipeline)).toMatchObject([{ copies: kind === "bucket" ? 1 : 2 }, { copies: 1 }]);
    const run = { ...(sentTwice ?? expect.unreachable()), bad: ["e"], now: Date.now() + LATER_MS };
    expect(await store.redrive(run)).toEqual({
      printed: [`${topic}:0:1  processed`, `${topic}:0:4  failed again`],
      processed: ["b"],
    });
    expect(await store.list(pipeline)).toMatchObject([{ offset: "4", copies: 1 }]);
    expect(await store.redrive({ ...run, bad: [], now: run.now + LATER_MS })).toEqual({
      printed: [`${topic}:0:4  processed`],
      processed: ["e"],
    });
    expect(await store.list(pipeline)).toEqual([]);
  },
  120_000,
);

test.each(Object.keys(TARGETS))(
  "RD2, RJ1: a record whose letter is in a %s, and which a later attempt processed after a kill, is not redriven with those that it rejected",
  async (kind) => {
    const target = (await TARGETS[kind]?.()) ?? "";
    const store = await openStore(target);

    // The first attempt dies with a letter of b; the second one takes b, and rejects e.
    const run = await killedAt("after the letter", target, { rejects: true, mended: ["e"] });

    expect(run.processed).toEqual(["a", "b", "c", "d"]);
    expect(await store.list(run.pipeline)).toMatchObject([
      { offset: "1", recordIs: "processed", why: "by its own range, after all" },
      { offset: "4", recordIs: "given up" },
    ]);
    expect(await store.redrive({ ...run, bad: [], now: Date.now() + 2 * LATER_MS })).toEqual({
      printed: [`${topic}:0:1  processed: by its own range, after all`, `${topic}:0:4  processed`],
      processed: ["e"],
    });
    expect(await store.list(run.pipeline)).toEqual([]);
  },
  120_000,
);
