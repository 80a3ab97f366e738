// Plan redrive
//
// What is to be done for each letter, from what the ledger says.
//
//   RD1  A letter is asked for once: where a redrive that was ended before it deleted its letters has asked for it since the
//        letter was written, that request is gone on with.
//   RD2  Nothing is processed again that was processed after all, as far as ledger and letters tell, and nothing that its
//        range still has in hand.

import { createHash } from "node:crypto";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { ReprocessRequest } from "../../../shared/core/ledger/reprocess-request.ts";
import { MAX_CONCURRENT_ACTS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import type { OffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { OpenLetter } from "./gather-letters.ts";
import { fateInRequest, fatesOf } from "./letter-fate.ts";

const PREFIX = "redrive-";

export type RedriveStep =
  /** `after`: the redrive that gave the record up, by an operator's skip or a cancel. */
  | { readonly kind: "ask"; readonly after?: string }
  | { readonly kind: "follow"; readonly request: ReprocessRequest }
  /** Its record took effect although there is a letter. */
  | { readonly kind: "processed" }
  | { readonly kind: "pending" };

export interface PlannedLetter {
  readonly letter: OpenLetter;
  readonly step: RedriveStep;
}

/** In the order of the letters, which are all of the pipeline. */
export async function planRedrive(
  ledger: RangeLedger<never>,
  pipeline: string,
  letters: readonly OpenLetter[],
): Promise<readonly PlannedLetter[]> {
  const all = await Array.fromAsync(ledger.reprocessRequests(pipeline));
  const requests = all.filter(({ requestId }) => requestId.startsWith(PREFIX));
  const asked = await mapConcurrently(letters, MAX_CONCURRENT_ACTS, (letter) => stepSince(ledger, letter, requests));
  const others = letters.filter((_, index) => asked[index] === undefined);
  const fates = await fatesOf(ledger, others);
  const fateOf = new Map(others.map((letter, index) => [letter, fates[index]]));
  return letters.map((letter, index) => {
    const fate = fateOf.get(letter);
    const step = fate === "processed" || fate === "pending" ? { kind: fate } : ({ kind: "ask" } as const);
    return { letter, step: asked[index] ?? step };
  });
}

/** Undefined where no redrive has asked for it. */
async function stepSince(
  ledger: RangeLedger<never>,
  letter: OpenLetter,
  requests: readonly ReprocessRequest[],
): Promise<RedriveStep | undefined> {
  const since = requests.filter(
    (request) =>
      request.requestedAt >= letter.at &&
      request.requestId !== letter.chain.requestId &&
      rangeIn(request, letter) !== undefined,
  );
  const request = since.toSorted((a, b) => a.requestedAt - b.requestedAt).at(-1);
  if (request === undefined) {
    return undefined;
  }
  return (await hasGivenUp(ledger, request, letter))
    ? { kind: "ask", after: request.requestId }
    : { kind: "follow", request };
}

/** A request that is closed does nothing more for what was skipped or cancelled. */
async function hasGivenUp(ledger: RangeLedger<never>, request: ReprocessRequest, letter: OpenLetter): Promise<boolean> {
  const range = rangeIn(request, letter);
  if (request.completion === undefined || range === undefined) {
    return false;
  }
  const { pipeline, requestId, completion } = request;
  const { topicId, partition } = letter.chain;
  const fate = await fateInRequest(
    ledger,
    { pipeline, topicId, partition, requestId },
    {
      ...{ letter, range },
      // A record that was rejected is not given up to it.
      lettersWithin: () => 0,
    },
  );
  return fate === "givenUp" || (fate === "unknown" && completion.cancelled !== undefined);
}

/** The request's range that has the letter's record. */
export function rangeIn({ ranges }: Pick<ReprocessRequest, "ranges">, letter: OpenLetter): OffsetRange | undefined {
  return ranges.find(
    ({ topicId, partition, fromOffset, untilOffset }) =>
      topicId === letter.chain.topicId &&
      partition === letter.partition &&
      fromOffset <= letter.offset &&
      letter.offset < untilOffset,
  );
}

/** Exactly the letters' offsets. */
export function rangesOf(letters: readonly OpenLetter[]): readonly OffsetRange[] {
  return joinRanges(
    letters.map(({ topic, partition, offset }) => ({ topic, partition, fromOffset: offset, untilOffset: offset + 1n })),
  );
}

/** Of ranges in order those that follow one another are one. */
export function joinRanges(ranges: readonly OffsetRange[]): readonly OffsetRange[] {
  const joined: OffsetRange[] = [];
  for (const { topic, partition, fromOffset, untilOffset } of ranges) {
    const last = joined.at(-1);
    if (last?.topic === topic && last.partition === partition && last.untilOffset === fromOffset) {
      joined[joined.length - 1] = { ...last, untilOffset };
    } else {
      joined.push({ topic, partition, fromOffset, untilOffset });
    }
  }
  return joined;
}

/** The same for the same letters, and another one once one of them was written again. */
export function requestIdOf(
  letters: readonly OpenLetter[],
  afterOf: (letter: OpenLetter) => string | undefined,
): string {
  const named = letters.map((letter) => [letter.name, letter.at, letter.copies.at(-1)?.copy, afterOf(letter)]);
  return `${PREFIX}${createHash("sha256").update(JSON.stringify(named)).digest("hex").slice(0, 32)}`;
}
