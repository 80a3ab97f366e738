// Partition trouble
//
// Why a partition, or a range of a reprocess request, does not move on, and the one command that helps, as far as the
// ledger tells. What only Kafka shows (a re-created topic, a log that was truncated)
// is in the scheduler's outcome.

import { describePause } from "../../shared/core/pauses.ts";
import { isClosed, isHalted, type RangeRecord } from "../../shared/core/range-record.ts";
import { commandLine, type LedgerPlace } from "./command-line.ts";
import type { PartitionStatus } from "./read-status.ts";

export interface PartitionTrouble {
  readonly why: string;
  /** Ready to paste; absent where waiting, or something else than a command, helps. */
  readonly command?: string;
}

/** A pause goes first: nothing else helps while it holds. */
export function troubleOf(status: PartitionStatus, place: LedgerPlace): PartitionTrouble | undefined {
  const { newest, pause, pipeline } = status;
  if (pause !== undefined) {
    const partition = pause.of === undefined ? undefined : `${pause.of.topic}:${pause.of.partition}`;
    return { why: describePause(pause), command: commandLine("resume", place, { pipeline, partition }) };
  }
  if (newest === undefined) {
    return { why: "its ledger records are missing; restore the table to a point in time that has them" };
  }
  return troubleOfRange(newest, place);
}

export function troubleOfRange(record: RangeRecord, place: LedgerPlace): PartitionTrouble | undefined {
  const { error, chain, topic, partition, fromOffset, nextAttemptAt } = record;
  if (error === undefined || isClosed(record)) {
    return undefined;
  }
  const why = `${error.name}: ${error.message}`;
  if (!isHalted(record)) {
    const next =
      nextAttemptAt === undefined ? "" : `; the next attempt is due at ${new Date(nextAttemptAt).toISOString()}`;
    return { why: `${why}${next}` };
  }
  const { pipeline, requestId } = chain;
  const named = { pipeline, range: `${topic}:${partition}:${fromOffset}`, "request-id": requestId };
  if (error.name !== "DataLossError") {
    return { why, command: commandLine("retry", place, named) };
  }
  if (error.message.includes("requireConsecutiveOffsets")) {
    // The log has all that is visible: a skip would give up records, a retry would find the same hole.
    return { why };
  }
  // What the log has lost no retry brings back; what it still has is not skipped with it.
  const until = lostUntil(record);
  if (until !== undefined && requestId !== undefined) {
    // A range of a request is skipped as a whole or not at all.
    return { why };
  }
  return { why, command: commandLine("skip", place, { ...named, until, reason: "the records are gone" }) };
}

/** Where the log begins inside what is left of the range, as the error tells it. */
function lostUntil({ error, committedOffset, untilOffset }: RangeRecord): string | undefined {
  const [, text] = /log begins at (\d+)/.exec(error?.message ?? "") ?? [];
  return text !== undefined && BigInt(text) > committedOffset && BigInt(text) < untilOffset ? text : undefined;
}
