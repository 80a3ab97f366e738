// What propagates (a policy, a password, an ACL) is refused by a real broker before it is
// there: the range waits with back-off, counts no attempt, and goes on by itself.

import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AclOperationTypes } from "kafkajs";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { kafkaConnectionOf } from "../../../functions/connecting/kafka-connection.ts";
import { type KafkaBroker, startKafkaBroker } from "../../../functions/local/servers/kafka-broker.ts";
import { RangeReadError } from "../../../shared/core/errors.ts";
import { outageBackoffMs } from "../../../shared/core/failure/backoff.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { KafkaOptions } from "../../../shared/kafka/connection/kafka-options.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { createSdkTokenMaker } from "../../../shared/msk-iam/sdk-token.ts";
import { createTokenCredentials } from "../../../shared/msk-iam/token-credentials.ts";
import { saslProperties } from "../../local/servers/kafka-users.ts";
import { runRanges } from "../../support/cli/run-ranges.ts";
import {
  compileTokenValidator,
  setTokenPolicy,
  type TokenPolicy,
  tokenProperties,
} from "../../support/java/token-validator.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { setScramPassword } from "../../support/kafka/scram-password.ts";
import { topicAcl } from "../../support/kafka/topic-acl.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { createOutageBench, type OutageBench } from "../../support/pipeline/outage-bench.ts";
import { SCHEDULER_ENVIRONMENT } from "../../support/pipeline/scheduler-environment.ts";
import { waitUntil } from "../../support/wait-until.ts";

const alice = { name: "alice", password: "wonderland" };
const OFFSETS = [0, 1, 2, 3, 4];
const DEADLINE_MS = 20_000;

let folder: string;
let broker: KafkaBroker;
let topics: KafkaTopics;
let subject: DynamoDBLedgerUnderTest;

beforeAll(async () => {
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "LOCALKEY");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  vi.stubEnv("AWS_ENDPOINT_URL_SECRETS_MANAGER", inject("aws.endpoint"));
  folder = await mkdtemp(join(tmpdir(), "entry-refused-"));
  const classFolder = join(folder, "classes");
  await mkdir(classFolder);
  await compileTokenValidator(classFolder);
  broker = await startKafkaBroker({
    folder: join(folder, "kafka"),
    classFolder,
    listeners: [
      { name: "TOKENS", protocol: "SASL_PLAINTEXT" },
      { name: "PASSWORDS", protocol: "SASL_PLAINTEXT" },
    ],
    properties: {
      ...tokenProperties("TOKENS"),
      ...saslProperties("PASSWORDS", alice),
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      // Whoever comes by the plain listener, the broker itself included, and whoever signs the tests' tokens.
      "super.users": "User:ANONYMOUS;User:LOCALKEY",
    },
  });
  topics = await connectKafkaTopics(broker.bootstrapServers);
  subject = await createDynamoDBLedgerUnderTest(inject("dynamodbLocal.endpoint"));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([topics.close(), subject[Symbol.asyncDispose]()]);
  await broker.kill();
  await rm(folder, { recursive: true, force: true });
});

async function topicOfFive(): Promise<string> {
  const topic = await topics.create();
  await topics.produce(
    topic,
    OFFSETS.map((offset) => ({ value: `v${offset}` })),
  );
  return topic;
}

/** The attempt that just ended is an outage, put off by equal jitter, and none of the range's attempts. */
async function expectOutage(bench: OutageBench, outages: number, message: RegExp): Promise<void> {
  expect(await bench.ranges()).toEqual([
    expect.objectContaining({
      ...{ status: "FAILED", fromOffset: 0n, untilOffset: 5n, committedOffset: 0n, failedAttempts: 0, outages },
      nextAttemptAt: bench.now() + outageBackoffMs(outages, 0.5),
      error: expect.objectContaining({ message: expect.stringMatching(message) }),
    }),
  ]);
  expect(await bench.timesApplied(OFFSETS)).toEqual([0, 0, 0, 0, 0]);
}

/** By itself: time passes, the scheduler runs, and processors where it dispatches. What is halted stays so. */
async function expectCompletion(bench: OutageBench): Promise<RangeRecord> {
  await waitUntil("the range is completed", async () => (await bench.goOn()).status === "COMPLETED", DEADLINE_MS);
  const [range, ...others] = await bench.ranges();
  expect(others).toEqual([]);
  expect(range).toMatchObject({ fromOffset: 0n, untilOffset: 5n, committedOffset: 5n, counts: { delivered: 5n } });
  expect(range).toMatchObject({ status: "COMPLETED", failedAttempts: 0 });
  expect(await bench.timesApplied(OFFSETS)).toEqual([1, 1, 1, 1, 1]);
  return range ?? expect.unreachable("checked above");
}

