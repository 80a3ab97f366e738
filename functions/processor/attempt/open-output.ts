// Open output
//
// A piece's store, once the ledger and the store agree on where the range goes on: nothing
// is read before. Disposing of it never fails.
//
//   OPN1  A store of its own is written to only by whoever holds the lease once the store was opened. Opening it ends what
//         others have under way there, and the last to open it may be one whose lease has ended.

import { SupersededError } from "../../../shared/core/errors.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { readRange } from "../../../shared/core/ledger/read-range.ts";
import { LEASE_MARGIN_MS } from "../../../shared/core/limits.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { OpenOutput, OutputRange } from "../../../shared/core/output/range-output.ts";
import { ownsLease } from "../../../shared/core/range/lease.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { LeaseProof } from "../../../shared/core/range/range-event.ts";
import { pieceEnd } from "../../../shared/core/range/range-narrowing.ts";
import { hasOwnPosition, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { readableError } from "../errors/readable-error.ts";
import { followPosition } from "../output/follow-position.ts";
import { OutputCommits } from "../output/output-commits.ts";
import { requireUncut } from "../output/require-uncut.ts";
import { bringUp, changed, settlePrepared } from "../output/settle-prepared.ts";
import type { Attempt } from "./attempt.ts";
import type { ProcessorDeps, ProcessorRules } from "./processor-deps.ts";

export type OpenedOutput<Output> = AsyncDisposable &
  (
    | { readonly kind: "open"; readonly store: OutputCommits<Output> }
    /** There is none, or nothing is left to write. */
    | { readonly kind: "none" }
    /** What an earlier attempt had done was told to the ledger: `attempt.record` is another. */
    | { readonly kind: "caughtUp" }
  );

/** Throws what RangeOutput's `open` and `settle` do, SupersededError, LedgerIntegrityError, ConfigurationError. */
export async function openOutput<Output>(
  deps: ProcessorDeps<Output>,
  rules: ProcessorRules,
  attempt: Attempt<Output>,
): Promise<OpenedOutput<Output>> {
  const { ledger, output, now } = deps;
  const { record, claimed } = attempt;
  const { lease } = claimed;
  const completion = { now: now(), retentionMs: rules.retentionMs };
  const range = outputRange(attempt, completion.now);
  if (record.prepared !== undefined) {
    const settling = { ledger, output, lease, range, completion };
    goOn(attempt, await settlePrepared(settling, record, record.prepared));
    deps.onPhase?.("prepared work settled", { committedOffset: attempt.record.committedOffset });
    return { kind: "caughtUp", ...unopened };
  }
  if (output === undefined || record.committedOffset === record.untilOffset) {
    return { kind: "none", ...unopened };
  }
  const open = await output.open(range);
  const close = { [Symbol.asyncDispose]: () => closeOutput(deps, open) };
  try {
    const position = open.kind === "positioned" ? open.position : undefined;
    const following = { ledger, name: output.name, range, position };
    const ahead = open.kind === "positioned" ? await followPosition(following, record) : undefined;
    if (ahead === undefined) {
      if (open.kind === "positioned") {
        await requireUncut({ ledger, output, range, close: (one) => closeOutput(deps, one) }, record);
        await requireLease(ledger, record, lease);
      }
      return { kind: "open", store: new OutputCommits({ output, open, range, ledger, lease }), ...close };
    }
    const event = bringUp(record, ahead, { lease, completion });
    goOn(attempt, changed(await ledger.changeRange(record, event), formatOffsetRange(record)));
    deps.onPhase?.("output followed", { committedOffset: attempt.record.committedOffset });
    return { kind: "caughtUp", ...close };
  } catch (error) {
    await closeOutput(deps, open);
    throw error;
  }
}

async function requireLease<Output>(
  ledger: RangeLedger<Output>,
  record: RangeRecord,
  lease: LeaseProof,
): Promise<void> {
  const present = await readRange(ledger, record);
  if (present === undefined || !ownsLease(present, lease)) {
    throw new SupersededError(
      `lease ${lease.counter} of ${formatOffsetRange(record)} was lost while its store was opened`,
    );
  }
}

/** What was committed stays so, and what failed before is what the attempt is judged by: that it cannot be closed is only told. */
async function closeOutput<Output>({ output, onPhase }: ProcessorDeps<Output>, open: OpenOutput<Output>) {
  try {
    await open.close();
  } catch (error) {
    onPhase?.("output not closed", { output: output?.name, error: readableError(error).name });
  }
}

/** A piece before this one has no word on the range any more. */
function goOn<Output>(attempt: Attempt<Output>, record: RangeRecord): void {
  attempt.record = record;
  attempt.session = undefined;
}

const unopened: AsyncDisposable = { [Symbol.asyncDispose]: async () => {} };

function outputRange<Output>({ record, claimed, signal }: Attempt<Output>, now: number): OutputRange {
  const { chain, topic, partition, fromOffset: rangeFrom, committedOffset: fromOffset } = record;
  const { pipeline, topicId, requestId } = chain;
  const { batchId, attempt, leaseCounter, plannedAt } = record;
  return {
    pipeline,
    topicId,
    topic,
    partition,
    fromOffset,
    untilOffset: record.prepared?.untilOffset ?? pieceEnd(record),
    rangeFrom,
    ...omitUndefined({ requestId }),
    ...{ batchId, attempt, leaseCounter, plannedAt, signal },
    // A lease is given for the time that is left, and this much more.
    remainingMs: Math.max(0, claimed.lease.expiresAt - LEASE_MARGIN_MS - now),
    isSequential: !hasOwnPosition(record),
  };
}
