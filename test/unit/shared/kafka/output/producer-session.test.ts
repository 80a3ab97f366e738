import { describe, expect, test } from "vitest";
import { ConfigurationError, OutputUnavailableError } from "../../../../../shared/core/errors.ts";
import { openCluster } from "../../../../../shared/kafka/cluster/cluster.ts";
import type { BrokerConnection } from "../../../../../shared/kafka/connection/broker-connection.ts";
import type { OutputPlace } from "../../../../../shared/kafka/output/output-place.ts";
import { openProducerSession } from "../../../../../shared/kafka/output/producer-session.ts";
import type { ApiCall } from "../../../../../shared/kafka/protocol/api-call.ts";
import type { FetchedOffset, OffsetFetchRequest } from "../../../../../shared/kafka/protocol/groups/offset-fetch-v7.ts";

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const TOPIC_AUTHORIZATION_FAILED = 29;
const OPERATION_NOT_ATTEMPTED = 55;
const UNSTABLE_OFFSET_COMMIT = 88;

const place = {
  transactionalId: "kafka-offset-ranges.copies.id.0",
  groupId: "kafka-offset-ranges.copies.id",
  partition: { topic: "source", partition: 0 },
  ownsGroup: false,
  prefix: "kafka-offset-ranges.copies.",
};

/** In another cluster than the source's. */
const elsewhere = {
  ...place,
  groupId: place.transactionalId,
  partition: { topic: "target", partition: 0 },
  ownsGroup: true,
};

/** A session whose coordinator answers by these codes, one list after the other, to the topics `first`, `second` and so on. */
async function aSession(answers: readonly (readonly number[])[]) {
  const left = [...answers];
  return sessionAt(place, (name) => {
    const codes = name === "AddPartitionsToTxn" ? (left.shift() ?? []) : [];
    return { partitions: codes.map((errorCode, at) => ({ topic: ["first", "second"][at], partition: 0, errorCode })) };
  });
}

/** A session whose coordinators answer so, beside that it is them. */
async function sessionAt(of: OutputPlace, answer: (name: string, request: unknown) => object) {
  const asked: string[] = [];
  const ask = async ({ name }: ApiCall<unknown, unknown>, request: unknown) => {
    asked.push(name);
    const coordinator = { nodeId: 1, host: "coordinator", port: 9_092 };
    const begun = { producerId: 1n, producerEpoch: 0 };
    return { throttleTimeMs: 0, errorCode: 0, ...coordinator, ...begun, ...answer(name, request) };
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
  return { session: await openProducerSession(cluster, of, { transactionTimeoutMs: 1_000, signal }), asked };
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

describe("PRS2: the position in another cluster", () => {
  /** As a group coordinator of Kafka 3 answers: all that it has are those with a stable offset. */
  const answers = (group: readonly FetchedOffset[]) => (name: string, request: unknown) => {
    // What OffsetFetch asks.
    const { partitions } = request as OffsetFetchRequest;
    const isAsked = ({ topic, offset }: FetchedOffset) =>
      partitions === "all" ? offset >= 0n : partitions.some((one) => one.topic === topic);
    return name === "OffsetFetch" ? { offsets: group.filter(isAsked) } : {};
  };
  const { signal } = new AbortController();
  const target = { topic: "target", partition: 0, errorCode: 0, offset: 7n, metadata: "seven" };
  const former = { topic: "former", partition: 0, errorCode: 0, offset: 5n, metadata: "five" };
  const unstable = { ...target, errorCode: UNSTABLE_OFFSET_COMMIT, offset: -1n, metadata: "" };

  test("is waited for while the group has yet to take in its first offset", async () => {
    const pending = [unstable, unstable];
    const { session, asked } = await sessionAt(elsewhere, (name, request) => {
      const isOfTarget = name === "OffsetFetch" && (request as OffsetFetchRequest).partitions !== "all";
      return answers([isOfTarget ? (pending.shift() ?? target) : unstable])(name, request);
    });

    expect(await session.position(signal)).toMatchObject({ offset: 7n, metadata: "seven" });
    expect(asked.filter((name) => name === "OffsetFetch")).toHaveLength(4);
  });

  test("is where outputs to a former topic stand", async () => {
    const none = { ...target, offset: -1n, metadata: "" };
    const { session } = await sessionAt(elsewhere, answers([former, none]));

    expect(await session.position(signal)).toMatchObject({ offset: 5n, metadata: "five" });
  });

  test("is asked for once where the group has an offset beside its topic", async () => {
    const { session, asked } = await sessionAt(elsewhere, answers([former, target]));

    expect(await session.position(signal)).toMatchObject({ offset: 7n, metadata: "seven" });
    expect(asked.filter((name) => name === "OffsetFetch")).toHaveLength(1);
  });

  test("is none where the group has no offset", async () => {
    const { session } = await sessionAt(elsewhere, answers([]));

    expect(await session.position(signal)).toBeUndefined();
  });
});

describe("PRS6: a second position", () => {
  const offset = (at: bigint) => ({ ...place.partition, errorCode: 0, offset: at, metadata: "" });
  const unstable = { ...offset(-1n), errorCode: UNSTABLE_OFFSET_COMMIT };

  /** A session whose group answers so, one after the other, when it is asked where it stands. */
  async function sessionOf(...stands: readonly FetchedOffset[]) {
    const left = [...stands];
    return sessionAt(place, (name) => {
      const offsets = name === "OffsetFetch" ? [left.shift() ?? offset(-1n)] : [];
      return { offsets, partitions: [{ ...place.partition, errorCode: 0 }] };
    });
  }
  const positions = ["OffsetFetch", "TxnOffsetCommit"];

  test("is written once the group has taken in the first", async () => {
    const { session, asked } = await sessionOf(unstable, unstable, offset(3n));
    await session.writePosition({ offset: 3n, metadata: "" });
    await session.end("commit");

    await session.writePosition({ offset: 5n, metadata: "" });

    const [first, ...fetches] = asked.filter((name) => positions.includes(name));
    expect([first, fetches.at(-1)]).toEqual(["TxnOffsetCommit", "TxnOffsetCommit"]);
    expect(fetches.slice(0, -1)).toEqual(["OffsetFetch", "OffsetFetch", "OffsetFetch"]);
  });

  test("is not written where the group has lost the first", async () => {
    const { session, asked } = await sessionOf(offset(1n));
    await session.writePosition({ offset: 3n, metadata: "" });
    await session.end("commit");

    await expect(session.writePosition({ offset: 5n, metadata: "" })).rejects.toThrow(OutputUnavailableError);
    expect(asked.filter((name) => positions.includes(name))).toEqual(["TxnOffsetCommit", "OffsetFetch"]);
  });
});
