// A broker that asks for ACLs, and that is restarted: outputs and groups on one of their own.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type KafkaBroker, startKafkaBroker } from "../../../../functions/local/servers/kafka-broker.ts";
import { ConfigurationError, OutputUnavailableError } from "../../../../shared/core/errors.ts";
import type { KafkaOptions } from "../../../../shared/kafka/connection/kafka-options.ts";
import { createKafkaGroupOffsets } from "../../../../shared/kafka/groups/group-offsets.ts";
import { createKafkaRangeOutput } from "../../../../shared/kafka/output/range-output.ts";
import { saslProperties } from "../../../local/servers/kafka-users.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { attemptCopy, copiedRange, openPositioned, outputsOf } from "../../../support/kafka-output/copied-range.ts";
import { readTopic, valuesOf } from "../../../support/kafka-output/read-topic.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const alice = { name: "alice", password: "wonderland" };
const ACL_DEADLINE_MS = 20_000;
const RESTART_DEADLINE_MS = 60_000;

let folder: string;
let broker: KafkaBroker;
let topics: KafkaTopics;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "guarded-broker-"));
  broker = await startKafkaBroker({
    folder: join(folder, "kafka"),
    listeners: [{ name: "SASL", protocol: "SASL_PLAINTEXT" }],
    properties: {
      ...saslProperties("SASL", alice),
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      // Whoever comes by the plain listener, the broker itself included.
      "super.users": "User:ANONYMOUS",
    },
  });
  topics = await connectKafkaTopics(broker.bootstrapServers);
});

afterAll(async () => {
  await topics.close();
  await broker.kill();
  await rm(folder, { recursive: true, force: true });
});

const ofAlice = (): KafkaOptions => ({
  clientId: "tests",
  bootstrapServers: [broker.addresses["SASL"] ?? ""],
  sasl: { mechanism: "plain", username: alice.name, password: alice.password },
});

interface Allowed {
  readonly resource: keyof typeof AclResourceTypes;
  readonly name: string;
  readonly operation: AclOperationTypes;
  readonly isPrefix?: boolean;
}

async function allow({ resource, name, operation, isPrefix = false }: Allowed): Promise<void> {
  const entry = {
    resourceType: AclResourceTypes[resource],
    resourceName: name,
    resourcePatternType: isPrefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
    principal: `User:${alice.name}`,
    host: "*",
    operation,
    permissionType: AclPermissionTypes.ALLOW,
  };
  await topics.admin.createAcls({ acl: [entry] });
}

/** Tries until the error is another one, which the broker answers a moment after an ACL was changed. */
async function refusalOf(work: () => Promise<unknown>, words: string): Promise<Error> {
  let refusal: Error | undefined;
  await waitUntil(
    `it is refused for ${words}`,
    async () => {
      refusal = await work().then(
        () => undefined,
        (error: Error) => error,
      );
      return refusal?.message.includes(words) ?? false;
    },
    ACL_DEADLINE_MS,
  );
  return refusal ?? expect.fail("it was refused");
}

test("outputs name each ACL that they lack, and need no other", async () => {
  const [source, topic] = [await topics.create(), await topics.create()];
  const copied = copiedRange(source);
  const write = () => attemptCopy(createKafkaRangeOutput({ topic, connection: ofAlice, isElsewhere: false }), copied);
  const prefix = "--transactional-id kafka-offset-ranges.copies. --resource-pattern-type prefixed";

  expect(await refusalOf(write, `--operation Write ${prefix}`)).toBeInstanceOf(ConfigurationError);
  await allow({
    resource: "TRANSACTIONAL_ID",
    name: "kafka-offset-ranges.copies.",
    operation: AclOperationTypes.WRITE,
    isPrefix: true,
  });

  const group = "--operation Read --group kafka-offset-ranges.copies. --resource-pattern-type prefixed";
  expect(await refusalOf(write, group)).toBeInstanceOf(ConfigurationError);
  await allow({
    resource: "GROUP",
    name: "kafka-offset-ranges.copies.",
    operation: AclOperationTypes.READ,
    isPrefix: true,
  });

  expect(await refusalOf(write, `--operation Read --topic ${source}`)).toBeInstanceOf(ConfigurationError);
  await allow({ resource: "TOPIC", name: source, operation: AclOperationTypes.READ });

  expect(await refusalOf(write, `--operation Write --topic ${topic}`)).toBeInstanceOf(ConfigurationError);
  await allow({ resource: "TOPIC", name: topic, operation: AclOperationTypes.WRITE });

  await waitUntil(
    "it is written",
    () =>
      write().then(
        () => true,
        () => false,
      ),
    ACL_DEADLINE_MS,
  );
  const records = await readTopic(broker.bootstrapServers, topic);
  expect(valuesOf(records, copied.tag)).toEqual(outputsOf(copied));
});

test("a group names each ACL that it lacks", async () => {
  const topic = await topics.create();
  const group = createKafkaGroupOffsets(ofAlice(), "watched");
  const tell = async () => {
    const signal = AbortSignal.timeout(ACL_DEADLINE_MS);
    const [refused] = await group.commit([{ topic, partition: 0, offset: 0n }], signal);
    if (refused !== undefined) {
      throw new Error(refused.reason);
    }
  };

  expect(await refusalOf(tell, "--operation Read --group watched")).toBeInstanceOf(ConfigurationError);
  await allow({ resource: "GROUP", name: "watched", operation: AclOperationTypes.READ });
  await refusalOf(tell, `--operation Read --topic ${topic}`);
  await allow({ resource: "TOPIC", name: topic, operation: AclOperationTypes.READ });
  await waitUntil(
    "it is told",
    () =>
      tell().then(
        () => true,
        () => false,
      ),
    ACL_DEADLINE_MS,
  );
});

test("G5: outputs take effect once where the coordinator is restarted in the midst of a transaction", async () => {
  const [source, topic] = [await topics.create(), await topics.create()];
  const copied = copiedRange(source);
  const connection = () => ({ clientId: "tests", bootstrapServers: [broker.bootstrapServers] });
  const output = createKafkaRangeOutput({ topic, connection, isElsewhere: false });
  const writer = await openPositioned(output, copied.range);
  await writer.write([{ value: `${copied.tag} half of it` }, { value: Buffer.alloc(5_000_000, 97) }]);

  await broker.kill();
  await broker.restart();
  const lost = writer.commit({ fromPosition: 0n, untilOffset: 3n, progress: "" });
  const error = await lost.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  await writer.close();

  // The transaction may also go on: what counts is that it took effect whole, or not at all.
  if (error !== undefined) {
    expect(error).toBeInstanceOf(OutputUnavailableError);
  }
  const goOn = async () => {
    try {
      await attemptCopy(output, copied);
      return true;
    } catch (reason) {
      expect(reason).toBeInstanceOf(OutputUnavailableError);
      return false;
    }
  };
  await waitUntil("the range is done", goOn, RESTART_DEADLINE_MS);
  const values = valuesOf(await readTopic(broker.bootstrapServers, topic), copied.tag);
  // What was committed counts where it took effect, whether the commit was answered or not.
  const wholes = [outputsOf(copied), [...outputsOf(copied).slice(3), `${copied.tag} half of it`]];
  expect(wholes).toContainEqual(values);
  expect(error === undefined && values.length === outputsOf(copied).length).toBe(false);
});
