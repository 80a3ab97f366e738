// Output progress
//
// What a store of its own keeps beside its position: enough to bring the ledger up to it with
// exact counts, without reading a record again.

import assert from "node:assert/strict";
import { MAX_PROGRESS_LENGTH } from "../../../shared/core/limits.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { RangeCounts } from "../../../shared/core/range/range-record.ts";

export interface OutputProgress {
  /** Where the range begins that the commit was made in. */
  readonly rangeFrom: bigint;
  /** The range's committedOffset before it. */
  readonly fromOffset: bigint;
  /** Of the offsets since. */
  readonly counts: RangeCounts;
  readonly leaderEpoch?: number;
}

const VERSION = "1";
const FORM = /^1(,\d{1,19}){7},(-?\d{1,10})?$/;

export function encodeProgress({ rangeFrom, fromOffset, counts, leaderEpoch }: OutputProgress): string {
  const { delivered, rejected = 0n, aborted, control, bytes } = counts;
  const fields = [VERSION, rangeFrom, fromOffset, delivered, rejected, aborted, control, bytes, leaderEpoch ?? ""];
  const text = fields.join();
  assert.ok(text.length <= MAX_PROGRESS_LENGTH, `a progress of ${text.length} characters`);
  return text;
}

/** Undefined for a text that `encodeProgress` did not make: an operator has set the position. */
export function decodeProgress(text: string): OutputProgress | undefined {
  if (!FORM.test(text)) {
    return undefined;
  }
  const fields = text.split(",");
  const number = (index: number) => BigInt(fields[index] ?? 0);
  const rejected = number(4);
  const epoch = fields[8] === "" ? undefined : Number(fields[8]);
  return {
    rangeFrom: number(1),
    fromOffset: number(2),
    counts: {
      delivered: number(3),
      ...(rejected === 0n ? {} : { rejected }),
      aborted: number(5),
      control: number(6),
      bytes: number(7),
    },
    ...omitUndefined({ leaderEpoch: epoch }),
  };
}
