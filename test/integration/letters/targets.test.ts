// Where dead letters go, on real stores: what each keeps of a letter, and what of a second one.

import { randomUUID } from "node:crypto";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ConfigurationError, DeadLetterError } from "../../../shared/core/errors.ts";
import { type DeadLetter, deadLetterId } from "../../../shared/core/failure/dead-letter.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import { recordFields } from "../../../shared/core/source/record-fields.ts";
import { createKafkaDeadLetters } from "../../../shared/kafka/produce/dead-letter-topic.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import { createS3DeadLetters, deadLetterKey } from "../../../shared/s3/dead-letter-bucket.ts";
import { openS3Bucket } from "../../../shared/s3/s3-bucket.ts";
import { createSQSDeadLetterQueue } from "../../../shared/sqs/dead-letter-queue.ts";
import { encodeDeadLetter } from "../../../shared/wire/events/dead-letter.ts";
import { encodeLetterRecord, readLetterRecord } from "../../../shared/wire/events/dead-letter-record.ts";
import { localAccess, sdkAccess } from "../../support/aws-access.ts";
import { aChain } from "../../support/builders/builders.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { createBucket } from "../../support/s3-bucket.ts";

const access = localAccess(inject("aws.endpoint"));
const kafka = { clientId: "letters", bootstrapServers: [inject("kafka.bootstrapServers")] };

const NOW = Date.now();

const record: KafkaRecord = {
  offset: 37n,
  timestamp: 1_767_225_600_000n,
  timestampType: "CreateTime",
  key: Buffer.from([0xff, 0x00]),
  value: Buffer.from("not JSON: \uFFFE"),
  headers: [
    { key: "b", value: Buffer.from([0x80]) },
    { key: "1", value: null },
    { key: "b", value: Buffer.alloc(0) },
  ],
};

function aLetter(overrides: Partial<DeadLetter> = {}): DeadLetter {
  const error = { name: "SyntaxError", message: "not JSON", stack: "SyntaxError: not JSON\n    at orders.ts:3:5" };
  const invocation = { awsRequestId: randomUUID(), logGroup: "/aws/lambda/orders", logStream: "2026/[$LATEST]0a" };
  const place = { chain: aChain(), topic: "orders", partition: 3, offset: 37n };
  return {
    ...place,
    kind: "quarantined",
    error,
    attempt: 4,
    failedAt: 1_767_225_700_000,
    invocation,
    record,
    ...overrides,
  };
}

describe("an SQS queue", () => {
  const client = new SQSClient(sdkAccess(access));
  afterAll(() => client.destroy());

  test("SF1: a letter that was sent is in the queue, whole and under its id", async () => {
    const { QueueUrl = "" } = await client.send(new CreateQueueCommand({ QueueName: `dead-${randomUUID()}` }));
    const target = createSQSDeadLetterQueue({ access, queueUrl: QueueUrl, encode: encodeDeadLetter });

    await target.send(aLetter());

    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    const bodies = Messages.map(({ Body = "" }) => JSON.parse(Body));
    expect(bodies).toMatchObject([{ id: deadLetterId(aLetter()), offset: "37", error: aLetter().error }]);
  });

  test("SF1: a queue that does not take a letter is an error that names both, and may be tried again", async () => {
    const queueUrl = `${inject("aws.endpoint")}/000000000000/no-such-queue`;
    const target = createSQSDeadLetterQueue({ access, queueUrl, encode: encodeDeadLetter });

    const sent = target.send(aLetter());

    await expect(sent).rejects.toThrow(DeadLetterError);
    await expect(sent).rejects.toThrow(`${deadLetterId(aLetter())} was not taken by ${queueUrl}`);
  });
});

