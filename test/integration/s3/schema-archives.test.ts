// Archives by the schemas of a real registry: records of Kafka that a processor writes to an S3, and that is killed between
// the upload of an object and its completion. What is in the bucket is what was produced, in the same bytes.

import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import avsc from "avsc";
import protobuf from "protobufjs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { newRange } from "../../../shared/core/range/new-range.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { openS3Bucket } from "../../../shared/s3/s3-bucket.ts";
import { type Apicurio, startApicurio } from "../../local/servers/apicurio.ts";
import { readParquet } from "../../support/archive/parquet-rows.ts";
import { archiveOnce, type SchemaArchiveRun, type SchemaKind } from "../../support/archive/schema-archive.ts";
import { localAccess } from "../../support/aws-access.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { runKilled } from "../../support/s3/killed-run.ts";
import { framedBy, registerSubject } from "../../support/schemas/registered-subjects.ts";

const program = new URL("../../support/archive/schema-archive-process.ts", import.meta.url).pathname;
const bootstrapServers = inject("kafka.bootstrapServers");
const dynamodbEndpoint = inject("dynamodbLocal.endpoint");
const s3Endpoint = inject("aws.endpoint");
const bucket = "schema-archives";
const NOON = Date.UTC(2026, 0, 15, 12);
/** One object is begun, gets a part, and is completed. */
const REQUESTS = 3;
const MAX_INVOCATIONS = 10;

/** What is written by the older schema, a tombstone, and what is written by the newer one. */
const OLDER = [0, 1, 2].map((n) => ({ id: 7_000_000_000 + n, note: `é${n}` }));
const NEWER = [4, 5].map((n) => ({ id: 7_000_000_000 + n, note: `é${n}`, total: n + 0.5 }));

let folder: string;
let apicurio: Apicurio;
let subject: DynamoDBLedgerUnderTest;
let topics: KafkaTopics;
const filled = new Map<SchemaKind, { readonly topic: string; readonly topicId: string }>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "schema-archives-"));
  const created = await fetch(`${s3Endpoint}/${bucket}`, { method: "PUT" });
  expect(created.ok).toBe(true);
  apicurio = await startApicurio({ folder });
  subject = await createDynamoDBLedgerUnderTest(dynamodbEndpoint);
  topics = await connectKafkaTopics(bootstrapServers);
  for (const kind of ["avro", "protobuf", "jsonSchema"] as const) {
    filled.set(kind, await fill(kind));
  }
}, 180_000);

