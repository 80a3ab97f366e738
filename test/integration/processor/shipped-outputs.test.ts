// The shipped pipelines whose outputs go elsewhere than to DynamoDB, by their own handlers, on real
// stores: what is there after several ranges, one of them given twice, is each record once, and
// `ranges verify --outputs` says so, and says what is not there any more.

import { randomUUID } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { openArchiveStore } from "../../../functions/cli/outputs/archive-store.ts";
import { writeManifests as manifests } from "../../../functions/cli/outputs/write-manifests.ts";
import { withoutOutputs } from "../../../shared/core/ledger/without-outputs.ts";
import { BATCH_SETTLED_MS } from "../../../shared/core/limits.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { createKafkaGroupOffsets } from "../../../shared/kafka/groups/group-offsets.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import { openS3Bucket } from "../../../shared/s3/s3-bucket.ts";
import { encodeEnvironment } from "../../../shared/wire/environment/environment-variables.ts";
import { manifestEnvironment } from "../../../shared/wire/environment/manifest-environment.ts";
import { localAccess } from "../../support/aws-access.ts";
import { createRecordingTerminal } from "../../support/cli/recording-terminal.ts";
import { jsonLines, runRanges } from "../../support/cli/run-ranges.ts";
import { openLocalValues } from "../../support/deployed/local-values.ts";
import { type HandlerPair, openHandlerPair, type Variables } from "../../support/functions/handler-pair.ts";
import { invokeEnvironment } from "../../support/functions/invoke-handler.ts";
import { collectRange } from "../../support/kafka/collect-range.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { createLedgerTable, openSignedLedger } from "../../support/ledger/ledger-table.ts";
import { openPostgresBench } from "../../support/postgres/postgres-bench.ts";

const bootstrapServers = inject("kafka.bootstrapServers");
const dynamodbEndpoint = inject("dynamodbLocal.endpoint");
const awsEndpoint = inject("aws.endpoint");
let topics: KafkaTopics;
beforeAll(async () => {
  topics = await connectKafkaTopics(bootstrapServers);
});
afterAll(() => topics.close());

interface Shipped {
  readonly pipeline: string;
  readonly variables: Variables;
}

/** Records of three batches, each a range by a run of its own; the second is invoked for twice. */
async function runOver(values: readonly (readonly string[])[], { pipeline, variables }: Shipped) {
  const topic = await topics.create();
  const table = await createLedgerTable(dynamodbEndpoint);
  onTestFinished(() => table[Symbol.asyncDispose]());
  const pair = await openHandlerPair({ bootstrapServers, dynamodbEndpoint, ledgerTable: table.tableName, topic });
  onTestFinished(() => pair[Symbol.asyncDispose]());
  for (const [index, batch] of values.entries()) {
    await topics.produce(
      topic,
      batch.map((value) => ({ key: `key of ${value}`, value })),
    );
    await pair.schedule();
    const event = lastOf(pair);
    const times = index === 1 ? 2 : 1;
    const { answers } = await pair.processIn(Array<string>(times).fill(event), { pipeline, variables });
    expect(answers.map(({ result, thrown }) => thrown ?? kindOf(result))).toEqual(
      ["completed", "notClaimed"].slice(0, times),
    );
  }
  const ledger = createRangeLedger(openSignedLedger(dynamodbEndpoint), {
    tableName: table.tableName,
    newId: randomUUID,
  });
  const source = createKafkaOffsetSource({ clientId: "tests", bootstrapServers: [bootstrapServers] });
  const [partition] = (await source.describe({ topics: [topic] })).partitions;
  await source.close();
  const { topicId = "" } = partition ?? {};
  const endpoint = ["--table", table.tableName, "--endpoint-url", dynamodbEndpoint];
  const verify = async (args: readonly string[], environment: NodeJS.ProcessEnv = {}) => {
    const { code, stdout, stderr } = await runRanges(["verify", "--json", ...endpoint, ...args], environment);
    const [proof] = jsonLines(stdout) as readonly VerifiedOutputs[];
    return { code, stderr, outputs: proof?.outputs ?? [] };
  };
  const writeManifests = async () => {
    const terminal = createRecordingTerminal();
    // As it is once a run of the scheduler can have no part in them any more.
    const now = () => Date.now() + BATCH_SETTLED_MS;
    const openBucket = async (name: string) => openArchiveStore(localAccess(awsEndpoint), name, awsEndpoint);
    const deps = { ledger: withoutOutputs<never>(ledger), terminal, now, openBucket };
    await manifests(deps, { pipeline: undefined, isDryRun: false, json: false });
    return terminal.printed.length;
  };
  /** The deployed function, in one environment, as often at once, minutes from now. */
  const runManifestFunction = async (bucket: string, times: number) => {
    const handler = new URL("../../../functions/manifests/handler.ts", import.meta.url).pathname;
    const source = `const { now } = Date; Date.now = () => now() + ${BATCH_SETTLED_MS + 1_000};
      const { handler } = await import(${JSON.stringify(handler)});`;
    const env = {
      ...{ AWS_ENDPOINT_URL: dynamodbEndpoint, AWS_ENDPOINT_URL_S3: awsEndpoint, POWERTOOLS_SERVICE_NAME: "Orders" },
      ...encodeEnvironment(manifestEnvironment, {
        ...{ pipeline: "Orders", ledgerTable: table.tableName },
        ...{ archiveBucket: bucket, archivePrefix: "archive" },
      }),
    };
    return invokeEnvironment({ source, env, events: Array<string>(times).fill("{}"), areAtOnce: true });
  };
  return {
    ...{ topic, topicId, verify, writeManifests, runManifestFunction },
    ranges: await Array.fromAsync(ledger.ranges({ pipeline: "Orders", topicId, partition: 0 })),
  };
}

