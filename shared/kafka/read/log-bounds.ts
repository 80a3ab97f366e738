// Log bounds
//
// Where a partition's log begins and ends, asked when a fetch gives reason to
// doubt that the range lies inside. No offset is reset: what lies outside is said,
// with both offsets (RR2, RR3).

import { BeyondEndError, DataLossError } from "../../core/errors.ts";
import { formatOffsetRange, type OffsetRange } from "../../core/range/offset-range.ts";
import type { IsolationLevel } from "../../core/source/offset-source.ts";
import type { ReadRequest } from "../../core/source/range-reader.ts";
import { type BrokerError, brokerError } from "../protocol/error-codes.ts";
import type { FetchedPartition } from "../protocol/fetch-v13.ts";
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP } from "../protocol/list-offsets-v7.ts";
import { refusalError } from "../refusals/connection-errors.ts";
import type { OpenLeader } from "./leader-session.ts";
import type { Obstacle } from "./progress-clock.ts";

/** Where reading goes on. */
export interface FetchPosition {
  readonly offset: bigint;
  /** Leader epoch of the batch before it; −1 when unknown. */
  readonly previousLeaderEpoch: number;
}

/** One fetch of a read, and what is known when it is sent. */
export interface FetchStep {
  readonly request: ReadRequest;
  readonly position: FetchPosition;
  /** Whether an earlier answer showed that the whole range lies in the log. */
  readonly isInsideLog: boolean;
}

/**
 * Throws unless the range lies inside the log that answered its first fetch. An
 * obstacle means that it is not known: a new leader's end may lag behind what was
 * planned, so that an end too low is asked for once more.
 */
export async function requireInsideLog(
  open: OpenLeader,
  { request }: FetchStep,
  partition: FetchedPartition,
): Promise<Obstacle | undefined> {
  const { range, isolationLevel } = request;
  if (partition.logStartOffset > range.fromOffset) {
    throw belowBeginningError(range, range.fromOffset, partition.logStartOffset);
  }
  const seen = isolationLevel === "read_committed" ? partition.lastStableOffset : partition.highWatermark;
  if (range.untilOffset <= seen) {
    return undefined;
  }
  const end = await listOffset(open, range, { isolationLevel, timestamp: LATEST_TIMESTAMP });
  if (end.kind === "failed") {
    return { why: `the broker answered ${end.error.name} when it was asked for the log's end` };
  }
  if (range.untilOffset > end.offset) {
    throw beyondEndError(request, end.offset, partition);
  }
  return undefined;
}

/** Throws what an OFFSET_OUT_OF_RANGE at `position` means; an obstacle only if it lies inside the log after all. */
export async function explainOutOfRange(
  open: OpenLeader,
  { request, position, isInsideLog }: FetchStep,
): Promise<Obstacle> {
  const { range, isolationLevel } = request;
  const { offset, previousLeaderEpoch } = position;
  const beginning = await listOffset(open, range, {
    isolationLevel: "read_uncommitted",
    timestamp: EARLIEST_TIMESTAMP,
  });
  const end = await listOffset(open, range, { isolationLevel, timestamp: LATEST_TIMESTAMP });
  if (beginning.kind === "failed" || end.kind === "failed") {
    return { why: "the broker answered OFFSET_OUT_OF_RANGE, but not where its log begins and ends" };
  }
  if (offset < beginning.offset) {
    throw belowBeginningError(range, offset, beginning.offset);
  }
  if (previousLeaderEpoch >= 0) {
    const obstacle = await requireEpoch(open, range, position);
    if (obstacle !== undefined) {
      return obstacle;
    }
  }
  if (isInsideLog && offset > end.offset) {
    throw truncatedError(range, position, end.offset);
  }
  if (!isInsideLog && range.untilOffset > end.offset) {
    throw beyondEndError(request, end.offset);
  }
  return { why: `the broker answered OFFSET_OUT_OF_RANGE for a log from ${beginning.offset} to ${end.offset}` };
}

