import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import {
  type KafkaBroker,
  type KafkaBrokerOptions,
  startKafkaBroker,
} from "../../../../functions/local/servers/kafka-broker.ts";
import { createServedTopics } from "../../../../functions/local/topics/create-served-topics.ts";
import type { OffsetRange } from "../../../../shared/core/range/offset-range.ts";
import { createKafkaOffsetSource } from "../../../../shared/kafka/offsets/offset-source.ts";
import { fetchV13 } from "../../../../shared/kafka/protocol/fetch-v13.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { jsonLines, runRanges } from "../../../support/cli/run-ranges.ts";
import { openHandlerPair } from "../../../support/functions/handler-pair.ts";
import { collectRange } from "../../../support/kafka/collect-range.ts";
import { type KafkaProxy, startKafkaProxy } from "../../../support/kafka/kafka-proxy.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { fetchResponse } from "../../../support/kafka/raw-request.ts";
import { createLedgerTable } from "../../../support/ledger/ledger-table.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const RECORDS = 20n;
const VALUE_BYTES = 10_000;
const CLUSTER_DEADLINE_MS = 30_000;
const tenThousandBytes = "x".repeat(VALUE_BYTES);
const everyOffset = Array.from({ length: Number(RECORDS) }, (_, index) => BigInt(index));

interface Node {
  readonly broker: KafkaBroker;
  readonly proxy: KafkaProxy;
}

let folder: string;
/** Node 1 leads, in zone-a; node 2 follows, in zone-b; node 3 is in zone-d, and has nothing of it. */
let leader: Node;
let follower: Node;
let bystander: Node;
let topics: KafkaTopics;
let range: OffsetRange;

async function startNode(nodeId: number, rack: string, join_?: KafkaBroker): Promise<Node> {
  const proxy = await startKafkaProxy();
  const options: KafkaBrokerOptions = {
    folder: join(folder, String(nodeId)),
    nodeId,
    ...(join_ === undefined ? {} : { join: join_ }),
    properties: {
      "advertised.listeners": `PLAINTEXT://${proxy.address}`,
      "broker.rack": rack,
      "replica.selector.class": "org.apache.kafka.common.replica.RackAwareReplicaSelector",
    },
  };
  const broker = await startKafkaBroker(options);
  proxy.forwardTo(broker.bootstrapServers);
  return { broker, proxy };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "follower-fetching-"));
  leader = await startNode(1, "zone-a");
  [follower, bystander] = await Promise.all([
    startNode(2, "zone-b", leader.broker),
    startNode(3, "zone-d", leader.broker),
  ]);
  topics = await connectKafkaTopics(leader.proxy.address);
  const topic = `test-${randomUUID()}`;
  const replicaAssignment = [{ partition: 0, replicas: [1, 2] }];
  await createServedTopics(topics.admin, [{ topic, replicaAssignment }]);
  range = { topic, partition: 0, fromOffset: 0n, untilOffset: RECORDS };
  for (const offset of everyOffset) {
    await topics.produce(topic, [{ key: String(offset), value: tenThousandBytes }]);
  }
  await waitUntil("the follower serves the whole log", isServedByFollower, CLUSTER_DEADLINE_MS);
});

afterAll(async () => {
  await topics.close();
  await Promise.all([leader, follower, bystander].map(({ broker }) => broker.kill()));
  await Promise.all([leader, follower, bystander].map(({ proxy }) => proxy.close()));
  await rm(folder, { recursive: true, force: true });
});

/** A follower learns of the high watermark one fetch later than of the records below it. */
async function isServedByFollower(): Promise<boolean> {
  const source = createKafkaOffsetSource({ clientId: "setup", bootstrapServers: [leader.proxy.address] });
  const { partitions } = await source.describe({ topics: [range.topic] });
  await source.close();
  const [host = "", port] = follower.proxy.address.split(":");
  const body = await fetchResponse(
    { host, port: Number(port) },
    {
      topicId: partitions[0]?.topicId ?? "",
      partition: 0,
      leaderEpoch: -1,
      fetchOffset: RECORDS - 1n,
      lastFetchedEpoch: -1,
      isolationLevel: "read_committed",
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 1,
      rackId: "zone-b",
    },
  );
  return (fetchV13.decode(body).partition?.records.length ?? 0) > 0;
}

function readerIn(clientId: string, rackId: string) {
  return createKafkaRangeReader({
    clientId,
    rackId,
    bootstrapServers: [leader.proxy.address],
    fetchMaxBytes: 1, // Each fetch brings one batch, so that the read spans what happens in between.
    connectTimeoutMs: 2_000,
    requestTimeoutMs: 4_000,
  });
}

/** Bytes of the log that the client fetched from each of the two. */
const fetchedBy = (clientId: string) => ({
  leader: leader.proxy.fetchedBy(clientId).bytes,
  follower: follower.proxy.fetchedBy(clientId).bytes,
});

test("G1: a reader is served by the replica of its rack, and by the leader where it has none there", async () => {
  const near = readerIn("near", "zone-b");
  const nowhere = readerIn("nowhere", "zone-c");

  const [followed, led] = [
    await collectRange(near, { range, isolationLevel: "read_committed" }),
    await collectRange(nowhere, { range, isolationLevel: "read_committed" }),
  ];
  await Promise.all([near.close(), nowhere.close()]);

  expect(followed.offsets).toEqual(everyOffset);
  expect(led.offsets).toEqual(everyOffset);
  expect(fetchedBy("near").follower).toBeGreaterThan(Number(RECORDS) * VALUE_BYTES);
  expect(fetchedBy("near").leader).toBeLessThan(VALUE_BYTES);
  expect(fetchedBy("nowhere").leader).toBeGreaterThan(Number(RECORDS) * VALUE_BYTES);
  expect(fetchedBy("nowhere").follower).toBe(0);
});

