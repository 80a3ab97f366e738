// Settle prepared
//
// What an earlier attempt left prepared, made to take effect or forgotten, before anything
// is read: nobody knows but the store whether it has taken effect already.

import { ConfigurationError, SupersededError } from "../../../shared/core/errors.ts";
import type { ChangeOutcome, RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { OutputRange, RangeOutput } from "../../../shared/core/output/range-output.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { CommitEvent, CompleteEvent, LeaseProof } from "../../../shared/core/range/range-event.ts";
import type { PreparedWork, RangeRecord } from "../../../shared/core/range/range-record.ts";

interface Settling<Output> {
  readonly ledger: RangeLedger<Output>;
  readonly output: RangeOutput<Output> | undefined;
  readonly lease: LeaseProof;
  readonly range: OutputRange;
  readonly completion: Pick<CompleteEvent, "now" | "retentionMs">;
}

/** The range as it is then. Throws SupersededError when the lease is lost, ConfigurationError without the output that prepared it. */
export async function settlePrepared<Output>(
  { ledger, output, lease, range, completion }: Settling<Output>,
  record: RangeRecord,
  work: PreparedWork,
): Promise<RangeRecord> {
  const where = formatOffsetRange(record);
  if (output?.settle === undefined || output.name !== work.output) {
    throw new ConfigurationError(
      `${where} has work that output ${work.output} has prepared, and the pipeline's code has ${output === undefined ? "no output" : `output ${output.name}`}; deploy it with ${work.output} until the range is done`,
    );
  }
  const settled = await output.settle(work.memo, range);
  if (settled === "nothing") {
    return changed(await ledger.changeRange(record, { kind: "discard", lease }), where);
  }
  return changed(await ledger.changeRange(record, bringUp(record, work, { lease, completion, ...settled })), where);
}

export interface BroughtUp {
  readonly lease: LeaseProof;
  readonly completion: Pick<CompleteEvent, "now" | "retentionMs">;
  readonly receipt?: string;
}

/** The ledger's own commit of what took effect before it knew, or the completion where that is all. */
export function bringUp(
  { committedOffset: fromOffset, untilOffset }: RangeRecord,
  reached: Pick<PreparedWork, "untilOffset" | "counts" | "rejectedOffsets" | "leaderEpoch">,
  { lease, completion, receipt }: BroughtUp,
): CommitEvent | CompleteEvent {
  const { counts, rejectedOffsets, leaderEpoch } = reached;
  const told = omitUndefined({ rejectedOffsets, leaderEpoch, receipt });
  const progress = { lease, fromOffset, counts, isSettled: true, ...told } as const;
  return reached.untilOffset === untilOffset
    ? { kind: "complete", ...progress, ...completion }
    : { kind: "commit", ...progress, untilOffset: reached.untilOffset };
}

/** The record that was stored. Throws SupersededError where another has the range. */
export function changed(outcome: ChangeOutcome, where: string): RangeRecord {
  if (outcome.kind !== "changed") {
    throw new SupersededError(`the lease of ${where} is lost`);
  }
  return outcome.record;
}
