import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  GetItemCommand,
  PutItemCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { findFreePorts } from "../../functions/local/process/free-port.ts";
import { startServer, withFreePorts } from "../../functions/local/process/start-server.ts";
import { startSupervised } from "../../functions/local/process/supervised-process.ts";
import { type KafkaBroker, startKafkaBroker } from "../../functions/local/servers/kafka-broker.ts";
import { connectKafkaTopics } from "../support/kafka/kafka-topics.ts";
import { createLocalDynamoDBClient, DYNAMODB_ENGINES } from "../support/ledger/dynamodb-client.ts";
import { waitUntil } from "../support/wait-until.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "local-stack-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("the shared Kafka", () => {
  test("counts each record produced in the end of its own partition's log", async () => {
    const topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
    const topic = await topics.create({ partitions: 3 });

    await topics.produce(topic, [
      { partition: 0, key: "a", value: "1", headers: { h: ["x", "y"] } },
      { partition: 0, value: null },
      { partition: 2, value: "3", timestamp: 0n },
    ]);

    expect(await topics.stableOffsets(topic)).toEqual(
      new Map([
        [0, 2n],
        [1, 0n],
        [2, 1n],
      ]),
    );
    await topics.close();
  });

  test("adds one marker per ended transaction and is stable up to the open one; DeleteRecords moves the beginning", async () => {
    const topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
    const topic = await topics.create();

    await topics.produceTransaction(topic, [{ value: "1" }, { value: "2" }], "commit");
    await topics.produceTransaction(topic, [{ value: "3" }], "abort");
    await topics.produceTransaction(topic, [{ value: "4" }], "open");
    await topics.deleteRecords(topic, 0, 2n);

    const [offsets] = await topics.admin.fetchTopicOffsets(topic);
    expect(offsets).toMatchObject({ partition: 0, low: "2", high: "5" });
    await topics.close();
  });
});

describe.each(DYNAMODB_ENGINES)("DynamoDB on $name", ({ endpointKey }) => {
  test("refuses a conditional write whose condition does not hold and returns the item that was there", async () => {
    const client = createLocalDynamoDBClient(inject(endpointKey));
    const TableName = "local-stack-test";
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      }),
    );
    await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1 }, { TableName });
    const put = (owner: string) =>
      client.send(
        new PutItemCommand({
          TableName,
          Item: { pk: { S: "range" }, owner: { S: owner } },
          ConditionExpression: "attribute_not_exists(pk)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );

    await put("first");
    const refusal: unknown = await put("second").catch((error: unknown) => error);

    assert.ok(refusal instanceof ConditionalCheckFailedException);
    expect(refusal.Item).toEqual({ pk: { S: "range" }, owner: { S: "first" } });
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: { pk: { S: "range" } } }));
    expect(Item?.["owner"]).toEqual({ S: "first" });
  });
});

describe("a Kafka broker of its own", () => {
  test("keeps acknowledged records through a SIGKILL and a restart on the same port", async () => {
    const broker = await startKafkaBroker({ folder: join(folder, "killed") });
    const topics = await connectKafkaTopics(broker.bootstrapServers);
    const topic = await topics.create();
    await topics.produce(topic, [{ value: "1" }, { value: "2" }]);
    const firstPid = broker.pid;

    await broker.kill();
    expect(isRunning(firstPid)).toBe(false);
    await broker.restart();

    expect(broker.pid).not.toBe(firstPid);
    expect(await topics.stableOffsets(topic)).toEqual(new Map([[0, 2n]]));
    await topics.close();
    await broker.stop();
  });

  test("is joined by a second one, to which a topic is replicated", async () => {
    const first = await startKafkaBroker({ folder: join(folder, "node-1") });
    const second = await startKafkaBroker({ folder: join(folder, "node-2"), nodeId: 2, join: first });
    const topics = await connectKafkaTopics(first.bootstrapServers);

    const topic = await topics.create({ replicationFactor: 2 });

    const { topics: described } = await topics.admin.fetchTopicMetadata({ topics: [topic] });
    expect(new Set(described[0]?.partitions[0]?.replicas)).toEqual(new Set([1, 2]));
    await topics.close();
    await Promise.all([first.stop(), second.stop()]);
  });

  test("listens on the listeners that were added", async () => {
    const listeners = [{ name: "SECOND", protocol: "PLAINTEXT" }] as const;
    const broker = await startKafkaBroker({ folder: join(folder, "listeners"), listeners });

    const clusterIds = await Promise.all(Object.values(broker.addresses).map(readClusterId));

    expect(clusterIds).toEqual([broker.clusterId, broker.clusterId]);
    await broker.stop();
  });
});

