import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type KafkaBroker, startKafkaBroker } from "../../../../functions/local/servers/kafka-broker.ts";
import { RangeReadError } from "../../../../shared/core/errors.ts";
import type { RangeReader } from "../../../../shared/core/source/range-reader.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { collectRange } from "../../../support/kafka/collect-range.ts";
import { connectKafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const CONNECT_TIMEOUT_MS = 500;
const REQUEST_TIMEOUT_MS = 1_000;
const PROGRESS_TIMEOUT_MS = 3_000;
/** A try that begins just before time is up may still look the leader up, connect and ask. */
const LAST_TRY_MS = 2 * CONNECT_TIMEOUT_MS + 2 * REQUEST_TIMEOUT_MS + 500;
const everyOffset = Array.from({ length: 10 }, (_, index) => BigInt(index));

let folder: string;
let broker: KafkaBroker;
let topic: string;
let reader: RangeReader;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "frozen-broker-"));
  broker = await startKafkaBroker({ folder });
  const topics = await connectKafkaTopics(broker.bootstrapServers);
  topic = await topics.create();
  for (const offset of everyOffset) {
    await topics.produce(topic, [{ value: String(offset) }]);
  }
  await topics.close();
  reader = createKafkaRangeReader({
    clientId: "tests",
    bootstrapServers: [broker.bootstrapServers],
    fetchMaxBytes: 1, // Each fetch brings one batch, so that the read spans what happens in between.
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    progressTimeoutMs: PROGRESS_TIMEOUT_MS,
  });
});

afterAll(async () => {
  await reader.close();
  await broker.kill();
  await rm(folder, { recursive: true, force: true });
});

test("PF3: a broker that is stopped in the middle of a read ends it in time, and serves the reader again afterwards", async () => {
  const request = {
    range: { topic, partition: 0, fromOffset: 0n, untilOffset: 10n },
    isolationLevel: "read_committed",
  } as const;
  const offsets: bigint[] = [];
  let stoppedAt = Number.POSITIVE_INFINITY;
  let failure: unknown;

  try {
    for await (const { offset } of reader.readRange(request).records()) {
      offsets.push(offset);
      if (offset === 2n) {
        process.kill(broker.pid, "SIGSTOP");
        stoppedAt = performance.now();
      }
    }
  } catch (error) {
    failure = error;
  } finally {
    process.kill(broker.pid, "SIGCONT");
  }
  const tookMs = performance.now() - stoppedAt;

  expect(failure).toBeInstanceOf(RangeReadError);
  expect(failure).toMatchObject({
    retryable: true,
    message: expect.stringMatching(/no answer within \d+ ms.*\(.* at offset \d made no progress within 3000 ms\)/),
  });
  // What was fetched ahead is still delivered.
  expect(everyOffset.slice(0, offsets.length)).toEqual(offsets);
  expect(offsets.length).toBeLessThan(10);
  expect(tookMs).toBeGreaterThan(PROGRESS_TIMEOUT_MS - 100);
  expect(tookMs).toBeLessThan(PROGRESS_TIMEOUT_MS + LAST_TRY_MS);
  const served = async () => {
    const again = await collectRange(reader, request).catch(() => undefined);
    return again?.offsets.join() === everyOffset.join();
  };
  // A controller that stood still elects itself anew first.
  await waitUntil("the same reader reads the whole range", served, 30_000);
});
