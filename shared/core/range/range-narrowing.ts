// Range narrowing
//
// How far the next attempt at a range goes. A range that cannot be processed as a
// whole is taken in pieces: halved until a piece is done, or until one offset is left
// that cannot be. The range's record stays one; only how far an attempt goes is kept
// in it, so that a search outlives the processor that began it.
//
//   RN1  A piece begins at committedOffset, and passes neither the range's end nor a record
//        that is to be skipped. It is empty only where that record is next.
//   RN2  Each failure halves the piece, so that a search ends after 63 of them at most; only the first one
//        goes by what the code had in hand.
//   RN3  With `suspectUntil`, [committedOffset, suspectUntil) failed as a whole: what is
//        done of it leaves the suspicion on the rest, half of which comes next. Once
//        nothing is left of it, attempts go to the range's end again.
//   RN4  Without it, pieces were too long, not bad: their length stays.
//   RN5  `blamed` is about the one record at committedOffset, and is gone with it.

import type { OffsetsInHand } from "../attempt-error.ts";
import { smallerOf } from "./offset-range.ts";

export interface Narrowing {
  /** In offsets, at least 1. */
  readonly length: bigint;
  /** Exclusive; above committedOffset. */
  readonly suspectUntil?: bigint;
  /** Attempts at one record alone that failed for the record itself; absent when none. */
  readonly blamed?: number;
}

interface Narrowed {
  readonly committedOffset: bigint;
  readonly untilOffset: bigint;
  readonly narrowed?: Narrowing;
  readonly skipOffset?: bigint;
}

/** Where the next attempt ends, exclusive (RN1). */
export function pieceEnd({ committedOffset, untilOffset, narrowed, skipOffset = untilOffset }: Narrowed): bigint {
  return narrowed === undefined ? skipOffset : smallerOf(skipOffset, committedOffset + narrowed.length);
}

/** Whether the next record is the one that an operator gives up. */
export function isAtSkip({ committedOffset, skipOffset }: Narrowed): boolean {
  return committedOffset === skipOffset;
}

/** How a piece of at least two offsets is taken after it failed. */
export function halve(
  piece: { readonly committedOffset: bigint; readonly untilOffset: bigint },
  because: "bad" | "tooLong",
): Narrowing {
  const length = (piece.untilOffset - piece.committedOffset) / 2n;
  return because === "bad" ? { length, suspectUntil: piece.untilOffset } : { length };
}

/**
 * How a piece of at least two offsets is taken after it failed, once, with these of it in hand: first what lies before
 * them, which should do, and they are what is left. It takes fewer failures than by halves where that is so, and is a
 * longer search where it is not.
 */
export function suspect(
  piece: { readonly committedOffset: bigint; readonly untilOffset: bigint },
  inHand: OffsetsInHand | undefined,
): Narrowing {
  const { committedOffset, untilOffset } = piece;
  if (inHand === undefined) {
    return halve(piece, "bad");
  }
  const suspectUntil = smallerOf(inHand.untilOffset, untilOffset);
  const before = inHand.fromOffset - committedOffset;
  return before > 0n
    ? { length: before, suspectUntil }
    : { length: partOf(suspectUntil - committedOffset), suspectUntil };
}

/** How the record at committedOffset is attempted again, alone, after it was blamed once more. */
export function blameAlone({ committedOffset, narrowed }: Narrowed): Narrowing & { readonly blamed: number } {
  const { blamed = 0, ...before } = narrowed ?? { length: 1n, suspectUntil: committedOffset + 1n };
  return { ...before, blamed: blamed + 1 };
}

/** What is left of the narrowing once everything below `committedOffset` is done. */
export function narrowAfter(narrowed: Narrowing, committedOffset: bigint): Narrowing | undefined {
  const { length, suspectUntil } = narrowed;
  if (suspectUntil === undefined) {
    return { length };
  }
  const suspects = suspectUntil - committedOffset;
  return suspects <= 0n ? undefined : { length: partOf(suspects), suspectUntil };
}

function partOf(suspects: bigint): bigint {
  return suspects === 1n ? 1n : suspects / 2n;
}
