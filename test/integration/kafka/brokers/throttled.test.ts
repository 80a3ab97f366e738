import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, inject, test } from "vitest";
import { createKafkaOffsetSource } from "../../../../shared/kafka/offsets/offset-source.ts";
import { WireWriter } from "../../../../shared/kafka/protocol/wire-writer.ts";
import { createKafkaRangeReader, type KafkaReaderOptions } from "../../../../shared/kafka/read/range-reader.ts";
import { setConsumerQuota } from "../../../support/kafka/client-quota.ts";
import { collectRange, failRange } from "../../../support/kafka/collect-range.ts";
import { connectKafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import {
  type ApiName,
  apiVersionsAnswer,
  fetchAnswer,
  listOffsetsAnswer,
  metadataAnswer,
  offsetForLeaderEpochAnswer,
  SCRIPTED_TOPIC,
  SCRIPTED_TOPIC_ID,
  type ScriptedCall,
  startScriptedBroker,
} from "../../../support/kafka/scripted-broker.ts";
import { everyOffset, scriptedLog, wholeLog } from "../../../support/kafka/scripted-log.ts";
import { waitUntil } from "../../../support/wait-until.ts";

/** Well above every time-out of the reader under test. */
const THROTTLE_MS = 800;
const TIMEOUT_MS = 500;

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const impatient = {
  clientId: "tests",
  connectTimeoutMs: TIMEOUT_MS,
  requestTimeoutMs: TIMEOUT_MS,
  progressTimeoutMs: TIMEOUT_MS,
} satisfies Partial<KafkaReaderOptions>;

/** As a broker answers that sends no records for a quota: for no partition at all. */
function throttledFetchAnswer(): Buffer {
  const writer = new WireWriter().int32(THROTTLE_MS).int16(0).int32(0);
  return writer
    .array([], () => undefined)
    .tags()
    .finish();
}

function withThrottle(answer: Buffer, at = 0): Buffer {
  const throttled = Buffer.from(answer);
  throttled.writeInt32BE(THROTTLE_MS, at);
  return throttled;
}

/** The broker's own answer, with a throttle time. */
function throttled(api: ApiName, port: number): Buffer {
  switch (api) {
    case "fetch":
      return throttledFetchAnswer();
    case "metadata":
      return withThrottle(metadataAnswer({ port }));
    case "listOffsets":
      return withThrottle(listOffsetsAnswer({ offset: 6n }));
    case "offsetForLeaderEpoch":
      return withThrottle(offsetForLeaderEpochAnswer({ leaderEpoch: 0, endOffset: 6n }));
    case "apiVersions":
      return withThrottle(apiVersionsAnswer(), apiVersionsAnswer().length - 4);
  }
}

/** Throttles the first calls of each of these kinds. */
async function startThrottling(apis: readonly ApiName[], times = 1) {
  const broker = await startScriptedBroker(scriptedLog, (call: ScriptedCall, { port }) =>
    apis.includes(call.api) && call.index < times
      ? { kind: "send", bytes: call.answer(throttled(call.api, port)) }
      : undefined,
  );
  open.push(broker);
  return broker;
}

describe("PF3, BC4: a broker that throttles", () => {
  test.each<ApiName>(["fetch", "metadata", "apiVersions"])(
    "by its answer to %s is waited out, whatever the time-outs are, and the read stays exact",
    async (api) => {
      const { bootstrapServers } = await startThrottling([api]);
      const reader = createKafkaRangeReader({ ...impatient, bootstrapServers: [bootstrapServers] });
      open.push(reader);

      expect((await collectRange(reader, wholeLog)).offsets).toEqual(everyOffset);
      expect(reader.throttleTimeMs).toBe(THROTTLE_MS);
    },
  );

  test("again and again is waited out for longer than a read may stand still", async () => {
    const { bootstrapServers, calls } = await startThrottling(["fetch"], 3);
    const reader = createKafkaRangeReader({ ...impatient, bootstrapServers: [bootstrapServers] });
    open.push(reader);

    expect((await collectRange(reader, wholeLog)).offsets).toEqual(everyOffset);
    expect(calls.filter((api) => api === "fetch")).toHaveLength(3 + 3);
  });

  test("the scheduler's lookups is waited out", async () => {
    const apis = ["apiVersions", "metadata", "listOffsets", "offsetForLeaderEpoch"] as const;
    const { bootstrapServers } = await startThrottling(apis);
    const source = createKafkaOffsetSource({ ...impatient, bootstrapServers: [bootstrapServers] });
    open.push(source);

    const { partitions } = await source.describe({ topics: [SCRIPTED_TOPIC] });
    const [partition] = partitions;
    const ends = await source.listOffsets(partitions, "latest", "read_committed");
    const epochEnd = partition === undefined ? undefined : await source.endOfEpoch(partition, 0);

    expect(ends).toEqual([{ kind: "listed", offset: 6n, leaderEpoch: 0 }]);
    expect(epochEnd).toMatchObject({ kind: "listed", offset: 6n });
    expect(source.throttleTimeMs).toBe(apis.length * THROTTLE_MS);
  });

  test("a replica's fetches is waited out there", async () => {
    const fetches: string[] = [];
    const follower = await startScriptedBroker(scriptedLog, (call) => {
      fetches.push("follower");
      return call.index === 0 && call.api === "fetch"
        ? { kind: "send", bytes: call.answer(throttledFetchAnswer()) }
        : undefined;
    });
    const leader = await startScriptedBroker(scriptedLog, (call, { port }) => {
      switch (call.api) {
        case "metadata":
          return { kind: "send", bytes: call.answer(metadataAnswer({ port, followerPort: follower.port })) };
        case "fetch":
          return { kind: "send", bytes: call.answer(fetchAnswer({ endOffset: 6n, preferredReadReplica: 2 })) };
        default:
          return undefined;
      }
    });
    open.push(follower, leader);
    const reader = createKafkaRangeReader({
      ...impatient,
      bootstrapServers: [leader.bootstrapServers],
      rackId: "a",
    });
    open.push(reader);

    expect((await collectRange(reader, wholeLog)).offsets).toEqual(everyOffset);
    expect(leader.calls.filter((api) => api === "fetch")).toHaveLength(1);
  });

  test("is not waited for once the read is ended", async () => {
    const { bootstrapServers, calls } = await startThrottling(["fetch"], Number.POSITIVE_INFINITY);
    const reader = createKafkaRangeReader({ ...impatient, bootstrapServers: [bootstrapServers] });
    open.push(reader);
    const ended = new AbortController();
    const failed = failRange(reader, { ...wholeLog, signal: ended.signal });

    await waitUntil("the broker throttles", async () => calls.filter((api) => api === "fetch").length > 1, 10_000);
    ended.abort(new Error("enough"));

    expect(await failed).toMatchObject({ error: { message: "enough" }, offsets: [] });
  });

  test("and then is silent fails the call after its own time-out", async () => {
    const broker = await startScriptedBroker(scriptedLog, (call) => {
      const isFirst = call.index === 0;
      return call.api !== "fetch"
        ? undefined
        : isFirst
          ? { kind: "send", bytes: call.answer(throttledFetchAnswer()) }
          : { kind: "silence" };
    });
    const reader = createKafkaRangeReader({ ...impatient, bootstrapServers: [broker.bootstrapServers] });
    open.push(reader, broker);

    const { error } = await failRange(reader, { ...wholeLog, topicId: SCRIPTED_TOPIC_ID });

    expect(error).toMatchObject({
      name: "RangeReadError",
      message: expect.stringContaining(`no answer within ${TIMEOUT_MS} ms`),
    });
  });
});

describe("a real broker with a quota", () => {
  test("G1: throttles reads of one client id side by side, and each is exact", { timeout: 180_000 }, async () => {
    const [bootstrapServers, clientId] = [inject("kafka.bootstrapServers"), `throttled-${randomUUID()}`];
    const folder = await mkdtemp(join(tmpdir(), "throttled-"));
    const topics = await connectKafkaTopics(bootstrapServers);
    open.push(topics, { close: () => rm(folder, { recursive: true }) });
    await setConsumerQuota(bootstrapServers, folder, { clientId, bytesPerSecond: 400_000 });
    const topic = await topics.create();
    for (let batch = 0; batch < 8; batch++) {
      await topics.produce(
        topic,
        Array.from({ length: 32 }, () => ({ value: Buffer.alloc(8_192, batch) })),
      );
    }
    const range = { topic, partition: 0, fromOffset: 0n, untilOffset: 256n };
    const readers = Array.from({ length: 4 }, () =>
      createKafkaRangeReader({
        clientId,
        bootstrapServers: [bootstrapServers],
        fetchMaxBytes: 262_144,
        progressTimeoutMs: 1_000,
      }),
    );
    open.push(...readers);

    const reads = await Promise.all(
      readers.map((reader) => collectRange(reader, { range, isolationLevel: "read_committed" })),
    );

    for (const { offsets } of reads) {
      expect(offsets).toEqual(Array.from({ length: 256 }, (_, offset) => BigInt(offset)));
    }
    expect(Math.max(...readers.map(({ throttleTimeMs }) => throttleTimeMs))).toBeGreaterThan(1_000);
  });
});
