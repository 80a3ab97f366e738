// Partition trouble
//
// Why a partition, or a range of a reprocess request, does not move on, and the one command that helps, as far as the
// ledger tells. What only Kafka shows (a re-created topic, a log that was truncated)
// is in the scheduler's outcome.

import { describeAttemptError, type Loss, offsetInHand } from "../../../shared/core/attempt-error.ts";
import { describePause } from "../../../shared/core/ledger/pauses.ts";
import { isClosed, isHalted, type OperatorAct, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { commandLine, type LedgerPlace } from "../output/command-line.ts";
import type { PartitionStatus } from "./read-status.ts";

export interface PartitionTrouble {
  readonly why: string;
  /** Ready to paste; absent where waiting, or something else than a command, helps. */
  readonly command?: string;
  /** Ready to paste as well: gives up the one record that the code had in hand when it failed. */
  readonly giveUpCommand?: string;
}

/** Of what `what` names, with what helps below it. */
export function troubleLines(
  what: string,
  { why, command, giveUpCommand }: PartitionTrouble,
): readonly [string, ...string[]] {
  const commands = [command, giveUpCommand].filter((one) => one !== undefined);
  return [`${what}: ${why}`, ...commands.map((one) => `  ${one}`)];
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
  const why = describeAttemptError(error);
  if (record.status !== "FAILED") {
    return { why: `${describeNextAttempt(record)}; before: ${why}` };
  }
  if (!isHalted(record)) {
    const next =
      nextAttemptAt === undefined ? "" : `; the next attempt is due at ${new Date(nextAttemptAt).toISOString()}`;
    return { why: `${why}${next}` };
  }
  const { pipeline, requestId } = chain;
  const named = { pipeline, range: `${topic}:${partition}:${fromOffset}`, "request-id": requestId };
  if (error.loss !== undefined) {
    const gone = goneOf(record, error.loss);
    return gone === undefined
      ? { why }
      : { why, command: commandLine("skip", place, { ...named, ...gone, reason: "the records are gone" }) };
  }
  const command = commandLine("retry", place, named);
  const offset = offsetInHand(error)?.toString();
  return offset === undefined
    ? { why, command }
    : { why, command, giveUpCommand: commandLine("skip", place, { ...named, offset, reason: "the code fails at it" }) };
}

/** Of a range that has failed and is to be, or is being, tried again: by whose word, and how far that is. */
function describeNextAttempt(record: RangeRecord): string {
  const { status, attempt, dispatchedAt } = record;
  const act = actSinceFailure(record);
  const dispatched =
    dispatchedAt === undefined ? "due at once" : `dispatched at ${new Date(dispatchedAt).toISOString()}`;
  const stands = status === "RUNNING" ? `attempt ${attempt} has begun` : dispatched;
  return act === undefined ? stands : `${describeAct(record, act)}; ${stands}`;
}

/** An operator's word begins the counts anew: while they are zero, no attempt has failed since. */
function actSinceFailure({ operator, failedAttempts, outages }: RangeRecord): OperatorAct | undefined {
  return failedAttempts === 0 && outages === undefined ? operator : undefined;
}

function describeAct({ skipOffset }: RangeRecord, { by, reason, at }: OperatorAct): string {
  const what = skipOffset === undefined ? "retried" : `offset ${skipOffset} is to be skipped, as said`;
  return `${what} by ${by} at ${new Date(at).toISOString()}${reason === "" ? "" : `: ${reason}`}`;
}

/**
 * What of the range is skipped, since no retry brings it back: no record that the log may hold still. Undefined where
 * nothing is, or only a part of a request's range, which is skipped as a whole or not at all.
 */
function goneOf(
  { chain, committedOffset, untilOffset }: RangeRecord,
  loss: Loss,
): { readonly until?: string } | undefined {
  switch (loss.kind) {
    case "topicGone":
      return {};
    case "truncated":
    case "hole":
      return undefined;
    case "deleted": {
      const { beginningOffset } = loss;
      if (beginningOffset >= untilOffset) {
        return {};
      }
      return beginningOffset > committedOffset && chain.requestId === undefined
        ? { until: beginningOffset.toString() }
        : undefined;
    }
  }
}
