// Output event
//
// What outputs that are not the ledger's own have a range remember.
//
//   PW1  What an output has prepared stays with the range until a commit settles it whole, or it is
//        discarded: nothing else is committed or prepared before. One that is settled may pass
//        a record that was given up meanwhile, which takes back that word (G5).
//   PW2  Nothing is prepared for a range whose receipts leave no room for one more, and nothing committed where the
//        list of rejected offsets leaves none: it is cut where it is committed (split-range.ts), before anything of
//        the rest can take effect.

import assert from "node:assert/strict";
import { MAX_MEMO_BYTES, MAX_RECEIPTS_BYTES } from "../limits.ts";
import { isRejectedLong } from "../offsets/rejected-offsets.ts";
import type { Decision, PrepareEvent } from "./range-event.ts";
import type { RangeRecord } from "./range-record.ts";

export function prepare(record: RangeRecord, { fromOffset, work }: PrepareEvent): Decision {
  if (fromOffset !== record.committedOffset) {
    return { refusal: { kind: "superseded" } };
  }
  assert.ok(record.prepared === undefined, "work is prepared beside other work");
  assert.ok(!isCutDue(record), "work is prepared for a range that has no room for its receipt");
  return { next: { ...record, prepared: work } };
}

export function discard(record: RangeRecord): Decision {
  const { prepared: _gone, ...rest } = record;
  return { next: rest };
}

/** Whether what is committed has to become a range of its own before more is committed (PW2). */
export function isCutDue(record: RangeRecord): boolean {
  const { receipts = [], prepared, committedOffset, untilOffset } = record;
  const isOpen = prepared === undefined && committedOffset < untilOffset;
  return isOpen && (receiptsBytes(receipts) > MAX_RECEIPTS_BYTES - MAX_MEMO_BYTES || isRejectedLong(record));
}

/** With one more at the end. Throws an AssertionError where they no longer fit an item. */
export function addReceipt(receipts: readonly string[] = [], receipt: string): readonly string[] {
  const all = [...receipts, receipt];
  const bytes = receiptsBytes(all);
  // Code without PW2 prepared work up to the bound itself, which has taken effect: it still is received.
  const maxBytes = MAX_RECEIPTS_BYTES + MAX_MEMO_BYTES;
  assert.ok(bytes <= maxBytes, `receipts of ${bytes} bytes in one range, more than ${maxBytes}`);
  return all;
}

function receiptsBytes(receipts: readonly string[]): number {
  return receipts.reduce((sum, one) => sum + Buffer.byteLength(one), 0);
}
