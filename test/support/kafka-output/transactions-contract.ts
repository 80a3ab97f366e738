// Transactions contract
//
// What brokers answer to whoever writes in transactions, as far as outputs rely on it: held by Kafka, and by the
// brokers of the simulation.

import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Cluster, openCluster } from "../../../shared/kafka/cluster/cluster.ts";
import type { KafkaOptions } from "../../../shared/kafka/connection/kafka-options.ts";
import { Coordinator } from "../../../shared/kafka/groups/coordinator.ts";
import { encodeBatch } from "../../../shared/kafka/output/encode-batch.ts";
import { checkRecord } from "../../../shared/kafka/output/output-record.ts";
import { RecordBuffer } from "../../../shared/kafka/output/record-buffer.ts";
import { findCoordinatorV3 } from "../../../shared/kafka/protocol/groups/find-coordinator-v3.ts";
import { offsetFetchV7 } from "../../../shared/kafka/protocol/groups/offset-fetch-v7.ts";
import { produceV9 } from "../../../shared/kafka/protocol/produce-v9.ts";
import { addOffsetsToTxnV3 } from "../../../shared/kafka/protocol/transactions/add-offsets-to-txn-v3.ts";
import { addPartitionsToTxnV3 } from "../../../shared/kafka/protocol/transactions/add-partitions-to-txn-v3.ts";
import { endTxnV3 } from "../../../shared/kafka/protocol/transactions/end-txn-v3.ts";
import { initProducerIdV4 } from "../../../shared/kafka/protocol/transactions/init-producer-id-v4.ts";
import type { ProducerIdentity } from "../../../shared/kafka/protocol/transactions/producer-identity.ts";
import { txnOffsetCommitV3 } from "../../../shared/kafka/protocol/transactions/txn-offset-commit-v3.ts";

export interface BrokersUnderTest {
  readonly options: KafkaOptions;
  /** Of one partition at least. */
  readonly topic: string;
  /** Whether leaders ask the coordinator whether it has what is written for a transaction (KIP-890), as Kafka does since 3.6. */
  readonly verifies: boolean;
  /** Runs it in the brokers' own time. */
  run(script: () => Promise<void>): Promise<void>;
  /** How many records readers with `read_committed` are given, once nothing is open. */
  countCommitted(): Promise<number>;
}

/** NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS and others that pass: of a topic that is new to its broker. */
const PASSING: ReadonlySet<number> = new Set([3, 5, 6, 19]);
const MAX_TRIES = 100;
const TRY_MS = 50;