describe("tokens of IAM", () => {
  const policyIs = (policy: TokenPolicy) => setTokenPolicy(join(folder, "kafka"), policy);

  const withTokens = (): KafkaOptions => ({
    ...kafkaConnectionOf(
      { ...SCHEDULER_ENVIRONMENT, securityProtocol: "SASL_PLAINTEXT", saslMechanism: "AWS_MSK_IAM" },
      "processor",
      (line) => expect.fail(line),
    ),
    bootstrapServers: [broker.addresses["TOKENS"] ?? ""],
  });

  test.each<[string, TokenPolicy, RegExp]>([
    ["as MSK refuses", "deny [4e3f]: Too many connects", /refused the credentials: .*\[4e3f\]: Too many connects/],
    ["by a challenge", "invalid invalid_token", /refused the credentials: .*invalid_token/],
  ])(
    "JF2: that the broker refuses %s put a range off, and once they are taken it goes on",
    async (_, policy, message) => {
      await policyIs("accept");
      const bench = createOutageBench(subject, await topicOfFive(), withTokens);
      await bench.tick();
      await policyIs(policy);

      await bench.process();
      await expectOutage(bench, 1, message);
      expect((await bench.tick()).partitions).toMatchObject([{ kind: "waiting" }]);
      await bench.goOn();
      await expectOutage(bench, 2, message);
      await bench.goOn();
      await expectOutage(bench, 3, message);

      await policyIs("accept");
      expect(await expectCompletion(bench)).toMatchObject({ attempt: 4 });
    },
  );

  test("JF2: that are taken again within the range's time cost it nothing, and are made once per try", async () => {
    await policyIs("accept");
    const makeToken = createTokenCredentials(createSdkTokenMaker("us-east-1"));
    const refused: boolean[] = [];
    const sasl: KafkaOptions["sasl"] = ({ wereRefused }: { readonly wereRefused: boolean }) => {
      refused.push(wereRefused);
      return makeToken();
    };
    const bench = createOutageBench(subject, await topicOfFive(), () => ({ ...withTokens(), sasl }));
    await bench.tick();
    refused.length = 0;
    await policyIs("deny [4e3f]: Too many connects");

    const processing = bench.process({ progressTimeoutMs: DEADLINE_MS });
    await waitUntil("three tokens were refused", () => refused.length > 3, DEADLINE_MS);
    await policyIs("accept");

    expect(await processing).toMatchObject([{ kind: "completed" }]);
    const range = await expectCompletion(bench);
    expect(range).toMatchObject({ attempt: 1 });
    expect(range).not.toHaveProperty("outages");
    expect(refused).not.toContain(true);
  });

  test("JF2: that the broker refuses fail a scheduler's run, which writes nothing, and the next one plans", async () => {
    await policyIs("deny [4e3f]: Access denied");
    const bench = createOutageBench(subject, await topicOfFive(), withTokens);

    await expect(bench.tick()).rejects.toThrow(RangeReadError);
    expect(await subject.ledger.readPipeline(bench.pipeline)).toBeUndefined();

    await policyIs("accept");
    await bench.tick();
    await bench.process();
    await expectCompletion(bench);
  });
});

const withPassword = (saslSecret: string): KafkaOptions => ({
  ...kafkaConnectionOf(
    { ...SCHEDULER_ENVIRONMENT, securityProtocol: "SASL_PLAINTEXT", saslMechanism: "SCRAM-SHA-256", saslSecret },
    "processor",
    (line) => expect.fail(line),
  ),
  bootstrapServers: [broker.addresses["PASSWORDS"] ?? ""],
});

/** Enters anew, and says what of the topics may not be described. */
async function probe(password: string, ...named: readonly string[]) {
  const sasl = { mechanism: "scram-sha-256", username: alice.name, password } as const;
  const source = createKafkaOffsetSource({ ...withPassword("unread"), sasl });
  try {
    return (await source.describe({ topics: named })).forbidden ?? [];
  } finally {
    await source.close();
  }
}

async function brokerTakes(password: string): Promise<void> {
  await setScramPassword(broker.bootstrapServers, { name: alice.name, password, mechanism: "SCRAM-SHA-256" });
  const isKnown = () =>
    probe(password, "any").then(
      () => true,
      () => false,
    );
  await waitUntil("the broker knows the password", isKnown, DEADLINE_MS);
}

