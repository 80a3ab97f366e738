// What an operator's role has to allow for dead letters, and for what a file of settings refers
// to: the actions that commands really need, held against what the construct grants.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Kafka's config providers are referred to.

import { randomUUID } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { beforeAll, expect, inject, test, vi } from "vitest";
import { readCommandConfig } from "../../../functions/cli/options/command-config.ts";
import type { DeadLetterTarget } from "../../../shared/core/failure/dead-letter.ts";
import { createS3DeadLetters } from "../../../shared/s3/dead-letter-bucket.ts";
import { createSQSDeadLetterQueue } from "../../../shared/sqs/dead-letter-queue.ts";
import { encodeDeadLetter } from "../../../shared/wire/events/dead-letter.ts";
import { localAccess, sdkAccess } from "../../support/aws-access.ts";
import { aRangeRecord, ORDERS_ID } from "../../support/builders/builders.ts";
import { LOCAL_AWS } from "../../support/cli/run-ranges.ts";
import { runRangesHere } from "../../support/cli/run-ranges-here.ts";
import { grantedActions } from "../../support/deploy/granted-actions.ts";
import { openLocalValues } from "../../support/deployed/local-values.ts";
import { type RecordingEndpoint, recordActions } from "../../support/functions/recorded-actions.ts";
import { pemOf } from "../../support/key-stores/recorded-stores.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { createBucket } from "../../support/s3-bucket.ts";

const endpoint = inject("aws.endpoint");
const access = localAccess(endpoint);
let table: DynamoDBLedgerUnderTest;
let aws: RecordingEndpoint;

beforeAll(async () => {
  for (const [name, value] of Object.entries(LOCAL_AWS)) {
    vi.stubEnv(name, value);
  }
  table = await createDynamoDBLedgerUnderTest(endpoint);
  aws = await recordActions(endpoint);
  return async () => {
    vi.unstubAllEnvs();
    await Promise.all([table[Symbol.asyncDispose](), aws[Symbol.asyncDispose]()]);
  };
});

interface Letters {
  readonly target: DeadLetterTarget;
  readonly name: string;
}

async function letterQueue(): Promise<Letters> {
  const sqs = new SQSClient(sdkAccess(access));
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: `dead-${randomUUID()}` }));
  sqs.destroy();
  return { target: createSQSDeadLetterQueue({ access, queueUrl: QueueUrl, encode: encodeDeadLetter }), name: QueueUrl };
}

async function letterBucket(): Promise<Letters> {
  const bucket = await createBucket(access);
  const target = createS3DeadLetters({ access, bucket, prefix: "dead", encode: encodeDeadLetter });
  return { target, name: `s3://${bucket}/dead` };
}

/** Runs the command on a letter whose record was processed after all, and says what it needed. */
async function needs(open: () => Promise<Letters>, command: string, ...more: readonly string[]) {
  const { target, name } = await open();
  const pipeline = `p-${randomUUID()}`;
  const chain = { pipeline, topicId: ORDERS_ID, partition: 3 };
  await target.send({
    ...{ chain, topic: "orders", partition: 3, offset: 5n, kind: "quarantined", attempt: 1, failedAt: 1 },
    error: { name: "SyntaxError", message: "not JSON" },
  });
  const processed = aRangeRecord({ status: "COMPLETED", fromOffset: 0n, untilOffset: 9n, expiresAt: Date.now() + 1e8 });
  await table.ledger.writePipeline({ pipeline, revision: 1, startedAt: 1, topics: [] });
  await table.ledger.planRange({ ...processed, chain });
  aws.take();
  const where = ["--target", name, "--pipeline", pipeline, "--endpoint-url", aws.url];
  const { code, stdout, stderr } = await runRangesHere(["dead-letters", command, ...where, ...more]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toContain("orders");
  return aws.take();
}

const union = (sets: readonly (readonly string[])[]) => [...new Set(sets.flat())].toSorted();

test.each([
  ["a queue", letterQueue, () => ({})],
  ["a bucket", letterBucket, (stack: ConstructorParameters<typeof Bucket>[0]) => letterProps(stack)],
] as const)(
  "letters in %s need what grantReadLetters and grantOperate allow, and nothing else",
  async (_, open, props) => {
    const looked = [await needs(open, "list"), await needs(open, "show")];
    const judged = await needs(open, "list", "--table", table.tableName);
    const redrive = ["--table", table.tableName, "--function", "none", "--all"];
    const acted = [
      await needs(open, "delete", "--all"),
      await needs(open, "delete", "--all", "--processed", "--table", table.tableName),
      await needs(open, "redrive", ...redrive),
    ];

    const read = grantedActions((pipeline, role) => pipeline.grantReadLetters(role), props);
    const withLedger = grantedActions((pipeline, role) => {
      pipeline.grantReadLetters(role);
      pipeline.grantReadLedger(role);
    }, props);
    const operated = grantedActions((pipeline, role) => pipeline.grantOperate(role), props);

    expect(read).toEqual(union(looked));
    expect(withLedger).toEqual(expect.arrayContaining([...judged]));
    expect(operated).toEqual(expect.arrayContaining([...union([...looked, ...acted])]));
    expect(operated.filter((action) => !/^(?:dynamodb|lambda):/.test(action))).toEqual(
      union([...looked, ...acted]).filter((action) => !action.startsWith("dynamodb:")),
    );
  },
);

function letterProps(stack: ConstructorParameters<typeof Bucket>[0]) {
  return { deadLetterTarget: { bucket: Bucket.fromBucketName(stack, "Letters", "letters"), prefix: "dead" } };
}

test("what a file of settings refers to needs what grantReadKafka allows, and nothing else", async () => {
  const id = randomUUID();
  const values = openLocalValues(endpoint);
  await values.putSecret(`login-${id}`, JSON.stringify({ password: "secret" }));
  await values.putParameter(`/user/${id}`, "alice");
  const bucket = await values.putObject(`${id}/trusted.pem`, Buffer.from(pemOf(["root"])));
  const kafkaParams = {
    "security.protocol": "SASL_SSL",
    "sasl.mechanism": "PLAIN",
    "sasl.jaas.config": `a.b.PlainLoginModule required username="\${ssm::/user/${id}}" password="\${secretsmanager:login-${id}:password}";`,
    "ssl.truststore.location": `s3://${bucket}/${id}/trusted.pem`,
  };
  const file = join(tmpdir(), `${id}.properties`);
  writeFileSync(
    file,
    Object.entries(kafkaParams)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
  vi.stubEnv("AWS_ENDPOINT_URL", aws.url);
  aws.take();

  await readCommandConfig(file, { bootstrapServers: ["b-1:9092"], note: () => undefined });
  rmSync(file);

  expect(
    grantedActions(
      (pipeline, role) => pipeline.grantReadKafka(role),
      () => ({ kafkaParams }),
    ),
  ).toEqual(aws.take());
});
