// Transactional brokers
//
// What the brokers answer to those who write in transactions, and to those who read a group's offsets.
// A broker in trouble refuses, or answers that it could not do what it then has done after all.

import { formatTopicPartition } from "../../../../shared/core/range/topic-partition.ts";
import type { ApiCall } from "../../../../shared/kafka/protocol/api-call.ts";
import { findCoordinatorV3 } from "../../../../shared/kafka/protocol/groups/find-coordinator-v3.ts";
import { offsetCommitV8 } from "../../../../shared/kafka/protocol/groups/offset-commit-v8.ts";
import { offsetFetchV7 } from "../../../../shared/kafka/protocol/groups/offset-fetch-v7.ts";
import { type ProducedBatch, produceV9 } from "../../../../shared/kafka/protocol/produce-v9.ts";
import { addOffsetsToTxnV3 } from "../../../../shared/kafka/protocol/transactions/add-offsets-to-txn-v3.ts";
import { addPartitionsToTxnV3 } from "../../../../shared/kafka/protocol/transactions/add-partitions-to-txn-v3.ts";
import { endTxnV3 } from "../../../../shared/kafka/protocol/transactions/end-txn-v3.ts";
import { initProducerIdV4 } from "../../../../shared/kafka/protocol/transactions/init-producer-id-v4.ts";
import type { ProducerIdentity } from "../../../../shared/kafka/protocol/transactions/producer-identity.ts";
import { txnOffsetCommitV3 } from "../../../../shared/kafka/protocol/transactions/txn-offset-commit-v3.ts";
import { BROKERS } from "../../../support/kafka/fake-kafka-log.ts";
import type { AskedBrokers } from "../../cluster/simulated-brokers.ts";
import type { SimulatedCluster } from "../../cluster/simulated-cluster.ts";
import type { Network } from "../../world/network.ts";
import type { World } from "../../world/world.ts";
import { Coordinators } from "./coordinators.ts";
import { type ProducedBatch as ReadBatch, readProducedBatch } from "./produced-batch.ts";
import { SimulatedGroups } from "./simulated-groups.ts";
import { TARGET, TargetLog } from "./target-log.ts";
import { type Place, TransactionCoordinator } from "./transaction-coordinator.ts";

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const NOT_LEADER_OR_FOLLOWER = 6;
const MESSAGE_TOO_LARGE = 10;
const COORDINATOR_NOT_AVAILABLE = 15;
const NOT_ENOUGH_REPLICAS = 19;
const OUT_OF_ORDER_SEQUENCE_NUMBER = 45;
const INVALID_PRODUCER_EPOCH = 47;
const CONCURRENT_TRANSACTIONS = 51;
const OPERATION_NOT_ATTEMPTED = 55;
const PRODUCER_FENCED = 90;

/** What a broker in trouble answers: for nothing done, and for what may be done. */
interface Trouble {
  readonly undone: readonly [number, ...number[]];
  readonly unknown: readonly number[];
}

/** COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, CONCURRENT_TRANSACTIONS. */
const OF_TRANSACTIONS: Trouble = { undone: [14, 15, 16, 51], unknown: [COORDINATOR_NOT_AVAILABLE] };
const OF_GROUPS: Trouble = { undone: [14, 15, 16], unknown: [COORDINATOR_NOT_AVAILABLE] };
/** UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS; REQUEST_TIMED_OUT and NOT_ENOUGH_REPLICAS_AFTER_APPEND. */
const OF_LEADERS: Trouble = { undone: [3, 6, 19], unknown: [7, 20] };

/** Of what leaders are asked, after how much another one is elected, and how long that goes unnoticed. */
const ELECTED = 0.01;
const MAX_ELECTION_MS = 10_000;
const UNKNOWN_PRODUCER = { producerId: -1n, producerEpoch: -1 };

interface BrokersParts {
  readonly world: World;
  readonly network: Network;
  readonly cluster: SimulatedCluster;
  readonly onCommit: (identity: ProducerIdentity, places: ReadonlySet<Place>) => void;
}

