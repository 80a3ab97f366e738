import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { kafkaOutput } from "../../../../functions/outputs/kafka/kafka-output.ts";
import {
  ConfigurationError,
  InvalidOutputError,
  LedgerIntegrityError,
  OutputUnavailableError,
} from "../../../../shared/core/errors.ts";
import type { OutputRange } from "../../../../shared/core/output/range-output.ts";
import type { KafkaOutputRecord } from "../../../../shared/kafka/output/output-record.ts";
import { createKafkaRangeOutput, type KafkaRangeOutputOptions } from "../../../../shared/kafka/output/range-output.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { copiedRange, openPositioned } from "../../../support/kafka-output/copied-range.ts";
import { readTopic } from "../../../support/kafka-output/read-topic.ts";

const bootstrapServers = inject("kafka.bootstrapServers");
const connection = () => ({ clientId: "tests", bootstrapServers: [bootstrapServers] });

let topics: KafkaTopics;
let source: string;

beforeAll(async () => {
  topics = await connectKafkaTopics(bootstrapServers);
  source = await topics.create();
});

afterAll(() => topics.close());

function open(options: KafkaRangeOutputOptions = {}, range: Partial<OutputRange> = {}) {
  const output = createKafkaRangeOutput({ ...options, connection, isElsewhere: false });
  return openPositioned(output, { ...copiedRange(source).range, ...range });
}

const commit = { fromPosition: 0n, untilOffset: 6n, progress: "told" };

/** Writes all in one transaction. */
async function writeAll(outputs: readonly KafkaOutputRecord[], options: KafkaRangeOutputOptions): Promise<void> {
  const writer = await open(options);
  try {
    await writer.write(outputs);
    await writer.commit(commit);
  } finally {
    await writer.close();
  }
}

