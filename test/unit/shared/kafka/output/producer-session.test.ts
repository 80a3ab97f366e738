import { expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { openCluster } from "../../../../../shared/kafka/cluster/cluster.ts";
import type { BrokerConnection } from "../../../../../shared/kafka/connection/broker-connection.ts";
import { openProducerSession } from "../../../../../shared/kafka/output/producer-session.ts";
import type { ApiCall } from "../../../../../shared/kafka/protocol/api-call.ts";

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const TOPIC_AUTHORIZATION_FAILED = 29;
const OPERATION_NOT_ATTEMPTED = 55;

const place = {
  transactionalId: "kafka-offset-ranges.copies.id.0",
  groupId: "kafka-offset-ranges.copies.id",
  partition: { topic: "source", partition: 0 },
  ownsGroup: false,
  prefix: "kafka-offset-ranges.copies.",
};

/** A session whose coordinator answers by these codes, one list after the other, to the topics `first`, `second` and so on. */
async function aSession(answers: readonly (readonly number[])[]) {
  const left = [...answers];
  const asked: string[] = [];
  const ask = async ({ name }: ApiCall<unknown, unknown>) => {
    asked.push(name);
    const codes = name === "AddPartitionsToTxn" ? (left.shift() ?? []) : [];
    const partitions = codes.map((errorCode, at) => ({ topic: ["first", "second"][at], partition: 0, errorCode }));
    const coordinator = { nodeId: 1, host: "coordinator", port: 9_092 };
    return { throttleTimeMs: 0, errorCode: 0, ...coordinator, producerId: 1n, producerEpoch: 0, partitions };
  };
  const connect = async (address: BrokerConnection["address"]) =>
    ({
      address,
      isUsable: true,
      throttleTimeMs: 0,
      setIdle: () => undefined,
      close: () => undefined,
      ask,
      // What a coordinator is asked through.
    }) as unknown as BrokerConnection;
  const cluster = openCluster({ clientId: "tests", bootstrapServers: ["any:9092"], connect });
  const { signal } = new AbortController();
  return { session: await openProducerSession(cluster, place, { transactionTimeoutMs: 1_000, signal }), asked };
}

const partitions = ["first", "second"].map((topic) => ({ topic, partition: 0 }));

test("a topic that a transaction may not write to is named, whatever stood before it in the answer", async () => {
  const { session } = await aSession([[OPERATION_NOT_ATTEMPTED, TOPIC_AUTHORIZATION_FAILED]]);

  const refusal = await session.addPartitions(partitions).catch((error: unknown) => error);

  expect(refusal).toBeInstanceOf(ConfigurationError);
  expect(refusal).toMatchObject({ message: expect.stringContaining("--operation Write --topic second") });
});

test("a topic that a broker has not heard of yet is tried again, whatever stood before it in the answer", async () => {
  const { session, asked } = await aSession([
    [OPERATION_NOT_ATTEMPTED, UNKNOWN_TOPIC_OR_PARTITION],
    [0, 0],
  ]);

  await session.addPartitions(partitions);

  expect(asked.filter((name) => name === "AddPartitionsToTxn")).toHaveLength(2);
});

test("partitions of which a broker says no more than that it has not tried them are refused", async () => {
  const { session } = await aSession([[OPERATION_NOT_ATTEMPTED]]);

  await expect(session.addPartitions(partitions)).rejects.toThrow("OPERATION_NOT_ATTEMPTED");
});
