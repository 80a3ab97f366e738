// Producer session
//
// One incarnation of a chain's transactional producer: from the moment at which it fences its
// predecessors to its last transaction. Why what it commits takes effect exactly once:
//
//   PRS1  InitProducerId returns only once the transactions of every earlier incarnation have ended, with
//         their markers written; whatever one of them still sends is refused by its epoch. A broker writes
//         to a partition or to a group for a transaction only after the coordinator has taken it into
//         that transaction, so that its end leaves the higher epoch there.
//   PRS2  Only then the position is read, and only of stable offsets: from here on nobody's commits move it
//         but this session's, each of which names the epoch. A later incarnation ends that.
//   PRS3  A transaction that the broker ends by itself, since its time is up, raises the epoch too: the
//         commit that comes too late is refused.
//   PRS4  Whoever does not know how a commit ended sends nothing more by this session. Had the commit
//         reached the coordinator, it took effect; had it not, the next incarnation's InitProducerId aborts
//         the transaction and fences the commit that may still be on its way. Either way the position,
//         which is read after it, tells. A coordinator that moves meanwhile has the state from its log.
//   PRS5  No second transaction of one epoch begins behind a request of the first that got no answer
//         (CRD1): arriving late, it would count for the second.
//   PRS6  A second position is written once the group has taken in the first. Kafka up to 3.9.0 takes in, at
//         some time after a transaction is complete, whatever its producer has pending in the group by then: an offset of the
//         next transaction too, though that one may still be aborted (KAFKA-17507).

import { OutputUnavailableError } from "../../core/errors.ts";
import { formatTopicPartition, type TopicPartition } from "../../core/range/topic-partition.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { Coordinator } from "../groups/coordinator.ts";
import { type FetchedOffset, type OffsetFetchRequest, offsetFetchV7 } from "../protocol/groups/offset-fetch-v7.ts";
import { addOffsetsToTxnV3 } from "../protocol/transactions/add-offsets-to-txn-v3.ts";
import { addPartitionsToTxnV3 } from "../protocol/transactions/add-partitions-to-txn-v3.ts";
import { endTxnV3 } from "../protocol/transactions/end-txn-v3.ts";
import { initProducerIdV4 } from "../protocol/transactions/init-producer-id-v4.ts";
import type { ProducerIdentity } from "../protocol/transactions/producer-identity.ts";
import { txnOffsetCommitV3 } from "../protocol/transactions/txn-offset-commit-v3.ts";
import type { OutputPlace } from "./output-place.ts";
import { partitionCodes, transactionError, unwritableError, unwritableTopic } from "./transaction-errors.ts";

export interface StoredPosition {
  readonly offset: bigint;
  readonly metadata: string;
}

export interface SessionOptions {
  readonly transactionTimeoutMs: number;
  /** Ends opening it. */
  readonly signal: AbortSignal;
}

const ofTransaction = { what: "opening the transactional producer of the outputs" };

/** Fences and aborts what earlier incarnations have under way. */
export async function openProducerSession(
  cluster: Cluster,
  place: OutputPlace,
  { transactionTimeoutMs, signal }: SessionOptions,
): Promise<ProducerSession> {
  const { transactionalId } = place;
  const transactions = new Coordinator(cluster, { keyType: "transaction", key: transactionalId });
  const { producerId, producerEpoch } = await transactions.run({
    ...ofTransaction,
    call: initProducerIdV4,
    request: { transactionalId, transactionTimeoutMs },
    codesIn: (answer) => [answer.errorCode],
    refuse: (code) => transactionError(ofTransaction.what, place, code),
    isRepeatable: true,
    signal,
  });
  return new ProducerSession(cluster, {
    place,
    transactions,
    identity: { transactionalId, producerId, producerEpoch },
  });
}

interface Opened {
  readonly place: OutputPlace;
  readonly transactions: Coordinator;
  readonly identity: ProducerIdentity;
}

export class ProducerSession {
  readonly identity: ProducerIdentity;
  readonly #place: OutputPlace;
  readonly #transactions: Coordinator;
  readonly #group: Coordinator;
  /** By the last transaction of this session. */
  #written: bigint | undefined;

  constructor(cluster: Cluster, { place, transactions, identity }: Opened) {
    this.identity = identity;
    this.#place = place;
    this.#transactions = transactions;
    this.#group = new Coordinator(cluster, { keyType: "group", key: place.groupId });
  }

