// Output event
//
// What outputs that are not the ledger's own have a range remember.
//
//   PW1  What an output has prepared stays with the range until a commit settles it whole, or it is
//        discarded: nothing else is committed or prepared before. One that is settled may pass
//        a record that was given up meanwhile, which takes back that word (G5).

import assert from "node:assert/strict";
import { MAX_RECEIPTS_BYTES } from "../limits.ts";
import type { Decision, PrepareEvent } from "./range-event.ts";
import type { RangeRecord } from "./range-record.ts";

export function prepare(record: RangeRecord, { fromOffset, work }: PrepareEvent): Decision {
  if (fromOffset !== record.committedOffset) {
    return { refusal: { kind: "superseded" } };
  }
  assert.ok(record.prepared === undefined, "work is prepared beside other work");
  return { next: { ...record, prepared: work } };
}

export function discard(record: RangeRecord): Decision {
  const { prepared: _gone, ...rest } = record;
  return { next: rest };
}

/** With one more at the end. Throws an AssertionError where they no longer fit the record. */
export function addReceipt(receipts: readonly string[] = [], receipt: string): readonly string[] {
  const all = [...receipts, receipt];
  const bytes = all.reduce((sum, one) => sum + Buffer.byteLength(one), 0);
  assert.ok(bytes <= MAX_RECEIPTS_BYTES, `receipts of ${bytes} bytes in one range, more than ${MAX_RECEIPTS_BYTES}`);
  return all;
}
