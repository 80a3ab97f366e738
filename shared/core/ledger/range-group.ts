// Range group
//
// The ranges of one partition that a pipeline without order has planned at a time.
// Each says where the first of them begins, so that the newest record still leads
// to all that may be open; a pipeline that keeps order has groups of one.
//
//   RG1  Nothing is planned behind a group before all of it is closed.
//   RG2  A group is planned from its first range on; who dies on the way leaves a
//        shorter one, and the chain whole (G2).
//   RG3  A partition without a group costs no read but that of its newest record.

import { isClosed, type RangeRecord } from "../range/range-record.ts";
import type { RangeLedger } from "./range-ledger.ts";

/** The group that the chain's newest record belongs to, by ascending fromOffset; at least that record. */
export async function readGroup(
  ledger: Pick<RangeLedger<never>, "rangesWithin">,
  newest: RangeRecord,
): Promise<readonly RangeRecord[]> {
  const { chain, groupFrom = newest.fromOffset, fromOffset, untilOffset } = newest;
  if (groupFrom === fromOffset) {
    return [newest];
  }
  const records: RangeRecord[] = [];
  for await (const record of ledger.rangesWithin(chain, { fromOffset: groupFrom, untilOffset })) {
    records.push(record);
  }
  return records.length === 0 ? [newest] : records;
}

/** What stands for the partition: its open ranges, or, when all is closed, its newest one. */
export function leadingRanges(group: readonly RangeRecord[]): readonly RangeRecord[] {
  const open = group.filter((record) => !isClosed(record));
  return open.length === 0 ? group.slice(-1) : open;
}

/** Whether the record may be open although `newest` stands behind it. */
export function isOfGroup(record: RangeRecord, newest: RangeRecord): boolean {
  return newest.groupFrom !== undefined && record.fromOffset >= newest.groupFrom;
}