  /** Where the chain stands (PRS2); undefined where the group has no offset. */
  async position(signal: AbortSignal): Promise<StoredPosition | undefined> {
    const { partition, ownsGroup } = this.#place;
    const fetch = (partitions: OffsetFetchRequest["partitions"]) => this.#fetch(partitions, signal);
    return furthestOf(await (ownsGroup ? allOffsets(fetch, partition) : fetch([partition])));
  }

  /** Of stable offsets alone: one that is not is waited for. */
  async #fetch(partitions: OffsetFetchRequest["partitions"], signal?: AbortSignal): Promise<readonly FetchedOffset[]> {
    const { offsets } = await this.#group.run({
      ...this.#step("reading the position of the outputs"),
      call: offsetFetchV7,
      request: { groupId: this.#place.groupId, partitions, isStable: true },
      codesIn: ({ errorCode, offsets: answered }) => [errorCode, ...answered.map((one) => one.errorCode)],
      isRepeatable: true,
      ...(signal === undefined ? {} : { signal }),
    });
    return offsets;
  }

  async addPartitions(partitions: readonly TopicPartition[]): Promise<void> {
    const step = this.#step("adding partitions to the transaction of the outputs");
    await this.#transactions.run({
      ...step,
      call: addPartitionsToTxnV3,
      request: { ...this.identity, partitions },
      codesIn: partitionCodes,
      refuse: (code, answer) => {
        const topic = answer === undefined ? undefined : unwritableTopic(answer);
        return topic === undefined ? step.refuse(code) : unwritableError(topic);
      },
    });
  }

  async addOffsets(): Promise<void> {
    await this.#transactions.run({
      ...this.#step("adding the position to the transaction of the outputs"),
      call: addOffsetsToTxnV3,
      request: { ...this.identity, groupId: this.#place.groupId },
      codesIn: (answer) => [answer.errorCode],
    });
  }

  /** After `addOffsets`, and after the end of the transaction that it was called for before. */
  async writePosition({ offset, metadata }: StoredPosition): Promise<void> {
    const { groupId, partition } = this.#place;
    await this.#requireTakenIn();
    await this.#group.run({
      ...this.#step("writing the position of the outputs"),
      call: txnOffsetCommitV3,
      request: { ...this.identity, groupId, ...partition, offset, metadata },
      codesIn: ({ partitions }) => partitions.map(codeOf),
    });
    this.#written = offset;
  }

  /** Throws OutputUnavailableError where the group has something else than this session has committed to it (PRS6). */
  async #requireTakenIn(): Promise<void> {
    if (this.#written === undefined) {
      return;
    }
    const { groupId, partition } = this.#place;
    const [{ offset } = { offset: -1n }] = await this.#fetch([partition]);
    if (offset !== this.#written) {
      throw new OutputUnavailableError(
        `group ${groupId} stands at ${offset} of ${formatTopicPartition(partition)}, after ${this.#written} was committed to it; the next attempt finds out where it stands`,
      );
    }
  }

  async end(how: "commit" | "abort"): Promise<void> {
    await this.#transactions.run({
      ...this.#step(`the ${how} of the transaction of the outputs`),
      call: endTxnV3,
      request: { ...this.identity, isCommitted: how === "commit" },
      codesIn: (answer) => [answer.errorCode],
    });
  }

  #step(what: string): { readonly what: string; readonly refuse: (code: number) => Error } {
    return { what, refuse: (code) => transactionError(what, this.#place, code) };
  }
}

function codeOf(answer: { readonly errorCode: number }): number {
  return answer.errorCode;
}

/**
 * Of a group that is of one position alone. All that a group has are, to a broker, those that have an offset: Kafka leaves out
 * a partition whose first one is still to be taken in, which up to 3.9.0 may come after its transaction is complete
 * (KAFKA-17507), and tells only who asks for that partition that it is not stable.
 */
export async function allOffsets(
  fetch: (partitions: OffsetFetchRequest["partitions"]) => Promise<readonly FetchedOffset[]>,
  own: TopicPartition,
): Promise<readonly FetchedOffset[]> {
  const offsets = await fetch("all");
  const hasOwn = offsets.some(({ topic, partition }) => topic === own.topic && partition === own.partition);
  return hasOwn ? offsets : [...offsets, ...(await fetch([own]))];
}

/** Undefined where the group has none. */
export function furthestOf<Offset extends { readonly offset: bigint }>(offsets: readonly Offset[]): Offset | undefined {
  return offsets
    .filter(({ offset }) => offset >= 0n)
    .reduce<Offset | undefined>(
      (furthest, one) => (furthest === undefined || one.offset > furthest.offset ? one : furthest),
      undefined,
    );
}
