// Records the golden vectors beside it: `node test/vectors/record.ts`, then `npm run format`. With an argument, only
// those whose names begin with it.
//
// What a vector expects is known from what was produced, never from our decoder,
// and is held to what the Java consumer reads before it is written.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, type Transaction } from "kafkajs";
import { startKafkaBroker } from "../../functions/local/servers/kafka-broker.ts";
import { silentKafkaOptions } from "../../functions/local/servers/silent-kafka.ts";
import type { IsolationLevel } from "../../shared/core/source/offset-source.ts";
import { createKafkaOffsetSource } from "../../shared/kafka/offsets/offset-source.ts";
import { fingerprint, startJavaOracle } from "../support/java/java-oracle.ts";
import { connectKafkaTopics, type TestRecord } from "../support/kafka/kafka-topics.ts";
import { fetchResponse } from "../support/kafka/raw-request.ts";
import { fromGoldenRecord, type GoldenRecord, type GoldenVector } from "../support/records/golden-vector.ts";
import { waitUntil } from "../support/wait-until.ts";

const CODECS = ["uncompressed", "gzip", "snappy", "lz4", "zstd"];
const WHOLE_LOG_BYTES = 2 ** 20;
const COMPACTION_DEADLINE_MS = 20_000;
const MARKER_DEADLINE_MS = 20_000;
const BASE_TIMESTAMP = 1_700_000_000_000;

type Outcome = "plain" | "commit" | "abort" | "open";
type Batch = readonly [Outcome, number];
/** A producer sends so many records, or ends its transaction. */
type Step = readonly [producer: string, does: number | "commit" | "abort"];

interface Layout {
  readonly name: string;
  readonly codec: number;
  /** Codec and this make up the topic's configuration. */
  readonly config?: Readonly<Record<string, string>>;
  readonly batches: readonly Batch[];
  /** In place of batches, where transactions of a few producers overlap. */
  readonly steps?: readonly Step[];
  /** @default 0 */
  readonly fromOffset?: number;
  /** How much of the last batch to cut off. */
  readonly truncateBytes?: number;
  readonly isCompacted?: boolean;
  readonly isolationLevels?: readonly IsolationLevel[];
}

const compacted = {
  "cleanup.policy": "compact",
  "segment.ms": "1",
  "min.cleanable.dirty.ratio": "0.001",
  "delete.retention.ms": "0",
  "max.compaction.lag.ms": "100",
};
const mixed: readonly Batch[] = [
  ["commit", 3],
  ["abort", 2],
  ["plain", 2],
  ["abort", 4],
  ["commit", 1],
  ["open", 2],
  ["plain", 3],
];
/** Each producer has several transactions; those of one lie inside, across and beside those of the other. */
const interleaved: readonly Step[] = [
  ["a", 3],
  ["b", 2],
  ["a", 1],
  ["b", "abort"],
  ["a", "abort"],
  ["a", 2],
  ["a", "commit"],
  ["b", 2],
  ["a", 3],
  ["a", "abort"],
  ["b", 1],
  ["b", "commit"],
  ["a", 1],
  ["a", "abort"],
  ["b", 1],
  ["a", 2],
  ["b", "abort"],
  ["a", "commit"],
];
const bothLevels = ["read_committed", "read_uncommitted"] as const;
const plain: readonly Batch[] = [
  ["plain", 1],
  ["plain", 12],
  ["plain", 5],
];

const layouts: readonly Layout[] = CODECS.flatMap((codecName, codec): Layout[] => [
  { name: `plain-${codecName}`, codec, batches: plain },
  { name: `inside-batch-${codecName}`, codec, batches: plain, fromOffset: 6 },
  { name: `truncated-${codecName}`, codec, batches: plain, truncateBytes: 20 },
  { name: `transactional-${codecName}`, codec, batches: mixed, isolationLevels: bothLevels },
  { name: `interleaved-${codecName}`, codec, batches: [], steps: interleaved, isolationLevels: bothLevels },
  { name: `compacted-${codecName}`, codec, batches: [...plain, ["plain", 1]], isCompacted: true, config: compacted },
]).concat({
  name: "log-append-time",
  codec: 1,
  batches: plain,
  config: { "message.timestamp.type": "LogAppendTime" },
});

