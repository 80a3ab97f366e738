import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { RangeReader } from "../../../../shared/core/source/range-reader.ts";
import { parseBootstrapServers } from "../../../../shared/kafka/connection/kafka-options.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { createRandom } from "../../../local/demo/seeded-random.ts";
import { fingerprint, type JavaOracle, startJavaOracle } from "../../../support/java/java-oracle.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { produceBatch } from "../../../support/kafka/raw-request.ts";
import { type StreamedCompression, streamsOf } from "../../../support/records/compressed-streams.ts";
import { compress, encodeBatch } from "../../../support/records/record-batch-encoder.ts";

/** `SEED=… vitest …` cuts the streams at the same bytes again. */
const SEED = Number(process.env["SEED"] ?? randomInt(2 ** 31));
const RECORDS = 40;
const random = createRandom(SEED);

let folder: string;
let oracle: JavaOracle;
let topics: KafkaTopics;
let reader: RangeReader;

beforeAll(async () => {
  const bootstrapServers = inject("kafka.bootstrapServers");
  folder = await mkdtemp(join(tmpdir(), "compressed-streams-"));
  oracle = await startJavaOracle(bootstrapServers, folder);
  topics = await connectKafkaTopics(bootstrapServers);
  reader = createKafkaRangeReader({ clientId: "tests", bootstrapServers: [bootstrapServers] });
});

afterAll(async () => {
  await Promise.all([reader.close(), topics.close()]);
  await oracle.stop();
  await rm(folder, { recursive: true });
});

/** Appended as it is: the broker reads it as the Java client does, and stores what it can read. */
async function append(topic: string, { codec, compress: compressRecords }: StreamedCompression): Promise<void> {
  const records = Array.from({ length: RECORDS }, (_, offsetDelta) => ({
    offsetDelta,
    key: Buffer.from(`key-${offsetDelta}`),
    value: Buffer.from(`${"z".repeat(Math.floor(random() * 300))}${random()}`),
  }));
  const [address] = parseBootstrapServers([inject("kafka.bootstrapServers")]);
  if (address === undefined) {
    throw new Error("no broker");
  }
  const batch = encodeBatch({ baseOffset: 0n, records, codec, compress: compressRecords, baseTimestamp: 1n });
  expect(await produceBatch(address, topic, batch)).toMatchObject({ errorCode: 0 });
}

async function expectAsInJava(streams: readonly StreamedCompression[]): Promise<void> {
  const topic = await topics.create();
  for (const one of streams) {
    await append(topic, one);
  }
  const untilOffset = streams.length * RECORDS;
  const java = await oracle.read({ topic, fromOffset: 0, untilOffset, isolationLevel: "read_committed" });
  const range = { topic, partition: 0, fromOffset: 0n, untilOffset: BigInt(untilOffset) };

  const ours = await Array.fromAsync(reader.readRange({ range, isolationLevel: "read_committed" }).records());

  expect(java).toHaveLength(untilOffset);
  expect(ours.map(fingerprint)).toEqual(java);
}

const cuts = Array.from({ length: 12 }, () =>
  Array.from({ length: Math.floor(random() * 5) }, () => Math.floor(random() * 3_000)),
);

describe("G1: a batch of several compressed streams", () => {
  // Java reads no second frame of lz4.
  test.each(["gzip", "snappy-xerial", "zstd"] as const)(
    `in %s holds what the Java consumer finds, wherever they are cut (SEED=${SEED})`,
    async (codec) => {
      await expectAsInJava(cuts.flatMap((offsets) => streamsOf(codec, offsets)));
    },
  );

  test.each([
    ["gzip", "bytes that are no member", Buffer.from("garbage")],
    ["gzip", "zeros", Buffer.alloc(9)],
    ["gzip", "half of a member's header", gzipSync("").subarray(0, 9)],
    ["snappy-xerial", "three bytes", Buffer.from("abc")],
    ["lz4", "bytes that are no frame", Buffer.from("garbage")],
    ["zstd", "half of a frame", zstdCompressSync("").subarray(0, 5)],
    ["zstd", "a frame that was not ended", zstdCompressSync("", { finishFlush: constants.ZSTD_e_flush })],
  ] as const)("in %s may end with what Java ignores: %s", async (codec, _, rest) => {
    await expectAsInJava([{ name: "", codec, compress: (plain) => Buffer.concat([compress(codec, plain), rest]) }]);
  });
});
