// Run attempt
//
// The claimed range, read and handed to the pipeline's code, to its end: at once, or
// piece by piece where it was narrowed. Each piece is a range of its own to the code,
// and what it returns takes effect with the progress to the piece's end.

import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { isCutDue } from "../../../shared/core/range/output-event.ts";
import { isAtSkip, pieceEnd } from "../../../shared/core/range/range-narrowing.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { OutputCommits } from "../output/output-commits.ts";
import { openRangeSession, type RangeSession } from "../session/range-session.ts";
import type { Attempt } from "./attempt.ts";
import { openOutput } from "./open-output.ts";
import type { ProcessorDeps, ProcessorRules } from "./processor-deps.ts";
import { raceSignal } from "./race-signal.ts";

/**
 * Resolves once the range is completed, at the record of it that is to be skipped, or where it has to be cut; rejects with
 * DeadlineError at the last call.
 */
export async function runAttempt<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  attempt: Attempt<Output>,
  lastCall: AbortSignal,
): Promise<void> {
  await raceSignal(lastCall, () => runPieces(deps, rules, attempt));
}

/** Lets no write begin any more, and waits for the one under way while there is time: what follows is judged by it. */
export async function endWrites<Output>({ session }: Attempt<Output>, lastCall: AbortSignal): Promise<void> {
  const ended = session?.end();
  // At the last call the write has no more time; the ledger says which of the two came first.
  await raceSignal(lastCall, async () => ended).catch(() => undefined);
}

/** As of the last write, also one of the piece that is under way. */
export function recordOf<Output>({ session, record }: Attempt<Output>): RangeRecord {
  return session?.record ?? record;
}

/** Each piece moves committedOffset, so that there is an end to them. */
async function runPieces<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  attempt: Attempt<Output>,
): Promise<void> {
  // A store of its own may have more than the ledger knows, also of the record that is to be skipped.
  let isFollowed = deps.output === undefined;
  while (attempt.record.status === "RUNNING" && !(isFollowed && isWorkDone(attempt.record))) {
    await using opened = await openOutput(deps, rules, attempt);
    isFollowed = true;
    if (opened.kind !== "caughtUp" && !isWorkDone(attempt.record)) {
      await runPiece(deps, rules, attempt, opened.kind === "open" ? opened.store : undefined);
    }
  }
}

/** What is prepared is settled also where the record behind it is to be skipped, or no receipt after it has room. */
function isWorkDone(record: RangeRecord): boolean {
  return (isAtSkip(record) && record.prepared === undefined) || isCutDue(record);
}

async function runPiece<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  attempt: Attempt<Output>,
  store: OutputCommits<Output> | undefined,
): Promise<void> {
  const { record } = attempt;
  attempt.untilOffset = pieceEnd(record);
  const session = openPiece(deps, rules, attempt, store);
  attempt.session = session;
  // An earlier attempt may have committed everything and died before it completed.
  const outputs = record.committedOffset === record.untilOffset ? undefined : await deps.process(session.range);
  deps.onPhase?.("piece processed", { position: session.delivery.position, untilOffset: attempt.untilOffset });
  await session.finish(outputs ?? [], deps.now(), rules.retentionMs);
  attempt.record = session.record;
  deps.onPhase?.("piece committed", { committedOffset: attempt.record.committedOffset });
}

function openPiece<Output>(
  { ledger, reader, deadLetters, context, now }: ProcessorDeps<Output>,
  { isolationLevel }: ProcessorRules,
  { claimed, record, untilOffset, leader, signal, isRetry, session }: Attempt<Output>,
  store: OutputCommits<Output> | undefined,
): RangeSession<Output> {
  const { topic, partition, committedOffset, chain, leaderEpoch } = record;
  const read = reader.readRange({
    range: { topic, partition, fromOffset: committedOffset, untilOffset },
    isolationLevel,
    topicId: chain.topicId,
    signal,
    // A later piece goes on with what the first one opened.
    ...(isRetry && session === undefined ? { isRetry } : {}),
    ...omitUndefined({ leader, previousLeaderEpoch: leaderEpoch }),
  });
  return openRangeSession({
    ledger,
    claimed: { ...record, lease: claimed.lease },
    untilOffset,
    read,
    signal,
    now,
    ...omitUndefined({ deadLetters, store, context }),
  });
}