const folder = await mkdtemp(join(tmpdir(), "vectors-"));
const broker = await startKafkaBroker({ folder: join(folder, "kafka") });
const topics = await connectKafkaTopics(broker.bootstrapServers);
const source = createKafkaOffsetSource({ clientId: "vectors", bootstrapServers: [broker.bootstrapServers] });
const oracle = await startJavaOracle(broker.bootstrapServers, folder);
const [wanted = ""] = process.argv.slice(2);
for (const layout of layouts.filter(({ name }) => name.startsWith(wanted))) {
  const topic = await topics.create({
    // Markers have the present time and would close the segment behind the records, and a fetch ends with a segment.
    // The records are older than a log keeps them by default.
    config: {
      "segment.ms": "999999999999",
      "retention.ms": "-1",
      ...layout.config,
      "compression.type": CODECS[layout.codec] as string,
    }, // A codec's number is its index.
  });
  const written = await (layout.steps === undefined ? writeBatches(topic, layout) : writeSteps(topic, layout));
  for (const isolationLevel of layout.isolationLevels ?? (["read_committed"] as const)) {
    const vector = await recordVector(topic, { layout, written, isolationLevel });
    await writeFile(new URL(`${vector.name}.json`, import.meta.url), `${JSON.stringify(vector, null, 2)}\n`);
    console.log(`${vector.name}: ${vector.records.length} records, ${vector.response.length} characters`);
  }
}
await Promise.all([topics.close(), source.close(), oracle.stop()]);
await broker.kill(); // Nothing in it is wanted any more.
await rm(folder, { recursive: true });

interface WrittenRecord {
  readonly outcome: Outcome;
  readonly record: GoldenRecord;
}

interface WrittenLog {
  readonly records: readonly WrittenRecord[];
  readonly endOffset: number;
  readonly lastBatchOffset: number;
}

async function writeBatches(topic: string, layout: Layout): Promise<WrittenLog> {
  const records: WrittenRecord[] = [];
  let offset = 0;
  let lastBatchOffset = 0;
  for (const [batch, [outcome, count]] of layout.batches.entries()) {
    const sent = Array.from({ length: count }, (_, index) => testRecord(layout, batch, index));
    let appendTime: string | undefined;
    if (outcome === "plain") {
      const [metadata] = await topics.produce(topic, sent);
      appendTime = metadata?.logAppendTime;
    } else {
      await topics.produceTransaction(topic, sent, outcome);
    }
    const first = offset;
    records.push(...sent.map((one, index) => ({ outcome, record: toExpected(one, first + index, appendTime) })));
    lastBatchOffset = first;
    offset += count + (outcome === "commit" || outcome === "abort" ? 1 : 0);
  }
  return { records, endOffset: offset, lastBatchOffset };
}

async function writeSteps(topic: string, layout: Layout): Promise<WrittenLog> {
  const { steps = [] } = layout;
  const producers = new Map<string, OverlappingProducer>();
  const records: WrittenRecord[] = [];
  let endOffset = 0;
  let lastBatchOffset = 0;
  for (const [index, [name, does]] of steps.entries()) {
    const producer = producers.get(name) ?? (await connectOverlappingProducer(topic));
    producers.set(name, producer);
    if (typeof does === "number") {
      const sent = Array.from({ length: does }, (_, position) => testRecord(layout, index, position));
      await producer.send(sent);
      const outcome = steps.slice(index).find(([other, end]) => other === name && typeof end !== "number")?.[1];
      assert.ok(outcome === "commit" || outcome === "abort", `${name} never ends its transaction`);
      const first = endOffset;
      records.push(...sent.map((one, position) => ({ outcome, record: toExpected(one, first + position) })));
      lastBatchOffset = first;
      endOffset += does;
    } else {
      await producer.end(does);
      endOffset += 1;
    }
    const reached = endOffset;
    await waitUntil(
      `${topic} has ${reached} offsets`,
      async () => (await highWatermark(topic)) === BigInt(reached),
      MARKER_DEADLINE_MS,
    );
  }
  await Promise.all([...producers.values()].map((producer) => producer.disconnect()));
  return { records, endOffset, lastBatchOffset };
}

interface OverlappingProducer {
  send(records: readonly Required<TestRecord>[]): Promise<void>;
  end(how: "commit" | "abort"): Promise<void>;
  disconnect(): Promise<void>;
}