describe("an S3 bucket", () => {
  test("SF1: a record that fails again has one letter, of its last failure, beside those of other records and topics", async () => {
    const name = await createBucket(access);
    const bucket = openS3Bucket(access, name);
    const target = createS3DeadLetters({ access, bucket: name, prefix: "dead/(1)", encode: encodeDeadLetter });
    const letters = [aLetter(), aLetter({ attempt: 5 }), aLetter({ offset: 38n }), aLetter({ topic: "bills" })];

    for (const letter of letters) {
      await target.send(letter);
    }

    const listed = await Array.fromAsync(bucket.list("dead/"));
    expect(listed.map(({ key }) => key)).toEqual(
      [letters[3], letters[1], letters[2]].map((letter) => deadLetterKey(letter as DeadLetter, "dead/(1)")),
    );
    const body = JSON.parse((await bucket.get(deadLetterKey(aLetter(), "dead/(1)"))) ?? "");
    expect(body).toMatchObject({ attempt: 5, error: aLetter().error, record: { value: { text: "not JSON: \uFFFE" } } });
    bucket.close();
  });

  test("an object is deleted as it was seen, and stays where it is another one by now", async () => {
    const bucket = openS3Bucket(access, await createBucket(access));
    await bucket.put("a/é 1+2", "one", "text/plain");
    const [first] = await Array.fromAsync(bucket.list("a/"));
    await bucket.put("a/é 1+2", "two", "text/plain");

    const { key, etag } = first ?? expect.unreachable("nothing is listed");
    expect(key).toBe("a/é 1+2");
    expect(await bucket.delete(key, etag)).toBe(false);
    const [second] = await Array.fromAsync(bucket.list("a/"));
    expect(await bucket.delete(key, second?.etag ?? "")).toBe(true);
    expect(await bucket.get(key)).toBeUndefined();
    bucket.close();
  });

  test("SF1: a bucket that is not there is an error that names the letter and the object", async () => {
    const bucket = `none-${randomUUID()}`;
    const target = createS3DeadLetters({ access, bucket, encode: encodeDeadLetter });

    const sent = target.send(aLetter());

    await expect(sent).rejects.toThrow(DeadLetterError);
    await expect(sent).rejects.toThrow(`was not taken by s3://${bucket}/${deadLetterKey(aLetter())}: NoSuchBucket`);
  });
});

describe("a Kafka topic", () => {
  let topics: KafkaTopics;
  beforeAll(async () => {
    topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
    return () => topics.close();
  });

  const send = (topic: string, letter: DeadLetter) =>
    createKafkaDeadLetters({ kafka, topic, encode: encodeLetterRecord, now: () => NOW }).send(letter);

  async function read(topic: string, partition: number, untilOffset: bigint): Promise<readonly KafkaRecord[]> {
    const reader = createKafkaRangeReader({ ...kafka, requireConsecutiveOffsets: true, rackId: "" });
    const range = { topic, partition, fromOffset: 0n, untilOffset };
    const records = await Array.fromAsync(reader.readRange({ range, isolationLevel: "read_committed" }).records());
    await reader.close();
    return records;
  }

  test("SF1, DLR1, DT1: letters of a partition are in one, byte for byte, with the names that tools know", async () => {
    const topic = await topics.create({ partitions: 2 });

    await send(topic, aLetter());
    await send(topic, aLetter({ offset: 38n, record: { ...recordFields(record), key: null, value: null } }));

    const records = await read(topic, 1, 2n);
    expect(records.map(({ key, value, timestamp }) => ({ key, value, timestamp }))).toEqual([
      { key: record.key, value: record.value, timestamp: BigInt(NOW) },
      { key: null, value: null, timestamp: BigInt(NOW) },
    ]);
    const headers = records[0]?.headers ?? [];
    expect(headers.slice(0, 3)).toEqual(record.headers);
    const named = Object.fromEntries(headers.slice(3).map(({ key, value }) => [key, String(value)]));
    expect(named).toMatchObject({
      "__connect.errors.topic": "orders",
      "__connect.errors.partition": "3",
      "__connect.errors.offset": "37",
      "__connect.errors.exception.class.name": "SyntaxError",
      "__connect.errors.exception.message": "not JSON",
      "__connect.errors.exception.stacktrace": aLetter().error.stack,
      "__ranges.attempt": "4",
    });
  });

  test("DT2: a record that the topic does not take leaves a letter without it, which says so", async () => {
    const topic = await topics.create({ config: { "max.message.bytes": "4000" } });

    await send(topic, aLetter({ record: { ...recordFields(record), value: Buffer.alloc(10_000, 1) } }));

    const [kept] = await read(topic, 0, 1n);
    const letter = readLetterRecord(kept ?? expect.unreachable("no letter"));
    expect(letter).toMatchObject({ kind: "letter", record: { key: null, value: null, headers: [] } });
    expect(letter.kind === "letter" && JSON.parse(letter.about)).toMatchObject({
      offset: "37",
      valueBytes: 10_000,
      note: "the topic does not take a record of this size",
    });
  });

  test.each([
    ["is missing", async () => `none-${randomUUID()}`, "does not exist; create it"],
    [
      "is compacted",
      async () => topics.create({ config: { "cleanup.policy": "compact" } }),
      "set its cleanup.policy to delete",
    ],
  ])("SF1: a topic that %s takes no letter, and what helps is said", async (_, makeTopic, remedy) => {
    const topic = await makeTopic();

    const sent = send(topic, aLetter({ record: { ...recordFields(record), key: null } }));

    await expect(sent).rejects.toThrow(DeadLetterError);
    await expect(sent).rejects.toThrow(remedy);
    await expect(sent).rejects.toMatchObject({ cause: expect.any(ConfigurationError) });
  });
});
