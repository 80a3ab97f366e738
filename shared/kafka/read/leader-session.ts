// Leader session
//
// One partition's way to its leader: which topic id it has, who leads it, and a
// connection there. It starts from what the caller knows and looks up the rest.
//
//   LS1  The topic id is fixed from the first moment it is known: a topic re-created
//        under the same name is data loss, never other records at the same offsets.
//   LS2  A closer replica is only fetched from. Whatever it cannot answer is asked of
//        the leader, which chooses again after a bounded time (KIP-392).
//   LS3  A leader that the caller names is asked only where the cluster's own metadata names
//        its address: whoever sends an event chooses no host to read from.

import { ConfigurationError, DataLossError, RangeReadError } from "../../core/errors.ts";
import { formatOffsetRange } from "../../core/range/offset-range.ts";
import type { Broker, PartitionLeader } from "../../core/source/offset-source.ts";
import type { ReadRequest } from "../../core/source/range-reader.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { BrokerConnection } from "../connection/broker-connection.ts";
import type { ThrottleMeter } from "../connection/throttle-meter.ts";
import { MAX_MISSING_TOPIC_TRIES, REPLICA_CHOICE_MS } from "../limits.ts";
import { brokerError } from "../protocol/error-codes.ts";
import type { MetadataResponse, TopicDescription } from "../protocol/metadata-v12.ts";
import { refusalError } from "../refusals/connection-errors.ts";
import type { Principal } from "../refusals/refusal-remedies.ts";

const UNKNOWN_TOPIC_OR_PARTITION = 3;

export interface OpenLeader {
  readonly connection: BrokerConnection;
  readonly topicId: string;
  readonly leader: PartitionLeader;
  /** Whether the connection leads to a closer replica instead of the leader. */
  readonly isFollower: boolean;
}

export class LeaderSession {
  readonly #cluster: Cluster;
  readonly #request: ReadRequest;
  /** Milliseconds on a clock that never goes back. */
  readonly #now: () => number;
  readonly #onAbort = () => this.#connection?.close(this.#request.signal?.reason);
  #topicId: string | undefined;
  #leader: PartitionLeader | undefined;
  /** The caller's leader, until it is checked. */
  #named: PartitionLeader | undefined;
  #follower: Broker | undefined;
  /** Until when the present choice of a replica stands. */
  #chosenUntil = 0;
  #connection: BrokerConnection | undefined;
  #isClosed = false;
  /** Metadata answers in a row that denied the topic or gave it another id. */
  #denials = 0;

  constructor(cluster: Cluster, request: ReadRequest, now: () => number = () => performance.now()) {
    this.#cluster = request.isRetry === true ? cluster.afresh() : cluster;
    this.#request = request;
    this.#now = now;
    this.#topicId = request.topicId;
    this.#leader = request.leader;
    this.#named = request.leader;
    request.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Whether nothing more may be asked: who still waits for an answer gives up. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  get throttle(): ThrottleMeter {
    return this.#cluster.throttle;
  }

  get isFollowing(): boolean {
    return this.#follower !== undefined;
  }

  /** Whether the leader may choose a closer replica now. */
  get mayFollow(): boolean {
    return this.#now() >= this.#chosenUntil;
  }

  /** Goes on at the replica that the leader chose; with the leader when nobody knows where it is. */
  async follow(nodeId: number): Promise<void> {
    const { range, signal } = this.#request;
    const { brokers } = await this.#cluster.metadata([range.topic], signal);
    this.#choose(brokers.find((broker) => broker.nodeId === nodeId));
  }

  /** Goes back to the leader, and stays there for a while. */
  unfollow(): void {
    this.#choose(undefined);
  }

  #choose(follower: Broker | undefined): void {
    this.#putBack();
    this.#follower = follower;
    this.#chosenUntil = this.#now() + REPLICA_CHOICE_MS;
  }

