// Follow position
//
// Brings the ledger up to where a store of its own says that the chain stands, before a piece
// is read, and refuses to go on where the two contradict each other:
//
//   FB1  Level: the store stands where the range goes on.
//   FB2  Ahead, by a commit of this very range: an attempt died before it could tell the ledger.
//   FB3  Behind, by offsets that the chain's position is not about: which the ledger has closed without processing them,
//        or whose range had a position of its own. The next commit moves it.
//   FB4  Nothing known, where the ledger knows of no outputs that this position would be about: at the first range of a
//        chain, behind such offsets, or of a range that has a position of its own.
//   FB5  Anything else is an error that an operator decides on: a store that was restored from a copy, an
//        output that was exchanged. No record is written twice, and none left out (G5, G6).

import { LedgerIntegrityError } from "../../../shared/core/errors.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { OutputPosition, OutputRange } from "../../../shared/core/output/range-output.ts";
import { formatOffsetRange, largerOf } from "../../../shared/core/range/offset-range.ts";
import { hasOwnPosition, isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { decodeProgress, type OutputProgress } from "./output-progress.ts";

export interface Following<Output> {
  readonly ledger: RangeLedger<Output>;
  /** The store, for messages. */
  readonly name: string;
  readonly range: OutputRange;
  readonly position: OutputPosition | undefined;
}

/** What the store is ahead by; undefined where reading may begin. Throws LedgerIntegrityError (FB5). */
export async function followPosition<Output>(
  { ledger, name, range, position }: Following<Output>,
  record: RangeRecord,
): Promise<(OutputProgress & { readonly untilOffset: bigint }) | undefined> {
  const { committedOffset, fromOffset, untilOffset } = record;
  const disagreed = (stands: string) =>
    new LedgerIntegrityError(
      `${name} ${stands}, and the ledger has ${formatOffsetRange(record)} committed to ${committedOffset}: which of them was restored from a copy, exchanged, or written to by somebody else? Put that right; functions/outputs/README.md says how (when the store and the ledger disagree)`,
    );
  const isUntouched = committedOffset === fromOffset;
  if (position === undefined) {
    if (isUntouched && (!range.isSequential || !(await hasOutputsBefore(ledger, record)))) {
      return undefined;
    }
    throw disagreed("has no position");
  }
  if (position.untilOffset === committedOffset) {
    return undefined;
  }
  const progress = decodeProgress(position.progress);
  const isOfRange = progress?.rangeFrom === fromOffset && progress.fromOffset === committedOffset;
  if (isOfRange && position.untilOffset > committedOffset && position.untilOffset <= untilOffset) {
    return { ...progress, untilOffset: position.untilOffset };
  }
  const gap = {
    rangeFrom: progress?.rangeFrom ?? position.untilOffset,
    fromOffset: position.untilOffset,
    untilOffset: committedOffset,
  };
  if (isUntouched && (await isOfOthers(ledger, record, gap))) {
    return undefined;
  }
  throw disagreed(`stands at ${position.untilOffset}`);
}

/** Whether the chain's position would be about what the ledger has processed before this range. */
async function hasOutputsBefore<Output>(
  ledger: RangeLedger<Output>,
  { chain, fromOffset }: RangeRecord,
): Promise<boolean> {
  for await (const record of ledger.ranges(chain)) {
    if (record.fromOffset >= fromOffset) {
      return false;
    }
    if (!isOfOther(record, record.fromOffset)) {
      return true;
    }
  }
  return false;
}

interface Gap {
  /** Where the range begins that the gap does, as far as it is known. */
  readonly rangeFrom: bigint;
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
}

/** Whether the ledger has every range of the gap, and the chain's position is about none of its offsets. */
async function isOfOthers<Output>(
  ledger: RangeLedger<Output>,
  { chain }: RangeRecord,
  { rangeFrom, fromOffset, untilOffset }: Gap,
): Promise<boolean> {
  if (fromOffset >= untilOffset || rangeFrom > fromOffset) {
    return false;
  }
  let reached = fromOffset;
  for await (const record of ledger.rangesWithin(chain, { fromOffset: rangeFrom, untilOffset })) {
    if (record.untilOffset <= fromOffset) {
      continue; // Before the gap: it may be forgotten as well.
    }
    if (record.fromOffset > reached || !isOfOther(record, largerOf(record.fromOffset, fromOffset))) {
      return false;
    }
    reached = record.untilOffset;
  }
  return reached === untilOffset;
}

/** Whether the range is closed, and no outputs from this offset on are below the chain's position. */
function isOfOther(record: RangeRecord, fromOffset: bigint): boolean {
  if (record.status === "ANCHOR") {
    return true; // Says where the chain starts, and is no range.
  }
  return isClosed(record) && (hasOwnPosition(record) || record.committedOffset <= fromOffset);
}
