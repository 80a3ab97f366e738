// Require uncut
//
// Looks behind what an operator has cut off, where each range has a position of its own: a commit of
// the range as it was before may have more than the ledger had heard of.
//
//   FB6  The rest of a range that an operator cut is written to only where no position of what was cut off is beyond
//        the rest's beginning, once whoever had that open is fenced. Otherwise an operator decides: the progress
//        counts what one commit has as a whole, and not what of it is the rest's (G5).

import { LedgerIntegrityError } from "../../../shared/core/errors.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { OpenOutput, OutputRange, RangeOutput } from "../../../shared/core/output/range-output.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";

export interface Cutting<Output> {
  readonly ledger: Pick<RangeLedger<Output>, "rangesWithin">;
  readonly output: RangeOutput<Output>;
  /** What the output was opened for. */
  readonly range: OutputRange;
  readonly close: (open: OpenOutput<Output>) => Promise<void>;
}

/** Throws LedgerIntegrityError where it cannot begin (FB6), and what RangeOutput's `open` does. */
export async function requireUncut<Output>(cutting: Cutting<Output>, record: RangeRecord): Promise<void> {
  for (const cut of await cutOff(cutting, record)) {
    const stands = await positionOf(cutting, cut);
    if (stands !== undefined && stands > record.fromOffset) {
      const until = stands < record.untilOffset ? ` --until ${stands}` : "";
      throw new LedgerIntegrityError(
        `${cutting.output.name} stands at ${stands} by a commit of ${formatOffsetRange(cut)} from before that was cut off, and the ledger has ${formatOffsetRange(record)} committed to ${record.committedOffset}: what is below ${stands} is in the store; let the rest go on by \`ranges skip${until}\`, and redrive none of it (functions/outputs/README.md, when the store and the ledger disagree)`,
      );
    }
  }
}

/** What operators have cut off in front of the record, one piece after the other, and somebody may have written. */
async function cutOff<Output>({ ledger }: Cutting<Output>, record: RangeRecord): Promise<readonly RangeRecord[]> {
  const { chain, groupFrom, fromOffset, committedOffset } = record;
  if (groupFrom === undefined || committedOffset > fromOffset || !isRest(record)) {
    return [];
  }
  const group = await Array.fromAsync(ledger.rangesWithin(chain, { fromOffset: groupFrom, untilOffset: fromOffset }));
  const found: RangeRecord[] = [];
  let rest = record;
  while (isRest(rest)) {
    const cut = group.pop();
    // A scheduler renews what is closed of a group as long as one of its ranges is open.
    if (cut?.untilOffset !== rest.fromOffset) {
      throw new LedgerIntegrityError(
        `the ledger has forgotten what ${formatOffsetRange(rest)} was cut from, and with it whether ${formatOffsetRange(record)} was written already: skip it, and reprocess what the store has not`,
      );
    }
    // A processor cuts only what it has opened, and has brought the ledger up to.
    if (cut.status !== "SKIPPED") {
      break;
    }
    found.push(cut);
    rest = cut;
  }
  return found.filter(({ attempt }) => attempt > 0);
}

/** A rest goes on with the leases of what it was cut from, and counts its own attempts. */
function isRest({ leaseCounter, attempt }: RangeRecord): boolean {
  return leaseCounter > attempt;
}

/** Opening it fences whoever had it open, for good. */
async function positionOf<Output>(
  { output, range, close }: Cutting<Output>,
  { fromOffset: rangeFrom, committedOffset: fromOffset, untilOffset, batchId, attempt, plannedAt }: RangeRecord,
): Promise<bigint | undefined> {
  const open = await output.open({ ...range, rangeFrom, fromOffset, untilOffset, batchId, attempt, plannedAt });
  await close(open);
  return open.kind === "positioned" ? open.position?.untilOffset : undefined;
}