interface VerifiedOutputs {
  readonly outputs: readonly { readonly problems: readonly { readonly kind: string; readonly message: string }[] }[];
}

function problemsOf({ outputs }: VerifiedOutputs): readonly string[] {
  return outputs.flatMap(({ problems }) => problems.map(({ kind }) => kind));
}

function lastOf({ dispatched }: HandlerPair): string {
  return dispatched.at(-1) ?? expect.unreachable("nothing was dispatched");
}

function kindOf(result: unknown): unknown {
  return (result as { readonly kind?: unknown } | null)?.kind;
}

const BATCHES = [
  ["a", "b", "c"],
  ["d", "e"],
  ["f", "g", "h", "i"],
];

test("G5: copy-to-kafka has each record in the other topic once, with its key", async () => {
  const target = await topics.create();

  const { topicId, topic, ranges, verify } = await runOver(BATCHES, {
    pipeline: "copy-to-kafka.ts",
    variables: { COPY_TO_TOPIC: target },
  });

  const reader = createKafkaRangeReader({ clientId: "tests", bootstrapServers: [bootstrapServers] });
  onTestFinished(() => reader.close());
  const untilOffset = (await topics.stableOffsets(target)).get(0) ?? 0n;
  const range = { topic: target, partition: 0, fromOffset: 0n, untilOffset };
  const { records } = await collectRange(reader, { range, isolationLevel: "read_committed" });
  expect(records.map(({ key, value }) => [key, value])).toEqual(BATCHES.flat().map((one) => [`key of ${one}`, one]));
  expect(ranges.map(({ status, counts }) => [status, counts.delivered])).toEqual([
    ["COMPLETED", 3n],
    ["COMPLETED", 2n],
    ["COMPLETED", 4n],
  ]);
  const outputs = ["--outputs", "kafka", "--bootstrap-servers", bootstrapServers];
  expect(await verify(outputs)).toMatchObject({ code: 0, outputs: [{ output: "Kafka", ranges: 3, problems: [] }] });
  const group = createKafkaGroupOffsets(
    { clientId: "tests", bootstrapServers: [bootstrapServers] },
    `kafka-offset-ranges.Orders.${topicId}`,
  );
  await group.commit([{ topic, partition: 0, offset: 5n }], AbortSignal.timeout(30_000));
  const behind = await verify(outputs);
  expect([behind.code, ...problemsOf(behind)]).toEqual([1, "positionBehind"]);
});

