// Letter fate
//
// What the ledger says became of a letter's record. The letter is written before the record
// is marked, so that a letter alone does not say that its record was given up: a later attempt may have
// processed it after all.

import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { MAX_CONCURRENT_ACTS, RANGE_SEARCH_OFFSETS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import type { OffsetRange } from "../../../shared/core/range/offset-range.ts";
import { type ChainKey, isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { LetterHead } from "../../../shared/wire/events/decode-dead-letter.ts";

/**
 * `unknown`: the ledger has forgotten it, or never had it. `pending`: its range is not done with it yet. `unsure`: it was
 * processed, or rejected with a letter that nobody has seen.
 */
export type LetterFate = "processed" | "givenUp" | "pending" | "unknown" | "unsure";

/** What is told of a letter, with when its attempt failed. */
export interface DatedLetter extends LetterHead {
  readonly at: number;
}

/** What became of each in the chain that it is of, in their order. */
export async function fatesOf(
  ledger: RangeLedger<never>,
  letters: readonly DatedLetter[],
): Promise<readonly LetterFate[]> {
  const placed = await mapConcurrently(letters, MAX_CONCURRENT_ACTS, async (letter) => ({
    letter,
    record: await coveringRange(ledger, letter.chain, letter.offset),
  }));
  const ofRange = Map.groupBy(placed, ({ record }) => (record === undefined ? "" : nameOf(record)));
  const surelyRejected = new Map(
    [...ofRange].map(([name, several]) => [name, several.filter(isSurelyRejected).length] as const),
  );
  return placed.map(({ letter, record }) => {
    const fate = fateIn(record, letter.offset);
    const rejected = record?.counts.rejected ?? 0n;
    if (record === undefined || fate !== "processed" || letter.kind !== "rejected" || rejected === 0n) {
      return fate;
    }
    // Where all that the range has rejected are known, this one is none of them unless it is known too.
    const areAllKnown = BigInt(surelyRejected.get(nameOf(record)) ?? 0) >= rejected;
    return areAllKnown && !isSurelyRejected({ letter, record }) ? "processed" : "givenUp";
  });
}

interface PlacedLetter {
  readonly letter: DatedLetter;
  readonly record: RangeRecord | undefined;
}

/**
 * No attempt came after the one that rejected it, and an attempt reads nothing that was committed before it: it was
 * committed as it was rejected. A range that was split off counts its attempts anew, from when it was planned.
 */
function isSurelyRejected({ letter, record }: PlacedLetter): boolean {
  return (
    record !== undefined &&
    letter.kind === "rejected" &&
    letter.offset < record.committedOffset &&
    letter.attempt === record.attempt &&
    letter.at >= record.plannedAt
  );
}

function nameOf({ chain, fromOffset }: RangeRecord): string {
  return JSON.stringify([chain.topicId, chain.partition, chain.requestId, fromOffset.toString()]);
}

export interface AskedLetter {
  readonly letter: LetterHead;
  /** Of the request. */
  readonly range: OffsetRange;
  /** How many records of [fromOffset, untilOffset) have a letter of the request. */
  readonly lettersWithin: (bounds: Pick<OffsetRange, "fromOffset" | "untilOffset">) => number;
}

/** What became in a reprocess request of a record that has no letter of it. */
export async function fateInRequest(
  ledger: RangeLedger<never>,
  chain: ChainKey,
  { letter, range, lettersWithin }: AskedLetter,
): Promise<LetterFate> {
  const records = await Array.fromAsync(ledger.rangesWithin(chain, range));
  const record = records.findLast(({ fromOffset }) => fromOffset <= letter.offset);
  const fate = fateIn(record, letter.offset);
  if (record === undefined || fate !== "processed") {
    return fate;
  }
  // A letter may have gone to another target, as the pipeline is deployed with one since.
  const { fromOffset, committedOffset, counts } = record;
  const known = lettersWithin({ fromOffset, untilOffset: committedOffset });
  return BigInt(known) >= (counts.rejected ?? 0n) ? "processed" : "unsure";
}

/** `processed` is what was committed, also as rejected. */
function fateIn(record: RangeRecord | undefined, offset: bigint): LetterFate {
  if (record === undefined || offset >= record.untilOffset) {
    return "unknown";
  }
  if (offset < record.committedOffset) {
    return "processed";
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
