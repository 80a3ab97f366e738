// Rejected offsets
//
// Which of the records that a range has committed its code has rejected: the counts say how many, the
// list says which. A letter does not: it is written before the commit, by an attempt that may die.
//
//   RJ1  The list has an offset only if the commit that passed it rejected its record.
//   RJ2  A list that is not whole is told by the counts: it has less than they say. It is so where code of
//        before it committed, and where a list would be longer than an item has room for.

import assert from "node:assert/strict";
import { MAX_COMMIT_REJECTED_BYTES, MAX_REJECTED_BYTES } from "../limits.ts";
import { countOffsets, encodeOffsets, hasOffset, joinLists, type OffsetList } from "./offset-list.ts";

/** What of a range's record it takes to say what was rejected. */
export interface RejectingRange {
  readonly fromOffset: bigint;
  /** Exclusive. */
  readonly committedOffset: bigint;
  readonly counts: { readonly rejected?: bigint };
  readonly rejectedOffsets?: OffsetList;
}

/** What is kept of a range's list once a commit to `untilOffset` has passed these. */
export function addRejected(
  { fromOffset, committedOffset, rejectedOffsets }: RejectingRange,
  { untilOffset, rejectedOffsets: more }: { readonly untilOffset: bigint; readonly rejectedOffsets?: OffsetList },
): { readonly rejectedOffsets?: OffsetList } {
  const [first, last] = [more?.[0], more?.at(-1)];
  if (first === undefined || last === undefined) {
    return {};
  }
  assert.ok(
    committedOffset <= first.fromOffset && last.untilOffset <= untilOffset,
    `rejected offsets [${first.fromOffset}, ${last.untilOffset}) outside [${committedOffset}, ${untilOffset})`,
  );
  const all = joinLists(rejectedOffsets, more);
  return encodeOffsets(all, fromOffset).length > MAX_REJECTED_BYTES ? {} : { rejectedOffsets: all };
}

/** Whether what one commit more may reject could have no room. */
export function isRejectedLong({ fromOffset, rejectedOffsets = [] }: RejectingRange): boolean {
  return encodeOffsets(rejectedOffsets, fromOffset).length > MAX_REJECTED_BYTES - MAX_COMMIT_REJECTED_BYTES;
}

/** `unlisted`: rejected or processed, the ledger cannot say (RJ2). Of an offset below committedOffset. */
export function wasRejected(range: RejectingRange, offset: bigint): boolean | "unlisted" {
  const { counts, rejectedOffsets } = range;
  if (hasOffset(rejectedOffsets, offset)) {
    return true;
  }
  return isListWhole({ counts, rejectedOffsets }) ? false : "unlisted";
}

export function isListWhole({
  counts,
  rejectedOffsets,
}: Pick<RejectingRange, "counts"> & { readonly rejectedOffsets?: OffsetList | undefined }): boolean {
  return countOffsets(rejectedOffsets) === (counts.rejected ?? 0n);
}

/** Throws an AssertionError unless the list is of what is committed, and has no more than the counts say. */
export function assertRejected({ fromOffset, committedOffset, counts, rejectedOffsets = [] }: RejectingRange): void {
  const [first, last] = [rejectedOffsets[0], rejectedOffsets.at(-1)];
  assert.ok(
    first === undefined ||
      last === undefined ||
      (fromOffset <= first.fromOffset && last.untilOffset <= committedOffset),
    `rejected offsets to ${last?.untilOffset} outside [${fromOffset}, ${committedOffset})`,
  );
  const listed = countOffsets(rejectedOffsets);
  const { rejected = 0n } = counts;
  assert.ok(listed <= rejected, `${listed} rejected offsets are listed, and ${rejected} counted`);
}
