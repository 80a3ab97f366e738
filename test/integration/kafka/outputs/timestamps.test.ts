// What Kafka's own client reads of the timestamps that an output wrote.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { InvalidOutputError } from "../../../../shared/core/errors.ts";
import { createKafkaRangeOutput } from "../../../../shared/kafka/output/range-output.ts";
import { fingerprint, type JavaOracle, startJavaOracle } from "../../../support/java/java-oracle.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { copiedRange, openPositioned } from "../../../support/kafka-output/copied-range.ts";

const bootstrapServers = inject("kafka.bootstrapServers");
const connection = () => ({ clientId: "tests", bootstrapServers: [bootstrapServers] });
const LARGEST = 2n ** 63n - 1n;

let folder: string;
let oracle: JavaOracle;
let topics: KafkaTopics;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "output-timestamps-"));
  oracle = await startJavaOracle(bootstrapServers, folder);
  topics = await connectKafkaTopics(bootstrapServers);
});

afterAll(async () => {
  await Promise.all([topics.close(), oracle.stop()]);
  await rm(folder, { recursive: true });
});

/** One batch of values that are the timestamps' indexes. */
async function writeBatch(topic: string, timestamps: readonly bigint[]): Promise<void> {
  const source = await topics.create();
  const output = createKafkaRangeOutput({ topic, connection, isElsewhere: false });
  const writer = await openPositioned(output, copiedRange(source).range);
  try {
    await writer.write(timestamps.map((timestamp, index) => ({ value: `${index}`, timestamp })));
    await writer.commit({ fromPosition: 0n, untilOffset: 6n, progress: "told" });
  } finally {
    await writer.close();
  }
}

const orders: readonly (readonly bigint[])[] = [
  [-1n, LARGEST, 5n],
  [LARGEST, -1n, LARGEST],
  [0n, LARGEST, -1n, 2n ** 62n, 2n ** 31n, 2n ** 31n - 1n],
];

test.each(orders.map((timestamps) => ({ timestamps })))(
  "G1: the Java consumer reads the timestamps $timestamps of one batch as they were given",
  async ({ timestamps }) => {
    const topic = await topics.create({ config: { "message.timestamp.after.max.ms": `${LARGEST}` } });

    await writeBatch(topic, timestamps);

    const range = { topic, fromOffset: 0, untilOffset: timestamps.length, isolationLevel: "read_committed" } as const;
    const given = timestamps.map((timestamp, index) => ({
      ...{ topic, partition: 0, offset: BigInt(index), timestamp, timestampType: "CreateTime" as const },
      ...{ key: null, value: Buffer.from(`${index}`), headers: [] },
    }));
    expect(await oracle.read(range)).toEqual(given.map(fingerprint));
  },
);

test.each(orders.map((timestamps) => ({ timestamps })))(
  "the broker refuses what lies too far ahead for the topic, at any place in $timestamps",
  async ({ timestamps }) => {
    const topic = await topics.create({ config: { "message.timestamp.after.max.ms": "3600000" } });

    await expect(writeBatch(topic, timestamps)).rejects.toBeInstanceOf(InvalidOutputError);
  },
);