export function describeTransactions(name: string, open: () => Promise<BrokersUnderTest>): void {
  const scripted = (title: string, script: (producer: TestProducer, brokers: BrokersUnderTest) => Promise<void>) =>
    test(title, async () => {
      const brokers = await open();
      const id = `contract-${randomUUID()}`;
      const cluster = openCluster(brokers.options);
      try {
        await brokers.run(() => script(new TestProducer(cluster, brokers.topic, id), brokers));
      } finally {
        cluster.close();
      }
    });

  describe(`the transactions of ${name}`, () => {
    scripted("raise the epoch with each beginning, twice where one is open", async (producer) => {
      const first = await producer.begin();
      const second = await producer.begin();
      await producer.addPartition(second);
      const third = await producer.begin();

      expect(second).toEqual({ ...first, producerEpoch: first.producerEpoch + 1 });
      expect(third).toEqual({ ...first, producerEpoch: second.producerEpoch + 2 });
    });

    scripted(
      "refuse whatever is sent under an epoch of before, and give none of it to readers",
      async (producer, brokers) => {
        const zombie = await producer.begin();
        await producer.addPartition(zombie);
        await producer.addOffsets(zombie);
        expect([await producer.produce(zombie, 0, ["lost"]), await producer.writeOffset(zombie, 1n)]).toEqual([0, 0]);

        await producer.begin();

        expect(await producer.addPartition(zombie)).toBe(90);
        expect(await producer.addOffsets(zombie)).toBe(90);
        expect(await producer.produce(zombie, 1, ["late"])).toBe(47);
        expect(await producer.writeOffset(zombie, 2n)).toBe(47);
        expect(await producer.end(zombie, true)).toBe(90);
        expect(await producer.offset()).toBe(-1n);
        expect(await brokers.countCommitted()).toBe(0);
      },
    );

    scripted("take a batch once, and none out of its sequence", async (producer, brokers) => {
      const one = await producer.begin();
      await producer.addPartition(one);

      const codes = [
        await producer.produce(one, 0, ["a", "b"]),
        await producer.produce(one, 0, ["a", "b"]),
        await producer.produce(one, 2, ["c"]),
        await producer.produce(one, 4, ["e"]),
        await producer.produce(one, 2, ["c"]),
      ];

      expect(codes).toEqual([0, 0, 0, 45, 0]);
      expect(await producer.end(one, true)).toBe(0);
      expect(await brokers.countCommitted()).toBe(3);
    });

    scripted(
      "go on with the sequence in the next transaction of an epoch, and know the batches of the last",
      async (producer, brokers) => {
        const one = await producer.begin();
        await producer.addPartition(one);
        await producer.produce(one, 0, ["a"]);
        await producer.end(one, true);
        await producer.addPartition(one);

        expect(await producer.produce(one, 1, ["b"])).toBe(0);
        expect(await producer.produce(one, 0, ["a"])).toBe(0);
        expect(await producer.end(one, true)).toBe(0);
        expect(await brokers.countCommitted()).toBe(2);
      },
    );

    scripted(
      "write nothing of a batch that comes after its transaction, nor behind it where they verify",
      async (producer, brokers) => {
        const one = await producer.begin();
        await producer.addPartition(one);
        await producer.produce(one, 0, ["a"]);
        await producer.end(one, true);
        await producer.addPartition(one);

        expect(await producer.produce(one, 0, ["a"])).toBe(0);
        expect(await producer.produce(one, 1, ["b"])).toBe(brokers.verifies ? 45 : 0);
        expect(await producer.end(one, true)).toBe(0);
        expect(await brokers.countCommitted()).toBe(brokers.verifies ? 1 : 2);
      },
    );

    scripted(
      "take no record and no offset that they have no place for, where they verify",
      async (producer, brokers) => {
        const one = await producer.begin();

        expect(await producer.produce(one, 0, ["stray"])).toBe(brokers.verifies ? 48 : 0);
        expect(await producer.writeOffset(one, 1n)).toBe(brokers.verifies ? 48 : 0);
      },
    );

    scripted("end as they were ended first", async (producer) => {
      const one = await producer.begin();
      expect(await producer.end(one, true)).toBe(48);
      await producer.addPartition(one);

      expect(await producer.end(one, true)).toBe(0);
      expect(await producer.end(one, true)).toBe(0);
      expect(await producer.end(one, false)).toBe(48);
    });

    scripted(
      "hide their offset until they are committed, also from who asks for all that the group has",
      async (producer) => {
        const one = await producer.begin();
        await producer.addOffsets(one);
        await producer.writeOffset(one, 7n);

        expect(await producer.fetchOnce({ isStable: true })).toEqual([[-1n, 88]]);
        expect(await producer.fetchOnce({ isStable: false })).toEqual([[-1n, 0]]);
        expect(await producer.fetchOnce({ isStable: true, ofAll: true })).toEqual([]);
        await producer.end(one, true);
        expect(await producer.offset()).toBe(7n);
        expect(await producer.fetchOnce({ isStable: true, ofAll: true })).toEqual([[7n, 0]]);
      },
    );

    scripted("are nobody's who was not begun, and begin with no time beyond what brokers allow", async (producer) => {
      const one = await producer.begin();

      expect(await producer.addPartition({ ...one, producerId: one.producerId + 1_000_000n })).toBe(49);
      expect(await producer.beginWith(2_000_000_000)).toBe(50);
    });
  });
}

class Refused extends Error {
  override readonly name = "Refused";
  readonly code: number;

  constructor(code: number) {
    super(`refused with ${code}`);
    this.code = code;
  }
}

/** Each step answers its error code, once the brokers have answered for good. */
class TestProducer {
  readonly #cluster: Cluster;
  readonly #of: { readonly topic: string; readonly partition: number };
  readonly #id: string;
  readonly #transactions: Coordinator;
  readonly #group: Coordinator;

  constructor(cluster: Cluster, topic: string, id: string) {
    this.#cluster = cluster;
    this.#of = { topic, partition: 0 };
    this.#id = id;
    this.#transactions = new Coordinator(cluster, { keyType: "transaction", key: id });
    this.#group = new Coordinator(cluster, { keyType: "group", key: id });
  }