/** Begins a transaction with its first record after the one before has ended. */
async function connectOverlappingProducer(topic: string): Promise<OverlappingProducer> {
  const kafka = new Kafka(silentKafkaOptions("vectors", broker.bootstrapServers));
  const producer = kafka.producer({ transactionalId: randomUUID(), idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  let open: Transaction | undefined;
  return {
    send: async (records) => {
      open ??= await producer.transaction();
      const messages = records.map((record) => ({ ...record, timestamp: String(record.timestamp) }));
      await open.send({ topic, messages });
    },
    end: async (how) => {
      await open?.[how]();
      open = undefined;
    },
    disconnect: () => producer.disconnect(),
  };
}

async function highWatermark(topic: string): Promise<bigint | undefined> {
  const { partitions } = await source.describe({ topics: [topic] });
  const [listed] = await source.listOffsets(partitions, "latest", "read_uncommitted");
  return listed?.kind === "listed" ? listed.offset : undefined;
}

function testRecord({ isCompacted = false }: Layout, batch: number, index: number): Required<TestRecord> {
  return {
    partition: 0,
    // The last batch lies in the active segment, which the cleaner does not look into: its key is its own.
    key: isCompacted
      ? `key-${batch === plain.length ? "last" : (batch * 5 + index) % 9}`
      : index % 4 === 1
        ? null
        : `key-${index}`,
    value: !isCompacted && index % 5 === 2 ? null : `value ${batch}.${index} `.repeat(1 + ((index * 7) % 5)),
    headers: index % 3 === 0 ? { größe: `${index}`, empty: "", twice: ["a", "b"] } : {},
    timestamp: BigInt(BASE_TIMESTAMP + batch * 1_000 - index),
  };
}

function toExpected({ key, value, headers, timestamp }: Required<TestRecord>, offset: number, appendTime = "-1") {
  const isAppendTime = appendTime !== "-1";
  const pairs = Object.entries(headers).flatMap(([name, values]) => [values].flat().map((one) => [name, one] as const));
  return {
    offset,
    timestamp: Number(isAppendTime ? appendTime : timestamp),
    timestampType: isAppendTime ? "LogAppendTime" : "CreateTime",
    key: key === null ? null : Buffer.from(key).toString("base64"),
    value: value === null ? null : Buffer.from(value).toString("base64"),
    headers: pairs.map(([name, one]) => [name, Buffer.from(one ?? "").toString("base64")] as const),
  } satisfies GoldenRecord;
}

interface Recording {
  readonly layout: Layout;
  readonly written: WrittenLog;
  readonly isolationLevel: IsolationLevel;
}

async function recordVector(topic: string, { layout, written, isolationLevel }: Recording): Promise<GoldenVector> {
  const { fromOffset = 0, codec, truncateBytes = 0, isolationLevels } = layout;
  const stableOffset = written.records.find(({ outcome }) => outcome === "open")?.record.offset ?? written.endOffset;
  const logEnd = isolationLevel === "read_committed" ? stableOffset : written.endOffset;
  // The last batch of a compacted log is in a segment of its own, which is another fetch.
  const isLastLeftOut = truncateBytes > 0 || layout.isCompacted === true;
  const untilOffset = isLastLeftOut ? written.lastBatchOffset : logEnd;
  const records = written.records
    .filter(({ outcome, record }) => isVisible(outcome, isolationLevel) && isIn(record, fromOffset, untilOffset))
    .filter(({ record }, index, all) => !layout.isCompacted || all.findLastIndex(isSameKey(record)) === index)
    .map(({ record }) => record);
  const range = { topic, fromOffset, untilOffset, isolationLevel };
  const expected = records.map((record) => fingerprint(fromGoldenRecord(record)));
  await waitUntil(
    `the Java consumer finds in ${layout.name} what was written`,
    async () => (await oracle.read(range)).join() === expected.join(),
    COMPACTION_DEADLINE_MS,
  );
  const response = await fetchOnce(range, WHOLE_LOG_BYTES);
  const cut = truncateBytes === 0 ? response : await fetchOnce(range, wholeBytes(response) - truncateBytes);
  return {
    name: isolationLevels === undefined ? layout.name : `${layout.name}-${isolationLevel}`,
    isolationLevel,
    fromOffset,
    untilOffset,
    codec,
    isTruncated: truncateBytes > 0,
    records,
    response: cut.toString("base64"),
  };
}

function isVisible(outcome: Outcome, isolationLevel: IsolationLevel): boolean {
  return isolationLevel === "read_uncommitted" || outcome === "plain" || outcome === "commit";
}

function isIn({ offset }: GoldenRecord, fromOffset: number, untilOffset: number): boolean {
  return offset >= fromOffset && offset < untilOffset;
}

function isSameKey({ key }: GoldenRecord) {
  return ({ record }: WrittenRecord) => record.key === key;
}

/** The length of the records in a response, whose other fields are few and short: read from the end. */
function wholeBytes(response: Buffer): number {
  const RECORDS_START_BYTES = 4 + 2 + 4 + 1 + 16 + 1 + 4 + 2 + 8 + 8 + 8 + 1 + 4;
  const size = response.readUInt8(RECORDS_START_BYTES) & 0x7f;
  const more = response.readUInt8(RECORDS_START_BYTES + 1);
  assert.ok(more < 128, "the records are longer than the two bytes of their length say");
  return size + more * 128 - 1;
}

async function fetchOnce(range: { topic: string; fromOffset: number; isolationLevel: IsolationLevel }, bytes: number) {
  const { partitions } = await source.describe({ topics: [range.topic] });
  const [partition] = partitions;
  assert.ok(partition?.leader, `${range.topic} has no leader`);
  return fetchResponse(partition.leader, {
    topicId: partition.topicId,
    partition: 0,
    leaderEpoch: partition.leader.leaderEpoch,
    fetchOffset: BigInt(range.fromOffset),
    lastFetchedEpoch: -1,
    isolationLevel: range.isolationLevel,
    maxWaitMs: 1_000,
    minBytes: 1,
    maxBytes: bytes,
    rackId: "",
  });
}
