// Follow position
//
// Brings the ledger up to where a store of its own says that the chain stands, before a piece
// is read, and refuses to go on where the two contradict each other:
//
//   FB1  Level: the store stands where the range goes on.
//   FB2  Ahead, by a commit of this very range: an attempt died before it could tell the ledger.
//   FB3  Behind, by offsets that the ledger has closed without processing them: the next commit moves it.
//   FB4  Nothing known, at the first range of a chain of which anything is processed, or of a range that has a
//        position of its own.
//   FB5  Anything else is an error that an operator decides on: a store that was restored from a copy, an
//        output that was exchanged. No record is written twice, and none left out (G5, G6).

import { LedgerIntegrityError } from "../../../shared/core/errors.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { OutputPosition, OutputRange } from "../../../shared/core/output/range-output.ts";
import { formatOffsetRange, largerOf } from "../../../shared/core/range/offset-range.ts";
import { isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
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
  const where = `${name} and the ledger do not agree on ${formatOffsetRange(record)}, committed to ${committedOffset}`;
  if (position === undefined) {
    const isFirst = range.isSequential ? !(await hasProcessedEarlier(ledger, record)) : true;
    if (isFirst && committedOffset === fromOffset) {
      return undefined;
    }
    throw new LedgerIntegrityError(
      `${where}: ${name} has no position, as if nothing of the chain had ever been written to it; restore it, or record there that everything below ${committedOffset} is written, as the output's documentation says`,
    );
  }
  if (position.untilOffset === committedOffset) {
    return undefined;
  }
  const progress = decodeProgress(position.progress, name);
  const isOfRange = progress.rangeFrom === fromOffset && progress.fromOffset === committedOffset;
  if (isOfRange && position.untilOffset > committedOffset && position.untilOffset <= untilOffset) {
    return { ...progress, untilOffset: position.untilOffset };
  }
  const gap = { rangeFrom: progress.rangeFrom, fromOffset: position.untilOffset, untilOffset: committedOffset };
  if (committedOffset === fromOffset && (await isUnprocessed(ledger, record, gap))) {
    return undefined;
  }
  throw new LedgerIntegrityError(
    `${where}: ${name} stands at ${position.untilOffset}; find out whether it was restored from a copy or written to by somebody else, and put it right`,
  );
}

/** Whether the ledger has a range of the chain before this one of which something was processed. Mostly its first one is. */
async function hasProcessedEarlier<Output>(
  ledger: RangeLedger<Output>,
  { chain, fromOffset }: RangeRecord,
): Promise<boolean> {
  for await (const record of ledger.ranges(chain)) {
    if (record.fromOffset >= fromOffset) {
      return false;
    }
    if (!isClosed(record) || record.committedOffset > record.fromOffset) {
      return true;
    }
  }
  return false;
}

interface Gap {
  /** Where the range begins that the gap does. */
  readonly rangeFrom: bigint;
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
}

/** Whether the ledger has closed every range of the gap, and processed none of its offsets. What lies below may be forgotten. */
async function isUnprocessed<Output>(
  ledger: RangeLedger<Output>,
  { chain }: RangeRecord,
  { rangeFrom, fromOffset, untilOffset }: Gap,
): Promise<boolean> {
  if (fromOffset >= untilOffset || rangeFrom > fromOffset) {
    return false;
  }
  let reached: bigint | undefined;
  for await (const record of ledger.rangesWithin(chain, { fromOffset: rangeFrom, untilOffset })) {
    if (record.untilOffset <= fromOffset) {
      continue;
    }
    const isJoined = reached === undefined ? record.fromOffset <= fromOffset : record.fromOffset === reached;
    const processedTo = largerOf(record.fromOffset, fromOffset);
    if (!isJoined || !isClosed(record) || record.committedOffset > processedTo) {
      return false;
    }
    reached = record.untilOffset;
  }
  return reached === untilOffset;
}