/** What becomes of the outputs; the error of the write or of the commit. */
async function failAll(outputs: readonly KafkaOutputRecord[], options: KafkaRangeOutputOptions): Promise<unknown> {
  return writeAll(outputs, options).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("what is written", () => {
  test.each(["none", "gzip", "zstd"] as const)("is read as it was given, with compression %s", async (compression) => {
    const topic = await topics.create();
    const bytes = Buffer.from([0, 255, 128, 10]);
    const given: readonly KafkaOutputRecord[] = [
      { key: bytes, value: bytes, headers: [{ key: "h", value: bytes }], timestamp: 1_700_000_000_123n },
      { key: null, value: null, timestamp: 0 },
      { key: "", value: "", headers: [{ key: "", value: "" }], timestamp: 2n ** 40n },
      {
        value: "größe",
        headers: [
          { key: "same", value: null },
          { key: "same", value: "second" },
        ],
        timestamp: 5n,
      },
    ];

    await writeAll(given, { topic, compression });

    const found = (await readTopic(bootstrapServers, topic)).map(({ record }) => ({
      key: record.key,
      value: record.value,
      headers: record.headers.map(({ key, value }) => ({ key, value })),
      timestamp: record.timestamp,
    }));
    const asBytes = (value: Uint8Array | string | null) => (value === null ? null : Buffer.from(value as string));
    expect(found).toEqual(
      given.map(({ key = null, value, headers = [], timestamp = 0 }) => ({
        key: asBytes(key),
        value: asBytes(value),
        headers: headers.map((header) => ({ key: header.key, value: asBytes(header.value) })),
        timestamp: BigInt(timestamp),
      })),
    );
  });

  test("goes to the partition that is named, else to that of its key, else to one after the other", async () => {
    const topic = await topics.create({ partitions: 3 });
    const keys = Array.from({ length: 12 }, (_, index) => `key-${index}`);

    await writeAll(
      [
        { key: "any", value: "named", partition: 2 },
        ...keys.map((key) => ({ key, value: "by key" })),
        ...["first", "second"].map((value) => ({ value })),
      ],
      { topic },
    );

    const found = await readTopic(bootstrapServers, topic);
    expect(found.find(({ record }) => String(record.value) === "named")?.partition).toBe(2);
    const byKey = found.filter(({ record }) => String(record.value) === "by key");
    expect(new Set(byKey.map(({ partition }) => partition)).size).toBe(3);
    const keyless = found.filter(({ record }) => record.key === null);
    expect(new Set(keyless.map(({ partition }) => partition)).size).toBe(1);
  });

  test("SBA1: may be more than one request takes, in one transaction, in order", async () => {
    const topic = await topics.create();
    const value = Buffer.alloc(100_000, 97);
    const writer = await open({ topic });
    for (let index = 0; index < 60; index++) {
      await writer.write([{ key: String(index), value }]);
    }
    await writer.commit(commit);
    await writer.close();

    const found = await readTopic(bootstrapServers, topic);
    expect(found.map(({ record }) => String(record.key))).toEqual(Array.from({ length: 60 }, (_, at) => String(at)));
  });

  test("goes to several topics, each named by its output", async () => {
    const [one, other] = [await topics.create(), await topics.create()];

    await writeAll([{ topic: one, value: "1" }, { value: "2" }], { topic: other });

    expect((await readTopic(bootstrapServers, one)).map(({ record }) => String(record.value))).toEqual(["1"]);
    expect((await readTopic(bootstrapServers, other)).map(({ record }) => String(record.value))).toEqual(["2"]);
  });

  test("OW3: is gone where nothing was committed, and holds no reader up", async () => {
    const topic = await topics.create();
    const writer = await open({ topic });
    const value = Buffer.alloc(1_000_000, 97);
    for (let index = 0; index < 6; index++) {
      await writer.write([{ value }]);
    }
    await writer.close();

    expect(await readTopic(bootstrapServers, topic)).toEqual([]);
  });
});

describe("the position", () => {
  test("is that of the last commit, for who opens next, and of another chain none of it", async () => {
    const topic = await topics.create();
    const { range } = copiedRange(source);
    const writer = await open({ topic }, range);
    await writer.commit(commit);
    await writer.commit({ fromPosition: 6n, untilOffset: 9n, progress: "x".repeat(512) });
    await writer.close();

    expect((await open({ topic }, { ...range, leaseCounter: 2 })).position).toEqual({
      untilOffset: 9n,
      progress: "x".repeat(512),
    });
    const others = [{ topicId: randomUUID() }, { requestId: "again" }, { isSequential: false }, { pipeline: "other" }];
    for (const other of others) {
      expect((await open({ topic }, { ...range, ...other })).position).toEqual({ untilOffset: 0n, progress: "" });
    }
  });

  test("is not that of an earlier request of the same id", async () => {
    const topic = await topics.create();
    const range = { requestId: "again", isSequential: false, topicId: randomUUID(), plannedAt: Date.now() };
    const writer = await open({ topic }, range);
    await writer.commit(commit);
    await writer.close();

    expect((await open({ topic }, range)).position?.untilOffset).toBe(6n);
    expect((await open({ topic }, { ...range, plannedAt: range.plannedAt + 1 })).position?.untilOffset).toBe(0n);
  });

  test("in another cluster is found whichever topic it was kept beside", async () => {
    const [before, after] = [await topics.create(), await topics.create()];
    const { range } = copiedRange(source);
    const openTo = (topic: string) =>
      openPositioned(createKafkaRangeOutput({ topic, connection, isElsewhere: true }), range);
    const writer = await openTo(before);
    await writer.commit(commit);
    await writer.close();

    const moved = await openTo(after);
    expect(moved.position).toEqual({ untilOffset: 6n, progress: "told" });
    await moved.commit({ fromPosition: 6n, untilOffset: 8n, progress: "further" });
    await moved.close();

    expect((await openTo(before)).position).toEqual({ untilOffset: 8n, progress: "further" });
  });

  test("that is not where the commit begins refuses it", async () => {
    const writer = await open({ topic: await topics.create() });

    const refused = writer.commit({ fromPosition: 3n, untilOffset: 6n, progress: "" });

    await expect(refused).rejects.toThrow(OutputUnavailableError);
    await writer.close();
  });

  test("FO1, FO2: that the brokers may have forgotten is not guessed", async () => {
    const old = { leaseCounter: 2, plannedAt: Date.now() - 8 * 86_400_000 };

    const opened = open({ topic: source }, old);

    await expect(opened).rejects.toThrow(LedgerIntegrityError);
    await expect(opened).rejects.toThrow("--reset-offsets --to-offset 0 --execute");
    expect((await open({ topic: source }, { ...old, leaseCounter: 1, fromOffset: 4n })).position).toMatchObject({
      untilOffset: 4n,
    });
  });

  test("is kept beside the output's topic in a cluster that has not the source's", async () => {
    const topic = await topics.create();
    const output = kafkaOutput({ topic, bootstrapServers: [bootstrapServers] });
    const range = { ...copiedRange("only-elsewhere").range, partition: 7 };
    const writer = await openPositioned(output, range);
    await writer.write([{ value: "there" }]);
    await writer.commit(commit);
    await writer.close();

    const again = await openPositioned(output, { ...range, leaseCounter: 2 });
    const neighbour = await openPositioned(output, { ...range, partition: 8 });

    expect([again.position?.untilOffset, neighbour.position?.untilOffset]).toEqual([6n, 0n]);
    expect(await readTopic(bootstrapServers, topic)).toHaveLength(1);
  });
});

describe("an output that cannot be written", () => {
  test.each([
    [
      "its size",
      { config: { "max.message.bytes": "2000" } },
      { key: "k", value: "x".repeat(3_000) },
      "max.message.bytes",
    ],
    [
      "a timestamp",
      { config: { "message.timestamp.before.max.ms": "1000" } },
      { key: "k", value: "", timestamp: 5n },
      "timestamp",
    ],
    ["a missing key", { config: { "cleanup.policy": "compact" } }, { value: "" }, "INVALID_RECORD"],
  ])("OW2: for %s is named by its place, and nothing of the transaction is seen", async (_, options, bad, words) => {
    const topic = await topics.create(options);
    const good = Array.from({ length: 9 }, (_one, index) => ({ key: `k${index}`, value: "x".repeat(300) }));

    const error = await failAll([...good.slice(0, 5), bad, ...good.slice(5)], { topic });

    expect(error).toBeInstanceOf(InvalidOutputError);
    expect(error).toMatchObject({ outputIndex: 5, message: expect.stringContaining(words) });
    expect(await readTopic(bootstrapServers, topic)).toEqual([]);
  });

  test("SBA3: takes no neighbours with it: batches that are too large for the topic are cut", async () => {
    const topic = await topics.create({ config: { "max.message.bytes": "2000" } });
    const values = Array.from({ length: 40 }, (_, index) => `${String(index).padStart(3, "0")}${"x".repeat(300)}`);

    await writeAll(
      values.map((value) => ({ key: "k", value })),
      { topic },
    );

    const found = await readTopic(bootstrapServers, topic);
    expect(found.map(({ record }) => String(record.value))).toEqual(values);
  });

  test("OW1: since the topic has no such partition is refused at once, with all that are written with it", async () => {
    const topic = await topics.create({ partitions: 2 });
    const writer = await open({ topic });

    const refused = writer.write([{ value: "0" }, { value: "1", partition: 2 }]);

    await expect(refused).rejects.toThrow(InvalidOutputError);
    await expect(refused).rejects.toMatchObject({ outputIndex: 1 });
    await writer.write([{ value: "2" }]);
    await writer.commit(commit);
    await writer.close();
    expect((await readTopic(bootstrapServers, topic)).map(({ record }) => String(record.value))).toEqual(["2"]);
  });

  test("since its topic does not exist is a matter of the configuration", async () => {
    const error = await failAll([{ topic: "never-created", value: "" }], {});

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({
      message: expect.stringContaining("topic never-created, which outputs go to, does not exist"),
    });
  });
});

test("brokers that cannot be reached are out of reach for outputs", async () => {
  const output = kafkaOutput({ topic: "any", bootstrapServers: ["127.0.0.1:1"] });

  await expect(output.open(copiedRange(source).range)).rejects.toThrow(OutputUnavailableError);
});