describe("a supervised process", () => {
  test("SP1, SP2: ends, with its children, when its parent is killed by SIGKILL", async () => {
    const script = new URL("../support/supervising-parent.ts", import.meta.url).pathname;
    const parent = spawn(process.execPath, [script, join(folder, "supervised.log")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [told] = await once(parent.stdout, "data");
    const pids = String(told).trim().split(/\s+/).map(Number);
    expect(pids.map(isRunning)).toEqual([true, true]);

    parent.kill("SIGKILL");

    await waitUntil("the process and its child are gone", () => !pids.some(isRunning), 5_000);
  });

  test("SP3: takes its children with it when it ends first", async () => {
    const ended = startSupervised({
      name: "a shell that leaves a child",
      command: "sh",
      args: ["-c", "sleep 600 & echo $!"],
      logFile: join(folder, "orphan.log"),
    });

    await ended.exited;

    const child = Number(ended.readLog());
    expect(child).toBeGreaterThan(0);
    await waitUntil("its child is gone", () => !isRunning(child), 5_000);
  });

  test("is killed when SIGTERM does not end it by the deadline", async () => {
    const stubborn = await startServer({
      name: "a shell that ignores SIGTERM",
      command: "sh",
      args: ["-c", "trap '' TERM; echo ready; while :; do sleep 1; done"],
      logFile: join(folder, "stubborn.log"),
      readyLine: "ready",
      deadlineMs: 5_000,
    });

    await stubborn.stop(50);

    expect(await stubborn.exited).toBe("signal SIGKILL");
  });

  test("tells its last lines when it ends before it is ready", async () => {
    const starting = startServer({
      name: "a shell",
      command: "sh",
      args: ["-c", "echo no such file; exit 3"],
      logFile: join(folder, "failing.log"),
      readyLine: "ready",
      deadlineMs: 5_000,
    });

    await expect(starting).rejects.toThrow(
      /a shell ended with code 3 before it was ready; its last lines:\nno such file/,
    );
  });

  test("tells its exit code", async () => {
    const ended = startSupervised({
      name: "false",
      command: "sh",
      args: ["-c", "exit 7"],
      logFile: join(folder, "7.log"),
    });

    expect(await ended.exited).toBe("code 7");
    expect(ended.hasExited()).toBe(true);
  });
});

describe("a server's port", () => {
  test("is chosen again when another process took it before the server could bind", async () => {
    const rivals: KafkaBroker["stop"][] = [];
    const tried: number[] = [];

    const bound = await withFreePorts(1, async ([port]) => {
      assert.ok(port !== undefined);
      tried.push(port);
      if (tried.length === 1) {
        rivals.push(await occupy(port));
      }
      const server = await startServer({
        name: "a Node server",
        command: process.execPath,
        args: ["-e", `require("net").createServer().listen(${port}, "127.0.0.1", () => console.log("bound", 1))`],
        logFile: join(folder, "port.log"),
        readyLine: "bound 1",
        deadlineMs: 10_000,
      });
      await server.stop();
      return port;
    });

    expect(tried).toHaveLength(2);
    expect(bound).toBe(tried[1]);
    await Promise.all(rivals.map((stop) => stop()));
  });

  test("differs from the others of one request", async () => {
    expect(new Set(await findFreePorts(50)).size).toBe(50);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function readClusterId(address: string): Promise<string> {
  const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const { clusterId } = await admin.describeCluster();
  await admin.disconnect();
  return clusterId;
}

async function occupy(port: number): Promise<() => Promise<void>> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return async () => {
    server.close();
    await once(server, "close");
  };
}
