// Plan redrive
//
// What is to be done for each letter, from what the ledger says.
//
//   RD1  A letter is asked for once: where a redrive that was ended before it deleted its letters has asked for it, that
//        request is gone on with.
//   RD2  Nothing is processed again that was processed after all, by its own range or a reprocess request since, nothing
//        that its range still has in hand, and nothing of which the ledger cannot say that it was not processed.

import { createHash } from "node:crypto";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { ReprocessRequest } from "../../../shared/core/ledger/reprocess-request.ts";
import { MAX_CONCURRENT_ACTS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { isAllProcessed } from "../../../shared/core/range/offset-outcomes.ts";
import type { OffsetRange } from "../../../shared/core/range/offset-range.ts";
import { accountRequest } from "../../../shared/core/reprocess/account-request.ts";
import type { OpenLetter } from "./gather-letters.ts";
import { fateInRequest, fatesOf, type LetterFate } from "./letter-fate.ts";
import { isOfRedrive, REDRIVE_PREFIX, requestsSince } from "./requests-since.ts";

export type RedriveStep =
  /** `after`: the redrive that gave the record up, by an operator's skip or a cancel. */
  | { readonly kind: "ask"; readonly after?: string }
  | { readonly kind: "follow"; readonly request: ReprocessRequest }
  /** Its record took effect although there is a letter; `by` a request, or else its own range. */
  | { readonly kind: "processed"; readonly by?: string }
  | { readonly kind: "pending" }
  /** Its record may have taken effect. */
  | { readonly kind: "unproven"; readonly fate: keyof typeof WHY_UNPROVEN; readonly after?: string };

const REMEDY = "look whether the output has it; then delete the letter, or redrive it with --include-unproven";

/** What the ledger cannot tell of a letter's record. */
export const WHY_UNPROVEN = {
  unlisted: `it may have been processed after all: its range has rejected records, and the ledger does not say which, as an earlier release or too many of them passed; ${REMEDY}`,
  unsettled: `it may have been processed after all: its range was skipped while its output had work prepared; ${REMEDY}`,
  unknown: `it may have been processed after all: the ledger no longer has its range; ${REMEDY}`,
} as const;

export interface PlannedLetter {
  readonly letter: OpenLetter;
  readonly step: RedriveStep;
}

/** Why it is not simply to be asked for; undefined where it is, or was. */
export function whyOf(step: RedriveStep): string | undefined {
  switch (step.kind) {
    case "unproven":
      return WHY_UNPROVEN[step.fate];
    case "pending":
      return "its range still has it in hand";
    case "processed":
      return step.by === undefined ? "by its own range, after all" : `by request ${step.by}`;
    case "ask":
    case "follow":
      return undefined;
  }
}

/** In the order of the letters, which are all of the pipeline. */
export async function planRedrive(
  ledger: RangeLedger<never>,
  pipeline: string,
  letters: readonly OpenLetter[],
): Promise<readonly PlannedLetter[]> {
  const requests = await Array.fromAsync(ledger.reprocessRequests(pipeline));
  const fates = await fatesOf(ledger, letters);
  const planned = letters.map((letter, index) => ({ letter, fate: fates[index] ?? "unknown" }));
  return mapConcurrently(planned, MAX_CONCURRENT_ACTS, async ({ letter, fate }) => {
    const own = ownStep(letter, fate, requests);
    const isSettled = own.kind === "processed" || own.kind === "pending";
    return { letter, step: isSettled ? own : ((await stepSince(ledger, letter, requests)) ?? own) };
  });
}

/** As the chain has it that the letter is of. */
function ownStep({ chain }: OpenLetter, fate: LetterFate, requests: readonly ReprocessRequest[]): RedriveStep {
  switch (fate) {
    case "rejected":
    case "givenUp":
      return { kind: "ask" };
    case "processed":
    case "pending":
      return { kind: fate };
    case "unlisted":
    case "unsettled":
      return { kind: "unproven", fate };
    case "unknown": {
      const request = requests.find(({ requestId }) => requestId === chain.requestId);
      return stepOfForgotten(request) ?? { kind: "unproven", fate };
    }
  }
}

/** Of a record of which a request has no range: it was cancelled before, or its ranges are forgotten. */
function stepOfForgotten(request: ReprocessRequest | undefined): RedriveStep | undefined {
  const { completion, requestId } = request ?? {};
  if (request === undefined || completion === undefined) {
    return undefined;
  }
  if (isAllProcessed(accountRequest(request, { ...completion, open: [] }))) {
    return { kind: "processed", ...omitUndefined({ by: requestId }) };
  }
  return completion.cancelled === undefined ? undefined : { kind: "ask", ...omitUndefined({ after: requestId }) };
}

/** Undefined where no request has asked for it since, or none that says anything of it. */
async function stepSince(
  ledger: RangeLedger<never>,
  letter: OpenLetter,
  requests: readonly ReprocessRequest[],
): Promise<RedriveStep | undefined> {
  const since = await mapConcurrently(requestsSince(letter, requests), 1, async ({ request, range }) => ({
    request,
    fate: await fateOf(ledger, request, { letter, range }),
  }));
  const done = since.find(({ fate }) => fate === "processed");
  if (done !== undefined) {
    return { kind: "processed", by: done.request.requestId };
  }
  const { request, fate } = since.findLast((one) => isOfRedrive(one.request)) ?? {};
  return request === undefined || fate === undefined ? undefined : stepAfter(request, fate);
}

/** Of what the last redrive that asked for the record has not processed, as far as it is known. */
function stepAfter(request: ReprocessRequest, fate: LetterFate): RedriveStep {
  const { requestId: after, completion } = request;
  if (completion === undefined) {
    return { kind: "follow", request };
  }
  switch (fate) {
    // A request that is closed does nothing more for what was skipped or cancelled, or rejected again.
    case "rejected":
    case "givenUp":
      return { kind: "ask", after };
    case "unknown":
      return stepOfForgotten(request) ?? { kind: "unproven", fate, after };
    case "unlisted":
    case "unsettled":
      return { kind: "unproven", fate, after };
    case "processed":
    case "pending":
      return { kind: "follow", request };
  }
}

function fateOf(
  ledger: RangeLedger<never>,
  { pipeline, requestId }: ReprocessRequest,
  { letter, range }: { readonly letter: OpenLetter; readonly range: OffsetRange },
): Promise<LetterFate> {
  const { topicId, partition } = letter.chain;
  return fateInRequest(ledger, { pipeline, topicId, partition, requestId }, { offset: letter.offset, range });
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
  return `${REDRIVE_PREFIX}${createHash("sha256").update(JSON.stringify(named)).digest("hex").slice(0, 32)}`;
}
