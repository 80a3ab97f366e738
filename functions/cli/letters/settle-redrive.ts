import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { ReprocessRequest } from "../../../shared/core/ledger/reprocess-request.ts";
import { MAX_CONCURRENT_ACTS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { type Copy, gatherLetters, type OpenLetter } from "./gather-letters.ts";
import { fateInRequest } from "./letter-fate.ts";
import type { LetterDeps } from "./list-letters.ts";
import { WHY_UNPROVEN } from "./plan-redrive.ts";
import { rangeIn } from "./requests-since.ts";

export interface SettledLetter {
  readonly letter: OpenLetter;
  readonly result: "processed" | "failed again" | "left";
  readonly why?: string;
}

interface Deps extends LetterDeps {
  readonly ledger: RangeLedger<never>;
}

/** Deletes the letters whose records the request has processed, and of the others all but the newest. */
export async function settleRequest(
  { ledger, store, terminal }: Deps,
  request: ReprocessRequest,
  letters: readonly OpenLetter[],
): Promise<readonly SettledLetter[]> {
  const { pipeline, requestId } = request;
  const ranges = letters.map(({ topic, partition, offset }) => {
    return { topic, partition, fromOffset: offset, untilOffset: offset + 1n };
  });
  const choice = {
    pipeline,
    topics: [...new Set(letters.map(({ topic }) => topic))],
    ranges: [...ranges, ...request.ranges],
    errors: [],
  };
  const present = new Map((await gatherLetters(store, choice, terminal)).map((one) => [one.name, one]));
  const removed: Copy[] = [];
  const settled = await mapConcurrently(letters, MAX_CONCURRENT_ACTS, async (letter): Promise<SettledLetter> => {
    const copies = present.get(letter.name)?.copies ?? [];
    const range = rangeIn(request, letter);
    const { topicId, partition } = letter.chain;
    const chain = { pipeline, topicId, partition, requestId };
    const { offset } = letter;
    const fate = range === undefined ? "unknown" : await fateInRequest(ledger, chain, { offset, range });
    if (fate === "processed") {
      // Also a letter of the request itself, whose attempt died before a later one had better luck.
      const asked = new Set(letter.copies.map(({ copy }) => copy));
      const isDone = ({ copy, at, ...one }: Copy) =>
        asked.has(copy) || at <= request.requestedAt || one.requestId === requestId;
      removed.push(...copies.filter(isDone));
      return { letter, result: "processed" };
    }
    // A record that failed again has a letter of this request by now (SF1, SN3).
    const newest = copies.findLast((copy) => copy.requestId === requestId);
    if (newest === undefined || fate === "pending") {
      return { letter, result: "left", why: WHY[fate] };
    }
    removed.push(...copies.filter((copy) => copy !== newest && copy.at <= newest.at));
    return { letter, result: "failed again" };
  });
  await store.remove(removed, terminal.signal);
  return settled;
}

const WHY = {
  rejected: "it was rejected again, and its letter is not here: look where the pipeline sends its letters now",
  givenUp: "an operator skipped it, or the log no longer has it",
  pending: "its range is not done; `ranges status` says why",
  ...WHY_UNPROVEN,
} as const;
