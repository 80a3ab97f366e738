// Letter fate
//
// What the ledger says became of a letter's record. The letter is written before the record
// is marked, so that a letter alone does not say that its record was given up: a later attempt may have
// processed it after all.

import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { RANGE_SEARCH_OFFSETS } from "../../../shared/core/limits.ts";
import type { OffsetRange } from "../../../shared/core/range/offset-range.ts";
import { type ChainKey, isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { LetterHead } from "../../../shared/wire/events/decode-dead-letter.ts";

/** `unknown`: the ledger has forgotten it, or never had it. `pending`: its range is not done with it yet. */
export type LetterFate = "processed" | "givenUp" | "pending" | "unknown";

/** What became of it in the chain that the letter is of. */
export async function fateOf(ledger: RangeLedger<never>, letter: LetterHead): Promise<LetterFate> {
  return fateIn(await coveringRange(ledger, letter.chain, letter.offset), letter);
}

/** What became of it in a reprocess request that has it in this range. */
export async function fateInRequest(
  ledger: RangeLedger<never>,
  chain: ChainKey,
  { letter, range }: { readonly letter: LetterHead; readonly range: OffsetRange },
): Promise<LetterFate> {
  const records = await Array.fromAsync(ledger.rangesWithin(chain, range));
  const record = records.findLast(({ fromOffset }) => fromOffset <= letter.offset);
  // A record that is rejected again has a letter of that request, which is looked for where the letters are.
  return fateIn(record, { ...letter, kind: "quarantined" });
}

function fateIn(record: RangeRecord | undefined, { offset, kind }: Pick<LetterHead, "offset" | "kind">): LetterFate {
  if (record === undefined || offset >= record.untilOffset) {
    return "unknown";
  }
  if (offset < record.committedOffset) {
    return kind === "rejected" && (record.counts.rejected ?? 0n) > 0n ? "givenUp" : "processed";
  }
  return isClosed(record) ? "givenUp" : "pending";
}

/** A chain is whole: its last range that begins at the offset or before covers it, if any does. */
async function coveringRange(
  ledger: RangeLedger<never>,
  chain: ChainKey,
  offset: bigint,
): Promise<RangeRecord | undefined> {
  for (const before of [...RANGE_SEARCH_OFFSETS, offset]) {
    const fromOffset = before > offset ? 0n : offset - before;
    const records = await Array.fromAsync(ledger.rangesWithin(chain, { fromOffset, untilOffset: offset + 1n }));
    const last = records.at(-1);
    if (last !== undefined || fromOffset === 0n) {
      return last;
    }
  }
  return undefined;
}