type BoundsAnswer =
  | { readonly kind: "listed"; readonly offset: bigint }
  | { readonly kind: "failed"; readonly error: BrokerError };

async function listOffset(
  { connection, leader }: OpenLeader,
  { topic, partition }: OffsetRange,
  { isolationLevel, timestamp }: { readonly isolationLevel: IsolationLevel; readonly timestamp: bigint },
): Promise<BoundsAnswer> {
  const query = { topic, partition, leaderEpoch: leader.leaderEpoch, timestamp };
  const { answers } = await connection.listOffsets({ isolationLevel, queries: [query] });
  const answer = answers.find((candidate) => candidate.topic === topic && candidate.partition === partition);
  const error = brokerError(answer?.errorCode ?? -1);
  if (answer !== undefined && error.reaction === "none") {
    return { kind: "listed", offset: answer.offset };
  }
  if (isFinal(error)) {
    const acl = { operation: "Describe", topic, principal: connection.principal } as const;
    throw refusalError(error, `listing offsets of ${topic}-${partition}`, acl);
  }
  return { kind: "failed", error };
}

function beyondEndError(
  { range, isolationLevel }: ReadRequest,
  endOffset: bigint,
  ends?: FetchedPartition,
): BeyondEndError {
  const { untilOffset } = range;
  const isHeldBack = isolationLevel === "read_committed" && ends !== undefined && untilOffset <= ends.highWatermark;
  const why = isHeldBack
    ? `a transaction that is open since offset ${endOffset} holds back records up to ${ends.highWatermark}`
    : `the log ends at offset ${endOffset} under ${isolationLevel}`;
  return new BeyondEndError(`${formatOffsetRange(range)} ends beyond what can be read: ${why}`, {
    untilOffset,
    endOffset,
  });
}

function belowBeginningError(range: OffsetRange, position: bigint, beginningOffset: bigint): DataLossError {
  return new DataLossError(
    `${formatOffsetRange(range)} asks for offset ${position}, but the log begins at ${beginningOffset}: the records between are gone`,
    { fromOffset: position, loss: { kind: "deleted", beginningOffset } },
  );
}

/** Records stand below `offset` that are not those which were there before. */
export function truncatedError(
  range: OffsetRange,
  { offset, previousLeaderEpoch }: FetchPosition,
  endOffset: bigint,
): DataLossError {
  const end =
    endOffset < 0n ? "that epoch is not in the log any more" : `it ends at offset ${endOffset} in the log now`;
  return new DataLossError(
    `${formatOffsetRange(range)} goes on at offset ${offset} after leader epoch ${previousLeaderEpoch}, but ${end}: the log was truncated, and other records may stand at the same offsets`,
    { fromOffset: offset, loss: { kind: "truncated" } },
  );
}

/** Throws DataLossError when the log does not hold the leader epoch before the position up to there. */
async function requireEpoch(
  { connection, leader }: OpenLeader,
  range: OffsetRange,
  position: FetchPosition,
): Promise<Obstacle | undefined> {
  const { topic, partition } = range;
  const answer = await connection.offsetForLeaderEpoch({
    topic,
    partition,
    currentLeaderEpoch: leader.leaderEpoch,
    leaderEpoch: position.previousLeaderEpoch,
  });
  const error = brokerError(answer.errorCode);
  if (isFinal(error)) {
    throw refusalError(
      error,
      `asking for the end of leader epoch ${position.previousLeaderEpoch} of ${topic}-${partition}`,
      { operation: "Describe", topic, principal: connection.principal },
    );
  }
  if (error.reaction !== "none") {
    return { why: `the broker answered ${error.name} when it was asked for the end of a leader epoch` };
  }
  if (answer.leaderEpoch !== position.previousLeaderEpoch || answer.endOffset < position.offset) {
    throw truncatedError(range, position, answer.endOffset);
  }
  return undefined;
}

function isFinal({ reaction }: BrokerError): boolean {
  return reaction === "refused" || reaction === "corrupt" || reaction === "unexpected";
}