test("G5: archive-to-s3 has each record in the bucket once, and a receipt with each range", async () => {
  const bucket = `shipped-${randomUUID()}`;
  expect((await fetch(`${awsEndpoint}/${bucket}`, { method: "PUT" })).ok).toBe(true);
  const variables = { ARCHIVE_BUCKET: bucket, AWS_ENDPOINT_URL_S3: awsEndpoint };

  const { ranges, verify, writeManifests } = await runOver(BATCHES, { pipeline: "archive-to-s3.ts", variables });

  const store = openS3Bucket(localAccess(awsEndpoint), bucket);
  onTestFinished(() => store.close());
  const listed = await Array.fromAsync(store.list("archive/"));
  const contents = await Promise.all(
    listed.map(async ({ key }) => {
      const answer = await fetch(`${awsEndpoint}/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`);
      return gunzipSync(await answer.bytes()).toString();
    }),
  );
  expect(contents.flatMap((content) => content.trimEnd().split("\n")).toSorted()).toEqual(BATCHES.flat());
  expect(ranges.map(({ status, receipts }) => [status, receipts?.length])).toEqual([
    ["COMPLETED", 1],
    ["COMPLETED", 1],
    ["COMPLETED", 1],
  ]);
  expect([await writeManifests(), await writeManifests()]).toEqual([3, 0]);
  const s3 = { output: "S3", ranges: 3, objects: 3, records: 9, manifests: 3, problems: [] };
  const whole = { code: 0, outputs: [s3] };
  expect(await verify(["--outputs", "--deep"], { AWS_ENDPOINT_URL_S3: awsEndpoint })).toMatchObject(whole);
  const [gone, replaced] = listed;
  const addressOf = (key = "") => `${awsEndpoint}/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
  const copy = async (source: string, target: string) => {
    const headers = { "x-amz-copy-source": `/${bucket}/${source.split("/").map(encodeURIComponent).join("/")}` };
    expect((await fetch(addressOf(target), { method: "PUT", headers })).ok).toBe(true);
  };
  await copy(gone?.key ?? "", "aside");
  await store.delete(gone?.key ?? "", gone?.etag ?? "");
  await copy("aside", gone?.key ?? "");
  expect(await verify(["--outputs", "--deep"], { AWS_ENDPOINT_URL_S3: awsEndpoint })).toMatchObject(whole);
  await store.delete(gone?.key ?? "", gone?.etag ?? "");
  await store.put(replaced?.key ?? "", "another content", "text/plain");
  await store.put("archive/stray", "", "text/plain");
  const broken = await verify(["--outputs", "s3"], { AWS_ENDPOINT_URL_S3: awsEndpoint });
  expect([broken.code, ...problemsOf(broken)]).toEqual([1, "objectMissing", "objectDiffers", "objectStray"]);
});

test("WDM2, BM1: the function gives archive-to-s3's batches the manifests that the command would write, also twice at once", async () => {
  const bucket = `shipped-${randomUUID()}`;
  expect((await fetch(`${awsEndpoint}/${bucket}`, { method: "PUT" })).ok).toBe(true);
  const variables = { ARCHIVE_BUCKET: bucket, AWS_ENDPOINT_URL_S3: awsEndpoint };
  const pipeline = await runOver(BATCHES, { pipeline: "archive-to-s3.ts", variables });

  const atOnce = await pipeline.runManifestFunction(bucket, 3);
  const again = await pipeline.runManifestFunction(bucket, 1);

  const answers = atOnce.answers.map(({ result, thrown }) => thrown ?? result);
  expect(answers).toEqual(answers.map(() => expect.objectContaining({ waiting: 0 })));
  const written = answers.map((answer) => (answer as { readonly written: number }).written);
  expect(written.reduce((sum, one) => sum + one, 0)).toBe(3);
  expect(again.answers).toEqual([{ result: { written: 0, waiting: 0 } }]);
  // Compared by the command with what it would write, and by verify with the ledger.
  expect(await pipeline.writeManifests()).toBe(0);
  expect(await pipeline.verify(["--outputs", "s3"], { AWS_ENDPOINT_URL_S3: awsEndpoint })).toMatchObject({
    code: 0,
    outputs: [{ manifests: 3, problems: [] }],
  });
});

test("FT15: the function fails, and names what is in a manifest's place", async () => {
  const bucket = `shipped-${randomUUID()}`;
  expect((await fetch(`${awsEndpoint}/${bucket}`, { method: "PUT" })).ok).toBe(true);
  const variables = { ARCHIVE_BUCKET: bucket, AWS_ENDPOINT_URL_S3: awsEndpoint };
  const { ranges, runManifestFunction } = await runOver(BATCHES, { pipeline: "archive-to-s3.ts", variables });
  const store = openS3Bucket(localAccess(awsEndpoint), bucket);
  onTestFinished(() => store.close());
  const key = `archive/_manifests/${ranges[0]?.batchId}.json`;
  await store.put(key, "{}", "application/json");

  const { answers } = await runManifestFunction(bucket, 1);
  await store.put(key, "{} still", "application/json");
  const again = await runManifestFunction(bucket, 1);

  const thrown = { name: "ConfigurationError", message: expect.stringContaining(`s3://${bucket} ${key}`) };
  expect([...answers, ...again.answers]).toEqual([{ thrown }, { thrown }]);
  // The others have theirs all the same.
  expect(await Array.fromAsync(store.list("archive/_manifests/"))).toHaveLength(3);
  expect(await store.get(key)).toBe("{} still");
});

