import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KafkaJSError } from "kafkajs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type KafkaBroker, startKafkaBroker } from "../../../../functions/local/servers/kafka-broker.ts";
import { DataLossError } from "../../../../shared/core/errors.ts";
import type { RangeReader } from "../../../../shared/core/source/range-reader.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { collectRange, failRange } from "../../../support/kafka/collect-range.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const CLUSTER_DEADLINE_MS = 60_000;
const TEST_TIMEOUT_MS = 180_000;

let folder: string;
/** Node 1 is the controller as well and stays alive; 2 and 3 are killed. */
let brokers: readonly KafkaBroker[];
let topics: KafkaTopics;
let reader: RangeReader;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "leader-changes-"));
  const controller = await startKafkaBroker({ folder: join(folder, "1"), nodeId: 1 });
  const others = [2, 3].map((nodeId) =>
    startKafkaBroker({ folder: join(folder, String(nodeId)), nodeId, join: controller }),
  );
  brokers = [controller, ...(await Promise.all(others))];
  reader = createKafkaRangeReader({
    clientId: "tests",
    bootstrapServers: brokers.map((broker) => broker.bootstrapServers),
    // Each fetch brings one batch, so that the read spans what happens in between.
    fetchMaxBytes: 1,
    connectTimeoutMs: 2_000,
    requestTimeoutMs: 4_000,
    progressTimeoutMs: 40_000,
  });
});

// kafkajs looks up every topic it ever heard of at once, and fails when one of them has lost its leader.
beforeEach(async () => {
  topics = await connectKafkaTopics(brokerOf(1).bootstrapServers);
});

afterEach(async () => {
  await topics.close();
});

afterAll(async () => {
  await reader.close();
  await Promise.all(brokers.map((broker) => broker.kill()));
  await rm(folder, { recursive: true, force: true });
});

async function createOn(replicas: number[], config: Record<string, string> = {}): Promise<string> {
  const topic = `test-${randomUUID()}`;
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await topics.admin.createTopics({
    waitForLeaders: false,
    topics: [{ topic, replicaAssignment: [{ partition: 0, replicas }], configEntries }],
  });
  await waitForState(topic, ({ leader, isr }) => leader === replicas[0] && isr.length === replicas.length);
  return topic;
}

async function waitForState(
  topic: string,
  isReached: (state: { readonly leader: number; readonly isr: readonly number[] }) => boolean,
): Promise<void> {
  await waitUntil(
    `${topic} has the leader and replicas that are waited for`,
    async () => {
      try {
        const metadata = await topics.admin.fetchTopicMetadata({ topics: [topic] });
        const partition = metadata.topics[0]?.partitions[0];
        if (partition === undefined || !isReached(partition)) {
          return false;
        }
        // Brokers learn of a leader one by one; kafkajs can write when this answers.
        await topics.stableOffsets(topic);
        return true;
      } catch (error) {
        // Between two leaders kafkajs has no metadata to give.
        if (error instanceof KafkaJSError) {
          return false;
        }
        throw error;
      }
    },
    CLUSTER_DEADLINE_MS,
  );
}

async function produceBatches(topic: string, count: number, prefix: string): Promise<void> {
  for (let index = 0; index < count; index++) {
    await topics.produce(topic, [{ value: `${prefix}${index}` }]);
  }
}

/** Reads the range and lets `event` happen after the first records of it. */
async function readAcross(topic: string, untilOffset: bigint, event: () => Promise<void>): Promise<bigint[]> {
  const offsets: bigint[] = [];
  const read = reader.readRange({
    range: { topic, partition: 0, fromOffset: 0n, untilOffset },
    isolationLevel: "read_committed",
  });
  for await (const { offset } of read.records()) {
    offsets.push(offset);
    if (offset === 2n) {
      await event();
    }
  }
  expect(read.position).toBe(untilOffset);
  return offsets;
}

const tenOffsets = Array.from({ length: 10 }, (_, index) => BigInt(index));

function brokerOf(nodeId: number): KafkaBroker {
  const broker = brokers[nodeId - 1];
  if (broker === undefined) {
    throw new Error(`there is no node ${nodeId}`);
  }
  return broker;
}

describe("G1, PF2: a read stays exact", () => {
  test(
    "when the partition moves to another broker in the middle of it",
    async () => {
      const topic = await createOn([2]);
      await produceBatches(topic, 10, "v");

      const offsets = await readAcross(topic, 10n, async () => {
        await topics.admin.alterPartitionReassignments({
          topics: [{ topic, partitionAssignment: [{ partition: 0, replicas: [3] }] }],
        });
        await waitForState(topic, ({ leader, isr }) => leader === 3 && isr.length === 1);
      });

      expect(offsets).toEqual(tenOffsets);
    },
    TEST_TIMEOUT_MS,
  );

  test(
    "when its leader is killed in the middle of it",
    async () => {
      const topic = await createOn([2, 3]);
      await produceBatches(topic, 10, "v");

      const offsets = await readAcross(topic, 10n, async () => {
        await brokerOf(2).kill();
      });

      expect(offsets).toEqual(tenOffsets);
      await brokerOf(2).restart();
      await waitForState(topic, ({ isr }) => isr.length === 2);
    },
    TEST_TIMEOUT_MS,
  );

  test(
    "when its leader stands still for a while in the middle of it",
    async () => {
      const topic = await createOn([2]);
      await produceBatches(topic, 10, "v");
      let resumed: NodeJS.Timeout | undefined;

      const offsets = await readAcross(topic, 10n, async () => {
        const { pid } = brokerOf(2);
        process.kill(pid, "SIGSTOP");
        resumed = setTimeout(() => process.kill(pid, "SIGCONT"), 6_000);
      });

      clearTimeout(resumed);
      process.kill(brokerOf(2).pid, "SIGCONT");
      expect(offsets).toEqual(tenOffsets);
    },
    TEST_TIMEOUT_MS,
  );
});

test(
  "RR3: after an unclean election the lost records are data loss, also where others stand at their offsets",
  async () => {
    const topic = await createOn([2, 3], { "unclean.leader.election.enable": "true", "min.insync.replicas": "1" });
    await produceBatches(topic, 5, "kept");
    await brokerOf(3).kill();
    await waitForState(topic, ({ isr }) => isr.length === 1);
    await produceBatches(topic, 5, "lost");
    const before = await collectRange(reader, {
      range: { topic, partition: 0, fromOffset: 0n, untilOffset: 10n },
      isolationLevel: "read_committed",
    });
    await brokerOf(2).kill();
    await brokerOf(3).restart();
    await waitForState(topic, ({ leader }) => leader === 3);
    await produceBatches(topic, 10, "other");
    const after = {
      range: { topic, partition: 0, fromOffset: 10n, untilOffset: 15n },
      isolationLevel: "read_committed",
    } as const;
    const { leaderEpoch } = before.read;

    const known = await failRange(
      reader,
      leaderEpoch === undefined ? after : { ...after, previousLeaderEpoch: leaderEpoch },
    );
    const unknown = await collectRange(reader, after);

    expect(before.offsets).toEqual(tenOffsets);
    expect(known.error).toBeInstanceOf(DataLossError);
    expect(known.error).toMatchObject({ message: expect.stringContaining("truncated") });
    expect(known.offsets).toEqual([]);
    expect(unknown.records.map(({ value }) => value)).toEqual(["other5", "other6", "other7", "other8", "other9"]);
    await brokerOf(2).restart();
  },
  TEST_TIMEOUT_MS,
);
