import type { ReprocessProgress, ReprocessRequest } from "../ledger/reprocess-request.ts";
import { accountFor, addOutcomes, type OffsetAccount, openOffsets, outcomesOf } from "../range/offset-outcomes.ts";
import { recordCount } from "../range/offset-range.ts";
import type { RangeRecord } from "../range/range-record.ts";

/**
 * What became of a request's offsets: of the settled ranges as it was kept with them, of the open ones as
 * their records say. `recordsOf` answers undefined for a range whose records were not read: all of it is left.
 */
export function accountRequest(
  { ranges }: Pick<ReprocessRequest, "ranges">,
  { settled, open, outcomes }: Pick<ReprocessProgress, "settled" | "open" | "outcomes">,
  recordsOf: (index: number) => readonly RangeRecord[] | undefined = () => undefined,
): OffsetAccount {
  const lengths = ranges.map(recordCount);
  const lengthOf = (index: number) => lengths[index] ?? 0n;
  const total = lengths.reduce(sum, 0n);
  const isSettled = new Set(settled);
  const read = open.filter((index) => !isSettled.has(index)).map((index) => ({ index, records: recordsOf(index) }));
  const known = read.flatMap(({ index, records }) => (records === undefined ? [] : [{ index, records }]));
  const leftOfKnown = known.map(({ records }) => openOffsets(records)).reduce(sum, 0n);
  const untouched = total - [...settled, ...known.map(({ index }) => index)].map(lengthOf).reduce(sum, 0n);
  const ofOpen = outcomesOf(known.flatMap(({ records }) => records));
  return accountFor(total, addOutcomes(outcomes, ofOpen), untouched + leftOfKnown);
}

function sum(a: bigint, b: bigint): bigint {
  return a + b;
}
