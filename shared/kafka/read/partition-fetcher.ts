// Partition fetcher
//
// Fetches from one partition's leader, or the replica it names, offset by offset as it is told, through
// whatever a cluster does meanwhile: the same offset is asked for until it is
// answered, time is up, or an answer says that it never will be.
//
//   PF1  Before the first records are handed out, the whole range is known to lie
//        inside the log (RR2).
//   PF2  A try that fails never moves the offset (RR3).
//   PF3  The time that one offset takes is bounded by `progressTimeoutMs` and the
//        deadlines of the calls under way. A quota that the broker answers with is waited out
//        instead, for as long as the reader's own time lasts.
//   PF4  Only the leader says what the log holds: whatever a follower answers but
//        records is asked of the leader, at the same offset.
//   PF5  Records that come damaged are fetched once more, over another connection:
//        what was damaged on its way is whole then, what is damaged on the disk is not.
//   PF6  Connections that end as those to a listener of another kind do are few: whoever has
//        to change a setting is told soon, and no broker is stormed meanwhile.

import { CorruptRecordError, RangeReadError } from "../../core/errors.ts";
import { formatOffsetRange } from "../../core/range/offset-range.ts";
import type { ReadRequest } from "../../core/source/range-reader.ts";
import { MAX_UNSUITED_TRIES } from "../limits.ts";
import { brokerError } from "../protocol/error-codes.ts";
import type { FetchedPartition, FetchResponse } from "../protocol/fetch-v13.ts";
import { refusalError } from "../refusals/connection-errors.ts";
import { UnsuitedError } from "../refusals/unsuited-error.ts";
import { type FetchedBatches, readFetchedBatches } from "./fetched-batches.ts";
import type { LeaderSession, OpenLeader } from "./leader-session.ts";
import {
  explainOutOfRange,
  type FetchPosition,
  type FetchStep,
  requireInsideLog,
  truncatedError,
} from "./log-bounds.ts";
import { type Obstacle, ProgressClock } from "./progress-clock.ts";

export interface FetcherRules {
  readonly fetchMaxBytes: number;
  readonly fetchMinBytes: number;
  readonly fetchMaxWaitMs: number;
  readonly progressTimeoutMs: number;
  /** Empty: fetch from the leader only. */
  readonly rackId: string;
}

type Answer =
  | { readonly kind: "fetched"; readonly batches: FetchedBatches }
  /** The broker waited already. */
  | ({ readonly kind: "empty" } & Obstacle)
  /** No record came, for a quota; the connection holds the next call back for as long as it was told. */
  | { readonly kind: "throttled" }
  | ({ readonly kind: "failed" } & Obstacle);

export class PartitionFetcher {
  readonly #session: LeaderSession;
  readonly #request: ReadRequest;
  readonly #rules: FetcherRules;
  #isInsideLog = false;
  /** What was wrong with the records that came first for an offset. */
  #damage: { readonly offset: bigint; readonly error: CorruptRecordError } | undefined;

  constructor(session: LeaderSession, request: ReadRequest, rules: FetcherRules) {
    this.#session = session;
    this.#request = request;
    this.#rules = rules;
  }

  async fetch(position: FetchPosition): Promise<FetchedBatches> {
    const { range, signal } = this.#request;
    const what = `reading ${formatOffsetRange(range)} at offset ${position.offset}`;
    const clock = new ProgressClock(what, this.#rules.progressTimeoutMs, this.#session.throttle);
    let unsuited = 0;
    for (;;) {
      const answer = await this.#try(position);
      if (answer.kind === "fetched") {
        return answer.batches;
      }
      switch (answer.kind) {
        case "throttled":
          break;
        case "empty":
          clock.check(answer);
          break;
        case "failed":
          unsuited = answer.cause instanceof UnsuitedError ? unsuited + 1 : 0;
          if (unsuited >= MAX_UNSUITED_TRIES) {
            throw answer.cause;
          }
          await clock.pause(answer, signal);
      }
    }
  }

  async #try(position: FetchPosition): Promise<Answer> {
    const { signal } = this.#request;
    signal?.throwIfAborted();
    try {
      const open = await this.#session.open();
      const response = await open.connection.fetch(this.#fetchRequest(open, position));
      return await this.#judge(open, position, response);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof RangeReadError) || this.#session.isClosed) {
        throw error;
      }
      if (this.#session.isFollowing) {
        return this.#retryAtLeader({ why: error.message, cause: error });
      }
      return this.#retryElsewhere({ why: error.message, cause: error });
    }
  }

  #step(position: FetchPosition): FetchStep {
    return { request: this.#request, position, isInsideLog: this.#isInsideLog };
  }

