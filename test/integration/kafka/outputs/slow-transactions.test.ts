// A broker that ends transactions as soon as their time is up: what a slow processor makes of that.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type KafkaBroker, startKafkaBroker } from "../../../../functions/local/servers/kafka-broker.ts";
import { DeadlineError, OutputUnavailableError } from "../../../../shared/core/errors.ts";
import type { PositionedOutput } from "../../../../shared/core/output/range-output.ts";
import { SEND_BYTES } from "../../../../shared/kafka/limits.ts";
import type { KafkaOutputRecord } from "../../../../shared/kafka/output/output-record.ts";
import { createKafkaRangeOutput } from "../../../../shared/kafka/output/range-output.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { copiedRange, openPositioned } from "../../../support/kafka-output/copied-range.ts";
import { readTopic } from "../../../support/kafka-output/read-topic.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const TIMEOUT_MS = 2_000;
const DEADLINE_MS = 20_000;

let folder: string;
let broker: KafkaBroker;
let topics: KafkaTopics;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slow-transactions-"));
  broker = await startKafkaBroker({
    folder: join(folder, "kafka"),
    properties: { "transaction.abort.timed.out.transaction.cleanup.interval.ms": "100" },
  });
  topics = await connectKafkaTopics(broker.bootstrapServers);
});

afterAll(async () => {
  await topics.close();
  await broker.kill();
  await rm(folder, { recursive: true, force: true });
});

async function openWriter(topic: string): Promise<PositionedOutput<KafkaOutputRecord>> {
  const connection = () => ({ clientId: "tests", bootstrapServers: [broker.bootstrapServers] });
  const output = createKafkaRangeOutput({ topic, transactionTimeoutMs: TIMEOUT_MS, connection, isElsewhere: false });
  return openPositioned(output, copiedRange(topic).range);
}

/** So much that the first of it is sent at once, and the transaction begins. */
const much = (label: string): readonly KafkaOutputRecord[] =>
  Array.from({ length: 6 }, (_, index) => ({ key: `${label} ${index}`, value: Buffer.alloc(SEND_BYTES / 5) }));

/** Until the broker has ended the transaction, behind whose beginning nothing is stable. */
async function untilEnded(topic: string): Promise<void> {
  const isEnded = async () => ((await topics.stableOffsets(topic)).get(0) ?? 0n) > 0n;
  await waitUntil("the broker has ended the transaction", isEnded, DEADLINE_MS);
}

async function keysIn(topic: string): Promise<readonly string[]> {
  return (await readTopic(broker.bootstrapServers, topic)).map(({ record }) => String(record.key));
}

test("OW4: a commit is due before the broker ends the transaction, so that a slow range is written in several", async () => {
  const topic = await topics.create();
  const writer = await openWriter(topic);

  for (let offset = 0n; offset < 2n; offset += 1n) {
    await writer.write(much(String(offset)));
    await waitUntil("a commit is due", () => writer.isFull, DEADLINE_MS);
    await writer.commit({ fromPosition: offset, untilOffset: offset + 1n, progress: "" });
  }

  await writer.close();
  expect(new Set((await keysIn(topic)).map((key) => key[0]))).toEqual(new Set(["0", "1"]));
});

test.each([
  [5n, DeadlineError, "5 offsets took longer than transactionTimeoutMs, 2000 ms; unless it fits then"],
  [1n, OutputUnavailableError, "1 offsets took longer than transactionTimeoutMs, 2000 ms; raise it"],
])("OW4: a transaction of %i offsets that the broker has ended is told by the commit", async (offsets, kind, words) => {
  const topic = await topics.create();
  const writer = await openWriter(topic);
  await writer.write(much("lost"));
  await untilEnded(topic);

  // The broker refuses what is sent now, and the writer takes the rest without a word.
  await writer.write(much("late"));
  await writer.write(much("later"));
  expect(writer.isFull).toBe(true);
  const committing = writer.commit({ fromPosition: 0n, untilOffset: offsets, progress: "" });

  await expect(committing).rejects.toThrow(kind);
  await expect(committing).rejects.toThrow(words);
  await writer.close();
  expect(await keysIn(topic)).toEqual([]);
});

test("PRS3, OW4: so is one whose commit comes too late: it is not committed", async () => {
  const topic = await topics.create();
  const writer = await openWriter(topic);
  await writer.write(much("lost"));
  await untilEnded(topic);

  const committing = writer.commit({ fromPosition: 0n, untilOffset: 2n, progress: "" });

  await expect(committing).rejects.toThrow(DeadlineError);
  await writer.close();
  expect(await keysIn(topic)).toEqual([]);
});