  /** A usable connection to the leader, or to the replica that is followed. Throws RangeReadError while there is none. */
  async open(): Promise<OpenLeader> {
    if (this.#isClosed) {
      throw this.#endedError();
    }
    await this.#checkNamedLeader();
    if (this.#topicId === undefined || this.#leader === undefined) {
      await this.#lookUp();
    }
    const topicId = this.#topicId;
    const leader = this.#leader;
    if (topicId === undefined || leader === undefined) {
      throw new RangeReadError(`${this.#name} has no known leader`);
    }
    if (this.isFollowing && this.mayFollow) {
      this.#follower = undefined;
      this.#putBack();
    }
    const isFollower = this.isFollowing;
    if (this.#connection?.isUsable === true) {
      return { connection: this.#connection, topicId, leader, isFollower };
    }
    this.#putBack();
    return { connection: await this.#connect(this.#follower ?? leader), topicId, leader, isFollower };
  }

  async #checkNamedLeader(): Promise<void> {
    const named = this.#named;
    this.#named = undefined;
    if (named !== undefined && !(await this.#cluster.hasBroker(named, this.#request.signal))) {
      this.#leader = undefined;
    }
  }

  /** Forgets the leader, so that it is looked up before the next call. */
  forgetLeader(): void {
    this.#leader = undefined;
    this.#putBack();
  }

  /** Goes on over another connection, and at the leader. */
  dropConnection(reason: unknown): void {
    if (this.#connection !== undefined) {
      this.#cluster.discard(this.#connection, reason);
      this.#connection = undefined;
    }
    if (this.isFollowing) {
      this.unfollow();
    }
  }

  /** Ends the session. A call that is still in flight ends with it. */
  close(isIdle: boolean): void {
    this.#isClosed = true;
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
    if (isIdle) {
      this.#putBack();
    } else if (this.#connection !== undefined) {
      this.#cluster.discard(this.#connection, this.#endedError());
    }
  }

  async #connect(broker: Broker): Promise<BrokerConnection> {
    const connection = await this.#cluster.take(broker, this.#request.signal);
    if (this.#isClosed) {
      this.#cluster.give(connection);
      throw this.#endedError();
    }
    this.#connection = connection;
    return connection;
  }

  #endedError(): RangeReadError {
    return new RangeReadError(`reading ${this.#name} was ended`);
  }

  get #name(): string {
    return formatOffsetRange(this.#request.range);
  }

  #putBack(): void {
    if (this.#connection !== undefined) {
      this.#cluster.give(this.#connection);
      this.#connection = undefined;
    }
  }

  async #lookUp(): Promise<void> {
    const { range, signal } = this.#request;
    const metadata = await this.#cluster.metadata([range.topic], signal);
    const topic = metadata.topics.find(({ name }) => name === range.topic);
    this.#requireAgreement(topic, metadata.principal);
    this.#leader = this.#leaderIn(metadata, topic);
    this.#topicId = topic?.topicId;
  }

  /** Throws RangeReadError while an answer denies what is asked for, and another error once it is sure. */
  #requireAgreement(topic: TopicDescription | undefined, principal: Principal | undefined): void {
    const denial = this.#denialIn(topic, principal);
    if (denial === undefined) {
      this.#denials = 0;
      return;
    }
    this.#denials += 1;
    if (this.#denials < MAX_MISSING_TOPIC_TRIES) {
      throw new RangeReadError(denial);
    }
    if (this.#topicId === undefined || topic?.topicId === this.#topicId) {
      throw new ConfigurationError(`${this.#name} cannot be read: ${denial}`);
    }
    throw new DataLossError(
      `${this.#name} belongs to topic id ${this.#topicId}, but ${denial}: it was deleted or re-created, its records are gone`,
      { fromOffset: this.#request.range.fromOffset, loss: { kind: "topicGone" } },
    );
  }

  #denialIn(topic: TopicDescription | undefined, principal: Principal | undefined): string | undefined {
    const { range } = this.#request;
    const error = brokerError(topic?.errorCode ?? UNKNOWN_TOPIC_OR_PARTITION);
    if (error.reaction === "unknownTopic") {
      return `topic ${range.topic} does not exist`;
    }
    if (error.reaction === "refused" || error.reaction === "unexpected") {
      throw refusalError(error, `looking up ${this.#name}`, { operation: "Describe", topic: range.topic, principal });
    }
    if (topic === undefined || error.reaction !== "none") {
      throw new RangeReadError(`looking up ${this.#name} failed: ${error.name}`);
    }
    if (this.#topicId !== undefined && topic.topicId !== this.#topicId) {
      return `topic ${range.topic} has the id ${topic.topicId}`;
    }
    const hasPartition = topic.partitions.some(({ partition }) => partition === range.partition);
    return hasPartition ? undefined : `topic ${range.topic} has ${topic.partitions.length} partitions`;
  }

  #leaderIn({ brokers }: MetadataResponse, topic: TopicDescription | undefined): PartitionLeader {
    const { partition } = this.#request.range;
    const found = topic?.partitions.find((candidate) => candidate.partition === partition);
    const broker = brokers.find(({ nodeId }) => nodeId === found?.leaderId);
    if (found === undefined || broker === undefined) {
      throw new RangeReadError(`${this.#name} has no leader at present`);
    }
    return { ...broker, leaderEpoch: found.leaderEpoch };
  }
}
