import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { ReprocessRequest } from "../../../shared/core/ledger/reprocess-request.ts";
import { MAX_CONCURRENT_ACTS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import type { OffsetRange } from "../../../shared/core/range/offset-range.ts";
import { type Copy, gatherLetters, type OpenLetter } from "./gather-letters.ts";
import { fateInRequest } from "./letter-fate.ts";
import type { LetterDeps } from "./list-letters.ts";
import { rangeIn } from "./plan-redrive.ts";

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
  // A record that failed again has a letter of this request by now (SF1, SN3).
  const choice = {
    pipeline,
    topics: [...new Set(letters.map(({ topic }) => topic))],
    ranges: [...ranges, ...request.ranges],
    errors: [],
  };
  const present = new Map((await gatherLetters(store, choice, terminal)).map((one) => [one.name, one]));
  const again = [...present.values()].filter(({ copies }) => copies.some((copy) => copy.requestId === requestId));
  const removed: Copy[] = [];
  const settled = await mapConcurrently(letters, MAX_CONCURRENT_ACTS, async (letter): Promise<SettledLetter> => {
    const copies = present.get(letter.name)?.copies ?? [];
    const newest = copies.findLast((copy) => copy.requestId === requestId);
    if (newest !== undefined) {
      removed.push(...copies.filter((copy) => copy !== newest && copy.at <= newest.at));
      return { letter, result: "failed again" };
    }
    const range = rangeIn(request, letter);
    const { topicId, partition } = letter.chain;
    const chain = { pipeline, topicId, partition, requestId };
    const lettersWithin = ({ fromOffset, untilOffset }: Pick<OffsetRange, "fromOffset" | "untilOffset">) =>
      again.filter(
        (one) =>
          one.chain.topicId === topicId &&
          one.partition === partition &&
          fromOffset <= one.offset &&
          one.offset < untilOffset,
      ).length;
    const fate = range === undefined ? "unknown" : await fateInRequest(ledger, chain, { letter, range, lettersWithin });
    if (fate !== "processed") {
      return { letter, result: "left", why: WHY[fate] };
    }
    const asked = new Set(letter.copies.map(({ copy }) => copy));
    removed.push(...copies.filter(({ copy, at }) => asked.has(copy) || at <= request.requestedAt));
    return { letter, result: "processed" };
  });
  await store.remove(removed, terminal.signal);
  return settled;
}

const WHY = {
  givenUp: "an operator skipped it, or the log no longer has it",
  pending: "its range is not done; `ranges status` says why",
  unknown: "the ledger no longer knows what became of it",
  unsure:
    "records of its range were rejected again, and not all of their letters are here: look where the pipeline sends its letters now",
} as const;
