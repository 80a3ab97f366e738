// Simulated cluster
//
// The log that the simulated brokers serve, what happens to it, and what each broker
// knows of it. Whatever may stop a pipeline for good is noted as an excuse of the
// partition: without one, it has to go on.

import { formatTopicPartition, type TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type { IsolationLevel, PartitionLeader } from "../../../shared/core/source/offset-source.ts";
import {
  BROKERS,
  createFakeKafkaLog,
  endOffsetOf,
  type FakePartition,
  type FakeTransaction,
  type StoredOffset,
} from "../../support/kafka/fake-kafka-log.ts";
import type { SimulationRules } from "../world/simulation-rules.ts";
import type { World } from "../world/world.ts";
import { LogHistory } from "./log-history.ts";

export const TOPIC = "orders";

/** Ends the value of a record that no code takes. */
export const POISON = "!";

/** What a broker answers as a partition's leader; `end` is the exclusive end of what it has. */
export interface ServedPartition {
  readonly leader: PartitionLeader;
  readonly end: bigint;
  /** Below it everything may be read: the new leader's may lag behind. */
  readonly highWatermark: bigint;
  readonly isHighWatermarkKnown: boolean;
}

interface Election {
  readonly before: PartitionLeader;
  readonly end: bigint;
  /** When each broker hears of it, by node id. */
  readonly heardAt: ReadonlyMap<number, number>;
  readonly highWatermarkKnownAt: number;
}

/** A live chain, or the ranges of a reprocess request. */
export interface ExcusedChain {
  readonly topicId: string;
  readonly partition: number;
  readonly requestId?: string | undefined;
}

interface DeletedLog {
  readonly beginningOffset: bigint;
  /** Exclusive; the highest there ever was. */
  readonly endOffset: bigint;
}

export interface OpenTransaction {
  readonly partition: number;
  readonly transaction: FakeTransaction;
}

export class SimulatedCluster {
  readonly #world: World;
  readonly #poison: number;
  readonly log;
  readonly #histories = new Map<string, LogHistory>();
  readonly #excuses = new Map<string, string>();
  /** Partitions whose records were deleted: what was processed before cannot be again. */
  readonly #shortened = new Set<string>();
  /** Logs that are gone, by topic id and partition. */
  readonly #deleted = new Map<string, DeletedLog>();
  #elections = new WeakMap<FakePartition, Election>();
  readonly #downUntil = new Map<number, number>();
  readonly #open: OpenTransaction[] = [];
  /** Bytes of stored batches, for answer-fetch.ts; a batch that changes is dropped. */
  readonly encoded = new Map<number, Buffer>();
  #records = 0;

  constructor(world: World, { partitions: partitionCount, poison }: Pick<SimulationRules, "partitions" | "poison">) {
    this.#world = world;
    this.#poison = poison;
    this.log = createFakeKafkaLog(() => world.now);
    this.log.createTopic(TOPIC, partitionCount);
  }

  get partitionCount(): number {
    return this.log.partitionCount(TOPIC);
  }

  partition(partition: number): FakePartition {
    const found = this.log.partition({ topic: TOPIC, partition });
    if (found === undefined) {
      throw new Error(`${TOPIC}-${partition} does not exist`);
    }
    return found;
  }

  /** Of all that there were, the present one's last. */
  get topicIds(): readonly string[] {
    const gone = [...this.#deleted.keys()].map((name) => name.slice(0, name.lastIndexOf("-")));
    return [...new Set([...gone, this.partition(0).topicId])];
  }

  historyOf(topicId: string, partition: number): LogHistory {
    const name = `${topicId}-${partition}`;
    const history = this.#histories.get(name) ?? new LogHistory();
    this.#histories.set(name, history);
    return history;
  }

  /** Where the log begins, or did when its topic was deleted. */
  beginningOf({ topicId, partition }: Pick<ExcusedChain, "topicId" | "partition">): bigint {
    const deleted = this.#deleted.get(`${topicId}-${partition}`);
    return deleted?.beginningOffset ?? this.partition(partition).beginningOffset;
  }

  /** Where the log of a topic that was deleted ended; undefined where it is there. */
  deletedEndOf({ topicId, partition }: Pick<ExcusedChain, "topicId" | "partition">): bigint | undefined {
    return this.#deleted.get(`${topicId}-${partition}`)?.endOffset;
  }

  endOffset(partition: number, isolationLevel: IsolationLevel): bigint {
    return endOffsetOf(this.partition(partition), isolationLevel);
  }

  /** Why the pipeline, or a reprocess request, may have stopped on this partition for good. */
  excuseOf({ topicId, partition, requestId }: ExcusedChain): string | undefined {
    const name = `${topicId}-${partition}`;
    return (
      this.#excuses.get(name) ?? (requestId !== undefined && this.#shortened.has(name) ? "it begins later" : undefined)
    );
  }

  excuse(partition: number, why: string): void {
    this.excuseChain(this.partition(partition).topicId, partition, why);
  }

  excuseChain(topicId: string, partition: number, why: string): void {
    this.#excuses.set(`${topicId}-${partition}`, why);
    this.#world.trace.count(`excuse ${why}`);
  }

  get openTransactions(): readonly OpenTransaction[] {
    return this.#open;
  }

  append(partition: number, count: number): void {
    this.#note(partition, () => this.log.append(at(partition), this.#values(partition, count)));
    this.#log(partition, `gets ${count} records`);
  }

  begin(partition: number, count: number, producerId: bigint): void {
    const transaction: FakeTransaction = { state: "open", producerId };
    this.#open.push({ partition, transaction });
    this.continue({ partition, transaction }, count);
  }

  continue({ partition, transaction }: OpenTransaction, count: number): void {
    this.#note(partition, () =>
      this.log.appendInTransaction(at(partition), this.#values(partition, count), transaction),
    );
    this.#log(partition, `gets ${count} records of producer ${transaction.producerId}`);
  }

  end(one: OpenTransaction, state: "committed" | "aborted"): void {
    this.#open.splice(this.#open.indexOf(one), 1);
    const { partition, transaction } = one;
    this.#note(partition, () => this.log.endTransaction(at(partition), transaction, state));
    this.#log(partition, `producer ${transaction.producerId} ${state}`);
    this.#world.trace.count(`transaction ${state}`);
  }

  /** Takes records away as compaction does: no marker, and nothing of the last batch that can be read. */
  compact(partition: number, share: number): void {
    const { topicId, stored } = this.partition(partition);
    const readable = stored.slice(0, Number(this.endOffset(partition, "read_committed")));
    const last = readable.at(-1)?.batch;
    const chosen = readable.filter(
      ({ kind, batch }) => kind === "record" && batch !== last && this.#world.chance(share),
    );
    const history = this.historyOf(topicId, partition);
    for (const { offset, batch } of chosen) {
      history.compact(offset);
      this.encoded.delete(batch);
    }
    this.log.compact(
      at(partition),
      chosen.map(({ offset }) => offset),
    );
    this.#log(partition, `compacted by ${chosen.length}`);
  }

  deleteBelow(partition: number, beginningOffset: bigint): void {
    this.#shortened.add(`${this.partition(partition).topicId}-${partition}`);
    this.log.deleteBelow(at(partition), beginningOffset);
    this.#log(partition, `begins at ${beginningOffset}`);
  }

  /** Brokers hear of it within `delayMs`; until then the old leader goes on as if nothing was. */
  elect(partition: number, nodeId: number, delayMs: number): void {
    this.electLeader(at(partition), nodeId, delayMs);
  }

  /** The same, of any topic that there is. */
  electLeader(of: TopicPartition, nodeId: number, delayMs: number): void {
    const elected = this.log.partition(of);
    if (elected === undefined) {
      throw new Error(`${formatTopicPartition(of)} does not exist`);
    }
    const before = elected.leader;
    const end = BigInt(elected.stored.length);
    this.log.elect(of, nodeId);
    if (before !== undefined) {
      const nodes = Array.from({ length: BROKERS }, (_, index) => index + 1);
      const heardAt = new Map(nodes.map((node) => [node, this.#world.now + this.#world.integer(delayMs + 1)]));
      const highWatermarkKnownAt = this.#world.now + this.#world.integer(delayMs + 1);
      this.#elections.set(elected, { before, end, heardAt, highWatermarkKnownAt });
    }
    const what = `${formatTopicPartition(of)} is led by ${nodeId} under epoch ${elected.leader?.leaderEpoch}`;
    this.#world.log("cluster", what);
  }

  /** An unclean election: what stood at `endOffset` and above is gone, and nobody says so. */
  truncate(partition: number, endOffset: bigint): void {
    const truncated = this.partition(partition);
    const wasOpen = new Set(truncated.stored.slice(Number(endOffset)).map(({ transaction }) => transaction));
    this.#elections.delete(truncated);
    this.log.truncate(at(partition), endOffset);
    this.historyOf(truncated.topicId, partition).truncate(endOffset, truncated.leader?.leaderEpoch ?? 0);
    this.#reopen(partition, truncated.stored, wasOpen);
    this.#log(partition, `is truncated to ${endOffset} under epoch ${truncated.leader?.leaderEpoch}`);
  }

  addPartition(): void {
    this.log.addPartition(TOPIC);
    this.#log(this.partitionCount - 1, "is added");
  }

  /** Under another id, with as many partitions. */
  recreate(): void {
    const { partitionCount } = this;
    this.#open.length = 0;
    for (let partition = 0; partition < partitionCount; partition += 1) {
      const { topicId, beginningOffset } = this.partition(partition);
      const endOffset = this.historyOf(topicId, partition).highestEnd;
      this.#deleted.set(`${topicId}-${partition}`, { beginningOffset, endOffset });
    }
    this.log.deleteTopic(TOPIC);
    const topicId = this.log.createTopic(TOPIC, partitionCount);
    for (let partition = 0; partition < partitionCount; partition += 1) {
      // What was asked for of the topic before is not there any more.
      this.#shortened.add(`${topicId}-${partition}`);
    }
    this.#world.log("cluster", `${TOPIC} is re-created`);
  }

  takeDown(nodeId: number, forMs: number): void {
    this.#downUntil.set(nodeId, this.#world.now + forMs);
    this.#world.log("cluster", `kafka-${nodeId} is down for ${forMs} ms`);
  }

  isDown(nodeId: number): boolean {
    return (this.#downUntil.get(nodeId) ?? 0) > this.#world.now;
  }

  /** The leader that a broker names. */
  leaderKnownTo(nodeId: number, partition: FakePartition): PartitionLeader | undefined {
    const election = this.#elections.get(partition);
    const hasHeard = (election?.heardAt.get(nodeId) ?? 0) <= this.#world.now;
    return hasHeard ? partition.leader : election?.before;
  }

  /** What the broker answers as the leader; undefined when it is not, as far as it knows. */
  servedBy(nodeId: number, partition: FakePartition): ServedPartition | undefined {
    const leader = this.leaderKnownTo(nodeId, partition);
    if (leader?.nodeId !== nodeId) {
      return undefined;
    }
    const election = this.#elections.get(partition);
    const isDeposed = leader.leaderEpoch !== partition.leader?.leaderEpoch;
    const end = isDeposed ? (election?.end ?? 0n) : BigInt(partition.stored.length);
    const isHighWatermarkKnown = isDeposed || (election?.highWatermarkKnownAt ?? 0) <= this.#world.now;
    if (isDeposed) {
      this.#world.trace.count("fault deposedLeader");
    } else if (!isHighWatermarkKnown) {
      this.#world.trace.count("fault lateHighWatermark");
    }
    return {
      leader,
      end,
      highWatermark: isHighWatermarkKnown ? end : (election?.end ?? end) / 2n,
      isHighWatermarkKnown,
    };
  }

  /** No more trouble: everybody knows the leaders, and every transaction comes to its end. */
  heal(): void {
    this.#downUntil.clear();
    this.#elections = new WeakMap();
    for (const one of [...this.#open]) {
      this.end(one, this.#world.choose("committed", "aborted"));
    }
  }

  #values(partition: number, count: number): readonly string[] {
    return Array.from({ length: count }, () => {
      this.#records += 1;
      return `${partition}:${this.#records}${this.#world.chance(this.#poison) ? POISON : ""}`;
    });
  }

  #note(partition: number, append: () => void): void {
    const { topicId, stored } = this.partition(partition);
    const before = stored.length;
    append();
    this.historyOf(topicId, partition).append(stored.slice(before));
  }

  /** Transactions whose marker was truncated go on, those that are gone altogether do not. */
  #reopen(partition: number, stored: readonly StoredOffset[], touched: ReadonlySet<FakeTransaction | undefined>): void {
    for (const transaction of touched) {
      const isThere = transaction !== undefined && stored.some((one) => one.transaction === transaction);
      const at = this.#open.findIndex((one) => one.transaction === transaction);
      if (at >= 0 && !isThere) {
        this.#open.splice(at, 1);
      } else if (at < 0 && isThere && transaction.state === "open") {
        this.#open.push({ partition, transaction });
      }
    }
  }

  #log(partition: number, what: string): void {
    this.#world.log("cluster", `${formatTopicPartition(at(partition))} ${what}`);
  }
}

function at(partition: number): TopicPartition {
  return { topic: TOPIC, partition };
}