type Answer = (nodeId: number, request: never) => unknown;

export class TransactionalBrokers implements AskedBrokers {
  readonly #world: World;
  readonly #network: Network;
  readonly #cluster: SimulatedCluster;
  readonly #coordinators: Coordinators;
  readonly #transactions: TransactionCoordinator;
  readonly target: TargetLog;
  readonly groups: SimulatedGroups;
  readonly #answers = new Map<number, Answer>();
  /** As Kafka does since 3.6: who writes for a transaction that the coordinator does not have is refused. */
  readonly verifies: boolean;
  /** By partition and producer, of what was verified and is not written yet: no batch may begin behind the lowest sequence. */
  readonly #verified = new Map<string, { readonly epoch: number; readonly lowest: number }>();
  /** Of a batch: max.message.bytes of the topic. */
  readonly #maxBytes: number;
  #isCalm = false;

  constructor({ world, network, cluster, onCommit }: BrokersParts) {
    this.#world = world;
    this.#network = network;
    this.#cluster = cluster;
    this.#coordinators = new Coordinators(world);
    this.target = new TargetLog(cluster.log, 1 + world.integer(BROKERS));
    this.groups = new SimulatedGroups(world);
    this.verifies = world.chance(0.5);
    this.#maxBytes = world.choose(400, 1_000_000, 1_000_000);
    this.#transactions = new TransactionCoordinator({
      world,
      onCommit,
      writeMarker: (place, marker) => {
        if (typeof place === "string") {
          this.groups.mark(place, marker);
          return;
        }
        this.#verified.delete(`${place} ${marker.producerId}`);
        this.target.mark(place, marker);
      },
    });
    this.#serveProducers();
    this.#serveGroups();
  }

  isDecided(producerId: bigint, partition: number): boolean {
    return this.#transactions.isDecided(producerId, partition);
  }

  /** Nothing moves any more. */
  heal(): void {
    this.#isCalm = true;
    this.#coordinators.heal();
    this.#transactions.heal();
    this.groups.heal();
  }

  describe({ name }: Pick<ApiCall<never, unknown>, "name">, request: unknown): string {
    // What one request or the other has of these.
    const { transactionalId, groupId, key, isCommitted } = request as Readonly<Record<string, string | undefined>>;
    return [name, transactionalId ?? groupId ?? key, isCommitted].filter((part) => part !== undefined).join(" ");
  }

  answer<Request, Response>(nodeId: number, call: ApiCall<Request, Response>, request: Request): Response {
    const answer = this.#answers.get(call.apiKey);
    if (answer === undefined) {
      throw new Error(`the simulated brokers know no ${call.name}`);
    }
    // As #on has taken it for this very call.
    return (answer as (nodeId: number, request: Request) => Response)(nodeId, request);
  }

  #on<Request, Response>(call: ApiCall<Request, Response>, answer: (nodeId: number, request: Request) => Response) {
    this.#answers.set(call.apiKey, answer as Answer);
  }

  #serveProducers(): void {
    const transactions = this.#transactions;
    const throttleTimeMs = 0;
    this.#on(initProducerIdV4, (nodeId, { transactionalId, transactionTimeoutMs }) => {
      const begun = this.#coordinate(nodeId, transactionalId, OF_TRANSACTIONS, () =>
        transactions.begin(transactionalId, transactionTimeoutMs),
      );
      return typeof begun === "number"
        ? { throttleTimeMs, errorCode: begun, ...UNKNOWN_PRODUCER }
        : { throttleTimeMs, errorCode: 0, ...begun };
    });
    this.#on(addPartitionsToTxnV3, (nodeId, { partitions, ...identity }) => {
      const isUnknown = ({ topic, partition }: (typeof partitions)[number]) =>
        topic !== TARGET || partition >= this.target.partitionCount;
      const codes = partitions.some(isUnknown)
        ? partitions.map((one) => (isUnknown(one) ? UNKNOWN_TOPIC_OR_PARTITION : OPERATION_NOT_ATTEMPTED))
        : undefined;
      const code = this.#coordinate(nodeId, identity.transactionalId, OF_TRANSACTIONS, () =>
        codes === undefined
          ? transactions.add(
              identity,
              partitions.map(({ partition }) => partition),
            )
          : 0,
      );
      const errorCodeAt = (index: number) => (code === 0 ? (codes?.[index] ?? 0) : code);
      return {
        throttleTimeMs,
        partitions: partitions.map((one, index) => ({ ...one, errorCode: errorCodeAt(index) })),
      };
    });
    this.#on(addOffsetsToTxnV3, (nodeId, { groupId, ...identity }) => ({
      throttleTimeMs,
      errorCode: this.#coordinate(nodeId, identity.transactionalId, OF_TRANSACTIONS, () =>
        transactions.add(identity, [groupId]),
      ),
    }));
    this.#on(endTxnV3, (nodeId, { isCommitted, ...identity }) => ({
      throttleTimeMs,
      errorCode: this.#coordinate(nodeId, identity.transactionalId, OF_TRANSACTIONS, () =>
        transactions.end(identity, isCommitted),
      ),
    }));
    this.#on(produceV9, (nodeId, { transactionalId, batches }) => ({
      throttleTimeMs,
      partitions: batches.map((batch) => ({
        ...{ topic: batch.topic, partition: batch.partition },
        ...{ errorCode: this.#produce(nodeId, transactionalId ?? "", batch), baseOffset: -1n },
        ...{ recordErrors: [], errorMessage: null },
      })),
    }));
  }

  #serveGroups(): void {
    const throttleTimeMs = 0;
    this.#on(findCoordinatorV3, (_, { key }) => {
      const isLost = this.#world.chance(this.#network.rates.throttle);
      const found = this.#coordinators.find(key);
      return isLost ? { ...found, errorCode: COORDINATOR_NOT_AVAILABLE, nodeId: -1, host: "", port: -1 } : found;
    });
    this.#on(offsetFetchV7, (nodeId, request) => {
      let offsets = this.groups.fetch({ ...request, partitions: [] });
      const errorCode = this.#coordinate(nodeId, request.groupId, OF_GROUPS, () => {
        offsets = this.groups.fetch(request);
        return 0;
      });
      return { throttleTimeMs, errorCode, offsets };
    });
    this.#on(txnOffsetCommitV3, (nodeId, { groupId, offset, metadata, topic, partition, ...identity }) => {
      const errorCode = this.#coordinate(nodeId, groupId, OF_GROUPS, () =>
        this.#writeVerified(identity, groupId, {
          isOpen: this.groups.isOpen(groupId, identity.producerId),
          concurrent: COORDINATOR_NOT_AVAILABLE,
          write: () => this.groups.commitInTransaction(groupId, identity, { topic, partition, offset, metadata }),
        }),
      );
      return { throttleTimeMs, partitions: [{ topic, partition, errorCode }] };
    });
    this.#on(offsetCommitV8, (nodeId, { groupId, offsets }) => {
      const errorCode = this.#coordinate(nodeId, groupId, OF_GROUPS, () => {
        for (const one of offsets) {
          this.groups.commit(groupId, { ...one, metadata: "" });
        }
        return 0;
      });
      return { throttleTimeMs, partitions: offsets.map((one) => ({ ...one, errorCode })) };
    });
  }

  /** What the coordinator answers, or the code with which the broker refuses. */
  #coordinate<Result>(nodeId: number, key: string, trouble: Trouble, run: () => Result): Result | number {
    const refusal = this.#coordinators.refusal(nodeId, key);
    return refusal === 0 ? this.#inTrouble(trouble, run) : this.#counted(refusal);
  }

  #inTrouble<Result>({ undone, unknown }: Trouble, run: () => Result): Result | number {
    if (!this.#world.chance(this.#network.rates.throttle)) {
      const result = run();
      return typeof result === "number" ? this.#counted(result) : result;
    }
    if (this.#world.chance(0.4)) {
      run();
      return this.#counted(this.#world.pick(unknown) ?? undone[0]);
    }
    return this.#counted(this.#world.choose(...undone));
  }

  #counted(code: number): number {
    if (code !== 0) {
      this.#world.trace.count(`kafka refusal ${code}`);
    }
    return code;
  }

  #produce(nodeId: number, transactionalId: string, { topic, partition, batch }: ProducedBatch): number {
    const found = this.#cluster.log.partition({ topic, partition });
    if (topic !== TARGET || found === undefined) {
      return this.#counted(UNKNOWN_TOPIC_OR_PARTITION);
    }
    if (!this.#isCalm && this.#world.chance(ELECTED)) {
      const delayMs = this.#world.choose(0, MAX_ELECTION_MS);
      this.#cluster.electLeader({ topic, partition }, 1 + this.#world.integer(BROKERS), delayMs);
    }
    const served = this.#cluster.servedBy(nodeId, found);
    if (served === undefined) {
      return this.#counted(NOT_LEADER_OR_FOLLOWER);
    }
    if (served.leader.leaderEpoch !== found.leader?.leaderEpoch) {
      // The others follow another leader by then.
      return this.#counted(NOT_ENOUGH_REPLICAS);
    }
    return this.#inTrouble(OF_LEADERS, () => this.#append(transactionalId, partition, batch));
  }

  #append(transactionalId: string, partition: number, batch: Uint8Array): number {
    const produced = readProducedBatch(batch);
    if (batch.byteLength > this.#maxBytes && produced.rows.length > 1) {
      return MESSAGE_TOO_LARGE;
    }
    return this.#writeVerified({ ...produced, transactionalId }, partition, {
      isOpen: this.target.isOpen(partition, produced.producerId),
      concurrent: NOT_ENOUGH_REPLICAS,
      write: () => {
        if (this.#isBehindVerified(partition, produced)) {
          return OUT_OF_ORDER_SEQUENCE_NUMBER;
        }
        const code = this.target.append(partition, produced);
        if (code === 0) {
          this.#verified.delete(`${partition} ${produced.producerId}`);
        }
        if (code === "known") {
          this.#world.trace.count("kafka batch known");
        }
        return code === "known" ? 0 : code;
      },
    });
  }

  /** A batch that is known already is answered so before, and leaves its sequence here. */
  #isBehindVerified(partition: number, { producerId, producerEpoch: epoch, sequence }: ReadBatch): boolean {
    if (!this.verifies || this.target.isOpen(partition, producerId)) {
      return false;
    }
    const name = `${partition} ${producerId}`;
    const before = this.#verified.get(name);
    const lowest = before?.epoch === epoch ? Math.min(before.lowest, sequence) : sequence;
    this.#verified.set(name, { epoch, lowest });
    return sequence > lowest && !this.target.isKnown(partition, { producerId, producerEpoch: epoch, sequence });
  }

  /** Of what is open in the place already, nobody is asked. */
  #writeVerified(
    identity: ProducerIdentity,
    place: Place,
    { isOpen, concurrent, write }: { readonly isOpen: boolean; readonly concurrent: number; write: () => number },
  ): number {
    const code = this.verifies && !isOpen ? this.#transactions.verify(identity, place) : 0;
    switch (code) {
      case 0:
        return write();
      case PRODUCER_FENCED:
        return INVALID_PRODUCER_EPOCH;
      case CONCURRENT_TRANSACTIONS:
        return concurrent;
      default:
        return code;
    }
  }
}

/** What a position of a group is called. */
export function positionName(groupId: string, of: Parameters<typeof formatTopicPartition>[0]): string {
  return `${groupId} ${formatTopicPartition(of)}`;
}
