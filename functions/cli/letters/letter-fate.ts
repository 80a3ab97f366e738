// Letter fate
//
// What the ledger says became of a letter's record. The letter is written before the record
// is marked, so that a letter alone does not say that its record was given up: a later attempt may have
// processed it after all. The range's list of rejected offsets says it, whichever attempt's letter there is.

import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { MAX_CONCURRENT_ACTS, RANGE_SEARCH_OFFSETS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { countOffsets, hasOffset } from "../../../shared/core/offsets/offset-list.ts";
import { wasRejected } from "../../../shared/core/offsets/rejected-offsets.ts";
import type { OffsetRange } from "../../../shared/core/range/offset-range.ts";
import { type ChainKey, isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { LetterHead } from "../../../shared/wire/events/decode-dead-letter.ts";

/**
 * `rejected`: by the commit that passed it. `givenUp`: with its range, or the rest of it. `pending`: its range is not done with
 * it yet. What the ledger cannot tell: `unlisted`, whether it was processed or rejected (RJ2); `unsettled`, whether what an output
 * had prepared of a range that an operator skipped took effect; `unknown`, as the ledger has forgotten it, or never had it.
 */
export type LetterFate = "processed" | "rejected" | "givenUp" | "pending" | "unlisted" | "unsettled" | "unknown";

/** What is told of a letter, with when its attempt failed. */
export interface DatedLetter extends LetterHead {
  readonly at: number;
}

/** What became of each in the chain that it is of, in their order. */
export async function fatesOf(
  ledger: RangeLedger<never>,
  letters: readonly LetterHead[],
): Promise<readonly LetterFate[]> {
  const placed = await mapConcurrently(letters, MAX_CONCURRENT_ACTS, async (letter) => ({
    letter,
    record: await coveringRange(ledger, letter.chain, letter.offset),
  }));
  const known = Map.groupBy(placed.filter(isSurelyRejected), ({ record }) => nameOf(record));
  return placed.map(({ letter, record }) => {
    const fate = fateIn(record, letter.offset);
    if (record === undefined || fate !== "unlisted") {
      return fate;
    }
    const unlisted = new Set(known.get(nameOf(record))?.map((one) => one.letter.offset));
    if (unlisted.has(letter.offset)) {
      return "rejected";
    }
    // Where all that the range has rejected are known, this one is none of them.
    const count = countOffsets(record.rejectedOffsets) + BigInt(unlisted.size);
    return count >= (record.counts.rejected ?? 0n) ? "processed" : "unlisted";
  });
}

interface PlacedLetter {
  readonly letter: LetterHead;
  readonly record: RangeRecord | undefined;
}

/**
 * Of a range whose list is not whole: no attempt came after the one that rejected it, and an attempt reads nothing that was
 * committed before it, so that it was committed as it was rejected. A range that was split off an attempted one counts its
 * attempts anew, and an earlier one may have the same number.
 */
function isSurelyRejected(placed: PlacedLetter): placed is PlacedLetter & { readonly record: RangeRecord } {
  const { letter, record } = placed;
  return (
    record !== undefined &&
    letter.kind === "rejected" &&
    letter.offset < record.committedOffset &&
    letter.attempt === record.attempt &&
    record.leaseCounter === record.attempt &&
    !hasOffset(record.rejectedOffsets, letter.offset)
  );
}

function nameOf({ chain, fromOffset }: RangeRecord): string {
  return JSON.stringify([chain.topicId, chain.partition, chain.requestId, fromOffset.toString()]);
}

/** What became of a record in a reprocess request; `range` is the request's that has it. */
export async function fateInRequest(
  ledger: RangeLedger<never>,
  chain: ChainKey,
  { offset, range }: { readonly offset: bigint; readonly range: OffsetRange },
): Promise<LetterFate> {
  const records = await Array.fromAsync(ledger.rangesWithin(chain, range));
  return fateIn(
    records.findLast(({ fromOffset }) => fromOffset <= offset),
    offset,
  );
}

function fateIn(record: RangeRecord | undefined, offset: bigint): LetterFate {
  if (record === undefined || offset >= record.untilOffset) {
    return "unknown";
  }
  const { prepared } = record;
  if (offset < record.committedOffset) {
    return saidBy(record, offset, "processed");
  }
  if (!isClosed(record)) {
    return "pending";
  }
  return prepared !== undefined && offset < prepared.untilOffset
    ? saidBy(
        { ...prepared, fromOffset: record.committedOffset, committedOffset: prepared.untilOffset },
        offset,
        "unsettled",
      )
    : "givenUp";
}

/** `otherwise` where the record was not rejected. */
function saidBy(range: Parameters<typeof wasRejected>[0], offset: bigint, otherwise: LetterFate): LetterFate {
  const said = wasRejected(range, offset);
  return said === "unlisted" ? said : said ? "rejected" : otherwise;
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
