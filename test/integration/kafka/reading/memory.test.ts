import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import type { ReadMeasurement } from "../../../support/kafka/measure-read.ts";
import { SCRIPTED_TOPIC, startScriptedBroker } from "../../../support/kafka/scripted-broker.ts";
import { encodeBatch } from "../../../support/records/record-batch-encoder.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const MIB = 1_048_576;
/** Of one fetch, as long as nobody asks for another size. */
const FETCH_BYTES = MIB;

/** Of the whole process, Node.js itself included: 172 to 175 MB were measured. */
const MAX_PEAK_BYTES = 220 * MIB;

let topics: KafkaTopics;

beforeAll(async () => {
  topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
});

afterAll(async () => {
  await topics.close();
});

/** Reads [0, warmUntil) and then [0, until) in a process of its own. */
async function measureRead(topic: string, warmUntil: number, until: number): Promise<ReadMeasurement> {
  const script = new URL("../../../support/kafka/measure-read.ts", import.meta.url).pathname;
  const args = [script, inject("kafka.bootstrapServers"), topic, String(warmUntil), String(until)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as ReadMeasurement;
}

describe("memory", () => {
  test("a range of 256 MiB takes no more than 64 fetches of memory beyond one of 32 MiB, and no more than one of 128 MiB", async () => {
    const topic = await topics.create();
    const value = randomBytes(8_192);
    const perBatch = Array.from({ length: 96 }, () => ({ value }));
    const batches = Math.ceil((256 * MIB) / (96 * 8_192));
    for (let batch = 0; batch < batches; batch++) {
      await topics.produce(topic, perBatch);
    }
    const [warm, half, whole] = [8, 2, 1].map((part) => Math.floor(batches / part) * 96) as [number, number, number];

    const measured = await measureRead(topic, warm, whole);
    const halved = await measureRead(topic, warm, half);

    expect(measured).toMatchObject({ records: whole, valueBytes: whole * 8_192 });
    // 31 to 51 fetches were measured; what the garbage collector leaves standing for a while is most of it.
    expect(measured.grownBytes).toBeLessThan(64 * FETCH_BYTES);
    expect(measured.peakBytes).toBeLessThan(MAX_PEAK_BYTES);
    expect(measured.peakBytes - halved.peakBytes).toBeLessThan(24 * FETCH_BYTES);
  });

  test("one record of 50 MB among small ones takes little more than its size", async () => {
    const topic = await topics.create({ config: { "max.message.bytes": "60000000" } });
    const small = Array.from({ length: 10 }, () => ({ value: "small" }));
    await topics.produce(topic, small);
    await topics.produce(topic, [{ value: Buffer.alloc(50_000_000, 7) }]);
    await topics.produce(topic, small);

    const measured = await measureRead(topic, 10, 21);

    expect(measured).toMatchObject({ records: 21, valueBytes: 50_000_000 + 20 * 5 });
    // 51.5 MB were measured, and no less than the record itself can be right.
    expect(measured.grownBytes).toBeGreaterThan(45_000_000);
    expect(measured.grownBytes).toBeLessThan(1.5 * 50_000_000);
    expect(measured.peakBytes).toBeLessThan(MAX_PEAK_BYTES);
  });
});

describe("a scripted log", () => {
  const request = (untilOffset: bigint) =>
    ({
      range: { topic: SCRIPTED_TOPIC, partition: 0, fromOffset: 0n, untilOffset },
      isolationLevel: "read_committed",
    }) as const;

  test("a consumer that does not pull holds two fetches, and each pull asks for one more", async () => {
    const batches = Array.from({ length: 12 }, (_, index) => ({
      baseOffset: BigInt(index),
      nextOffset: BigInt(index + 1),
      bytes: encodeBatch({ baseOffset: BigInt(index), records: [{ offsetDelta: 0 }] }),
    }));
    const broker = await startScriptedBroker({ endOffset: 12n, batches });
    const reader = createKafkaRangeReader({ clientId: "tests", bootstrapServers: [broker.bootstrapServers] });
    const fetches = () => broker.calls.filter((api) => api === "fetch").length;
    try {
      const pulled = reader.readRange(request(12n)).batches()[Symbol.asyncIterator]();
      for (const inHand of [2, 3, 4]) {
        await pulled.next();
        await waitUntil(`${inHand} fetches came`, () => fetches() >= inHand, 5_000);
        await delay(100); // A fetch too many would come within this time.
        expect(fetches()).toBe(inHand);
      }
      await pulled.return?.();
    } finally {
      await Promise.all([reader.close(), broker.close()]);
    }
  });
});