test("G1: ranges read --rack-id is served by the replica of that rack", async () => {
  const args = ["read", "--bootstrap-servers", leader.proxy.address, "--range", `${range.topic}:0:0:${RECORDS}`];

  const { code, stdout } = await runRanges([...args, "--rack-id", "zone-b"]);

  expect(code).toBe(0);
  expect(jsonLines(stdout).length).toBe(Number(RECORDS));
  expect(fetchedBy("ranges").follower).toBeGreaterThan(Number(RECORDS) * VALUE_BYTES);
});

test("a warm reader opens no connection for its second range, and one for a range that is tried again", async () => {
  const reader = createKafkaRangeReader({ clientId: "warm", bootstrapServers: [leader.proxy.address] });
  const request = { range, isolationLevel: "read_committed" } as const;
  const opened: number[] = [];

  for (const retried of [{}, {}, { isRetry: true }, {}]) {
    expect((await collectRange(reader, { ...request, ...retried })).offsets).toEqual(everyOffset);
    opened.push(leader.proxy.connectionsOf("warm"));
  }
  await reader.close();

  expect(opened).toEqual([1, 1, 2, 2]);
});

/** Two partitions are led by each node, so that each function gets two ranges. */
async function createSpreadTopic(): Promise<string> {
  const topic = `spread-${randomUUID()}`;
  const replicaAssignment = [1, 2, 3, 1, 2, 3].map((nodeId, partition) => ({ partition, replicas: [nodeId] }));
  await createServedTopics(topics.admin, [{ topic, replicaAssignment }]);
  await topics.produce(
    topic,
    replicaAssignment.map(({ partition }) => ({ partition, value: "one" })),
  );
  return topic;
}

/** One function for all, or what preferBrokers makes for the zones a and b, and the default one for what is left. */
async function countConnections(zones: readonly string[]) {
  const nodes = { a: leader, b: follower, d: bystander };
  const table = await createLedgerTable(inject("dynamodbLocal.endpoint"));
  onTestFinished(() => table[Symbol.asyncDispose]());
  const pair = await openHandlerPair({
    bootstrapServers: Object.values(nodes)
      .map(({ proxy }) => proxy.address)
      .join(),
    dynamodbEndpoint: inject("dynamodbLocal.endpoint"),
    ledgerTable: table.tableName,
    topic: await createSpreadTopic(),
  });
  onTestFinished(() => pair[Symbol.asyncDispose]());
  const variants = Object.fromEntries(
    zones.map((zone) => [zone, { function: zone, timeoutMs: 300_000, racks: [zone] }]),
  );
  const scheduled = await pair.schedule(zones.length === 0 ? {} : { RANGES_VARIANTS: JSON.stringify(variants) });
  const byFunction = Map.groupBy(pair.dispatched.keys(), (index) => pair.dispatchedTo[index] ?? "");
  const run = randomUUID();
  const processed = await Promise.all(
    [...byFunction].map(async ([name, indexes]) => {
      const clientId = `${name}-${run}`;
      const variables = { RANGES_CLIENT_ID: clientId, ...(zones.includes(name) ? { RANGES_RACK_ID: name } : {}) };
      const events = indexes.map((index) => pair.dispatched[index] ?? "");
      const { answers } = await pair.processIn(events, { variables });
      expect(answers.map(({ result }) => result)).toEqual(
        events.map(() => expect.objectContaining({ kind: "completed" })),
      );
      const counts = Object.entries(nodes).map(([zone, { proxy }]) => [zone, proxy.connectionsOf(clientId)] as const);
      return [zones.includes(name) ? name : "default", Object.fromEntries(counts)] as const;
    }),
  );
  return { connections: Object.fromEntries(processed), scheduled };
}

test("the processors of zones connect to their own zone's broker alone, once for two ranges, and the default one to what is left", async () => {
  const { connections: ofOne } = await countConnections([]);
  const { connections: ofZones, scheduled } = await countConnections(["zone-a", "zone-b"]);

  expect(ofOne).toEqual({ default: { a: 1, b: 1, d: 1 } });
  expect(ofZones).toEqual({
    "zone-a": { a: 1, b: 0, d: 0 },
    "zone-b": { a: 0, b: 1, d: 0 },
    default: { a: 0, b: 0, d: 1 },
  });
  expect(scheduled.entries).toContainEqual(
    expect.objectContaining({ level: "WARN", count: 2, reasons: { 'rack "zone-d" has no processor': 2 } }),
  );
  expect(scheduled.entries).toContainEqual(expect.objectContaining({ RangesMisplaced: 2 }));
});

test("G1: a read whose follower is killed in the middle goes on at the leader, exact", async () => {
  const reader = readerIn("bereft", "zone-b");
  const offsets: bigint[] = [];

  for await (const { offset } of reader.readRange({ range, isolationLevel: "read_committed" }).records()) {
    offsets.push(offset);
    if (offset === 5n) {
      await follower.broker.kill();
    }
  }
  await reader.close();

  expect(offsets).toEqual(everyOffset);
  expect(fetchedBy("bereft").follower).toBeGreaterThan(5 * VALUE_BYTES);
  expect(fetchedBy("bereft").leader).toBeGreaterThan(12 * VALUE_BYTES);
});