afterAll(async () => {
  await topics?.close();
  await subject?.[Symbol.asyncDispose]();
  await apicurio?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What its serializer makes of a value, and what a registry is told of its schema. */
interface Version {
  readonly schema: string;
  readonly schemaType: "AVRO" | "JSON" | "PROTOBUF";
  readonly encode: (value: object) => Uint8Array;
}

function versionsOf(kind: SchemaKind): readonly [older: Version, newer: Version] {
  const field = (name: string, type: unknown) => ({ name, type });
  const avro = (...fields: readonly object[]): Version => {
    const schema = JSON.stringify({ type: "record", name: "Order", fields });
    return { schema, schemaType: "AVRO", encode: (value) => avsc.Type.forSchema(JSON.parse(schema)).toBuffer(value) };
  };
  const proto = (fields: string): Version => {
    const schema = `syntax = "proto3"; package shop; message Order { ${fields} }`;
    const type = protobuf.parse(schema).root.lookupType("shop.Order");
    return { schema, schemaType: "PROTOBUF", encode: (value) => type.encode(type.fromObject(value)).finish() };
  };
  const json = (properties: object): Version => ({
    schema: JSON.stringify({ $schema: "http://json-schema.org/draft-07/schema#", type: "object", properties }),
    schemaType: "JSON",
    encode: (value) => Buffer.from(JSON.stringify(value)),
  });
  const text = { type: "string" };
  switch (kind) {
    case "avro":
      return [
        avro(field("id", "long"), field("note", "string")),
        avro(field("id", "long"), field("note", "string"), field("total", "double")),
      ];
    case "protobuf":
      return [proto("int64 id = 1; string note = 2;"), proto("int64 id = 1; string note = 2; double total = 3;")];
    case "jsonSchema":
      return [
        json({ id: { type: "integer" }, note: text }),
        json({ id: { type: "integer" }, note: text, total: { type: "number" } }),
      ];
  }
}

async function fill(kind: SchemaKind) {
  const topic = await topics.create({ config: { "retention.ms": "-1" } });
  const indexes = kind === "protobuf" ? [0] : [];
  const [older, newer] = versionsOf(kind);
  const written = async ({ encode, ...version }: Version, values: readonly object[]) => {
    const id = await registerSubject(apicurio.url, `${topic}-value`, version);
    return values.map((value) => framedBy(id, encode(value), indexes));
  };
  const values = [...(await written(older, OLDER)), null, ...(await written(newer, NEWER))];
  await topics.produce(
    topic,
    values.map((value, n) => ({ key: `k${n}`, value, timestamp: BigInt(NOON + n) })),
  );
  const source = createKafkaOffsetSource({ clientId: "tests", bootstrapServers: [bootstrapServers] });
  const [found] = (await source.describe({ topics: [topic] })).partitions;
  await source.close();
  return { topic, topicId: found?.topicId ?? expect.unreachable("the topic has no partition") };
}

async function aRun(schemas: SchemaKind, format: SchemaArchiveRun["format"]): Promise<SchemaArchiveRun> {
  const { topic, topicId } = filled.get(schemas) ?? expect.unreachable("each has a topic");
  const prefix = randomUUID();
  const chain = { pipeline: prefix, topicId, partition: 0 };
  const range = { chain, topic, fromOffset: 0n, untilOffset: 6n, batchId: "b", now: NOON };
  await subject.ledger.planRange(newRange({ ...range, writeId: randomUUID() }));
  const { tableName: ledgerTable } = subject;
  return {
    ...{ bootstrapServers, dynamodbEndpoint, ledgerTable, registryUrl: apicurio.url, s3Endpoint, bucket, prefix },
    ...{ chain, schemas, format, now: NOON },
  };
}

const runIn = (run: SchemaArchiveRun, at?: Parameters<typeof runKilled>[2]) =>
  runKilled(s3Endpoint, (endpoint) => [program, JSON.stringify({ ...run, s3Endpoint: endpoint })], at);

/** To the end, beyond every lease and back-off. */
async function finish(run: SchemaArchiveRun): Promise<void> {
  let { now } = run;
  for (let invocation = 0; (await subject.ledger.newestRange(run.chain))?.status !== "COMPLETED"; invocation += 1) {
    expect(invocation).toBeLessThan(MAX_INVOCATIONS);
    now += 3_600_000;
    await archiveOnce({ ...run, now });
  }
}

/** The objects behind the prefix, by the rest of their keys. */
async function objectsOf({ prefix }: SchemaArchiveRun): Promise<ReadonlyMap<string, Buffer>> {
  const store = openS3Bucket(localAccess(s3Endpoint), bucket);
  const listed = await Array.fromAsync(store.list(`${prefix}/`));
  store.close();
  const objects = listed.map(async ({ key }): Promise<[string, Buffer]> => {
    const answer = await fetch(`${s3Endpoint}/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`);
    return [key.slice(prefix.length + 1), Buffer.from(await answer.arrayBuffer())];
  });
  return new Map(await Promise.all(objects));
}

const OFFSETS = [0, 1, 2, 4, 5];
const WRITTEN = [...OLDER, ...NEWER];

/** What a reader of the format finds that is none of ours. */
const READERS = {
  async parquet(bytes: Buffer, topic: string) {
    const { rows } = await readParquet(bytes);
    const expected = WRITTEN.map(({ id, note }, index) => {
      const offset = OFFSETS[index] ?? -1;
      return { topic, partition: 0, offset: BigInt(offset), key: `k${offset}`, id: BigInt(id), note };
    });
    expect(rows).toEqual(expected);
  },
  async lines(bytes: Buffer, topic: string) {
    const expected = WRITTEN.map((value, index) => {
      const offset = OFFSETS[index];
      return JSON.stringify({ topic, partition: 0, offset, key: `k${offset}`, ...value });
    });
    expect(gunzipSync(bytes).toString().trimEnd().split("\n")).toEqual(expected);
  },
  async avroFile(bytes: Buffer) {
    const decoder = new avsc.streams.BlockDecoder();
    decoder.end(bytes);
    const values = await Array.fromAsync(decoder, (value: object) => ({ ...value }));
    expect(values).toEqual(WRITTEN.map(({ id, note }) => ({ id, note })));
  },
};

describe.each<readonly [SchemaKind, SchemaArchiveRun["format"], extension: string]>([
  ["avro", "parquet", "parquet"],
  ["avro", "lines", "jsonl.gz"],
  ["avro", "avroFile", "avro"],
  ["protobuf", "parquet", "parquet"],
  ["protobuf", "lines", "jsonl.gz"],
  ["jsonSchema", "parquet", "parquet"],
  ["jsonSchema", "lines", "jsonl.gz"],
])("records of %s as %s", (schemas, format, extension) => {
  test("G5, ACF1: are what was produced, across schemas, and killed between upload and completion the same bytes by the same names", async () => {
    const whole = await aRun(schemas, format);
    expect(await runIn(whole)).toEqual({ isWhole: true, requests: REQUESTS });

    const objects = await objectsOf(whole);
    const { topic } = filled.get(schemas) ?? expect.unreachable("each has a topic");
    const name = `topic=${topic}/dt=2026-01-15/hour=12/part=00000/${"0".padStart(20, "0")}-${"5".padStart(20, "0")}.${extension}`;
    expect([...objects.keys()]).toEqual([name]);
    await READERS[format](objects.get(name) ?? Buffer.alloc(0), topic);

    // Before the ledger knows of the upload, and after.
    for (const kill of [{ request: 2, when: "after" } as const, { request: REQUESTS, when: "before" } as const]) {
      const killed = await aRun(schemas, format);
      expect((await runIn(killed, kill)).isWhole).toBe(false);
      expect((await objectsOf(killed)).size).toBe(0);

      await finish(killed);
      expect(await objectsOf(killed), JSON.stringify(kill)).toEqual(objects);
    }
  }, 60_000);
});