/** A secret in Secrets Manager, and what puts another password into it. */
async function aSecret(password: string) {
  const client = new SecretsManagerClient();
  onTestFinished(() => client.destroy());
  const Name = `AmazonMSK_${randomUUID()}`;
  const textOf = (value: string) => JSON.stringify({ username: alice.name, password: value });
  await client.send(new CreateSecretCommand({ Name, SecretString: textOf(password) }));
  const says = (value: string) =>
    client.send(new PutSecretValueCommand({ SecretId: Name, SecretString: textOf(value) }));
  return { name: Name, says };
}

const acl = (topic: string, operation: AclOperationTypes) => topicAcl(alice.name, topic, operation);

const grant = (topic: string, operation: AclOperationTypes) =>
  topics.admin.createAcls({ acl: [acl(topic, operation)] });

/** Describe, which is all that planning needs. */
async function revoke(topic: string): Promise<void> {
  await topics.admin.deleteAcls({ filters: [acl(topic, AclOperationTypes.DESCRIBE)] });
  const isForbidden = async () => (await probe(alice.password, topic)).length > 0;
  await waitUntil(`${topic} may not be described`, isForbidden, DEADLINE_MS);
}

test("JF2: a password that broker and secret do not both know yet puts a range off, whichever of them is first", async () => {
  await brokerTakes("one");
  const secret = await aSecret("one");
  const readable = async () => {
    const topic = await topicOfFive();
    await grant(topic, AclOperationTypes.READ);
    const bench = createOutageBench(subject, topic, () => withPassword(secret.name));
    await planOnceGranted(bench);
    return bench;
  };
  const [brokerFirst, secretFirst] = [await readable(), await readable()];

  await brokerTakes("two");
  await brokerFirst.process();
  await expectOutage(brokerFirst, 1, REFUSED);
  await brokerFirst.goOn();
  await expectOutage(brokerFirst, 2, REFUSED);
  await secret.says("two");
  expect(await expectCompletion(brokerFirst)).toMatchObject({ attempt: 3 });

  await secret.says("three");
  await secretFirst.process();
  await expectOutage(secretFirst, 1, REFUSED);
  await secretFirst.goOn();
  await expectOutage(secretFirst, 2, REFUSED);
  await brokerTakes("three");
  await expectCompletion(secretFirst);
});

const REFUSED = /refused the credentials: .*Authentication failed/;

/** A first run is refused until the broker knows the ACL. */
async function planOnceGranted(bench: OutageBench): Promise<void> {
  const isPlanned = () =>
    bench.tick().then(
      ({ partitions }) => partitions.some(({ kind }) => kind === "planned"),
      () => false,
    );
  await waitUntil("the range is planned", isPlanned, DEADLINE_MS);
}

test.each([
  ["Read", false],
  ["Read and Describe", true],
])(
  "JF2: where ACLs to %s are missing, status names them, and they put a range off until they are there",
  async (_, isUnseen) => {
    await brokerTakes(alice.password);
    const secret = await aSecret(alice.password);
    const topic = await topicOfFive();
    await grant(topic, AclOperationTypes.DESCRIBE);
    const bench = createOutageBench(subject, topic, () => withPassword(secret.name));
    await planOnceGranted(bench);
    if (isUnseen) {
      await revoke(topic);
    }

    await bench.process();
    await expectOutage(bench, 1, new RegExp(`grant Read on topic ${topic} to User:alice`));
    const { stdout } = await status(bench);
    expect(stdout).toContain(`grant Read on topic ${topic} to User:alice; the next attempt is due at `);
    expect(stdout.includes(`grant Describe on topic ${topic} to User:alice`)).toBe(isUnseen);

    // Read implies Describe.
    await grant(topic, AclOperationTypes.READ);
    await expectCompletion(bench);
  },
);

async function status(bench: OutageBench) {
  const file = join(folder, "client.properties");
  const login = `x required username="${alice.name}" password="${alice.password}";`;
  const settings = ["security.protocol=SASL_PLAINTEXT", "sasl.mechanism=SCRAM-SHA-256", `sasl.jaas.config=${login}`];
  await writeFile(file, settings.join("\n"));
  const ledger = ["--table", subject.tableName, "--endpoint-url", inject("dynamodbLocal.endpoint")];
  const kafka = ["--bootstrap-servers", broker.addresses["PASSWORDS"] ?? "", "--command-config", file];
  return runRanges(["status", ...ledger, "--pipeline", bench.pipeline, ...kafka]);
}