  async begin(): Promise<ProducerIdentity> {
    const { producerId, producerEpoch } = await this.#begin(60_000);
    return { transactionalId: this.#id, producerId, producerEpoch };
  }

  beginWith(transactionTimeoutMs: number): Promise<number> {
    return codeOf(this.#begin(transactionTimeoutMs));
  }

  addPartition(identity: ProducerIdentity): Promise<number> {
    const request = { ...identity, partitions: [this.#of] };
    const codesIn = ({ partitions }: { readonly partitions: readonly { readonly errorCode: number }[] }) =>
      partitions.map(({ errorCode }) => errorCode);
    return codeOf(this.#transactions.run({ ...step, call: addPartitionsToTxnV3, request, codesIn }));
  }

  addOffsets(identity: ProducerIdentity): Promise<number> {
    const request = { ...identity, groupId: this.#id };
    const codesIn = ({ errorCode }: { readonly errorCode: number }) => [errorCode];
    return codeOf(this.#transactions.run({ ...step, call: addOffsetsToTxnV3, request, codesIn }));
  }

  end(identity: ProducerIdentity, isCommitted: boolean): Promise<number> {
    const request = { ...identity, isCommitted };
    const codesIn = ({ errorCode }: { readonly errorCode: number }) => [errorCode];
    return codeOf(this.#transactions.run({ ...step, call: endTxnV3, request, codesIn }));
  }

  writeOffset(identity: ProducerIdentity, offset: bigint): Promise<number> {
    const request = { ...identity, groupId: this.#id, ...this.#of, offset, metadata: "" };
    const codesIn = ({ partitions }: { readonly partitions: readonly { readonly errorCode: number }[] }) =>
      partitions.map(({ errorCode }) => errorCode);
    return codeOf(this.#group.run({ ...step, call: txnOffsetCommitV3, request, codesIn }));
  }

  /** Stable, once it is. */
  async offset(): Promise<bigint | undefined> {
    const { offsets } = await this.#group.run({
      ...step,
      call: offsetFetchV7,
      request: { groupId: this.#id, partitions: [this.#of], isStable: true },
      codesIn: ({ errorCode, offsets: answered }) => [errorCode, ...answered.map((one) => one.errorCode)],
    });
    return offsets[0]?.offset;
  }

  /** Offsets with their codes, as they are at this moment. */
  async fetchOnce({ isStable, ofAll = false }: { readonly isStable: boolean; readonly ofAll?: boolean }) {
    const of = { keyType: "group", key: this.#id } as const;
    const address = await this.#cluster.callAny(findCoordinatorV3, { request: of });
    const request = { groupId: this.#id, partitions: ofAll ? ("all" as const) : [this.#of], isStable };
    const { offsets } = await this.#cluster.call(address, offsetFetchV7, { request });
    return offsets.map(({ offset, errorCode }) => [offset, errorCode]);
  }

  async produce(identity: ProducerIdentity, sequence: number, values: readonly string[]): Promise<number> {
    const { topic, partition } = this.#of;
    const buffer = new RecordBuffer();
    for (const [index, value] of values.entries()) {
      // As outputs of the simulation are.
      const headers = Object.entries({ chain: "contract", offset: `${sequence + index}` }).map(([key, text]) => ({
        key,
        value: text,
      }));
      buffer.add(checkRecord({ value, headers }, index, { topic, timestamp: 0n }), index);
    }
    const origin = { ...identity, sequence, compression: "none" } as const;
    const batch = await encodeBatch(buffer, { from: 0, until: values.length }, origin);
    const request = {
      transactionalId: identity.transactionalId,
      timeoutMs: 10_000,
      batches: [{ topic, partition, batch }],
    };
    for (let tries = 1; ; tries++) {
      const { topics, brokers } = await this.#cluster.metadata([topic]);
      const leaderId = topics[0]?.partitions.find((one) => one.partition === partition)?.leaderId;
      const leader = brokers.find(({ nodeId }) => nodeId === leaderId);
      const answer = leader === undefined ? undefined : await this.#cluster.call(leader, produceV9, { request });
      const code = answer?.partitions[0]?.errorCode ?? 5;
      if (!PASSING.has(code) || tries === MAX_TRIES) {
        return code;
      }
      await delay(TRY_MS);
    }
  }

  #begin(transactionTimeoutMs: number) {
    return this.#transactions.run({
      ...step,
      call: initProducerIdV4,
      request: { transactionalId: this.#id, transactionTimeoutMs },
      codesIn: (answer) => [answer.errorCode],
    });
  }
}

const step = { what: "a step of the contract", refuse: (code: number) => new Refused(code) };

async function codeOf(answer: Promise<unknown>): Promise<number> {
  try {
    await answer;
    return 0;
  } catch (error) {
    if (error instanceof Refused) {
      return error.code;
    }
    throw error;
  }
}