test("G5: orders-to-postgres has the last record of each order", async () => {
  const bench = await openPostgresBench(inject("postgres.port"));
  onTestFinished(() => bench[Symbol.asyncDispose]());
  await bench.query("DROP TABLE orders");
  await bench.query("CREATE TABLE orders (order_id text PRIMARY KEY, customer text NOT NULL, total numeric NOT NULL)");
  const { host, port, user, password, database } = bench.settings;
  const secret = JSON.stringify({ host, port, username: user, password, dbname: database });
  const DATABASE_SECRET_ARN = `shipped-${randomUUID()}`;
  await openLocalValues(awsEndpoint).putSecret(DATABASE_SECRET_ARN, secret);
  const order = (orderId: string, total: number) => JSON.stringify({ orderId, customer: "ann", total });
  const batches = [[order("1", 5), order("2", 7)], [order("1", 9)], [order("3", 1), order("2", 8)]];

  const { ranges, verify } = await runOver(batches, {
    pipeline: "orders-to-postgres.ts",
    variables: { DATABASE_SECRET_ARN, AWS_ENDPOINT_URL_SECRETS_MANAGER: awsEndpoint },
  });

  expect(await bench.query("SELECT order_id, total FROM orders ORDER BY order_id")).toEqual([
    { order_id: "1", total: "9" },
    { order_id: "2", total: "8" },
    { order_id: "3", total: "1" },
  ]);
  expect(ranges.map(({ status }) => status)).toEqual(["COMPLETED", "COMPLETED", "COMPLETED"]);
  const outputs = ["--outputs", `postgres://${user}@${host}:${port}/${database}`];
  const entered = { PGPASSWORD: password ?? "" };
  expect(await verify(outputs, entered)).toMatchObject({
    code: 0,
    outputs: [{ output: "PostgreSQL", ranges: 3, problems: [] }],
  });
  await bench.query("UPDATE kafka_offset_ranges SET until_offset = until_offset + 1");
  const ahead = await verify(outputs, entered);
  expect([ahead.code, ...problemsOf(ahead)]).toEqual([1, "positionAhead"]);
  const refused = await verify(outputs, { PGPASSWORD: "wrong" });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("check the URL of --outputs, PGPASSWORD") });
});
