// `ranges dead-letters` as a process of its own, on each real store: what one look shows and leaves
// to others, what is deleted, and what a redrive makes of letters.

import { randomUUID } from "node:crypto";
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { parseLetterTarget } from "../../../functions/cli/letters/letter-target.ts";
import { openLetterStore } from "../../../functions/cli/letters/open-letter-store.ts";
import { redriveLetters } from "../../../functions/cli/letters/redrive-letters.ts";
import type { DeadLetterTarget } from "../../../shared/core/failure/dead-letter.ts";
import { createKafkaDeadLetters } from "../../../shared/kafka/produce/dead-letter-topic.ts";
import { createS3DeadLetters } from "../../../shared/s3/dead-letter-bucket.ts";
import { createSQSDeadLetterQueue } from "../../../shared/sqs/dead-letter-queue.ts";
import { encodeDeadLetter } from "../../../shared/wire/events/dead-letter.ts";
import { encodeLetterRecord } from "../../../shared/wire/events/dead-letter-record.ts";
import { localAccess, sdkAccess } from "../../support/aws-access.ts";
import { createLetterWorld } from "../../support/cli/letter-world.ts";
import { createRecordingTerminal } from "../../support/cli/recording-terminal.ts";
import { jsonLines, runRanges } from "../../support/cli/run-ranges.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { createBucket } from "../../support/s3-bucket.ts";

const access = localAccess(inject("aws.endpoint"));
const sqs = new SQSClient(sdkAccess(access));
const bootstrapServers = inject("kafka.bootstrapServers");
let topics: KafkaTopics;
beforeAll(async () => {
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  topics = await connectKafkaTopics(bootstrapServers);
});
afterAll(async () => {
  sqs.destroy();
  await topics.close();
});

interface Opened {
  readonly target: DeadLetterTarget;
  readonly args: readonly string[];
}

const STORES: readonly (readonly [string, () => Promise<Opened>])[] = [
  [
    "a queue",
    async () => {
      const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: `dead-${randomUUID()}` }));
      const target = createSQSDeadLetterQueue({ access, queueUrl: QueueUrl, encode: encodeDeadLetter });
      return { target, args: ["--target", QueueUrl, "--endpoint-url", inject("aws.endpoint")] };
    },
  ],
  [
    "a bucket",
    async () => {
      const bucket = await createBucket(access);
      const target = createS3DeadLetters({ access, bucket, prefix: "dead", encode: encodeDeadLetter });
      return { target, args: ["--target", `s3://${bucket}/dead`, "--endpoint-url", inject("aws.endpoint")] };
    },
  ],
  [
    "a topic",
    async () => {
      const topic = await topics.create({ partitions: 2 });
      const kafka = { clientId: "letters", bootstrapServers: [bootstrapServers] };
      const target = createKafkaDeadLetters({ kafka, topic, encode: encodeLetterRecord, now: () => Date.now() });
      return { target, args: ["--target", `topic:${topic}`, "--bootstrap-servers", bootstrapServers] };
    },
  ],
];

test.each(STORES)(
  "letters in %s are listed, shown and deleted, each for itself, and a look hides none",
  async (_, open) => {
    const { target, args } = await open();
    const world = createLetterWorld(target);
    world.bad.add("b").add("e");
    await world.run(["a", "b", "c", "d", "e"]);
    const run = (command: string, ...more: readonly string[]) => runRanges(["dead-letters", command, ...args, ...more]);

    const table = await run("list");
    const listed = await run("list", "--json", "--error", "SyntaxError", "--pipeline", "word-count");
    const none = await run("list", "--topic", "bills");
    const shown = await run("show", "--record", "orders:0:4");
    const missing = await run("show", "--record", "orders:0:3");
    const deleted = await run("delete", "--range", "orders:0:0:2");
    const left = await run("list", "--json");

    expect(table.stdout).toMatch(/FAILED AT.*\n.*word-count {2}orders:0:1 .*SyntaxError: b is not JSON\n.*orders:0:4/);
    expect(jsonLines(listed.stdout)).toMatchObject([
      { offset: "1", copies: 1, invocation: { awsRequestId: "r-1", logGroup: "orders", logStream: "2026/0a" } },
      { offset: "4" },
    ]);
    expect(none).toMatchObject({ code: 0, stdout: "" });
    expect(JSON.parse(shown.stdout)).toMatchObject({
      record: { value: { encoding: "utf8", text: "e" } },
      error: { name: "SyntaxError", stack: expect.stringContaining("letter-world.ts") },
    });
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("no dead letter is so") });
    expect(deleted).toMatchObject({ code: 0, stderr: expect.stringContaining("deleted 1 dead letter") });
    expect(jsonLines(left.stdout)).toMatchObject([{ offset: "4" }]);
    const queue = args[1] ?? "";
    if (queue.startsWith("http")) {
      const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: [...AttributeNames] }),
      );
      expect(Attributes).toMatchObject({
        ApproximateNumberOfMessages: "1",
        ApproximateNumberOfMessagesNotVisible: "0",
      });
    }
  },
);

test.each(STORES)(
  "what is redriven from %s is processed once, and of what fails again one letter stays",
  async (_, open) => {
    const { target, args } = await open();
    const world = createLetterWorld(target);
    world.bad.add("b").add("e");
    await world.run(["a", "b", "c", "d", "e"]);
    world.bad.delete("b");
    const store = await openLetterStore({
      target: parseLetterTarget(args[1] ?? ""),
      connection: { bootstrapServers: [bootstrapServers], securityProtocol: "PLAINTEXT" },
      endpointUrl: inject("aws.endpoint"),
      note: () => undefined,
    });
    const redrive = async () => {
      const terminal = createRecordingTerminal();
      const choice = { pipeline: "word-count", topics: [], ranges: [], errors: [] };
      const { ledger, invoke } = world;
      const deps = { ledger, invoke, store, terminal, pollMs: 1 };
      const code = await redriveLetters(deps, { choice, json: false, isDryRun: false, includesUnproven: false });
      return { code, printed: terminal.printed };
    };
    const listed = async () => {
      const { stdout } = await runRanges(["dead-letters", "list", "--json", ...args]);
      return jsonLines(stdout);
    };

    const first = await redrive();
    const between = await listed();
    world.bad.clear();
    const second = await redrive();

    expect(first).toEqual({ code: 1, printed: ["orders:0:1  processed", "orders:0:4  failed again"] });
    expect(between).toMatchObject([{ offset: "4", copies: 1, requestId: expect.stringMatching(/^redrive-/) }]);
    expect(second).toEqual({ code: 0, printed: ["orders:0:4  processed"] });
    expect(world.effects()).toEqual(["a", "b", "c", "d", "e"]);
    expect(await listed()).toEqual([]);
    await store.close();
  },
);