  /** The next try begins with looking the leader up. */
  #retryElsewhere(obstacle: Obstacle): Answer {
    this.#session.forgetLeader();
    return { kind: "failed", ...obstacle };
  }

  #retryAtLeader(obstacle: Obstacle): Answer {
    this.#session.unfollow();
    return { kind: "failed", ...obstacle };
  }

  #fetchRequest({ topicId, leader }: OpenLeader, { offset, previousLeaderEpoch }: FetchPosition) {
    return {
      topicId,
      partition: this.#request.range.partition,
      leaderEpoch: leader.leaderEpoch,
      fetchOffset: offset,
      lastFetchedEpoch: previousLeaderEpoch,
      isolationLevel: this.#request.isolationLevel,
      // The first fetch finds records or ends the read: there is nothing to wait for.
      maxWaitMs: this.#isInsideLog ? this.#rules.fetchMaxWaitMs : 0,
      minBytes: this.#rules.fetchMinBytes,
      maxBytes: this.#rules.fetchMaxBytes,
      rackId: this.#session.mayFollow ? this.#rules.rackId : "",
    };
  }

  async #judge(open: OpenLeader, position: FetchPosition, response: FetchResponse): Promise<Answer> {
    const { partition, throttleTimeMs } = response;
    if (partition === undefined && response.errorCode === 0 && throttleTimeMs > 0) {
      return { kind: "throttled" };
    }
    const isOurs = partition?.topicId === open.topicId && partition.partition === this.#request.range.partition;
    const error = brokerError(response.errorCode || (isOurs ? partition.errorCode : 0));
    if (open.isFollower && !(error.reaction === "none" && isOurs && isWhole(partition))) {
      return this.#retryAtLeader({ why: `a follower answered ${error.name} without records` });
    }
    switch (error.reaction) {
      case "none":
        return partition === undefined || !isOurs
          ? { kind: "failed", why: "the broker answered for another partition" }
          : this.#accept(open, position, partition);
      case "retry":
        return { kind: "failed", why: `the broker answered ${error.name}` };
      case "refresh":
      case "unknownTopic":
        return this.#retryElsewhere({ why: `the broker answered ${error.name}` });
      case "outOfRange":
        return this.#retryElsewhere(await explainOutOfRange(open, this.#step(position)));
      case "corrupt":
      case "refused":
      case "unexpected":
        throw refusalError(error, `fetching ${formatOffsetRange(this.#request.range)}`, {
          operation: "Read",
          topic: this.#request.range.topic,
          principal: open.connection.principal,
        });
    }
  }

  async #accept(open: OpenLeader, position: FetchPosition, partition: FetchedPartition): Promise<Answer> {
    const { range } = this.#request;
    const { divergingEpoch, records } = partition;
    if (divergingEpoch !== undefined) {
      throw truncatedError(range, position, divergingEpoch.endOffset);
    }
    const obstacle = this.#isInsideLog ? undefined : await requireInsideLog(open, this.#step(position), partition);
    if (obstacle !== undefined) {
      return this.#retryElsewhere(obstacle);
    }
    this.#isInsideLog = true;
    if (partition.preferredReadReplica >= 0 && records.length === 0) {
      await this.#session.follow(partition.preferredReadReplica);
      return { kind: "failed", why: `the leader named replica ${partition.preferredReadReplica}` };
    }
    try {
      const batches = readFetchedBatches(range, position, partition);
      return batches === undefined ? this.#explainEmpty(partition) : { kind: "fetched", batches };
    } catch (error) {
      if (error instanceof CorruptRecordError) {
        return this.#fetchOnceMore(position, error);
      }
      throw error;
    }
  }

  /** Throws once the same offset came damaged before. */
  #fetchOnceMore({ offset }: FetchPosition, error: CorruptRecordError): Answer {
    if (this.#damage?.offset === offset) {
      const { message } = this.#damage.error;
      const before = message === error.message ? "with the same result" : `the first time: ${message}`;
      throw new CorruptRecordError(`${error.message} (fetched twice, over two connections, ${before})`, {
        cause: error,
      });
    }
    this.#damage = { offset, error };
    this.#session.dropConnection(error);
    return { kind: "failed", why: error.message, cause: error };
  }

  #explainEmpty(partition: FetchedPartition): Answer {
    const { lastStableOffset, highWatermark } = partition;
    const isHeldBack = this.#request.isolationLevel === "read_committed" && lastStableOffset < highWatermark;
    const why = isHeldBack
      ? `an open transaction holds records back since offset ${lastStableOffset}`
      : `the log ends at offset ${highWatermark}`;
    return { kind: "empty", why };
  }
}

function isWhole({ divergingEpoch, records }: FetchedPartition): boolean {
  return divergingEpoch === undefined && records.length > 0;
}
