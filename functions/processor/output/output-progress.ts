// Output progress
//
// What a store of its own keeps beside its position: enough to bring the ledger up to it with
// exact counts, without reading a record again, and with which records were rejected, where they are
// not too many for the text: then the counts alone say that there were (RJ2).

import assert from "node:assert/strict";
import { MAX_PROGRESS_LENGTH } from "../../../shared/core/limits.ts";
import {
  countOffsets,
  decodeOffsets,
  encodeOffsets,
  type OffsetList,
} from "../../../shared/core/offsets/offset-list.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { RangeCounts } from "../../../shared/core/range/range-record.ts";

export interface OutputProgress {
  /** Where the range begins that the commit was made in. */
  readonly rangeFrom: bigint;
  /** The range's committedOffset before it. */
  readonly fromOffset: bigint;
  /** Of the offsets since. */
  readonly counts: RangeCounts;
  readonly rejectedOffsets?: OffsetList;
  readonly leaderEpoch?: number;
}

const VERSION = "1";
/** The offsets stand behind the epoch, and only where there are some: code without them refuses the text (FB5). */
const FORM = /^1(,\d{1,19}){7},(-?\d{1,10})?(,[\w-]+)?$/;

export function encodeProgress({ fromOffset, rejectedOffsets = [], ...progress }: OutputProgress): string {
  const { rangeFrom, counts, leaderEpoch } = progress;
  const { delivered, rejected = 0n, aborted, control, bytes } = counts;
  const fields = [VERSION, rangeFrom, fromOffset, delivered, rejected, aborted, control, bytes, leaderEpoch ?? ""];
  const text = fields.join();
  assert.ok(text.length <= MAX_PROGRESS_LENGTH, `a progress of ${text.length} characters`);
  const list = Buffer.from(encodeOffsets(rejectedOffsets, fromOffset)).toString("base64url");
  const whole = `${text},${list}`;
  return list === "" || whole.length > MAX_PROGRESS_LENGTH ? text : whole;
}

/** Undefined for a text that `encodeProgress` did not make: an operator has set the position. */
export function decodeProgress(text: string): OutputProgress | undefined {
  if (!FORM.test(text)) {
    return undefined;
  }
  const fields = text.split(",");
  const number = (index: number) => BigInt(fields[index] ?? 0);
  const [fromOffset, rejected] = [number(2), number(4)];
  const epoch = fields[8] === "" ? undefined : Number(fields[8]);
  const list = fields[9] === undefined ? undefined : decodeOffsets(Buffer.from(fields[9], "base64url"), fromOffset);
  if (fields[9] !== undefined && (list === undefined || countOffsets(list) !== rejected)) {
    return undefined;
  }
  return {
    rangeFrom: number(1),
    fromOffset,
    counts: {
      delivered: number(3),
      ...(rejected === 0n ? {} : { rejected }),
      aborted: number(5),
      control: number(6),
      bytes: number(7),
    },
    ...omitUndefined({ rejectedOffsets: list, leaderEpoch: epoch }),
  };
}
